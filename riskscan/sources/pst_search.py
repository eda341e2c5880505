"""Nodes of an Outlook data file whose trees are damaged: found by searching it for their leaves.

Every page of a tree has a type, a checksum and a number that grows from write to write, so a leaf
is known wherever it lies, and the younger of two wins. Section numbers are MS-PST's.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from riskscan.sources.item import MIB, SourceError
from riskscan.sources.pst_nodes import Node, Nodes

_NODE_TREE, _BLOCK_TREE = 0x81, 0x80
_CHUNK = 4 * MIB
_LEAVES_MAX = 2_000_000


class SearchedNodes(Nodes):
    """The nodes of an open file without its trees; raises SourceError as ``Nodes`` does."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        found: dict[int, list[tuple[int, bytes]]] = {_NODE_TREE: [], _BLOCK_TREE: []}
        for kind, number, entries in self._leaves_found(file):
            found[kind].append((number, entries))
            if len(found[kind]) > _LEAVES_MAX:
                raise SourceError("there are too many leaves of trees to search them")
        self._known: dict[int, Node] = {}
        self._places: dict[int, tuple[int, int]] = {}
        word = self.layout.word
        for _, entries in sorted(found[_NODE_TREE]):
            self._known.update(map(self.listed_node, self._cut(entries)))
        for _, entries in sorted(found[_BLOCK_TREE]):
            for entry in self._cut(entries):
                bid, offset, size = struct.unpack_from(f"<2{word}H", entry)
                self._places[bid & ~1] = (offset, size)

    def node(self, nid: int) -> Node:
        """The node of an id."""
        if nid not in self._known:
            raise SourceError(f"node {nid} was not found")
        return self._known[nid]

    def listed(self) -> Iterator[tuple[int, Node]]:
        """All nodes that were found, by their ids."""
        return iter(sorted(self._known.items(), key=lambda known: known[0]))

    def block_ids(self) -> Iterator[int]:
        """The ids of all blocks that were found."""
        return iter(self._places)

    def place(self, bid: int) -> tuple[int, int]:
        """Offset and size of a block, which must bear its own id: old leaves name old places."""
        if bid not in self._places:
            raise SourceError(f"block {bid:#x} was not found")
        offset, size = self._places[bid]
        layout = self.layout
        whole = size + layout.trailer
        whole += -whole % layout.unit
        trailer = self.at(offset + whole - layout.trailer, layout.trailer)
        (own,) = struct.unpack_from("<4xI" if layout.word == "I" else "<8xQ", trailer)
        if own & ~1 != bid:
            raise SourceError(f"block {bid:#x} was written over")
        return offset, size

    def _cut(self, entries: bytes) -> Iterator[bytes]:
        size = entries[0]
        return (entries[at : at + size] for at in range(1, len(entries), size))

    def _leaves_found(self, file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
        """Type, number and entries (their size in front) of every leaf in the file."""
        size = self.layout.page
        offset = 0
        while data := os.pread(file.fileno(), _CHUNK, offset):
            for at in range(0, len(data) - size + 1, size):
                if (leaf := self._leaf(data, at)) is not None:
                    yield leaf
            offset += _CHUNK

    def _leaf(self, data: bytes, at: int) -> tuple[int, int, bytes] | None:
        layout = self.layout
        start = at + layout.page - layout.page_trailer
        kind = data[start]
        if kind != data[start + 1] or kind not in (_NODE_TREE, _BLOCK_TREE):
            return None
        page = data[at : at + layout.page]
        number = self.page_number(page)
        if number is None:
            return None
        try:
            level, size, entries = self.entries(page)
        except SourceError:
            return None
        if level or (kind == _NODE_TREE and size < struct.calcsize(f"<3{layout.word}I")):
            return None
        return kind, number, bytes([size]) + entries
