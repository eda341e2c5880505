"""The bytes of a case's messages as they lie in the exports, each unit read once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from riskscan.case import schema
from riskscan.case.selection import Origin, origins
from riskscan.case.settings import limits_of

if TYPE_CHECKING:
    from riskscan.case.read import Case
    from riskscan.sources import Event, FileUnit, FolderUnit, Item, Unit
    from riskscan.sources.loads import LoadUnit
    from riskscan.sources.reading import Blob, Reader, Reading
    from riskscan.sources.stream import Stream

# How far a message may be from the place in the order where it was met before.
_WINDOW = 5_000


@dataclass(slots=True, frozen=True)
class Native:
    """What is left of a message in its export.

    ``mail`` is the message as RFC 5322 bytes, None when the export is gone or has changed;
    ``file`` its bytes as found (``mail``, or with it inside, where the export holds mail), None
    where there is no file of its own, as in a PST. ``ending`` is that of ``file``.
    """

    origin: Origin
    mail: bytes | None = None
    file: bytes | None = None
    ending: str = ".eml"


def natives(case: Case, ids: Sequence[int]) -> Iterator[Native]:
    """The natives of messages that stand alone, for each id in order; ``ids`` must ascend.

    Every one given is checked against the hash that the case holds.
    """
    units = _Units(case)
    with case.connect() as connection:
        for (_, export, path, kind), rows in groupby(
            origins(connection, ids), lambda o: (o.unit_id, o.export, o.path, o.kind)
        ):
            unit = units.at(export, path, kind)
            if unit is None:
                yield from map(Native, rows)
            else:
                yield from _of_unit(unit, rows)


class _Units:
    """The units of a case found again, each export walked once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._found: dict[str, dict[str, list[Unit]]] = {}

    def at(self, export: str, path: str, kind: str) -> Unit | None:
        """The unit at ``path`` of an export, None when it is not there any more.

        A folder of mail and Slack days is two units of one path, told apart by their kinds.
        """
        if export not in self._found:
            self._found[export] = self._discover(export)
        several = self._found[export].get(path, [])
        return next((u for u in several if u.kind == kind), several[0] if several else None)

    def _discover(self, export: str) -> dict[str, list[Unit]]:
        from riskscan.sources.fetch import path_of, path_text, units_at

        units = schema.units
        with self._case.connect() as connection:
            paths = set(
                connection.execute(select(units.c.path).where(units.c.export == export)).scalars()
            )
            limits = limits_of(connection)
        found: dict[str, list[Unit]] = {}
        for unit in units_at(path_of(export), paths, limits):
            found.setdefault(path_text(unit.path), []).append(unit)
        return found


def _of_unit(unit: Unit, rows: Iterator[Origin]) -> Iterator[Native]:
    from riskscan.sources import FolderUnit

    if isinstance(unit, FolderUnit):
        yield from _of_folder(unit, rows)
        return
    # Both are in the order of reading: join them with a window for what is missing in between.
    window: OrderedDict[tuple[str, str, str], Origin] = OrderedDict()

    def fill() -> None:
        while len(window) < _WINDOW and (row := next(rows, None)) is not None:
            window[row.source, row.place, row.raw_sha256] = row

    fill()
    for item, file, ending in _items(unit):
        key = (item.source, item.place, _sha256(item))
        if key not in window:
            continue
        while True:
            met, row = window.popitem(last=False)
            if met == key:
                yield Native(row, item.data, file, ending)
                break
            yield Native(row)
        fill()
        if not window:
            return
    while window:
        yield Native(window.popitem(last=False)[1])
        fill()


def _sha256(item: Item) -> str:
    return item.native_sha256 or hashlib.sha256(item.data).hexdigest()


