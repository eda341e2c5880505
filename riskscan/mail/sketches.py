"""Sketches of texts on disk: signatures and shingles, and which texts are in one bucket.

What ``near.py`` compares. Memory holds some thousands of texts at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from riskscan.mail.shingles import Numbers, paired
from riskscan.mapped import (
    PART,
    Columns,
    Grown,
    Mapped,
    parts_of,
    release,
    slices,
    splits_of,
)

BANDS, _ROWS = 24, 4
PERMUTATIONS = BANDS * _ROWS
DIGEST = 16
_KEY_BITS = 40
_MOST_SHINGLES = (1 << 64 - _KEY_BITS) - 1
_SOME = 1_000

Indices = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]


class Sketched(NamedTuple):
    """Some texts as grouping sees them, to be made in any process.

    By text: its key, its number of words, a digest of them. Then, of those that are to be compared
    (``which``, places here): the number of their shingles, these, sorted, and the signature.
    """

    keys: Indices
    sizes: Places
    digests: bytes
    which: Indices
    counts: Indices
    shingles: Numbers
    signatures: npt.NDArray[np.uint32]


class Sketches:
    """Sketches in the order of entry. ``keys`` and ``sizes`` are there after ``first``."""

    def __init__(self, place: Path | None) -> None:
        self.place = place
        self.number = 0
        self._keys, self._sizes = Grown(np.int64, 1, place), Grown(np.int32, 1, place)
        self._digests = Grown(np.uint64, 2, place)
        # Of each text that has a sketch its place among all, and the number of its shingles.
        self._texts, self._counts = Grown(np.int32, 1, place), Grown(np.int32, 1, place)
        self._shingles, self._signatures = _temporary(place), _temporary(place)

    def __enter__(self) -> Sketches:
        return self

    def __exit__(self, *_: object) -> None:
        self._shingles.close()
        self._signatures.close()

    def add(self, some: Sketched) -> None:
        """Enter the next texts."""
        self._texts.add(some.which + self.number)
        self._counts.add(some.counts)
        self._shingles.write(some.shingles.tobytes())
        self._signatures.write(some.signatures.tobytes())
        self._keys.add(some.keys)
        self._sizes.add(some.sizes)
        self._digests.add(np.frombuffer(some.digests, np.uint64).reshape(-1, 2))
        self.number += len(some.keys)

    def first(self) -> Mapped[np.int32]:
        """Of each text the place of the one with equal words and the least key, once all are in."""
        self.keys, self.sizes = self._keys.mapped(), self._sizes.mapped()
        digests = self._digests.mapped()

        def rows() -> Iterator[Columns]:
            for at in slices(self.number):
                halves = digests.array[at]
                places = np.arange(at.start, at.stop, dtype=np.int32)
                yield halves[:, 0].copy(), halves[:, 1].copy(), self.keys.array[at], places
                release(digests, self.keys)

        first = Mapped(np.int32, (self.number,), self.place)
        splits = splits_of((some[0] for some in rows()), self.number)
        for part in parts_of(rows, splits, self.place):
            _first_of(part, first)
        return first

    def ordered(self, first: Mapped[np.int32]) -> Ordered:
        """The texts that are to be compared, the longest first, of equal length by key."""
        texts, counts = self._texts.mapped(), self._counts.mapped()

        def rows() -> Iterator[Columns]:
            start = 0
            for at in slices(len(texts.array)):
                places, sizes = texts.array[at], counts.array[at].astype(np.int64)
                starts = start + np.cumsum(sizes) - sizes
                start += int(sizes.sum())
                which = np.flatnonzero(first.array[places] == places)
                keys = self.keys.array[places[which]]
                release(texts, counts, first, self.keys)
                yield (
                    _longest_first(sizes[which], keys), keys, sizes[which].astype(np.int32),
                    places[which], which + at.start, starts[which],
                )  # fmt: skip

        number = sum(len(some[0]) for some in rows())
        made = Ordered(number, self._shingles, self.place)
        splits = splits_of((some[0] for some in rows()), number)
        for _, keys, sizes, places, which, starts in parts_of(rows, splits, self.place):
            by = np.lexsort((keys, -sizes))
            for at in range(0, len(by), _SOME):
                some = by[at : at + _SOME]
                signatures = self._read(which[some])
                made.add(places[some], sizes[some], starts[some], signatures)
        made.finish()
        return made

    def _read(self, which: Indices) -> npt.NDArray[np.uint32]:
        size = PERMUTATIONS * 4
        data = bytearray()
        for number in which.tolist():
            self._signatures.seek(number * size)
            data += self._signatures.read(size)
        return np.frombuffer(data, np.uint32).reshape(-1, PERMUTATIONS)


def _first_of(part: Columns, first: Mapped[np.int32]) -> None:
    """Enter the place of the least key of equal digests, for a part of the texts."""
    ones, others, keys, places = part
    if len(ones) > 2 * PART and _all_equal(ones) and _all_equal(others):
        least = min(
            (int(keys[at].min()), int(places[at][keys[at].argmin()])) for at in slices(len(keys))
        )[1]
        for at in slices(len(places)):
            first.array[places[at]] = least
            first.release()
        return
    order = np.lexsort((keys, others, ones))
    opens = np.ones(len(order), dtype=bool)
    for half in (ones, others):
        column = half[order]
        opens[1:] &= column[1:] == column[:-1]
    opens[1:] = ~opens[1:]
    heads = np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))
    found = np.empty(len(order), np.int32)
    found[order] = places[order[heads]]
    for at in slices(len(places)):
        first.array[places[at]] = found[at]
        first.release()


def _all_equal(values: npt.NDArray[Any]) -> bool:
    return all(bool((values[at] == values[0]).all()) for at in slices(len(values)))


def unsigned(keys: Indices) -> npt.NDArray[np.uint64]:
    """Numbers in the same order, from 0 on."""
    return keys.view(np.uint64) ^ np.uint64(1 << 63)


def _longest_first(counts: Indices, keys: Indices) -> npt.NDArray[np.uint64]:
    """A number for each text by which they are roughly in order: equal where it does not tell."""
    short = np.clip(keys, 0, (1 << _KEY_BITS) - 1).astype(np.uint64)
    length = (_MOST_SHINGLES - np.clip(counts, 0, _MOST_SHINGLES)).astype(np.uint64)
    return length << np.uint64(_KEY_BITS) | short


class Ordered:
    """Texts in the order in which they are grouped: ``places`` among all, ``counts`` of shingles
    and their ``starts``, ``signatures``, and ``before``: the one before it in each of its buckets,
    -1 where there is none."""

    def __init__(self, number: int, shingles: IO[bytes], place: Path | None) -> None:
        self.place, self._shingles, self._number = place, shingles, 0
        self.places = Mapped(np.int32, (number,), place)
        self.counts = Mapped(np.int32, (number,), place)
        self.starts = Mapped(np.int64, (number,), place)
        self.signatures = Mapped(np.uint32, (number, PERMUTATIONS), place)
        self.before = Mapped(np.int32, (number, BANDS), place)
        # A number for the rows of each band: texts of equal ones are in one bucket.
        self._buckets = Mapped(np.uint64, (BANDS, number), place)

    def add(
        self, places: Places, counts: Places, starts: Indices, signatures: npt.NDArray[np.uint32]
    ) -> None:
        """Enter the next texts."""
        at = slice(self._number, self._number + len(places))
        self.places.array[at], self.counts.array[at] = places, counts
        self.starts.array[at], self.signatures.array[at] = starts, signatures
        halves = signatures.view(np.uint64).reshape(len(places), BANDS, _ROWS // 2)
        self._buckets.array[:, at] = paired(halves[:, :, 0], halves[:, :, 1]).T
        self._number = at.stop
        release(self.places, self.counts, self.starts, self.signatures, self._buckets)

    def finish(self) -> None:
        """Find what is in one bucket, once all are in."""
        before = Mapped(np.int32, (BANDS, self._number), self.place)
        for band, own in enumerate(before.array):
            _before(self._buckets, band, own, before)
        del self._buckets
        for at in slices(self._number):
            self.before.array[at] = before.array[:, at].T
            release(self.before, before)

    def shingles_of(self, number: int) -> Numbers:
        """The shingles of a text, sorted."""
        self._shingles.seek(int(self.starts.array[number]) * 8)
        size = int(self.counts.array[number]) * 8
        return np.frombuffer(self._shingles.read(size), dtype=np.uint64)


def _before(buckets: Mapped[np.uint64], band: int, own: Places, before: Mapped[np.int32]) -> None:
    """Enter for each text of a band the one before it in its bucket; ``own`` is in ``before``."""

    def rows() -> Iterator[Columns]:
        for at in slices(len(own)):
            yield buckets.array[band, at], np.arange(at.start, at.stop, dtype=np.int32)
            buckets.release()

    splits = splits_of((some[0] for some in rows()), len(own))
    for values, places in parts_of(rows, splits, buckets.place):
        if len(values) > 2 * PART and _all_equal(values):
            last = -1
            for at in slices(len(places)):
                some = places[at]
                own[some] = np.append(np.int32(last), some[:-1])
                last = int(some[-1])
                before.release()
            continue
        by_bucket = np.argsort(values, kind="stable")
        same = values[by_bucket[1:]] == values[by_bucket[:-1]]
        found = np.full(len(places), -1, np.int32)
        found[by_bucket[1:][same]] = places[by_bucket[:-1][same]]
        for at in slices(len(places)):
            own[places[at]] = found[at]
            before.release()


def _temporary(place: Path | None) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=place)
