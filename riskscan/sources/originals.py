"""Files of one message as they lie in an export: an .msg, an .emlx, an .eml with a mark in front.

Their items hold mail that was made of them, or a part of them; here are the bytes as found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from riskscan.mail.smime import cms_kind
from riskscan.sources.item import Event, Item, SourceError, Unit
from riskscan.sources.loads import LoadUnit
from riskscan.sources.located import NATIVE, located
from riskscan.sources.names import shown
from riskscan.sources.reading import Blob, Reader, Reading, read_file
from riskscan.sources.registry import READERS
from riskscan.sources.sniff import emlx_extent
from riskscan.sources.stream import Stream, open_file
from riskscan.sources.volume import FolderVolume
from riskscan.sources.walk import SINGLE, FileUnit, FolderUnit

# Formats whose items are bytes of the export; those whose rows may name a file of mail.
_MAIL = frozenset({"mboxo", "mboxrd", "mboxcl", "mboxcl2", "eml", "tree", "maildir"})
_ROW = re.compile(r"(rows? [\d-]+)(?: \([^()]*\))?(?: (.*))?", re.S)
_ROWS = frozenset({"concordance", "edrm", "csv", "jsonl"})


def originals(unit: Unit) -> Iterator[tuple[Item, bytes | None, str]]:
    """The items of a unit, each with its bytes as found (None: it has no file) and their ending."""
    keeper = _Keeper()
    beside = (
        FolderVolume(unit.top, unit.path.parent, unit.origin)
        if isinstance(unit, LoadUnit)
        else None
    )
    # Such a chat is read with the files beside it, and has no files of one message.
    if isinstance(unit, FileUnit) and unit.kind not in ("whatsapp", "google-chat"):
        events = _kept_events(unit, keeper)
    else:
        events = unit.events()
    for item in (e for e in events if isinstance(e, Item)):
        if not item.native_sha256:
            yield item, item.data if _lies_there(item) else None, ".eml"
        elif beside is not None:
            yield item, *_named(beside, item)
        elif isinstance(unit, FolderUnit):
            name = next((n for n in unit.names if shown(n) == item.place), None)
            file = None if name is None else checked(unit.path / name, item.native_sha256)
            yield item, file, ".eml" if file is None else ending_of(item, file)
        elif hashlib.sha256(keeper.data).hexdigest() == item.native_sha256:
            yield item, keeper.data, ending_of(item, keeper.data)
        else:
            yield item, None, ".eml"


def fetch_originals(
    unit: Unit, wanted: Collection[tuple[str, str]]
) -> Iterator[tuple[Item, bytes | None, str]]:
    """Of ``originals`` those whose (source, place) is wanted; see ``fetch.fetch``."""
    if isinstance(unit, FolderUnit):
        places = {place for _, place in wanted}
        unit = replace(unit, names=tuple(n for n in unit.names if shown(n) in places))
    for found in originals(unit):
        item = found[0]
        if (item.source, item.place) in wanted:
            yield found
        elif (item.source, older := _unnumbered(item.place)) in wanted:
            yield replace(item, place=older), *found[1:]


def _lies_there(item: Item) -> bool:
    """Whether the data of an item without a file of its own are bytes of the export.

    Else they were made of what was read: of a PST, a chat, a row that names no file.
    """
    if item.format in _ROWS:
        return bool(_named_path(item))
    return item.format in _MAIL


def _named_path(item: Item) -> str:
    """The file that the row of a load file names, "" where it names none."""
    if item.format == "purview":  # its place is the file's
        return f"{item.source}/{item.place}"
    match = _ROW.fullmatch(item.place)
    return match[2] or "" if match else ""


def _unnumbered(place: str) -> str:
    """The place of a row without the document's number, as older cases have it."""
    match = _ROW.fullmatch(place)
    return f"{match[1]} {match[2] or ''}".rstrip() if match else place


def ending_of(item: Item, file: bytes) -> str:
    """What the name of a file of one message ends in."""
    if item.format in ("msg", "tnef"):
        return f".{item.format}"
    if cms_kind(file):
        return ".p7m"
    return ".eml" if emlx_extent(file) is None else ".emlx"


def checked(path: Path, sha256: str) -> bytes | None:
    """The bytes of a file; None when it cannot be read, or has another hash."""
    try:
        with open_file(path) as file:
            data = file.read()
    except (SourceError, OSError):
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def _named(volume: FolderVolume, item: Item) -> tuple[bytes | None, str]:
    """The native file that a load file's row names."""
    try:
        found = located(volume, _named_path(item), NATIVE)
    except SourceError:
        found = ""
    data = checked(Path(found), item.native_sha256) if found else None
    return data, Path(found).suffix.lower() if data is not None else ".eml"


class _Keeper:
    """Reads files of one message as their readers do, and keeps the bytes of the last one."""

    def __init__(self) -> None:
        self.data = b""

    def reader(self, kind: str) -> Reader:
        """The reader of files of this kind."""

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
    readers = {**READERS, **{kind: keeper.reader(kind) for kind in SINGLE}}
    yield from read_file(Reading(readers, unit.limits, unit.size), unit.path, unit.origin)
