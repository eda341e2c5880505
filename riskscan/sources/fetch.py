"""Reading again: single messages by their place, hashes of files, and units by their path."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from riskscan.paths import is_remote
from riskscan.sources import remote
from riskscan.sources.item import Event, Item, LimitError, Limits, NotRead, SourceError, Unit
from riskscan.sources.names import shown
from riskscan.sources.reading import Blob, Reading, read_file
from riskscan.sources.registry import READERS
from riskscan.sources.stream import CHUNK, FileStream, Stream, open_file
from riskscan.sources.walk import FileUnit, FolderUnit, discover

_EMBEDDED = re.compile(r"(?:/embedded \d{1,9})+\Z")


def fetch(unit: Unit, wanted: Collection[tuple[str, str]]) -> Iterator[Item]:
    """Yield the items of ``unit`` whose (source, place) is wanted, in order, in one pass.

    A place need not be unique (an archive may hold two members of one name), so the pass goes on
    to the unit's end: compare hashes, and stop when you have what you want. What is not there
    any more is not yielded. Of a folder's messages only the wanted files are opened.
    """
    keys = frozenset(wanted)
    if not keys:
        return
    if isinstance(unit, FolderUnit):
        places = {place for _, place in keys}
        unit = replace(unit, names=tuple(n for n in unit.names if shown(n) in places))
    for event in unit.events():
        if isinstance(event, Item) and (event.source, event.place) in keys:
            yield event


def hash_members(
    unit: FileUnit, names: Collection[str], algorithms: Collection[str]
) -> dict[str, dict[str, str]]:
    """Hash files inside an archive by their names (as in ``Item.source``), in one pass.

    For each that is there: its hash by each of ``algorithms`` (names of hashlib), and ``bytes``.
    A member that cannot be read to its end is left out.
    """
    reading = _HashingReading(unit, names, algorithms)
    for _ in read_file(reading, unit.path, unit.origin):
        pass
    return reading.found


def hash_file(path: Path, algorithms: Collection[str]) -> dict[str, str]:
    """The same of a file on disk; raises SourceError."""
    with open_file(path) as file:
        hashes = _Hashes(FileStream(file), algorithms)
        hashes.drain()
    return hashes.told()


class _Hashes:
    """A stream that hashes in several ways what passes through it."""

    def __init__(self, inner: Stream, algorithms: Collection[str]) -> None:
        self._inner = inner
        self._hashes = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
        self._size = 0

    def read(self, size: int, /) -> bytes:
        data = self._inner.read(size)
        for one in self._hashes.values():
            one.update(data)
        self._size += len(data)
        return data

    def drain(self) -> None:
        while self.read(CHUNK):
            pass

    def told(self) -> dict[str, str]:
        hashes = {name: one.hexdigest() for name, one in self._hashes.items()}
        return hashes | {"bytes": str(self._size)}


class _HashingReading(Reading):
    """A pass that hashes some of the files on its way."""

    def __init__(self, unit: FileUnit, names: Collection[str], algorithms: Collection[str]) -> None:
        super().__init__(READERS, unit.limits, unit.size)
        self._names = frozenset(names)
        self._algorithms = algorithms
        self.found: dict[str, dict[str, str]] = {}

    def read(self, blob: Blob) -> Iterator[Event]:
        name = blob.origin.source
        # What a gz unpacks to has the gz's own name.
        if name not in self._names or blob.wraps:
            yield from super().read(blob)
            return
        hashes = _Hashes(blob.stream, self._algorithms)
        blob.stream = hashes
        yield from super().read(blob)
        try:
            hashes.drain()
        except LimitError:
            raise
        except SourceError:
            return
        self.found[name] = hashes.told()


def outer_place(place: str) -> str:
    """The place of the message in the source that ``place`` is in: ``/embedded N`` taken off."""
    return _EMBEDDED.sub("", place)


def units_at(export: Path, paths: Collection[str], limits: Limits | None = None) -> Iterator[Unit]:
    """Discover ``export`` again and yield its units whose ``path_text`` is one of ``paths``."""
    wanted = frozenset(paths)
    for found in discover([export], limits):
        if not isinstance(found, NotRead) and path_text(found.path) in wanted:
            yield found


def path_text(path: Path) -> str:
    """A path as text that can be stored, whatever bytes are in it; the address of a remote one."""
    if (away := remote.mounted(path)) is not None:
        return away.address_of(path)
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def path_of(text: str) -> Path:
    """The path that ``path_text`` was made of, as far as the file system still has it.

    Raises PlaceError for a remote one that may not be read (remote.ALLOW) or does not answer.
    """
    if is_remote(text):
        return remote.again(text)
    path = Path(text)
    if "\\x" not in text or os.path.lexists(path):
        return path
    found = Path(path.anchor)
    for part in path.parts[1:] if path.anchor else path.parts:
        named = found / part
        if not os.path.lexists(named) and found.is_dir():
            like = (one for one in found.iterdir() if path_text(Path(one.name)) == part)
            named = next(like, named)
        found = named
    return found
