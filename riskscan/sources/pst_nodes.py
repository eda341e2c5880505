"""Nodes, blocks and subnodes of an Outlook data file: the NDB layer of MS-PST, in bounded steps.

libpff's Python binding gives no way into embedded messages; this finds their bytes. Files of
Outlook 97 to 2002 (ANSI), of 2003 and later (Unicode) and the OST of 2013 (pages of 4 KiB, with
compressed blocks; known from libpff's description) are read. Section numbers are MS-PST's.
"""

from __future__ import annotations

import os
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import gt
from typing import BinaryIO, Protocol

from riskscan.sources.item import MIB, SourceError

# What the last five bits of a node's id say, 2.2.2.1; the root folder's id, 2.4.1.
FOLDERS, MESSAGE, HIDDEN = (0x02, 0x03), 0x04, 0x08
ROOT = 0x122
_LEVELS = 8  # of a tree: more than any file of any size needs
_BLOCK_MAX = 64 * 1024
ENTRIES_MAX = 100_000
# Bytes that one node may have: bounded again by what a caller takes of it.
NODE_MAX = 512 * MIB

# The first two tables of mpbbCrypt, 5.1; the third is the first one's inverse.
_R = bytes.fromhex(
    "41361362a8216ebbf416cc047f64e85d1ef2cb2a74c55e35d295479e962d9a884c7d843fdbac31b6485ff6"
    "c4d8398be7233b388ec8c1df25b120a546604e9cfbaad35651457c550007c92b9d859b09a08fadb30f63ab"
    "894bd7a7155a716642bf264a6b98faea7753b270052cfd593a867ece06eb827857c78d43afb41cd45bcde2"
    "e9274fc3087280cfb0eff5286dbe304d3492d50e3c2232e5e4f99fc2d10a8112e1ee918376e397e6618a17"
    "79a4b7dc907a5c8c02a6ca69de501a1193b9528758fced1d37491b6ae0293399bd6cd994f340546ff0c673"
    "b8d63e6518441fdd6710f10c19ecae03a1147ba90bfff8a3c0a201f72ebc2468750dfeba2fb5d0da3d"
)
_S = bytes.fromhex(
    "14530f56b3c87a9ceb65481716159f02cc547c83000d0c0ba262a876dbd9edc7c5a4dcac8574d6d0a79bae"
    "9a967166c36399b8dd73928e847da55ed15d93b1575150808952944f4e0a6bbc8d7f6e47464140440111cb"
    "033ff7f4e1a98f3c3af9fbf0193082092ec99da08649ee6f4d6dc42d813425871b88aafc06a11238fd4c42"
    "72641337246a757743ffe6b44b365ce4d8353d45b92cecb7312b290768a30e697b189e2139be281a5b78f5"
    "23ca2ab0af3efe048ce7e5983295d3f64ae8a6eae9f3d52f7020f21f0567ad5510cecde3273bdabad7c226"
    "d4911dd21c2233f8faf15aefcf90b68bb5bdc0bf08971e6ce261e0c6c159abbb58de5fdf60797eb28a"
)
_I = bytes(_R.index(value) for value in range(256))


@dataclass(slots=True, frozen=True)
class Layout:
    """Where things are in the three kinds of file."""

    word: str  # of block ids and offsets: struct format
    page: int
    count_at: int  # in a page: number of entries, then their size and the level
    roots_at: int  # in the header: node tree's root, then block tree's
    crypt_at: int
    end_at: int  # in the header: how many bytes the file has
    trailer: int  # of a block
    page_trailer: int  # from the type on
    unit: int  # blocks end at a multiple of it
    number_bits: int  # of an allocation's number in a HID, 2.3.1.1


_ANSI = Layout("I", 512, 496, 184, 461, 168, 12, 12, 64, 11)
_UNICODE = Layout("Q", 512, 488, 216, 513, 184, 16, 16, 64, 11)
_WIDE = Layout("Q", 4096, 4056, 216, 513, 184, 24, 24, 512, 14)


