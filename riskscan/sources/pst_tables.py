"""Properties and tables of an Outlook data file: the LTP layer of MS-PST over pst_nodes.

Values are given as found: (type, bytes), with the type codes of MS-OXCDATA section 2.11.1.
Section numbers are MS-PST's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from riskscan.sources.item import SourceError
from riskscan.sources.pst_nodes import Node, Trees

Values = dict[int, tuple[int, bytes]]  # property id to type and bytes

_LEVELS = 8
_RECORDS_MAX = 100_000
_ROWS_MAX = 100_000
_VALUE_MAX = 4096
# Sizes of the types that are kept in place in a property context, 2.3.3.3.
_IN_PLACE = {0x02: 2, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 1}


class _Heap:
    """A heap on a node, 2.3.1: small values by their HID, long ones in subnodes."""

    def __init__(self, nodes: Trees, node: Node, kind: int) -> None:
        self._nodes = nodes
        self._number_bits = nodes.layout.number_bits
        self._blocks = list(nodes.blocks(node.data))
        self.below = nodes.subnodes(node.subnodes)
        first = self._blocks[0] if self._blocks else b""
        if len(first) < 12 or first[2] != 0xEC or first[3] != kind:
            raise SourceError("a heap of properties is damaged")
        (self.root,) = struct.unpack_from("<I", first, 4)

    def item(self, hid: int) -> bytes:
        """The bytes of an allocation; b"" for none."""
        if not hid:
            return b""
        bits = self._number_bits
        block, number = hid >> 5 + bits, hid >> 5 & (1 << bits) - 1
        if block >= len(self._blocks) or not number:
            raise SourceError("a value lies outside its heap")
        data = self._blocks[block]
        try:
            (at,) = struct.unpack_from("<H", data)
            start, end = struct.unpack_from("<2H", data, at + 2 + 2 * number)
        except struct.error as error:
            raise SourceError("a heap of properties is damaged") from error
        if not start <= end <= len(data):
            raise SourceError("a heap of properties is damaged")
        return data[start:end]

    def value(self, place: int) -> bytes:
        """The bytes at a HID or in a subnode."""
        return b"".join(self.parts(place))

    def parts(self, place: int) -> list[bytes]:
        """The same, block by block."""
        if not place & 0x1F:
            return [self.item(place)]
        node = self.below.get(place)
        if node is None:
            raise SourceError("a value lies in a subnode that is missing")
        return list(self._nodes.blocks(node.data))

    def records(self, header: int, key: int) -> Iterator[bytes]:
        """The records of a B-tree on the heap, 2.3.2, whose keys have ``key`` bytes."""
        head = self.item(header)
        if len(head) < 8 or head[0] != 0xB5 or head[1] != key or head[3] > _LEVELS:
            raise SourceError("a tree of properties is damaged")
        waiting = [(int.from_bytes(head[4:8], "little"), int(head[3]))]
        told = 0
        while waiting:
            hid, level = waiting.pop()
            data = self.item(hid)
            size = key + 4 if level else key + head[2]
            found = [data[at : at + size] for at in range(0, len(data) - size + 1, size)]
            told += len(found)
            if told > _RECORDS_MAX:
                raise SourceError(f"a tree of properties has more than {_RECORDS_MAX:,} records")
            if level:
                inner = [int.from_bytes(r[key:], "little") for r in found]
                waiting.extend((hid, level - 1) for hid in reversed(inner))
            else:
                yield from found


class Properties:
    """A property context, 2.3.3: what is wrong with a value is known when it is asked for."""

    def __init__(self, nodes: Trees, node: Node) -> None:
        self._heap = _Heap(nodes, node, 0xBC)
        self._found = {
            key: (kind, place)
            for key, kind, place in (
                struct.unpack("<HHI", record)
                for record in self._heap.records(self._heap.root, 2)
                if len(record) == 8
            )
        }

    def ids(self) -> list[int]:
        """The ids of the properties that are there."""
        return list(self._found)

    def kept_in(self, place: int) -> int | None:
        """The id of the property whose value is in a subnode; None where none is."""
        return next((key for key, (_, at) in self._found.items() if at == place), None)

    def get(self, key: int) -> tuple[int, bytes] | None:
        """Type and bytes of a property; None where it is absent."""
        if key not in self._found:
            return None
        kind, place = self._found[key]
        if kind in _IN_PLACE:
            return kind, struct.pack("<I", place)[: _IN_PLACE[kind]]
        return kind, self._heap.value(place)

    def subnodes(self) -> dict[int, Node]:
        """The subnodes: tables, attachments, embedded messages."""
        return self._heap.below


def table(nodes: Trees, node: Node, wanted: frozenset[int]) -> Iterator[Values]:
    """The rows of a table context, 2.3.4: the ``wanted`` of their columns, and the row id."""
    heap = _Heap(nodes, node, 0x7C)
    info = heap.item(heap.root)
    if len(info) < 22 or info[0] != 0x7C:
        raise SourceError("a table is damaged")
    marks, size, _, place = struct.unpack_from("<HHII", info, 6)
    columns = [
        struct.unpack_from("<HHHBB", info, at)
        for at in range(22, min(len(info) - 7, 22 + 8 * info[1]), 8)
    ]
    if not 4 <= marks <= size:
        raise SourceError("a table is damaged")
    told = 0
    for part in heap.parts(place) if place else ():
        for at in range(0, len(part) - size + 1, size):
            told += 1
            if told > _ROWS_MAX:
                raise SourceError(f"a table has more than {_ROWS_MAX:,} rows")
            yield _row(heap, part[at : at + size], marks, columns, wanted)


def _row(
    heap: _Heap,
    row: bytes,
    marks: int,
    columns: list[tuple[int, int, int, int, int]],
    wanted: frozenset[int],
) -> Values:
    found: Values = {0x67F2: (0x03, row[:4])}
    for kind, key, at, width, bit in columns:
        if key not in wanted or marks + bit // 8 >= len(row):
            continue
        if not row[marks + bit // 8] & (0x80 >> bit % 8):
            continue
        data = row[at : at + width]
        if kind not in _IN_PLACE and kind not in (0x14, 0x40, 0x05, 0x06, 0x07):
            if len(data) != 4:
                continue
            data = heap.value(int.from_bytes(data, "little"))[:_VALUE_MAX]
        found[key] = (kind, data)
    return found
