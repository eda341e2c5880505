"""Whether the tables, the directory and the streams of a compound file (MS-CFB) agree.

The format has no checksums. But each sector belongs to one stream, whose chain is as long as the
stream and has an end: damage of a table or of the directory shows there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskscan.sources.cfb import CompoundFile, Node

_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF
_MINI = 64  # bytes of a sector of the mini stream


def faults(file: CompoundFile) -> list[str]:
    """What is damaged in a file, in words; [] where all of it agrees. Linear in the file."""
    return list(dict.fromkeys([*file.faults, *_of_chains(file)]))


def _of_chains(file: CompoundFile) -> Iterator[str]:
    large, small = _Table(file.fat), _Table(file.mini_fat)
    for number in file.tables:
        large.take(number)
    for start, what in ((file.directory, "directory"), (file.first_mini_fat, "small table")):
        if start < _END and not large.follow(start):
            yield f"the chain of its {what} is broken"
    root = file.root
    if root.size and large.follow(root.start) < -(-root.size // file.sector):
        yield "the chain of its small streams is broken"
    broken = 0
    for node in _streams(root):
        table, size = (small, _MINI) if node.size < file.cutoff else (large, file.sector)
        wanted = -(-node.size // size)
        broken += wanted > 0 and table.follow(node.start) != wanted
    if broken:
        yield f"the chains of {broken} streams are broken"
    for table, end, what in (
        (large, len(file.fat), "sectors"),
        (small, root.size // _MINI, "small sectors"),
    ):
        if left := table.left(end):
            yield f"{left:,} {what} belong to nothing"


def _streams(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        for node in waiting.pop().children.values():
            if node.is_stream:
                yield node
            else:
                waiting.append(node)


class _Table:
    """A table of sectors; each of them is taken once."""

    def __init__(self, following: Sequence[int]) -> None:
        self._following = following
        self._taken = bytearray(len(following))

    def take(self, number: int) -> None:
        """Mark one sector."""
        if number < len(self._taken):
            self._taken[number] = 1

    def follow(self, start: int) -> int:
        """How many sectors the chain from ``start`` on has; 0 where it has no end."""
        following, taken = self._following, self._taken
        at, count = start, 0
        while at < len(following) and not taken[at]:
            taken[at] = 1
            count += 1
            at = following[at]
        return count if at == _END else 0

    def left(self, end: int) -> int:
        """How many sectors before ``end`` are in use and were not taken."""
        pairs = zip(self._following[:end], self._taken[:end], strict=True)
        return sum(following != _FREE and not taken for following, taken in pairs)
