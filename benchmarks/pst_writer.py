"""Writes Outlook data files (MS-PST, and the OST of 2013 on) for samples and tests: folders,
messages, recipients, attachments, embedded messages. Same input, same bytes; in memory.

Section numbers are those of MS-PST ("Outlook Personal Folders File Format").
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from pst_blocks import Blocks, Node, crc

_HEAP_ITEM_MAX = 3580  # 2.3.3.3
_APPOINTMENT = UUID("00062002-0000-0000-c000-000000000046")
# Named properties of appointments, MS-OXPROPS: the first has the id 0x8000 in every file.
NAMED = {"location": 0x8208, "start": 0x820D, "end": 0x820E}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

UNICODE, BINARY, INTEGER, BOOLEAN, TIME, OBJECT = 0x1F, 0x102, 0x03, 0x0B, 0x40, 0x0D
_FIXED = {INTEGER: 4, BOOLEAN: 1}
Value = str | bytes | int | bool | datetime
Properties = Mapping[int, Value]  # property tag (id << 16 | type) to value


@dataclass
class Attachment:
    """An attachment object: its properties, or the message that it holds."""

    properties: dict[int, Value] = field(default_factory=dict)
    message: Message | None = None


@dataclass
class Message:
    """A message object; recipients are the rows of its recipient table."""

    properties: dict[int, Value] = field(default_factory=dict)
    recipients: list[dict[int, Value]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass
class Folder:
    """A folder; ``hidden`` are its folder-associated messages (settings, rules, views)."""

    name: str
    messages: list[Message] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    hidden: list[Message] = field(default_factory=list)


def write_pst(
    folders: Sequence[Folder],
    *,
    top: str = "Top of Outlook data file",
    encoded: bool = False,
    ansi: bool = False,
    wide: bool = False,
    orphans: Sequence[Message] = (),
) -> bytes:
    """A PST of these folders below ``top``.

    ``encoded`` uses the permutation that Outlook calls compressible encryption; ``ansi`` is the
    form of Outlook 97 to 2002, ``wide`` that of the OST of Outlook 2013 and later, with pages of
    4 KiB and compressed blocks. ``orphans`` are messages whose folder is gone.
    """
    return _Writer(encoded, ansi, wide).write(folders, top, orphans)


def compressed_rtf(rtf: bytes) -> bytes:
    """RTF in the compressed form of MS-OXRTFCP, made of literals alone."""
    out = bytearray()
    for at in range(0, len(rtf), 8):
        out += b"\0" + rtf[at : at + 8]
    # A reference to the place where the dictionary would be written next ends the data.
    end = ((207 + len(rtf)) % 4096) << 4
    mark = struct.pack(">H", end)
    if len(rtf) % 8:
        out[-(len(rtf) % 8) - 1] = 1 << len(rtf) % 8
        out += mark
    else:
        out += b"\x01" + mark
    return struct.pack("<LL4sL", len(out) + 12, len(rtf), b"LZFu", crc(out)) + bytes(out)


def _encode(tag: int, value: Value) -> bytes:
    kind = tag & 0xFFFF
    if kind == UNICODE:
        return str(value).encode("utf-16-le")
    if kind == TIME:
        assert isinstance(value, datetime)
        delta = value - _EPOCH
        return struct.pack(
            "<Q", (delta.days * 86_400 + delta.seconds) * 10_000_000 + delta.microseconds * 10
        )
    if kind in _FIXED:
        return int(value).to_bytes(_FIXED[kind], "little", signed=kind == INTEGER and value < 0)  # type: ignore[operator, arg-type]
    assert isinstance(value, bytes)
    return value


class _Heap:
    """A heap on a node, 2.3.1. In a ``wide`` file an allocation's number has 14 bits, not 11."""

    def __init__(self, block_max: int, wide: bool) -> None:
        self._block_max = block_max
        self._block_shift = 19 if wide else 16
        self._blocks: list[list[bytes]] = [[]]
        self._used = 12

    def add(self, data: bytes) -> int:
        """Allocate ``data``; gives its HID (0 for nothing)."""
        if not data:
            return 0
        needed = len(data) + 2
        items = self._blocks[-1]
        if self._used + needed + 2 * len(items) + 10 > self._block_max or len(items) >= 2000:
            self._blocks.append([])
            items = self._blocks[-1]
            number = len(self._blocks) - 1
            self._used = 66 if number >= 8 and (number - 8) % 128 == 0 else 2
        items.append(data)
        self._used += needed
        return (len(self._blocks) - 1) << self._block_shift | len(items) << 5

    def blocks(self, signature: int, root: int) -> list[bytes]:
        """The heap's blocks, with ``root`` as the HID of its user."""
        out = []
        for number, items in enumerate(self._blocks):
            head = 12 if number == 0 else 66 if number >= 8 and (number - 8) % 128 == 0 else 2
            starts = [head]
            for item in items:
                starts.append(starts[-1] + len(item))
            body = b"".join(items)
            pad = (head + len(body)) % 2
            at = head + len(body) + pad
            page_map = struct.pack(f"<HH{len(starts)}H", len(items), 0, *starts)
            start = struct.pack("<H", at)
            if number == 0:
                start += struct.pack("<BBL4x", 0xEC, signature, root)
            out.append(start.ljust(head, b"\0") + body + b"\0" * pad + page_map)
        return out

    def tree(self, key: int, records: Sequence[bytes], value: int) -> int:
        """A BTH of sorted records (2.3.2); gives the HID of its header."""
        levels, size = 0, key + value
        per = _HEAP_ITEM_MAX // size
        parts = [records[at : at + per] for at in range(0, len(records), per)]
        level = [(part[0][:key], self.add(b"".join(part))) for part in parts]
        per = _HEAP_ITEM_MAX // (key + 4)
        while len(level) > 1:
            levels += 1
            level = [
                (part[0][0], self.add(b"".join(k + struct.pack("<L", hid) for k, hid in part)))
                for part in (level[at : at + per] for at in range(0, len(level), per))
            ]
        root = level[0][1] if level else 0
        return self.add(struct.pack("<BBBBL", 0xB5, key, value, levels, root))