def _of_folder(unit: FolderUnit, rows: Iterator[Origin]) -> Iterator[Native]:
    """The messages of a folder; only files that are wanted are opened."""
    from riskscan.sources.names import shown

    names = {shown(name): name for name in unit.names}
    for row in rows:
        name = names.get(row.place)
        events = replace(unit, names=(name,)).events() if name is not None else iter(())
        item = next(_only_items(events), None)
        if item is None or _sha256(item) != row.raw_sha256:
            yield Native(row)
        elif item.native_sha256 and name is not None:
            file = _checked(unit.path / name, item.native_sha256)
            yield Native(row, item.data, file, ".eml" if file is None else _ending(item, file))
        else:
            yield Native(row, item.data, item.data)


def _items(unit: Unit) -> Iterator[tuple[Item, bytes | None, str]]:
    """The items of a unit, each with its bytes as found (None: it has no file) and their ending."""
    from riskscan.sources import FileUnit
    from riskscan.sources.loads import LoadUnit

    keeper = _Keeper()
    events = _kept_events(unit, keeper) if isinstance(unit, FileUnit) else unit.events()
    for item in _only_items(events):
        if not item.native_sha256:
            yield item, item.data, ".eml"
        elif isinstance(unit, LoadUnit):
            yield item, *_named(unit, item)
        elif hashlib.sha256(keeper.data).hexdigest() == item.native_sha256:
            yield item, keeper.data, _ending(item, keeper.data)
        else:
            yield item, None, ".eml"


def _ending(item: Item, file: bytes) -> str:
    """What the name of a file of one message ends in."""
    from riskscan.sources.sniff import emlx_extent

    if item.format == "msg":
        return ".msg"
    return ".eml" if emlx_extent(file) is None else ".emlx"


def _only_items(events: Iterator[Event]) -> Iterator[Item]:
    from riskscan.sources import Item

    return (e for e in events if isinstance(e, Item))


def _checked(path: Path, sha256: str) -> bytes | None:
    from riskscan.sources import SourceError
    from riskscan.sources.stream import open_file

    try:
        with open_file(path) as file:
            data = file.read()
    except (SourceError, OSError):
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def _named(unit: LoadUnit, item: Item) -> tuple[bytes | None, str]:
    """The native file that a load file's row names."""
    from riskscan.sources import SourceError
    from riskscan.sources.volume import FolderVolume

    _, _, path = item.place.split(" ", 1)[-1].partition(" ")
    try:
        found = FolderVolume(unit.top, unit.path.parent, unit.origin).find(path)
    except SourceError:
        found = ""
    data = _checked(Path(found), item.native_sha256) if found else None
    return data, Path(found).suffix.lower() if data is not None else ".eml"


class _Keeper:
    """Reads files of one message as their readers do, and keeps the bytes of the last one."""

    def __init__(self) -> None:
        self.data = b""

    def reader(self, kind: str) -> Reader:
        """The reader of files of this kind."""
        from riskscan.sources.registry import READERS

        def read(reading: Reading, blob: Blob) -> Iterator[Event]:
            kept = _Keeping(blob.stream, reading.limits.message)
            blob.stream = kept
            for event in READERS[kind](reading, blob):
                self.data = kept.data
                yield event

        return read


class _Keeping:
    """A stream that keeps what passes through it, up to a limit."""

    def __init__(self, inner: Stream, limit: int) -> None:
        self._inner = inner
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""
        data = self._inner.read(size)
        self._size += len(data)
        if self._size <= self._limit:
            self._parts.append(data)
        return data

    @property
    def data(self) -> bytes:
        """What passed through."""
        return b"".join(self._parts)


def _kept_events(unit: FileUnit, keeper: _Keeper) -> Iterator[Event]:
    from riskscan.sources.reading import Reading, read_file
    from riskscan.sources.registry import READERS
    from riskscan.sources.walk import SINGLE

    readers = {**READERS, **{kind: keeper.reader(kind) for kind in SINGLE}}
    yield from read_file(Reading(readers, unit.limits, unit.size), unit.path, unit.origin)
