"""The files beside a load file: found by the paths that it names, and never outside the export."""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

from riskscan.sources.folders import folders_below, is_file
from riskscan.sources.item import SourceError
from riskscan.sources.moments import Orders
from riskscan.sources.names import Container, Origin, shown
from riskscan.sources.stream import FileStream, Stream, open_file, why

_PARTS_MAX = 64
_FOLDERS_KEPT = 32
_SAME_NAME_MAX = 8
FILES_MAX = 1_000_000
"""Files that are looked for by their names alone."""


@dataclass(slots=True)
class Look:
    """What a first look at all of a load file told.

    ``days``: the order of day and month (None: not known); ``parents``: the document that each
    attached one belongs to, where the format tells that elsewhere.
    """

    days: Orders | None = None
    parents: dict[str, str] = field(default_factory=dict)


class Volume(Protocol):
    """Where the files of a load file lie; ``look``: what is known of all of it."""

    look: Look

    def find(self, path: str) -> str:
        """The key of the file that ``path`` names, as ``open`` takes it; "" when it is not there.

        Raises SourceError for a path that leads out of the export.
        """

    def named(self, name: str) -> list[str]:
        """The keys of the files of this name, in whatever folder; not all of very many."""

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


class NameIndex:
    """Files by their names, whatever the case of the letters; of one name some only."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys: dict[str, str | list[str]] = {}
        for key in keys:
            name = key.replace("\\", "/").rpartition("/")[2].casefold()
            known = self._keys.setdefault(name, key)
            if isinstance(known, list):
                if len(known) < _SAME_NAME_MAX:
                    known.append(key)
            elif known is not key:
                self._keys[name] = [known, key]

    def of(self, name: str) -> list[str]:
        """The files of this name."""
        known = self._keys.get(name.casefold(), [])
        return [known] if isinstance(known, str) else known


class FolderVolume:
    """The files on disk below ``top``, beside a load file that lies in ``folder``.

    A path is looked for from the load file's folder upwards to ``top``, with and without its
    first parts (vendors write the volume's own name before it), in any spelling of upper and
    lower case. No link is followed.
    """

    def __init__(self, top: Path, folder: Path, origin: Origin, look: Look | None = None) -> None:
        self.look = look or Look()
        self._top = top
        self._origin = origin
        self._bases = [folder, *(p for p in folder.parents if p == top or top in p.parents)]
        self._listed: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._all: NameIndex | None = None

    def find(self, path: str) -> str:
        """The file's path on disk, "" when it is not there; raises SourceError."""
        parts = parts_of(path)
        for drop in range(min(len(parts), 3)):
            for base in self._bases:
                if found := self._below(base, parts[drop:]):
                    return found
        return ""

    def named(self, name: str) -> list[str]:
        """The paths of the files of this name below ``top``; of a million files at the most."""
        if self._all is None:
            walked = folders_below(str(self._top))
            files = (e.path for _, entries in walked for e in entries if is_file(e))
            self._all = NameIndex(islice(files, FILES_MAX))
        return self._all.of(name)

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
