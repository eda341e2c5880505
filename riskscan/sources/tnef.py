"""TNEF (MS-OXTNEF), the winmail.dat of Outlook: the message that it carries, with its attachments.

Read here and not by a library, so that code pages are kept, and what stands before a fault.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from riskscan.sources.appointment import is_read
from riskscan.sources.item import Event, SourceError
from riskscan.sources.mapi import MapiMessage
from riskscan.sources.mapi_message import message_of
from riskscan.sources.mapi_values import MULTIPLE_BINARY, STRINGS, packed_binaries
from riskscan.sources.msg import read_one
from riskscan.sources.ole_object import files_in_object
from riskscan.sources.reading import Blob, Reading

MAGIC = b"\x78\x9f\x3e\x22"
_MESSAGE, _ATTACHMENT = 1, 2
# Attributes by the lower half of their id (MS-OXTNEF section 2.1.3.1).
_SUBJECT, _DATE_SENT, _CLASS, _MESSAGE_ID, _BODY = 0x8004, 0x8005, 0x8008, 0x8009, 0x800C
_DATA, _TITLE, _START, _PROPERTIES, _RECIPIENTS = 0x800F, 0x8010, 0x9002, 0x9003, 0x9004
_ATTACHMENT_PROPERTIES, _CODEPAGE = 0x9005, 0x9007
_AS_PROPERTY = {_SUBJECT: 0x0037, _CLASS: 0x001A, _BODY: 0x1000, _MESSAGE_ID: 0x1035}
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8,
          0x40: 8, 0x48: 16}  # fmt: skip
_MULTIPLE, _NAMED = 0x1000, 0x8000
_NUMBERED = 0x10000  # named properties of appointments are kept from here on, by their numbers
_MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")
_STORAGE_IID = bytes.fromhex("0b00000000000000c000000000000046")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_MAX_VALUES = 100_000  # of one property, and rows of the recipient table


def read_tnef(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the one message of a TNEF file that lies by itself, or why there is none."""
    yield from read_one(reading, blob, "tnef", _read_file)


def _read_file(data: bytes) -> MapiMessage:
    message = read_tnef_bytes(data)
    parts = (message.subject, message.sender, message.text, message.html, message.rtf)
    if not any(parts) and not message.attachments:
        raise TnefError("there is nothing of a message in it")
    return message


class TnefError(SourceError):
    """Bytes are no TNEF; the message says why."""


class _Cut(Exception):
    """The bytes end before what they announce."""


def read_tnef_bytes(data: bytes) -> MapiMessage:
    """The message in a TNEF stream; raises TnefError when ``data`` is none.

    Of a damaged stream what can be read is given; ``repaired`` says what was wrong.
    """
    repaired: list[str] = []
    message = message_of(_Stream(data, repaired), repaired)
    message.message_class = message.message_class.replace("IPM.Microsoft Mail.", "IPM.")
    return message


class _Values:
    """Properties by their id."""

    def __init__(self) -> None:
        self.values: dict[int, tuple[int, bytes]] = {}

    def get(self, key: int, /) -> tuple[int, bytes] | None:
        """Type and bytes of a property."""
        return self.values.get(key)


class _Attachment(_Values):
    """An attachment: its own properties, and what older attributes say."""

    def __init__(self, repaired: list[str]) -> None:
        super().__init__()
        self._repaired = repaired

    def message(self) -> _Stream | None:
        """The message that it is, if it is one."""
        kind, raw = self.values.get(0x3701, (0, b""))
        if kind != 0x0D or raw[:16] != _MESSAGE_IID:
            return None
        return _Stream(raw[16:], self._repaired)

    def files(self, name: str, repaired: list[str], _most: int) -> list[tuple[str, bytes]] | None:
        """The files of an OLE object."""
        kind, raw = self.values.get(0x3701, (0, b""))
        if kind != 0x0D:
            return None
        return files_in_object(raw[16:] if raw[:16] == _STORAGE_IID else raw, name, repaired)

    def content(self, _most: int) -> bytes | None:
        """Its bytes."""
        kind, raw = self.values.get(0x3701, (0, b""))
        return raw if kind == 0x102 else None


