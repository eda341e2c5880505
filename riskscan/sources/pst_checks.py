"""Whether the blocks of an Outlook data file are as they were written, and reading around damage.

Every block ends in its size, a checksum of its bytes as stored and its own id (MS-PST 2.2.2.8.1);
those of 4-KiB files too, over the compressed bytes. libpff goes on whatever they say.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from riskscan.sources.item import SourceError
from riskscan.sources.pst_nodes import ENTRIES_MAX, NODE_MAX, Node, Nodes

_LEVELS = 100  # of subnodes in subnodes: deeper than anything is read
_BLOCKS_MAX = 1_000_000  # that are checked of one node
_LOST_MAX = 10_000  # blocks that are passed over in one node
# What a file's writer fills in of a trailer.
_ALL, _NO_CHECKSUM, _NOTHING = range(3)


@dataclass(slots=True, frozen=True)
class Fault:
    """A damaged block: ``path`` are the ids of the subnodes, from the node down, that it is of.

    ``tree`` says that it holds no data but the list of subnodes.
    """

    path: tuple[int, ...]
    tree: bool
    why: str


class Checks:
    """Checks of the blocks of an open file."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._ansi = nodes.layout.word == "I"
        self._trailer = struct.Struct("<HxxII" if self._ansi else "<HxxIQ")
        self._filled: int | None = None

    def node(self, node: Node) -> list[Fault]:
        """What is damaged of a node, its subnodes and theirs."""
        return list(self._node(node, (), set()))

    @property
    def blind(self) -> bool:
        """Whether there proved to be nothing in the file to check a block by."""
        return self._filled == _NOTHING

    def _node(self, node: Node, path: tuple[int, ...], seen: set[int]) -> Iterator[Fault]:
        if node.data:
            yield from self._tree(node.data, 2, False, path, seen)
        if node.subnodes and len(path) < _LEVELS:
            yield from self._tree(node.subnodes, 1, True, path, seen)

    def _tree(
        self, bid: int, above: int, sub: bool, path: tuple[int, ...], seen: set[int]
    ) -> Iterator[Fault]:
        """The faults of a tree of blocks; of one of subnodes (``sub``) with all below."""
        if bid in seen:
            return
        if len(seen) >= _BLOCKS_MAX:
            yield Fault(path, sub, f"it has more than {_BLOCKS_MAX:,} blocks")
            return
        seen.add(bid)
        try:
            data, trailer = self._nodes.stored(bid)
        except SourceError as error:
            yield Fault(path, sub, str(error))
            return
        if why := self.fault(bid, data, trailer):
            yield Fault(path, sub, why)
        if not sub and not bid & 2:
            return
        # What a damaged block still names is checked too: it is read.
        try:
            block = self._nodes.decoded(bid, data, trailer)
            if not sub:
                for inner in self._nodes.blocks_in(block, above):
                    if inner:
                        yield from self._tree(inner, block[1] - 1, False, path, seen)
                return
            for entry in self._nodes.subnodes_in(block, above):
                if block[1]:
                    yield from self._tree(entry[1], 0, True, path, seen)
                else:
                    inner_path = (*path, entry[0] & 0xFFFFFFFF)
                    yield from self._node(Node(entry[1], entry[2]), inner_path, seen)
        except SourceError as error:
            if not why:
                yield Fault(path, sub, str(error))

    # ---- one block

    def kept(self, bid: int, data: bytes, trailer: bytes) -> bool:
        """Whether a block is worth reading: it is sound, or damaged but itself."""
        if not self.fault(bid, data, trailer):
            return True
        _, one, two = self._trailer.unpack_from(trailer)
        return not ((one if self._ansi else two) ^ bid) & ~1 and any(data)

    def fault(self, bid: int, data: bytes, trailer: bytes) -> str:
        """What is wrong with a block, or ""."""
        why = self._differs(bid, data, trailer)
        if not why:
            return ""
        if self._filled is None:
            self._filled = self._known_filled()
        if self._filled == _NOTHING:
            return ""
        if self._filled == _NO_CHECKSUM and self._own(bid, data, trailer):
            return ""
        return why

    def _differs(self, bid: int, data: bytes, trailer: bytes) -> str:
        size, one, two = self._trailer.unpack_from(trailer)
        own, checksum = (one, two) if self._ansi else (two, one)
        if (own ^ bid) & ~1:
            return "a block is missing: other bytes are in its place"
        if size != len(data):
            return "a block has not the size that it tells"
        # The CRC of 5.3: zlib's without its first and last complement.
        if zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF != checksum:
            return "the checksum of a block is wrong"
        return ""

    def _own(self, bid: int, data: bytes, trailer: bytes) -> bool:
        """Whether a trailer without checksum is that of its block."""
        size, one, two = self._trailer.unpack_from(trailer)
        own, checksum = (one, two) if self._ansi else (two, one)
        return not (own ^ bid) & ~1 and size == len(data) and not checksum

    def _known_filled(self) -> int:
        """What the blocks of this file have in their trailers: some writers leave them empty.

        Looks at blocks all over the file, the fewer the further on: a part may be zeroed.
        """
        found, following = _NOTHING, 0
        try:
            for at, bid in enumerate(self._nodes.block_ids()):
                if at < following:
                    continue
                following = at + 1 + at // 500
                try:
                    data, trailer = self._nodes.stored(bid)
                except SourceError:
                    continue
                if data and not self._differs(bid, data, trailer):
                    return _ALL
                if data and self._own(bid, data, trailer):
                    found = _NO_CHECKSUM
        except SourceError:
            return _ALL  # a page of the tree is damaged, which is no writer's way
        return found


