"""Whole numbers in arrays, where a dictionary would take ten times the memory.

How often each of many numbers was met, and which values belong to a key.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

_AT_ONCE = 1 << 17

Numbers = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]


def digest(*texts: str) -> int:
    """A number of 64 bits for some texts; equal texts have equal ones."""
    data = "\0".join((*texts, str(len(texts[0])))).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)


class Counted:
    """How often each number was entered: 12 bytes a distinct one.

    ``most``: as many distinct numbers are counted, those met first.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._waiting = array("q")
        self._numbers: Numbers = np.empty(0, np.int64)
        self._counts: Small = np.empty(0, np.int32)

    def add(self, number: int) -> None:
        """Enter a number once."""
        self._waiting.append(number)
        if len(self._waiting) >= _AT_ONCE:
            self._count()

    def sorted(self) -> tuple[Numbers, Small]:
        """The numbers, ascending, and how often each was entered."""
        self._count()
        return self._numbers, self._counts

    def _count(self) -> None:
        some, first, times = np.unique(
            np.array(self._waiting, np.int64), return_index=True, return_counts=True
        )
        self._waiting = array("q")
        at = np.searchsorted(self._numbers, some)
        there = at < len(self._numbers)
        there[there] = self._numbers[at[there]] == some[there]
        self._counts[at[there]] += times[there].astype(np.int32)
        new = np.flatnonzero(~there)
        room = len(new) if self._most is None else self._most - len(self._numbers)
        if room < len(new):
            new = np.sort(new[np.argsort(first[new])[:room]])
        if len(new):
            self._numbers = np.insert(self._numbers, at[new], some[new])
            self._counts = np.insert(self._counts, at[new], times[new].astype(np.int32))


class Lists:
    """The values of each key, in the order of entry: 12 bytes a value.

    Keys are numbers of 64 bits, values of 32. All are entered before the first is asked for.
    """

    def __init__(self) -> None:
        self._keys, self._values = array("q"), array("i")
        self._sorted: tuple[Numbers, Small] | None = None

    def add(self, key: int, value: int) -> None:
        """Enter a value of a key."""
        self._keys.append(key)
        self._values.append(value)

    def of(self, key: int) -> list[int]:
        """The values of a key."""
        keys, values = self._ordered()
        start = int(np.searchsorted(keys, key))
        if start == len(keys) or keys[start] != key:
            return []
        found: list[int] = values[start : int(np.searchsorted(keys, key, side="right"))].tolist()
        return found

    def several(self) -> Iterator[list[int]]:
        """The values of each key that has more than one, by the place of entry of the first."""
        keys, values = np.array(self._keys, np.int64), np.array(self._values, np.int32)
        order = np.argsort(keys, kind="stable").astype(np.int32)
        keys = keys[order]
        opens = np.ones(len(keys), bool)
        opens[1:] = keys[1:] != keys[:-1]
        starts = np.append(np.flatnonzero(opens), len(keys))
        chosen = np.flatnonzero(np.diff(starts) > 1)
        for i in chosen[np.argsort(order[starts[chosen]])].tolist():
            yield values[order[starts[i] : starts[i + 1]]].tolist()

    def _ordered(self) -> tuple[Numbers, Small]:
        if self._sorted is None:
            keys, values = np.array(self._keys, np.int64), np.array(self._values, np.int32)
            self._keys, self._values = array("q"), array("i")
            order = np.argsort(keys, kind="stable")
            self._sorted = keys[order], values[order]
        return self._sorted
