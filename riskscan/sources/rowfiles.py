"""The files that the rows of a load file name: natives, texts, attachments; found and read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace

from riskscan.mail.savedpage import is_saved_page
from riskscan.sources.compose import File
from riskscan.sources.fields import Row
from riskscan.sources.item import Event, LimitError, NotRead, SourceError
from riskscan.sources.located import ATTACHMENT, ENTIRE, NATIVE, TEXT, by_name, located
from riskscan.sources.names import Origin
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.rows import (
    PATH_MAX,
    base_name,
    decoded,
    hash_differs,
    is_mail_row,
    text_differs,
    text_kind,
    type_of,
)
from riskscan.sources.sniff import sniff
from riskscan.sources.stream import CHUNK, Stream
from riskscan.sources.volume import Volume

_MAIL = frozenset({"message", "emlx", "msg", "tnef"})
# What holds many messages is read as what it is, when a row names it.
_CONTAINERS = frozenset({"mbox", "pst", "zip", "tar", "gz", "bz2", "xz"})
_TEXT_FILE = re.compile(
    r"[^\n]{0,1000}[\\/][^\\/\n]{1,255}\.(?:txt|text|ocr)|[^\s\\/]{1,255}\.txt", re.I
)
_ANY_FILE = re.compile(r"[^\n]{0,1000}[\\/][^\\/\n]{1,255}\.\w{1,5}")


@dataclass(slots=True)
class Native:
    """What a row's files gave: ``data`` of the native, ``mail`` events when it is mail.

    ``many``: it is an mbox, a PST or an archive, to be read as such.
    """

    key: str = ""
    path: str = ""
    data: bytes | None = None
    mail: list[Event] | None = None
    many: bool = False
    text: str = ""
    missing: list[NotRead] = field(default_factory=list)
    defects: tuple[str, ...] = ()


class RowFiles:
    """Finds and reads what the rows of one load file name."""

    def __init__(self, reading: Reading, blob: Blob) -> None:
        self._reading = reading
        self._volume: Volume | None = blob.volume
        self._depth = blob.depth
        self._origin = blob.origin
        self._source = blob.origin.source
        self._texts_are_paths = False

    def of(self, row: Row, *, attached: bool = False) -> Native:
        """Read what a row names; what is not there or not to be read is in ``missing``.

        ``attached``: to another row's document, so that an archive is no source of its own.
        """
        found = Native()
        path = row.get("native path")
        try:
            if row.native is not None:
                name = row.get("file name") or "native"
                origin = replace(self._origin, name=base_name(name))
                self._read_native(row, name, origin, Bytes(row.native), found)
            elif path:
                self._native(row, path, found, attached)
            elif row.get("file path") and self._is_there(row.get("file path"), ENTIRE):
                self._native(row, row.get("file path"), found, attached, ENTIRE)
        except LimitError:
            raise
        except SourceError as error:
            found.missing.append(self.lost(row, path, f"the native of this row: {error}"))
        self.text(row, found)
        return found

    def text(self, row: Row, found: Native) -> None:
        """Read the text of a row, given itself or as a path."""
        path, inline = row.get("text path"), row.values.get("text", "")
        found.text = inline
        maybe = inline.strip()
        try:
            if not path and 0 < len(maybe) <= PATH_MAX and "\n" not in maybe:
                if (kind := text_kind(maybe)) and self._is_there(maybe, kind):
                    path, self._texts_are_paths = maybe, True
                elif self._names_a_file(maybe):
                    path = maybe
            if path:
                found.text = inline if path != maybe else ""
                data = self.read(path, TEXT)
                found.text = decoded(data)
                found.defects += text_differs(row, data)
        except LimitError:
            raise
        except SourceError as error:
            found.missing.append(self.lost(row, path, f"the text of this row: {error}"))

    def _names_a_file(self, text: str) -> bool:
        """Whether the text of a row is the path of a text file (that is not there)."""
        pattern = _ANY_FILE if self._texts_are_paths else _TEXT_FILE
        return pattern.fullmatch(text) is not None

    def attachment(self, row: Row, path: str, lost: list[NotRead]) -> list[File]:
        """The file at a path as an attachment; where it is none, ``lost`` is told why."""
        try:
            return [File(base_name(path), self.read(path), type_of(path))]
        except LimitError:
            raise
        except SourceError as error:
            lost.append(self.lost(row, path, f"an attachment of this row: {error}"))
            return []

    def sha256(self, path: str) -> str:
        """The hash of the file at a path, "" where it cannot be read; raises LimitError."""
        try:
            return hashlib.sha256(self.read(path)).hexdigest()
        except LimitError:
            raise
        except SourceError:
            return ""

    def read(self, path: str, kind: str = ATTACHMENT) -> bytes:
        """The bytes of the file at a path of the load file (located.py); raises SourceError."""
        key = self._find(path, kind)
        if not key or self._volume is None:
            raise SourceError("not there")
        with self._volume.open(key) as (_, stream):
            return self._whole(stream)

    def lost(self, row: Row, path: str, reason: str) -> NotRead:
        """The event that something of a row is not read."""
        place = f"row {row.number} {path}".rstrip()
        return NotRead(self._source, place, reason, 0, "", lost=True)

    def _is_there(self, path: str, kind: str) -> bool:
        try:
            return len(path) <= PATH_MAX and bool(self._find(path, kind))
        except SourceError:
            return False

    def _native(
        self, row: Row, path: str, found: Native, attached: bool, kind: str = NATIVE
    ) -> None:
        found.path = path
        key = self._find(path, kind)
        if not key or self._volume is None:
            raise SourceError("not there")
        found.key = key
        with self._volume.open(key) as (origin, stream):
            told, stream = sniff(stream, origin)
            if told.kind in _CONTAINERS and not attached:
                found.many = True
                return
            self._read_native(row, path, origin, stream, found)
        if kind == NATIVE and not self._volume.find(path) and by_name(path, key):
            where = f"{origin.name} in {origin.folders[-1] if origin.folders else 'the export'}"
            found.defects += (f"no file at the native's path: {where} has its name",)

    def _read_native(
        self, row: Row, path: str, origin: Origin, stream: Stream, found: Native
    ) -> None:
        told, stream = sniff(stream, origin)
        found.path, found.data = path, self._whole(stream)
        kind = told.kind
        if not kind and path.lower().endswith(".eml"):
            kind = "message"  # one without headers, told by its name alone
        if kind in _MAIL and not (is_mail_row(row) and is_saved_page(path, found.data)):
            blob = Blob(origin, Bytes(found.data), self._depth + 1)
            found.mail = list(self._reading.apart().read_as(kind, blob))
        found.defects = hash_differs(row, found.data)

    def _find(self, path: str, kind: str) -> str:
        if self._volume is None:
            raise SourceError(
                "files beside a load file inside this kind of archive are not reached"
            )
        return located(self._volume, path, kind)

    def _whole(self, stream: Stream) -> bytes:
        limit = self._reading.limits.message
        parts: list[bytes] = []
        size = 0
        while data := stream.read(CHUNK):
            parts.append(data)
            size += len(data)
            if size > limit:
                raise SourceError(f"larger than {limit:,} bytes")
        return b"".join(parts)


class Bytes:
    """Bytes as a stream."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""
        data, self._data = bytes(self._data[:size]), self._data[size:]
        return data
