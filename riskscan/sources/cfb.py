"""Compound files (MS-CFB, "OLE"): the tree of storages and the bytes of streams.

Every entry and every sector of a chain is met once: time and memory are linear in the file,
whatever it says, and what is left of a stream that is cut off is given.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from riskscan.sources.item import MIB, LimitError, SourceError

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")
_NONE = 0xFFFFFFFF
_END = 0xFFFFFFFE
_LAST = 0xFFFFFFFA  # the last number that a sector may have
_HEADER_FAT = 109  # sectors of the FAT that the header itself names


class CfbError(SourceError):
    """Bytes are no compound file, or it cannot be read on; the message says why."""


@dataclass(slots=True)
class Node:
    """A storage or a stream; the children of a storage by their name in lower case."""

    name: str
    is_stream: bool
    start: int
    size: int
    children: dict[str, Node] = field(default_factory=dict)

    def storages(self, prefix: str) -> list[Node]:
        """The storages whose lower-case name starts so, by name."""
        found = [k for k, n in self.children.items() if k.startswith(prefix) and not n.is_stream]
        return [self.children[key] for key in sorted(found)]


class CompoundFile:
    """A compound file in memory. Raises CfbError when there is no directory to be read.

    ``sector`` is the size of its sectors in bytes, ``fat`` and ``mini_fat`` say which sector
    follows on each. ``faults`` says in words what is wrong with its tables and its directory;
    ``cfb_checks.faults`` compares them with each other.
    """

    def __init__(self, data: bytes) -> None:
        if data[:8] != MAGIC or len(data) < 512:
            raise CfbError("no compound (OLE) file")
        self._data = data
        self.faults: list[str] = []
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise CfbError("a compound file with sectors of a size that there is not")
        self.sector = 1 << shift
        self._sectors = max(0, -(-len(data) // self.sector) - 1)
        self.directory, _, self.cutoff = struct.unpack_from("<III", data, 48)
        (self.first_mini_fat,) = struct.unpack_from("<I", data, 60)
        self._left = 2 * len(data) + MIB
        self.tables: list[int] = []
        self.fat = self._read_fat()
        self.mini_fat = self._numbers(self._chain(self.first_mini_fat, self.fat, self._sectors))
        self._mini: bytes | None = None
        chain = self._chain(self.directory, self.fat, self._sectors)
        self.root = self._read_tree(self._join(chain))

    def read(self, node: Node) -> tuple[bytes, bool]:
        """The bytes of a stream, as many as there are, and whether that is all.

        Raises LimitError when streams share their bytes, so that together they are more than
        the file.
        """
        size = node.size
        if size == 0:
            return b"", True
        if size < self.cutoff:
            return self._read_mini(node)
        wanted = -(-size // self.sector)
        chain = self._chain(node.start, self.fat, min(wanted, self._sectors))
        data = self._join(chain)[:size]
        return data, len(data) == size

    def _read_mini(self, node: Node) -> tuple[bytes, bool]:
        if self._mini is None:
            chain = self._chain(self.root.start, self.fat, self._sectors)
            self._mini = self._join(chain)
        mini = self._mini
        wanted = min(-(-node.size // 64), len(self.mini_fat))
        chain = self._chain(node.start, self.mini_fat, wanted)
        self._spend(64 * len(chain))
        data = b"".join([mini[at * 64 : at * 64 + 64] for at in chain])[: node.size]
        return data, len(data) == node.size

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise LimitError("the streams of the compound file are more than the file")

    def _chain(self, start: int, table: Sequence[int], most: int) -> list[int]:
        """The sectors from ``start`` on."""
        chain: list[int] = []
        at = start
        while at < len(table) and len(chain) < most:
            chain.append(at)
            at = table[at]
        return chain

    def _join(self, chain: list[int]) -> bytes:
        size, data = self.sector, self._data
        self._spend(size * len(chain))
        return b"".join([data[(at + 1) * size : (at + 2) * size] for at in chain])

    def _numbers(self, chain: list[int]) -> Sequence[int]:
        data = self._join(chain)
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _read_fat(self) -> Sequence[int]:
        """The sector allocation table, by MS-CFB sections 2.3 and 2.5."""
        listed = list(struct.unpack_from(f"<{_HEADER_FAT}I", self._data, 76))
        (said,) = struct.unpack_from("<I", self._data, 44)
        at, further = struct.unpack_from("<II", self._data, 68)
        seen: dict[int, None] = {}
        while at < self._sectors and at not in seen:
            seen[at] = None
            numbers = self._numbers([at])
            listed += numbers[:-1]
            at = numbers[-1] if numbers else _END
        known = dict.fromkeys(n for n in listed if n < self._sectors)
        self.tables = [*known, *seen]
        if (said, further) != (len(known), len(seen)):
            self.faults.append(f"{len(known)} of the {said} sectors of its table are there")
        fat: list[int] = []
        for number in known:
            numbers = self._numbers([number])
            fat += numbers
            # A last sector that is cut off must not move those after it.
            fat += [_NONE] * (self.sector // 4 - len(numbers))
        # Outlook marks sectors of the table itself behind the end of a large file.
        if beyond := sum(one <= _LAST or one == _END for one in fat[self._sectors :]):
            self.faults.append(f"it is cut off: {beyond:,} of its sectors are missing")
        return fat[: self._sectors]

    def _read_tree(self, directory: bytes) -> Node:
        entries = [_entry(directory, at) for at in range(0, len(directory) - 127, 128)]
        odd = sum(directory[128 * at + 66] > _ROOT for at in range(len(entries)))
        if not entries or entries[0] is None or entries[0].kind != _ROOT:
            raise CfbError("the directory of the compound file is missing or damaged")
        first = entries[0]
        root = Node(first.name, False, first.start, first.size)
        seen = bytearray(len(entries))
        seen[0] = 1
        # The children of a storage are a binary tree of their own: left, right and child.
        waiting = [(root, first.child)]
        astray = again = 0
        while waiting:
            parent, index = waiting.pop()
            if index == _NONE:
                continue
            entry = entries[index] if index < len(entries) and not seen[index] else None
            if entry is None:
                astray += 1
                continue
            seen[index] = 1
            node = Node(entry.name, entry.kind == _STREAM, entry.start, self._size_of(entry))
            again += parent.children.setdefault(entry.name.lower(), node) is not node
            waiting += [(parent, entry.left), (parent, entry.right)]
            if entry.kind == _STORAGE:
                waiting.append((node, entry.child))
        unplaced = sum(e is not None and not s for e, s in zip(entries, seen, strict=True))
        for count, what in (
            (unplaced, "belong to nothing"),
            (astray, "are named and not there"),
            (again, "have the name of another"),
            (odd, "are of a kind that there is not"),
        ):
            if count:
                self.faults.append(f"{count} entries of the file's directory {what}")
        return root

    def _size_of(self, entry: _Entry) -> int:
        # In files of version 3 the upper half may hold anything (MS-CFB section 2.6.1).
        return entry.size & _NONE if self.sector == 512 else entry.size


@dataclass(slots=True, frozen=True)
class _Entry:
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


def _entry(directory: bytes, at: int) -> _Entry | None:
    """A directory entry (MS-CFB section 2.6.1), None for what is not used."""
    name, length, kind, _, left, right, child, *_, start, size = _ENTRY.unpack_from(directory, at)
    if kind not in (_STORAGE, _STREAM, _ROOT):
        return None
    text = name[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return _Entry(text, kind, left, right, child, start, size)


_MSG_CLASS = bytes.fromhex("0b0d020000000000c000000000000046")
_MSG_NAMES = tuple(
    name.encode("utf-16-le")
    for name in ("__properties_v", "__substg1.0_", "__nameid_v", "__recip_v", "__attach_v")
)


def directory_end(head: bytes) -> int:
    """Up to where a compound file must be read to see its first directory sector (0: not one)."""
    if head[:8] != MAGIC or len(head) < 52:
        return 0
    (shift,) = struct.unpack_from("<H", head, 30)
    (number,) = struct.unpack_from("<I", head, 48)
    return (number + 2) << shift if shift in (9, 12) else 0


def is_msg(head: bytes) -> bool:
    """Whether the first directory sector at the end of ``head`` is that of an Outlook .msg."""
    end = directory_end(head)
    size = 4096 if end % 4096 == 0 and head[30:32] == b"\x0c\x00" else 512
    sector = head[end - size : end] if end else b""
    if sector[80:96] == _MSG_CLASS:
        return True
    entries = (sector[at : at + 64] for at in range(128, len(sector), 128))
    return any(name.startswith(_MSG_NAMES) for name in entries)
