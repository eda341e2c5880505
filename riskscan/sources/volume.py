"""The files beside a load file: found by the paths that it names, and never outside the export."""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from riskscan.sources.item import SourceError
from riskscan.sources.names import Container, Origin, shown
from riskscan.sources.stream import FileStream, Stream, open_file, why

_PARTS_MAX = 64
_FOLDERS_KEPT = 32


class Volume(Protocol):
    """Where the files of a load file lie."""

    def find(self, path: str) -> str:
        """The key of the file that ``path`` names, as ``open`` takes it; "" when it is not there.

        Raises SourceError for a path that leads out of the export.
        """

    def open(self, key: str) -> AbstractContextManager[tuple[Origin, Stream]]:
        """The file's origin and bytes; raises SourceError."""


def parts_of(path: str) -> list[str]:
    """The parts of a path in a load file: either slash, no drive; raises SourceError for ``..``."""
    parts = [p for p in path.strip().strip('"').replace("\\", "/").split("/") if p not in ("", ".")]
    if parts and parts[0].endswith(":"):
        parts = parts[1:]
    if ".." in parts:
        raise SourceError("the path leads upwards, out of the folder")
    if any("\0" in p for p in parts) or len(parts) > _PARTS_MAX:
        raise SourceError("the path is no path")
    return parts


class FolderVolume:
    """The files on disk below ``top``, beside a load file that lies in ``folder``.

    A path is looked for from the load file's folder upwards to ``top``, with and without its
    first parts (vendors write the volume's own name before it), in any spelling of upper and
    lower case. No link is followed.
    """

    def __init__(self, top: Path, folder: Path, origin: Origin) -> None:
        self._top = top
        self._origin = origin
        self._bases = [folder, *(p for p in folder.parents if p == top or top in p.parents)]
        self._listed: OrderedDict[str, dict[str, str]] = OrderedDict()

    def find(self, path: str) -> str:
        """The file's path on disk, "" when it is not there; raises SourceError."""
        parts = parts_of(path)
        for drop in range(min(len(parts), 3)):
            for base in self._bases:
                if found := self._below(base, parts[drop:]):
                    return found
        return ""

    def _below(self, base: Path, parts: list[str]) -> str:
        place = str(base)
        for i, part in enumerate(parts):
            exact = os.path.join(place, part)  # noqa: PTH118 (a million of these)
            try:
                mode = os.lstat(exact).st_mode
            except (OSError, ValueError):
                other = self._names(place).get(part.casefold())
                if other is None:
                    return ""
                exact = os.path.join(place, other)  # noqa: PTH118
                mode = os.lstat(exact).st_mode
            last = i == len(parts) - 1
            if not (stat.S_ISREG(mode) if last else stat.S_ISDIR(mode)):
                return ""
            place = exact
        return place

    def _names(self, folder: str) -> dict[str, str]:
        """The names in a folder by their folded forms."""
        if folder not in self._listed:
            try:
                names = sorted(os.listdir(folder), reverse=True)  # noqa: PTH208
            except OSError:
                names = []
            self._listed[folder] = {n.casefold(): n for n in names}
            if len(self._listed) > _FOLDERS_KEPT:
                self._listed.popitem(last=False)
        return self._listed[folder]

    @contextmanager
    def open(self, key: str) -> Iterator[tuple[Origin, Stream]]:
        """The origin and bytes of the file at ``key``; raises SourceError."""
        path = Path(key)
        inside = path.relative_to(self._top).parts
        outer = self._origin.containers[0]
        container = Container(outer.name, tuple(shown(p) for p in inside[:-1]))
        origin = Origin((container,), shown(path.name), self._origin.above)
        # Between finding and opening a folder may have become a link.
        try:
            if path.resolve(strict=True) != self._top.resolve() / Path(*inside):
                raise SourceError("a symbolic link on its way, not followed")
        except (OSError, RuntimeError) as error:
            words = why(error) if isinstance(error, OSError) else str(error)
            raise SourceError(f"cannot be opened: {words}") from error
        with open_file(path) as file:
            yield origin, FileStream(file)
