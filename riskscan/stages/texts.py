"""Texts with a number each, in a temporary file: the names and addresses of a whole case.

In memory are some 26 bytes a text, however long, and a few thousand of those asked for last.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path

_WRITTEN_AT_ONCE = 1 << 16
_RECENT = 1 << 14
_SLOTS = 1 << 10
_READ_AHEAD = 4096  # bytes: neighbours are mostly asked for one after the other


class Stored:
    """Texts in the order of entry, numbered from 0 on.

    The file has no name in ``place`` (None: the system's folder for such files) and ends with this
    object.
    """

    def __init__(self, place: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=place, buffering=0)  # noqa: SIM115
        self._ends = array("q", [0])
        self._waiting = bytearray()
        self._written = 0
        self._block, self._block_start = b"", 0

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, text: str) -> int:
        """Enter a text; returns its number."""
        self._waiting += text.encode("utf-8", "surrogatepass")
        self._ends.append(self._written + len(self._waiting))
        if len(self._waiting) >= _WRITTEN_AT_ONCE:
            self._write()
        return len(self._ends) - 2

    def __getitem__(self, number: int) -> str:
        start, end = self._ends[number], self._ends[number + 1]
        at = start - self._block_start
        if at < 0 or at + end - start > len(self._block):
            if end > self._written:
                self._write()
            self._block, self._block_start, at = self._read(start, end), start, 0
        return self._block[at : at + end - start].decode("utf-8", "surrogatepass")

    def _read(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        data = self._file.read(max(end - start, _READ_AHEAD)) or b""
        while len(data) < end - start:  # the system may give less than was asked for
            more = self._file.read(end - start - len(data))
            if not more:
                raise OSError("a temporary file is shorter than what was written to it")
            data += more
        return data

    def _write(self) -> None:
        self._file.seek(self._written)
        waiting = memoryview(bytes(self._waiting))
        self._written += len(waiting)
        while waiting:
            waiting = waiting[self._file.write(waiting) or 0 :]
        self._waiting.clear()


class Texts:
    """Distinct texts, numbered from 0 in the order in which they are met."""

    def __init__(self, place: Path | None = None) -> None:
        self._stored = Stored(place)
        # Open addressing: of each text the number, at the first free slot from its hash on.
        self._slots = array("i", [-1]) * _SLOTS
        self._hashes = array("q")
        self._recent: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._hashes)

    def __getitem__(self, number: int) -> str:
        return self._stored[number]

    def __iter__(self) -> Iterator[str]:
        return (self[number] for number in range(len(self)))

    def number(self, text: str) -> int:
        """The number of a text, entered when new."""
        known = self._recent.get(text)
        if known is None:
            slot = self._slot(text)
            known = self._slots[slot]
            if known < 0:
                known = self._slots[slot] = self._stored.append(text)
                self._hashes.append(hash(text))
                if len(self._hashes) * 5 > len(self._slots) * 3:
                    self._grow()
            self._remember(text, known)
        return known

    def known(self, text: str) -> int | None:
        """The number of a text, if it has been met."""
        known = self._recent.get(text)
        if known is None:
            known = self._slots[self._slot(text)]
            if known < 0:
                return None
            self._remember(text, known)
        return known

    def _remember(self, text: str, number: int) -> None:
        if len(self._recent) >= _RECENT:
            self._recent.clear()
        self._recent[text] = number

    def _slot(self, text: str) -> int:
        """Where a text stands, or would stand."""
        own, mask = hash(text), len(self._slots) - 1
        at = own & mask
        while (number := self._slots[at]) >= 0:
            if self._hashes[number] == own and self._stored[number] == text:
                break
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        mask = 2 * len(self._slots) - 1
        slots = array("i", [-1]) * (mask + 1)
        for number, own in enumerate(self._hashes):
            at = own & mask
            while slots[at] >= 0:
                at = (at + 1) & mask
            slots[at] = number
        self._slots = slots
