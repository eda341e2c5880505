"""Writes Outlook messages (.msg, MS-OXMSG) and the compound files (MS-CFB) that they are, for
samples and tests. Same input, same bytes; written in one go, in memory.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pst_writer import Message, Properties, Value

Tree = Mapping[str, "bytes | Tree"]  # a storage: names to streams and storages

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT, _DIFAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_MSG_CLASS = bytes.fromhex("0b0d020000000000c000000000000046")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_STRING8, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D


def write_msg(message: Message) -> bytes:
    """The message as a .msg file."""
    return write_compound(msg_tree(message), _MSG_CLASS)


def msg_tree(message: Message, embedded: bool = False) -> dict[str, bytes | Tree]:
    """The storages and streams of a message, by MS-OXMSG section 2.2."""
    recipients, attachments = len(message.recipients), len(message.attachments)
    head = struct.pack("<8xIIII", recipients, attachments, recipients, attachments)
    tree = _properties(message.properties, head if embedded else head + bytes(8))
    if not embedded:
        names = ("00020102", "00030102", "00040102")
        tree["__nameid_version1.0"] = {f"__substg1.0_{name}": b"" for name in names}
    for number, row in enumerate(message.recipients):
        tree[f"__recip_version1.0_#{number:08X}"] = _properties(row, bytes(8))
    for number, attachment in enumerate(message.attachments):
        properties = dict(attachment.properties)
        if attachment.message is not None:
            properties |= {0x37050003: 5, 0x3701000D: b""}
        storage = _properties(properties, bytes(8))
        if attachment.message is not None:
            storage["__substg1.0_3701000D"] = msg_tree(attachment.message, embedded=True)
        tree[f"__attach_version1.0_#{number:08X}"] = storage
    return tree


def _properties(properties: Properties, head: bytes) -> dict[str, bytes | Tree]:
    tree: dict[str, bytes | Tree] = {}
    listed = [head]
    for tag, value in properties.items():
        kind = tag & 0xFFFF
        if kind in (_STRING8, _UNICODE, _BINARY, _OBJECT):
            data = _stream(value)
            ends = {_STRING8: 1, _UNICODE: 2}.get(kind, 0)
            size = 0xFFFFFFFF if kind == _OBJECT else len(data) + ends
            listed.append(struct.pack("<IIII", tag, 6, size, 0))
            if kind != _OBJECT:
                tree[f"__substg1.0_{tag:08X}"] = data
        else:
            listed.append(struct.pack("<IIq", tag, 6, _number(value)))
    tree["__properties_version1.0"] = b"".join(listed)
    return tree


def _stream(value: Value) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass")
    assert isinstance(value, bytes)
    return value


def _number(value: Value) -> int:
    if isinstance(value, datetime):
        passed = value.astimezone(UTC) - _EPOCH
        return (passed.days * 86400 + passed.seconds) * 10_000_000 + passed.microseconds * 10
    assert isinstance(value, int)
    return value


def write_compound(tree: Tree, class_id: bytes = bytes(16), *, listed: bool = False) -> bytes:
    """A compound file (version 3) of this tree.

    ``listed`` makes the children of each storage a list, as some writers do, and no tree.
    """
    return _Compound(listed).write(tree, class_id)


class _Compound:
    def __init__(self, listed: bool) -> None:
        self._listed = listed
        self._sectors: list[bytes] = []
        self._fat: list[int] = []
        self._mini = bytearray()
        self._mini_fat: list[int] = []
        self._entries: list[bytes] = []

    def write(self, tree: Tree, class_id: bytes) -> bytes:
        self._entries.append(b"")
        child = self._storage(tree)
        start = self._chain(bytes(self._mini))
        self._entries[0] = _entry("Root Entry", 5, child, start, len(self._mini), class_id)
        while len(self._entries) % 4:
            self._entries.append(struct.pack("<68xIII48x", _FREE, _FREE, _FREE))
        directory = self._chain(b"".join(self._entries))
        table = struct.pack(f"<{len(self._mini_fat)}I", *self._mini_fat)
        mini_fat = self._chain(table + b"\xff" * (-len(table) % _SECTOR))
        return self._finish(directory, mini_fat, len(table))

    def _storage(self, tree: Tree) -> int:
        """Add what is in a storage; the number of the entry that its children start from."""
        numbers = []
        for name in sorted(tree, key=lambda n: (len(n), n.upper())):
            number = len(self._entries)
            numbers.append(number)
            self._entries.append(b"")
            content = tree[name]
            if isinstance(content, bytes):
                small = len(content) < _CUTOFF
                start = self._small(content) if small else self._chain(content)
                self._entries[number] = _entry(name, 2, _FREE, start, len(content))
            else:
                self._entries[number] = _entry(name, 1, self._storage(content), 0, 0)
        return self._siblings(numbers)

    def _siblings(self, numbers: Sequence[int]) -> int:
        if not numbers:
            return _FREE
        if self._listed:
            for number, following in zip(numbers, [*numbers[1:], _FREE], strict=True):
                self._point(number, _FREE, following)
            return numbers[0]
        middle = len(numbers) // 2
        left, right = self._siblings(numbers[:middle]), self._siblings(numbers[middle + 1 :])
        self._point(numbers[middle], left, right)
        return numbers[middle]

    def _point(self, number: int, left: int, right: int) -> None:
        entry = self._entries[number]
        self._entries[number] = entry[:68] + struct.pack("<II", left, right) + entry[76:]

    def _small(self, data: bytes) -> int:
        if not data:
            return _END
        first, count = len(self._mini_fat), -(-len(data) // _MINI)
        self._mini += data + bytes(-len(data) % _MINI)
        self._mini_fat += [*range(first + 1, first + count), _END]
        return first

    def _chain(self, data: bytes) -> int:
        if not data:
            return _END
        first = len(self._sectors)
        for at in range(0, len(data), _SECTOR):
            self._sectors.append(data[at : at + _SECTOR].ljust(_SECTOR, b"\0"))
            self._fat.append(len(self._sectors))
        self._fat[-1] = _END
        return first

    def _finish(self, directory: int, mini_fat: int, mini_size: int) -> bytes:
        each = _SECTOR // 4
        tables = further = 0
        while tables * each < len(self._sectors) + tables + further:
            tables += 1
            further = -(-max(0, tables - 109) // (each - 1))
        first = len(self._sectors)
        numbers = list(range(first, first + tables))
        self._fat += [_FAT] * tables + [_DIFAT] * further
        self._fat += [_FREE] * (tables * each - len(self._fat))
        raw = struct.pack(f"<{len(self._fat)}I", *self._fat)
        self._sectors += [raw[at : at + _SECTOR] for at in range(0, len(raw), _SECTOR)]
        for number in range(further):
            part = numbers[109 + number * (each - 1) :][: each - 1]
            part += [_FREE] * (each - 1 - len(part))
            following = first + tables + number + 1 if number + 1 < further else _END
            self._sectors.append(struct.pack(f"<{each}I", *part, following))
        own = (numbers + [_FREE] * 109)[:109]
        head = struct.pack(
            "<8s16xHHHHH6xIIIIIIIII109I",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
            0, tables, directory, 0, _CUTOFF,
            mini_fat, -(-mini_size // _SECTOR), first + tables if further else _END, further, *own,
        )  # fmt: skip
        return head + b"".join(self._sectors)


def _entry(
    name: str, kind: int, child: int, start: int, size: int, class_id: bytes = bytes(16)
) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sI16xIQ",
        text, len(text) + 2, kind, 1, _FREE, _FREE, child, class_id, 0, start, size,
    )  # fmt: skip
