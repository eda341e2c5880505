"""Exports to a remote place (s3:// and whatever fsspec writes): made here, then carried there.

So its bytes and its manifest are those of an export to a folder. It takes as much room here, in the
temporary folder, until it is there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

from riskscan.paths import PlaceError, is_remote

if TYPE_CHECKING:
    from riskscan.sources.fetched import Remote

_RANGE = 8 << 20


class Target:
    """Where an export goes, as a user named it: a path here, or the address of a remote place."""

    def __init__(self, told: str) -> None:
        self.told = told.rstrip("/") if is_remote(told) else told

    def __str__(self) -> str:
        return self.told

    @property
    def name(self) -> Path:
        """The path, for what its ending says; of an address its last name."""
        return Path(PurePosixPath(self.told).name if is_remote(self.told) else self.told)

    @contextmanager
    def made(self, *, folder: bool) -> Iterator[Path]:
        """The path to write to; what is there at the end, a file or a ``folder``, is carried.

        A file replaces one of its name, a folder must be new: raises ProductionError when there
        is something, PlaceError when the place cannot be used or what came there is not whole. What
        was carried before a fault is taken away again.
        """
        if not is_remote(self.told):
            yield self.name
            return
        from riskscan.export.production import ProductionError
        from riskscan.sources.remote import remote_at

        remote, key = remote_at(self.told)
        if folder and _keys(remote, key):
            raise ProductionError(f"There is something in '{self}' already: name a new folder.")
        with tempfile.TemporaryDirectory(prefix="riskscan-export-") as scratch:
            here = Path(scratch) / "made" / self.name.name
            yield here
            _carry(remote, here, key)


def _carry(remote: Remote, here: Path, key: str) -> None:
    from riskscan.export.production import MANIFEST
    from riskscan.sources.item import SourceError

    files = sorted(path for path in here.rglob("*") if path.is_file()) if here.is_dir() else [here]
    # Last: who finds a manifest finds all that it lists.
    files.sort(key=lambda path: path.name == MANIFEST)
    put: list[str] = []
    try:
        for path in files:
            there = f"{key}/{path.relative_to(here).as_posix()}" if path != here else key
            put.append(there)
            remote.make_folder_of(there)
            remote.ask(remote.system.put_file, str(path), there)
            if remote.look(there).size != path.stat().st_size:
                raise PlaceError(f"'{remote.address}': what was written there is not whole.")
    except BaseException:
        for there in put if len(files) > 1 else ():
            with suppress(PlaceError, SourceError):
                remote.ask(remote.system.rm_file, there)
        raise


class RemoteProduction:
    """The files of a production in a remote place, by their paths in it."""

    def __init__(self, address: str) -> None:
        from riskscan.sources.remote import remote_at

        self._remote, key = remote_at(address)
        self._key = key.rstrip("/")
        found = _keys(self._remote, self._key)
        self._files = {one.removeprefix(f"{self._key}/"): one for one in found}

    def files(self) -> list[str]:
        """All paths, in order."""
        return sorted(self._files)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file; raises SourceError where it is not there, PlaceError."""
        from riskscan.sources.item import SourceError

        if path not in self._files:
            raise SourceError("is missing")
        ask, system = self._remote.ask, self._remote.system
        stream = ask(
            system.open, self._files[path], "rb", block_size=_RANGE, cache_type="readahead"
        )
        with stream:
            while data := cast(bytes, ask(stream.read, _RANGE)):
                yield data


def _keys(remote: Remote, key: str) -> list[str]:
    """The files at or below a key, as an object's key may be a prefix of others."""
    from riskscan.sources.item import SourceError

    remote.system.invalidate_cache()
    try:
        return [str(one) for one in remote.ask(remote.system.find, key)]
    except SourceError:
        return []
