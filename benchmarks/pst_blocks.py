"""The pages, blocks and trees of an Outlook data file: the NDB layer of MS-PST 2.2, for pst_writer.

Unicode files have ids and offsets of 64 bits, ANSI files (Outlook 97 to 2002) of 32. Wide files
are the OST of Outlook 2013 and later, which MS-PST lacks: Unicode with pages of 4 KiB and
compressed blocks, as libpff's "Personal Folder File (PFF) format" has them ("64-bit 4k page").
Their allocation maps are left out: where they lie is not known, and no reader needs them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

_BLOCK_MAX, _WIDE_BLOCK_MAX = 8176, 65_512  # data bytes in a block, 2.2.2.8
_PAGE, _WIDE_PAGE = 512, 4096
_WIDE_UNIT = 512
_AMAP_FIRST, _AMAP_STEP = 0x4400, 253_952  # 2.2.2.7.2

Node = tuple[int, int]  # BIDs of data and of subnodes


def crc(data: bytes | bytearray) -> int:
    """The CRC of 5.3: that of zlib without its first and last complement."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _signature(offset: int, bid: int) -> int:
    """The signature of 5.5."""
    mixed = (offset ^ bid) & 0xFFFFFFFF
    return (mixed >> 16) ^ (mixed & 0xFFFF)


# The first table of mpbbCrypt, 5.1.
_PERMUTATION = bytes.fromhex(
    "41361362a8216ebbf416cc047f64e85d1ef2cb2a74c55e35d295479e962d9a884c7d843fdbac31b6485ff6"
    "c4d8398be7233b388ec8c1df25b120a546604e9cfbaad35651457c550007c92b9d859b09a08fadb30f63ab"
    "894bd7a7155a716642bf264a6b98faea7753b270052cfd593a867ece06eb827857c78d43afb41cd45bcde2"
    "e9274fc3087280cfb0eff5286dbe304d3492d50e3c2232e5e4f99fc2d10a8112e1ee918376e397e6618a17"
    "79a4b7dc907a5c8c02a6ca69de501a1193b9528758fced1d37491b6ae0293399bd6cd994f340546ff0c673"
    "b8d63e6518441fdd6710f10c19ecae03a1147ba90bfff8a3c0a201f72ebc2468750dfeba2fb5d0da3d"
)


