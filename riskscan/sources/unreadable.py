"""Parts of one file, side by side, that cannot be read: told as one, so that damage is no flood."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import NamedTuple

RUN_MAX = 100_000
"""Parts that are told as one."""
_REASONS_MAX = 5


class Unreadable(NamedTuple):
    """A run: its first and last part, and what is told of all.

    ``size`` is in bytes. ``sha256`` is that of the part or, of several, of their own hashes, each
    on a line of its own; "" where one of them has none.
    """

    first: str
    last: str
    reason: str
    size: int
    sha256: str

    @property
    def named(self) -> str:
        """``4``, or ``4-9``."""
        return self.first if self.first == self.last else f"{self.first}-{self.last}"


class Run:
    """The run under way; ``what`` its parts are called, as ``rows``."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._clear()

    def _clear(self) -> None:
        self.count = 0
        self._first = self._last = self._sha256 = ""
        self._size = 0
        self._hashed = True
        self._digest = hashlib.sha256()
        self._reasons: Counter[str] = Counter()

    @property
    def full(self) -> bool:
        """Whether it has as many parts as are told as one."""
        return self.count >= RUN_MAX

    def add(self, part: str, reason: str, size: int, sha256: str) -> None:
        """The next part, by its number in the file."""
        if not self.count:
            self._first, self._sha256 = part, sha256
        self._last = part
        self.count += 1
        self._size += size
        self._hashed = self._hashed and bool(sha256)
        self._digest.update(f"{sha256}\n".encode())
        known = reason in self._reasons or len(self._reasons) < _REASONS_MAX
        self._reasons[reason if known else "other reasons"] += 1

    def take(self) -> Unreadable:
        """What is told of the run; another one begins."""
        told = self._told()
        self._clear()
        return told

    def _told(self) -> Unreadable:
        if self.count == 1:
            (reason,) = self._reasons
            return Unreadable(self._first, self._last, reason, self._size, self._sha256)
        found = self._reasons.items()
        why = "; ".join(f"{r} ({n:,})" if len(found) > 1 else r for r, n in found)
        digest = self._digest.hexdigest() if self._hashed else ""
        reason = f"{self.count:,} {self._what} that cannot be read: {why}"
        return Unreadable(self._first, self._last, reason, self._size, digest)