class _Stream(_Values):
    """A TNEF stream: the message's properties, its recipients and attachments."""

    def __init__(self, data: bytes, repaired: list[str]) -> None:
        super().__init__()
        if data[:4] != MAGIC:
            raise TnefError("no TNEF (winmail.dat)")
        self._repaired = repaired
        self._rows: list[_Values] = []
        self._attachments: list[_Attachment] = []
        self._older: dict[int, tuple[int, bytes]] = {}
        for level, name, value in self._attributes(data):
            try:
                self._read(level, name, value)
            except _Cut:
                repaired.append(f"attribute {name:04X} of the TNEF stream is cut off")
        for key, found in self._older.items():
            self.values.setdefault(key, found)

    def recipients(self) -> list[_Values]:
        """The rows of the recipient table."""
        return self._rows

    def attachments(self) -> list[_Attachment]:
        """The attachments."""
        return self._attachments

    def named(self) -> list[tuple[str, int]]:
        """Named properties are passed over: the mail around a TNEF stream has the headers."""
        return []

    def appointment(self) -> dict[int, int]:
        """The ids of an appointment's named properties."""
        return {key - _NUMBERED: key for key in self.values if key >= _NUMBERED}

    def _attributes(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Level, id and value of each attribute (MS-OXTNEF section 2.1.1)."""
        at = 6
        while at + 9 <= len(data):
            level, tag, length = struct.unpack_from("<BII", data, at)
            if level not in (_MESSAGE, _ATTACHMENT):
                self._repaired.append("bytes after the end of the TNEF stream")
                return
            value = data[at + 9 : at + 9 + length]
            at += 9 + length
            if at + 2 > len(data):
                self._repaired.append("the TNEF stream is cut off")
            elif sum(value) & 0xFFFF != struct.unpack_from("<H", data, at)[0]:
                self._repaired.append(f"a wrong checksum in attribute {tag & 0xFFFF:04X}")
            at += 2
            yield level, tag & 0xFFFF, value

    def _read(self, level: int, name: int, value: bytes) -> None:
        if level == _ATTACHMENT:
            self._read_attachment(name, value)
        elif name == _PROPERTIES:
            _Reader(value).properties(self.values)
        elif name == _RECIPIENTS:
            reader = _Reader(value)
            for _ in range(min(reader.number(), _MAX_VALUES)):
                self._rows.append(_Values())
                reader.properties(self._rows[-1].values)
        elif name == _CODEPAGE:
            self._older[0x3FFD] = (0x03, value[:4])
        elif name == _DATE_SENT and len(value) >= 12:
            self._older[0x0039] = (0x40, _ticks(value))
        elif name in _AS_PROPERTY:
            self._older[_AS_PROPERTY[name]] = (0x1E, value)

    def _read_attachment(self, name: int, value: bytes) -> None:
        if name == _START or not self._attachments:
            self._attachments.append(_Attachment(self._repaired))
        values = self._attachments[-1].values
        if name == _DATA:
            values.setdefault(0x3701, (0x102, value))
        elif name == _TITLE:
            values.setdefault(0x3704, (0x1E, value))
        elif name == _ATTACHMENT_PROPERTIES:
            own: dict[int, tuple[int, bytes]] = {}
            try:
                _Reader(value).properties(own)
            finally:
                values.update(own)


def _ticks(value: bytes) -> bytes:
    """A date of seven numbers (MS-OXTNEF section 2.1.3.3.4) as PtypTime; none becomes zero."""
    year, month, day, hour, minute, second = struct.unpack_from("<6H", value)
    try:
        passed = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH
    except ValueError:
        return bytes(8)
    return struct.pack("<Q", max(0, passed // timedelta(microseconds=1) * 10))


class _Reader:
    """Lists of properties (MS-OXTNEF section 2.1.3.4)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        """The next number of four bytes; raises _Cut."""
        return int.from_bytes(self._take(4), "little")

    def properties(self, found: dict[int, tuple[int, bytes]]) -> None:
        """Add a list's properties to ``found``; raises _Cut after the last whole one."""
        for _ in range(self.number()):
            tag = self.number()
            key, kind = tag >> 16, tag & 0xFFFF
            known = key < _NAMED
            if not known:
                key = self._name()
                known = key >= _NUMBERED
            values = self._values(kind)
            if kind == MULTIPLE_BINARY and known:
                found.setdefault(key, (kind, packed_binaries(values)))
            elif values and known and not kind & _MULTIPLE:
                found.setdefault(key, (kind, values[0]))

    def _values(self, kind: int) -> list[bytes]:
        single = kind & ~_MULTIPLE
        if single in STRINGS:
            count = min(self.number(), _MAX_VALUES)
            return [self._padded(self.number()) for _ in range(count)]
        size = _FIXED.get(single)
        if size is None:
            raise _Cut  # of a type that there is not: where it ends cannot be told
        count = min(self.number(), _MAX_VALUES) if kind & _MULTIPLE else 1
        return [self._take(size) for _ in range(count)]

    def _name(self) -> int:
        """The key of a named property that is read, 0 for any other."""
        guid = self._take(16)
        if self.number():
            self._padded(self.number())
            return 0
        number = self.number()
        return _NUMBERED + number if is_read(guid, number) else 0

    def _padded(self, size: int) -> bytes:
        value = self._take(size)
        self._at += -size % 4
        return value

    def _take(self, size: int) -> bytes:
        value = self._data[self._at : self._at + size]
        if len(value) < size:
            raise _Cut
        self._at += size
        return value