class _Writer(Blocks):
    # ---- LTP layer, 2.3

    def _long(self, data: bytes, subnodes: dict[int, Node]) -> int:
        """A value that is too long for the heap, as a subnode; gives its NID."""
        nid = (0x800 + len(subnodes)) << 5 | 0x1F
        blocks = [data[at : at + self.block_max] for at in range(0, len(data), self.block_max)]
        subnodes[nid] = (self.data(blocks), 0)
        return nid

    def _value(self, heap: _Heap, data: bytes, subnodes: dict[int, Node]) -> int:
        return heap.add(data) if len(data) <= _HEAP_ITEM_MAX else self._long(data, subnodes)

    def _properties(self, properties: Properties, subnodes: dict[int, Node] | None = None) -> Node:
        """A property context, 2.3.3."""
        heap, nodes = _Heap(self.block_max, self.wide), dict(subnodes or {})
        records = []
        for tag in sorted(properties):
            data = _encode(tag, properties[tag])
            kind = tag & 0xFFFF
            if kind in _FIXED:
                held = int.from_bytes(data, "little")
            else:
                held = self._value(heap, data, nodes)
            records.append(struct.pack("<HHL", tag >> 16, kind, held))
        root = heap.tree(2, records, 6)
        return self.data(heap.blocks(0xBC, root)), self.subnodes(nodes)

    def _table_of(self, columns: Iterable[int], rows: Sequence[tuple[int, Properties]]) -> Node:
        """A table context, 2.3.4."""
        heap = _Heap(self.block_max, self.wide)
        nodes: dict[int, Node] = {}
        tags = sorted({*columns, 0x67F20003, 0x67F30003}, key=lambda t: (_width(t) < 4, t))
        tags.remove(0x67F20003)
        tags.remove(0x67F30003)
        tags = [0x67F20003, 0x67F30003, *tags]
        places, at = {}, 0
        for bit, tag in enumerate(tags):
            places[tag] = (at, bit)
            at += _width(tag)
        four = sum(4 for t in tags if _width(t) == 4) + sum(8 for t in tags if _width(t) == 8)
        size = at + (len(tags) + 7) // 8
        matrix = []
        for rowid, values in rows:
            row = bytearray(size)
            present = {0x67F20003: rowid, 0x67F30003: 1, **values}
            for tag, value in present.items():
                if tag not in places:
                    continue
                offset, bit = places[tag]
                data = _encode(tag, value)
                if tag & 0xFFFF not in _FIXED and tag & 0xFFFF != TIME:
                    data = struct.pack("<L", self._value(heap, data, nodes))
                row[offset : offset + len(data)] = data
                row[at + bit // 8] |= 0x80 >> bit % 8
            matrix.append(bytes(row))
        index = sorted(struct.pack("<LL", rowid, n)[:8] for n, (rowid, _) in enumerate(rows))
        index.sort(key=lambda r: struct.unpack("<L", r[:4]))
        by_id = heap.tree(4, index, 4)
        held = 0
        if size * len(matrix) <= _HEAP_ITEM_MAX:
            held = heap.add(b"".join(matrix))
        else:
            per = self.block_max // size
            parts = [b"".join(matrix[n : n + per]) for n in range(0, len(matrix), per)]
            held = (0x700 << 5) | 0x1F
            nodes[held] = (
                self.data([p.ljust(self.block_max, b"\0") for p in parts[:-1]] + parts[-1:]), 0,
            )  # fmt: skip
        described = b"".join(
            struct.pack("<LHBB", tag, places[tag][0], _width(tag), places[tag][1])
            for tag in sorted(tags)
        )
        info = struct.pack("<BBHHHHLLL", 0x7C, len(tags), four, four, at, size, by_id, held, 0)
        return self.data(heap.blocks(0x7C, heap.add(info + described))), self.subnodes(nodes)

    # ---- messaging layer, 2.4

    def _message(self, message: Message) -> Node:
        nodes: dict[int, Node] = {}
        if message.recipients:
            columns = {tag for row in message.recipients for tag in row}
            rows = list(enumerate(message.recipients, 1))
            nodes[0x692] = self._table_of(columns, rows)
        rows = []
        for number, attachment in enumerate(message.attachments):
            nid = (0x400 + number) << 5 | 5
            inside: dict[int, Node] = {}
            properties = dict(attachment.properties)
            if attachment.message is not None:
                inner = (0x10000 + number) << 5 | 4
                inside[inner] = self._message(attachment.message)
                properties[0x3701000D] = struct.pack("<LL", inner, 1000)
                properties[0x37050003] = 5
            nodes[nid] = self._properties(properties, inside)
            rows.append((nid, {0x0E200003: 1, 0x37050003: properties.get(0x37050003, 1)}))
        if rows:
            nodes[0x671] = self._table_of((0x0E200003, 0x37050003), rows)
        return self._properties(message.properties, nodes)

    def _add(self, nid: int, node: Node, parent: int = 0) -> None:
        self.nodes.append((nid, *node, parent))

    def _folder(self, nid: int, parent: int, folder: Folder) -> None:
        self._add(
            nid,
            self._properties(
                {
                    0x3001001F: folder.name,
                    0x36020003: len(folder.messages),
                    0x36030003: 0,
                    0x360A000B: bool(folder.folders),
                }
            ),
            parent,
        )
        below = []
        for inner in folder.folders:
            inner_nid = self.folder_index << 5 | 2
            self.folder_index += 1
            self._folder(inner_nid, nid, inner)
            row: Properties = {
                0x3001001F: inner.name,
                0x36020003: len(inner.messages),
                0x360A000B: bool(inner.folders),
            }
            below.append((inner_nid, row))
        self._add(nid & ~0x1F | 0x0D, self._table_of((0x3001001F, 0x36020003, 0x360A000B), below))
        columns = (0x001A001F, 0x0037001F, 0x0E060040)
        for kind, table, messages in (
            (0x04, 0x0E, folder.messages),
            (0x08, 0x0F, folder.hidden),
        ):
            rows = [(self._store(m, nid, kind), m.properties) for m in messages]
            self._add(nid & ~0x1F | table, self._table_of(columns, rows))

    def _store(self, message: Message, parent: int, kind: int = 0x04) -> int:
        nid = self.message_index << 5 | kind
        self.message_index += 1
        self._add(nid, self._message(message), parent)
        return nid

    def _names(self) -> Node:
        """The map of named properties, 2.4.7: from the id 0x8000 on, those of ``NAMED``."""
        entries = [
            struct.pack("<LHH", number, 3 << 1, at) for at, number in enumerate(NAMED.values())
        ]
        properties: dict[int, Value] = {
            0x00010003: 251,
            0x00020102: _APPOINTMENT.bytes_le,
            0x00030102: b"".join(entries),
            0x00040102: b"",
        }
        for entry in entries:
            number, kind = struct.unpack("<LH", entry[:6])
            bucket = (0x1000 + (number ^ kind) % 251) << 16 | BINARY
            properties[bucket] = bytes(properties.get(bucket, b"")) + entry  # type: ignore[arg-type]
        return self._properties(properties)

    def write(
        self,
        folders: Sequence[Folder],
        top: str,
        orphans: Sequence[Message],
    ) -> bytes:
        provider = bytes(range(16))
        top_nid = 0x8022
        self._add(
            0x21,
            self._properties(
                {
                    0x0FF90102: provider,
                    0x3001001F: top,
                    0x35E00102: b"\0" * 4 + provider + struct.pack("<L", top_nid),
                    0x67FF0003: 0,
                }
            ),
        )
        self._add(0x61, self._names())
        for template, columns in (
            (0x60D, (0x3001001F, 0x36020003, 0x360A000B)),
            (0x60E, (0x001A001F, 0x0037001F, 0x0E060040)),
            (0x60F, (0x001A001F, 0x3001001F)),
            (0x671, (0x0E200003, 0x37050003)),
            (0x692, (0x0C150003, 0x3001001F)),
        ):
            self._add(template, self._table_of(columns, ()))
        self.folder_index = top_nid >> 5
        self._folder(0x122, 0x122, Folder("", folders=[Folder(top, folders=list(folders))]))
        for message in orphans:
            self._store(message, 0x9FFE2)
        return self.finish()


def _width(tag: int) -> int:
    """Bytes of a table cell."""
    return {BOOLEAN: 1, TIME: 8}.get(tag & 0xFFFF, 4)