@dataclass(slots=True, frozen=True)
class Node:
    """A node or subnode: the ids of its data and of the tree of its own subnodes (0: none).

    ``parent`` is the id of the folder that holds a node; subnodes have none.
    """

    data: int
    subnodes: int
    parent: int = 0


class Trees(Protocol):
    """What finds the blocks and the subnodes of a node."""

    layout: Layout

    def blocks(self, data: int) -> Iterator[bytes]:
        """The data blocks of a node, in order."""

    def subnodes(self, tree: int) -> dict[int, Node]:
        """The subnodes of a node by their ids."""


class Nodes:
    """The nodes of an open file. Whatever is read raises SourceError where it is damaged."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        head = self.at(0, 564)
        version = int.from_bytes(head[10:12], "little")
        if head[:4] != b"!BDN" or version not in (14, 15, 21, 23, 36):
            raise SourceError("the header is not that of an Outlook data file")
        self.layout = {14: _ANSI, 15: _ANSI, 36: _WIDE}.get(version, _UNICODE)
        self._crypt = head[self.layout.crypt_at]
        word = self.layout.word
        _, self._nbt, _, self._bbt = struct.unpack_from(f"<4{word}", head, self.layout.roots_at)
        # 2.2.2.5, ibFileEof
        (self.told_size,) = struct.unpack_from(f"<{word}", head, self.layout.end_at)
        self._listed = struct.Struct(f"<3{word}I")
        self._inner = struct.Struct(f"<3{word}")
        self._placed = struct.Struct(f"<2{word}H")
        self._page = lru_cache(256)(self._read_page)
        # How often a damaged page led to a node or block: it may be the wrong one.
        self.doubts = 0

    def node(self, nid: int) -> Node:
        """The node of an id."""
        return self.listed_node(self._find(self._nbt, nid, 0xFFFFFFFF))[1]

    def listed(self) -> Iterator[tuple[int, Node]]:
        """All nodes by their ids, in the order of the file's tree.

        Raises SourceError at a page whose checksum is wrong: entries may be missing in it.
        """
        for entry in self._leaf_entries(self._nbt, _LEVELS, set()):
            yield self.listed_node(entry)

    def listed_node(self, entry: bytes) -> tuple[int, Node]:
        """Id and node of a leaf entry of the node tree, 2.2.2.7.7.4."""
        if len(entry) < self._listed.size:
            raise SourceError("a page of the node tree is damaged")
        nid, data, subnodes, parent = self._listed.unpack_from(entry)
        return nid & 0xFFFFFFFF, Node(data, subnodes, parent)

    def blocks(self, data: int) -> Iterator[bytes]:
        """The data blocks of a node, in order (2.2.2.8.3)."""
        size = 0
        for block in self._leaves(data, 2):
            size += len(block)
            if size > NODE_MAX:
                raise SourceError(f"a node holds more than {NODE_MAX:,} bytes")
            yield block

    def subnodes(self, tree: int) -> dict[int, Node]:
        """The subnodes of a node by their ids (2.2.2.8.3.3)."""
        return dict(islice(self._subnodes(tree, 1), ENTRIES_MAX)) if tree else {}

    # ---- blocks

    def _leaves(self, bid: int, above: int) -> Iterator[bytes]:
        if not bid:
            return
        block = self._block(bid)
        if not bid & 2:
            yield block
            return
        for inner in self.blocks_in(block, above):
            # The level falls with every step: what points at itself comes to an end.
            yield from self._leaves(inner, block[1] - 1)

    def blocks_in(self, block: bytes, above: int) -> tuple[int, ...]:
        """The ids that a block of a data tree names (2.2.2.8.3.2); ``above`` bounds its level."""
        if len(block) < 8 or block[0] != 1 or not 0 < block[1] <= above:
            raise SourceError("a tree of data blocks is damaged")
        word = struct.calcsize(f"<{self.layout.word}")
        (count,) = struct.unpack_from("<H", block, 2)
        count = min(count, (len(block) - 8) // word)
        return struct.unpack_from(f"<{count}{self.layout.word}", block, 8)

    def _subnodes(self, bid: int, above: int) -> Iterator[tuple[int, Node]]:
        block = self._block(bid)
        for entry in self.subnodes_in(block, above):
            if block[1]:
                yield from self._subnodes(entry[1], 0)
            else:
                yield entry[0] & 0xFFFFFFFF, Node(entry[1], entry[2])

    def subnodes_in(self, block: bytes, above: int) -> list[tuple[int, ...]]:
        """The entries of a block of a subnode tree (2.2.2.8.3.3): of three ids in a leaf, of two
        above; ``above`` is its level or more."""
        word = self.layout.word
        start = 4 if self.layout is _ANSI else 8
        if len(block) < start or block[0] != 2 or block[1] > above:
            raise SourceError("a tree of subnodes is damaged")
        (count,) = struct.unpack_from("<H", block, 2)
        form = f"<{3 - block[1]}{word}"
        size = struct.calcsize(form)
        count = min(count, (len(block) - start) // size)
        return list(struct.iter_unpack(form, block[start : start + count * size]))

    def _block(self, bid: int) -> bytes:
        return self.decoded(bid, *self.stored(bid))

    def stored(self, bid: int) -> tuple[bytes, bytes]:
        """The bytes of a block as they lie in the file, and its trailer (2.2.2.8.1)."""
        offset, size = self.place(bid & ~1)
        if size > _BLOCK_MAX:
            raise SourceError("a block says that it is larger than a block can be")
        end = size + self.layout.trailer
        end += -end % self.layout.unit
        whole = self.at(offset, end)
        return whole[:size], whole[end - self.layout.trailer :]

    def decoded(self, bid: int, data: bytes, trailer: bytes) -> bytes:
        """The bytes that a block holds, of what is stored of it."""
        if self.layout is _WIDE:
            data = self._unpacked(data, trailer)
        if bid & 2 or not self._crypt:
            return data
        if self._crypt == 1:
            return data.translate(_I)
        if self._crypt == 2:
            return _cyclic(data, bid)
        raise SourceError(f"the file is encrypted in an unknown way ({self._crypt})")

    def _unpacked(self, data: bytes, trailer: bytes) -> bytes:
        """A block of a 4-KiB file: its trailer tells the size that it unpacks to."""
        (size,) = struct.unpack_from("<H", trailer, 18)
        if size <= len(data):
            return data
        packed = zlib.decompressobj()
        try:
            data = packed.decompress(data, _BLOCK_MAX)
        except zlib.error as error:
            raise SourceError(f"a compressed block is damaged ({error})") from error
        # A damaged block can also end early without an error of zlib's.
        if not packed.eof or len(data) != size:
            raise SourceError("a compressed block is damaged (it has not the size that it tells)")
        return data

    # ---- trees of pages, 2.2.2.7.7

    def place(self, bid: int) -> tuple[int, int]:
        """Offset and size of a block."""
        found = self._find(self._bbt, bid, ~1)
        _, offset, size = self._placed.unpack_from(found)
        return offset, size

    def block_ids(self) -> Iterator[int]:
        """The ids of all blocks; raises SourceError at a page whose checksum is wrong."""
        word = struct.Struct(f"<{self.layout.word}")
        entries = self._leaf_entries(self._bbt, _LEVELS, set())
        return (word.unpack_from(entry)[0] & ~1 for entry in entries)

    def _leaf_entries(self, offset: int, above: int, known: set[int]) -> Iterator[bytes]:
        """The entries of the pages below a page, but of those that are ``known``.

        A page that is named again and again on each level would be read a million times.
        """
        if offset in known:
            return
        known.add(offset)
        page = self.at(offset, self.layout.page)
        if self.page_number(page) is None:
            raise SourceError("a page of a tree is damaged: its checksum is wrong")
        level, size, entries = self.entries(page)
        if level >= above:
            raise SourceError("a tree of pages is damaged: it leads back to itself")
        for at in range(0, len(entries), size):
            entry = entries[at : at + size]
            if level:
                inner = self._inner.unpack_from(entry)[2]
                yield from self._leaf_entries(inner, level, known)
            else:
                yield entry

    def _find(self, root: int, key: int, mask: int) -> bytes:
        """The leaf entry of a key; only the bits of ``mask`` count."""
        offset, above = root, _LEVELS
        while True:
            level, keys, entries, sound = self._page(offset, mask)
            if level >= above:
                raise SourceError("a tree of pages is damaged: it leads back to itself")
            above = level
            self.doubts += not sound
            at = bisect_right(keys, key) - 1
            if at < 0 or (not level and keys[at] != key):
                raise SourceError(f"{key:#x} is not in the file")
            if not level:
                return entries[at]
            offset = self._inner.unpack_from(entries[at])[2]

    def _read_page(self, offset: int, mask: int) -> tuple[int, list[int], list[bytes], bool]:
        """Level, keys and entries of a page, and if it is sound; else it is put in order again."""
        page = self.at(offset, self.layout.page)
        level, size, entries = self.entries(page)
        cut = [entries[at : at + size] for at in range(0, len(entries), size)]
        width = struct.calcsize(self.layout.word)
        keys = [int.from_bytes(entry[:width], "little") & mask for entry in cut]
        if any(map(gt, keys, keys[1:])):
            cut.sort(key=lambda entry: int.from_bytes(entry[:width], "little") & mask)
            keys.sort()
        return level, keys, cut, self.page_number(page) is not None

    def page_number(self, page: bytes) -> int | None:
        """The id of a page, which grows from write to write; None where its checksum is wrong."""
        end = len(page) - self.layout.page_trailer
        if self.layout.word == "I":
            number, checksum = struct.unpack_from("<2I", page, end + 4)
        else:
            checksum, number = struct.unpack_from("<IQ", page, end + 4)
        # The CRC of 5.3: zlib's without its first and last complement.
        found = zlib.crc32(page[:end], 0xFFFFFFFF) ^ 0xFFFFFFFF
        return int(number) if found == checksum else None

    def entries(self, page: bytes) -> tuple[int, int, bytes]:
        """Level, size of an entry and entries of a page of a tree."""
        layout = self.layout
        if layout is _WIDE:
            count, size, level = struct.unpack_from("<HxxBB", page, layout.count_at)
        else:
            count, size, level = struct.unpack_from("<BxBB", page, layout.count_at)
        least = struct.calcsize(f"<{3 if level else 2}{layout.word}") + (0 if level else 2)
        if size < least or count * size > layout.count_at:
            raise SourceError("a page of a tree is damaged")
        return level, size, page[: count * size]

    def at(self, offset: int, size: int) -> bytes:
        """Bytes of the file; all of them."""
        if not 0 <= offset < 1 << 62:
            raise SourceError("a place outside the file is named")
        try:
            data = os.pread(self._file.fileno(), size, offset)
        except OSError as error:
            raise SourceError(f"reading failed at byte {offset}: {error.strerror}") from error
        if len(data) < size:
            raise SourceError(f"the file ends before byte {offset + size:,}")
        return data


def _cyclic(data: bytes, bid: int) -> bytes:
    """Undo the cyclic encoding ("high encryption"), 5.2."""
    out = bytearray(data)
    step = (bid ^ bid >> 16) & 0xFFFF
    for at, value in enumerate(out):
        low, high = step & 0xFF, step >> 8
        value = _R[(value + low) & 0xFF]
        value = _S[(value + high) & 0xFF]
        value = _I[(value - high) & 0xFF]
        out[at] = (value - low) & 0xFF
        step = (step + 1) & 0xFFFF
    return bytes(out)