class Blocks:
    """An Outlook data file in the making: what is added is placed at once."""

    def __init__(self, encoded: bool, ansi: bool, wide: bool = False) -> None:
        self._encoded = encoded
        self._ansi = ansi
        self.wide = wide
        self.block_max = _WIDE_BLOCK_MAX if wide else _BLOCK_MAX
        self._page_size = _WIDE_PAGE if wide else _PAGE
        self._unit = _WIDE_UNIT if wide else 64
        self._word = "L" if ansi else "Q"
        self._word_size = 4 if ansi else 8
        self._out = bytearray(_AMAP_FIRST)
        self._used: list[tuple[int, int]] = []
        self._bbt: list[tuple[int, int, int, int]] = []
        self.nodes: list[tuple[int, int, int, int]] = []
        self._bid = 4
        self._page_bid = 1
        self.folder_index = 0x400
        self.message_index = 0x10000

    # ---- NDB layer, 2.2

    def _place(self, size: int) -> int:
        """Room for ``size`` bytes, past the allocation maps."""
        at = len(self._out)
        at += -at % (self._page_size if size == self._page_size else self._unit)
        while not self.wide:
            number = (at - _AMAP_FIRST) // _AMAP_STEP
            start = _AMAP_FIRST + number * _AMAP_STEP
            maps = 2 if number % 8 == 0 else 1
            if at < start + maps * _PAGE:
                at = start + maps * _PAGE
            elif at + size > start + _AMAP_STEP:
                at = start + _AMAP_STEP
            else:
                break
        self._out += bytes(at + size - len(self._out))
        self._used.append((at, size))
        return at

    def _block(self, data: bytes, inner: bool = False) -> int:
        bid = self._bid | (2 if inner else 0)
        self._bid += 4
        if self._encoded and not inner:
            data = data.translate(_PERMUTATION)
        whole = len(data)
        if self.wide and not inner:
            data = self._packed(data)
        checked = (bid, crc(data)) if self._ansi else (crc(data), bid)
        size = self._taken(len(data))
        at = self._place(size)
        trailer = struct.pack(f"<HHL{self._word}", len(data), _signature(at, bid), *checked)
        if self.wide:
            trailer += struct.pack("<2xH4x", whole)
        self._out[at : at + size] = data.ljust(size - len(trailer), b"\0") + trailer
        self._bbt.append((bid, at, len(data), whole))
        return bid

    def _taken(self, size: int) -> int:
        """The bytes that a block of this many data bytes takes in the file."""
        size += 24 if self.wide else 8 + self._word_size
        return size + -size % self._unit

    def _packed(self, data: bytes) -> bytes:
        """A block as it is kept in a wide file: compressed where that saves room."""
        packed = zlib.compress(data)
        return packed if self._taken(len(packed)) < self._taken(len(data)) else data

    def data(self, blocks: Sequence[bytes]) -> int:
        """A data tree of these blocks (2.2.2.8.3.2); 0 where there are none."""
        bids = [self._block(block) for block in blocks]
        sizes = [len(block) for block in blocks]
        level = 0
        per = (_BLOCK_MAX - 8) // self._word_size
        while len(bids) > 1:
            level += 1
            above, above_sizes = [], []
            for at in range(0, len(bids), per):
                part, total = bids[at : at + per], sum(sizes[at : at + per])
                head = struct.pack("<BBHL", 1, level, len(part), total)
                above.append(
                    self._block(head + struct.pack(f"<{len(part)}{self._word}", *part), True)
                )
                above_sizes.append(total)
            bids, sizes = above, above_sizes
        return bids[0] if bids else 0

    def subnodes(self, nodes: Mapping[int, Node]) -> int:
        """A subnode tree (2.2.2.8.3.3); 0 where there are none."""
        if not nodes:
            return 0
        word, start = self._word, "<BBH" if self._ansi else "<BBH4x"
        entries = [(nid, struct.pack(f"<3{word}", nid, *nodes[nid])) for nid in sorted(nodes)]
        leaves = []
        for at in range(0, len(entries), 340):
            part = entries[at : at + 340]
            head = struct.pack(start, 2, 0, len(part))
            leaves.append((part[0][0], self._block(head + b"".join(e for _, e in part), True)))
        if len(leaves) == 1:
            return leaves[0][1]
        head = struct.pack(start, 2, 1, len(leaves))
        return self._block(
            head + b"".join(struct.pack(f"<2{word}", *leaf) for leaf in leaves), True
        )

    def _page(self, body: bytes, kind: int) -> tuple[int, int]:
        bid = self._page_bid << 2
        self._page_bid += 1
        at = self._place(self._page_size)
        self._put_page(at, body, kind, bid, _signature(at, bid))
        return bid, at

    def _put_page(self, at: int, body: bytes, kind: int, bid: int, signature: int) -> None:
        checked = (bid, crc(body)) if self._ansi else (crc(body), bid)
        trailer = struct.pack(f"<BBHL{self._word}", kind, kind, signature, *checked)
        trailer += bytes(8) if self.wide else b""
        self._out[at : at + self._page_size] = body + trailer

    def _btree(self, entries: Sequence[tuple[int, bytes]], kind: int) -> tuple[int, int]:
        """A B-tree of pages (2.2.2.7.7); gives BID and offset of its root."""
        size = len(entries[0][1])
        room = 496 if self._ansi else 4056 if self.wide else 488
        level = 0
        rows = list(entries)
        while True:
            per = room // size
            above = []
            for start in range(0, max(1, len(rows)), per):
                part = rows[start : start + per]
                body = b"".join(e for _, e in part).ljust(room, b"\0")
                form = "<BBBB" if self._ansi else "<HHBB10x" if self.wide else "<BBBB4x"
                body += struct.pack(form, len(part), per, size, level)
                bid, at = self._page(body, kind)
                above.append((part[0][0] if part else 0, bid, at))
            if len(above) == 1:
                return above[0][1], above[0][2]
            rows = [(key, struct.pack(f"<3{self._word}", key, bid, at)) for key, bid, at in above]
            size = 3 * self._word_size
            level += 1

    def finish(self) -> bytes:
        """The whole file: trees, maps and the header (2.2.2.6) last."""
        word, pad = self._word, b"" if self._ansi else bytes(4)
        nodes = [
            (nid, struct.pack(f"<3{word}L", nid, data, sub, parent) + pad)
            for nid, data, sub, parent in sorted(self.nodes)
        ]
        nbt = self._btree(nodes, 0x81)
        blocks = []
        for bid, at, size, whole in sorted(self._bbt):
            entry = struct.pack(f"<2{word}H", bid, at, size)
            entry += struct.pack("<HH2x", whole, 2) if self.wide else struct.pack("<H", 2) + pad
            blocks.append((bid, entry))
        bbt = self._btree(blocks, 0x80)
        end, last_map, free, valid = len(self._out), 0, 0, 0
        if not self.wide:
            last = (end - 1 - _AMAP_FIRST) // _AMAP_STEP
            last_map, valid = _AMAP_FIRST + last * _AMAP_STEP, 2
            end = last_map + _AMAP_STEP
            free = self._maps(last, end)
        root = struct.pack(f"<L8{word}BBH", 0, end, last_map, free, 0, *nbt, *bbt, valid, 0, 0)
        types = [0x400] * 32
        types[2], types[4], types[8] = self.folder_index, self.message_index, self.message_index
        page_bid, marks = self._page_bid << 2, (0x80, int(self._encoded))
        if self._ansi:
            head = struct.pack("<HHHBBLL3L32L", 0x4D53, 15, 19, 1, 1, 0, 0, self._bid, page_bid, 1,
                               *types)  # fmt: skip
            head += root + b"\xff" * 256 + struct.pack("<BB", *marks) + bytes(42)
        else:
            kind = (0x4F53, 36, 12) if self.wide else (0x4D53, 23, 19)
            head = struct.pack("<HHHBBLLQQL32LQ", *kind, 1, 1, 0, 0, 0, page_bid, 1, *types, 0)
            head += root + bytes(4) + b"\xff" * 256 + struct.pack("<BBHQ", *marks, 0, self._bid)
        header = b"!BDN" + struct.pack("<L", crc(head[:471])) + head
        if not self._ansi:
            header += struct.pack("<L", crc(head[:516])) + bytes(36)
        self._out[: len(header)] = header
        return bytes(self._out)

    def _maps(self, last: int, end: int) -> int:
        """Write the allocation maps (2.2.2.7.2); gives the free bytes."""
        self._out += bytes(end - len(self._out))
        maps = [bytearray(496) for _ in range(last + 1)]
        used = list(self._used)
        for number in range(last + 1):
            used.append((_AMAP_FIRST + number * _AMAP_STEP, _PAGE * (2 if number % 8 == 0 else 1)))
        for at, size in used:
            number, offset = divmod(at - _AMAP_FIRST, _AMAP_STEP)
            for slot in range(offset // 64, (offset + size) // 64):
                maps[number][slot // 8] |= 0x80 >> slot % 8
        for number, bits in enumerate(maps):
            at = _AMAP_FIRST + number * _AMAP_STEP
            before = bytes(4) if self._ansi else b""
            self._put_page(at, before + bits, 0x84, at, 0)
            if number % 8 == 0:
                self._put_page(at + _PAGE, before + b"\xff" * 496, 0x83, at + _PAGE, 0)
        return sum(8 - byte.bit_count() for bits in maps for byte in bits) * 64