class Lenient:
    """The trees of blocks of an open file, without the blocks that are lost."""

    def __init__(self, nodes: Nodes, checks: Checks) -> None:
        self.strict = nodes
        self.layout = nodes.layout
        self._checks = checks

    def blocks(self, data: int) -> Iterator[bytes]:
        """The data blocks of a node, in order, b"" for a lost one; SourceError where all are."""
        why = ""
        lost = found = size = 0
        for block in self._pieces(data, 2):
            if isinstance(block, SourceError):
                why = why or str(block)
                lost += 1
                if lost > _LOST_MAX:
                    break
                yield b""
                continue
            found += 1
            size += len(block)
            if size > NODE_MAX:
                raise SourceError(f"a node holds more than {NODE_MAX:,} bytes")
            yield block
        if why and not found:
            raise SourceError(why)

    def subnodes(self, tree: int) -> dict[int, Node]:
        """The subnodes of a node by their ids, as many as are found."""
        return dict(islice(self._subnodes(tree, 1), ENTRIES_MAX)) if tree else {}

    def _block(self, bid: int) -> bytes:
        data, trailer = self.strict.stored(bid)
        if not self._checks.kept(bid, data, trailer):
            raise SourceError("a block is missing: other bytes are in its place")
        return self.strict.decoded(bid, data, trailer)

    def _pieces(self, bid: int, above: int) -> Iterator[bytes | SourceError]:
        if not bid:
            return
        try:
            block = self._block(bid)
            inner = self.strict.blocks_in(block, above) if bid & 2 else ()
        except SourceError as error:
            yield error
            return
        if not bid & 2:
            yield block
        for one in inner:
            yield from self._pieces(one, block[1] - 1)

    def _subnodes(self, bid: int, above: int) -> Iterator[tuple[int, Node]]:
        with suppress(SourceError):  # told by the checks
            block = self._block(bid)
            for entry in self.strict.subnodes_in(block, above):
                if block[1]:
                    yield from self._subnodes(entry[1], 0)
                else:
                    yield entry[0] & 0xFFFFFFFF, Node(entry[1], entry[2])
