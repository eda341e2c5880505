"""Arrays that are larger than what a process should hold: they lie in temporary files.

Rows of them are brought together by value in parts that memory has room for (``parts_of``).
"""

from __future__ import annotations

import math
import mmap
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Kind = TypeVar("Kind", bound=np.generic)
Columns = tuple[npt.NDArray[Any], ...]
Values = npt.NDArray[np.uint64]

PART = 1 << 17
"""Rows of a part, about."""
_SAMPLED = 1 << 14
_AT_ONCE = 1 << 14
_NO_FILE = 2**18  # bytes: a smaller array is in memory


class Mapped(Generic[Kind]):
    """An array in an unnamed temporary file, if it is not small.

    ``kind``: its NumPy type; ``place``: the folder of the file, by default the system's.
    """

    def __init__(self, kind: type[Kind], shape: tuple[int, ...], place: Path | None = None) -> None:
        self.place = place
        size = math.prod(shape) * np.dtype(kind).itemsize
        self._map: mmap.mmap | None = None
        if size <= _NO_FILE:
            self.array: npt.NDArray[Kind] = np.zeros(shape, kind)
            return
        with tempfile.TemporaryFile(dir=place) as file:
            file.truncate(size)
            self._of(file, kind, shape)

    def _of(self, file: IO[bytes], kind: type[Kind], shape: tuple[int, ...]) -> None:
        self._map = mmap.mmap(file.fileno(), 0)
        flat = np.frombuffer(self._map, dtype=kind, count=math.prod(shape))
        self.array = flat.reshape(shape)

    def release(self) -> None:
        """Leave it to the system what of the array it keeps in memory."""
        if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
            # The mapping is shared: what was written is in the file, or on its way there.
            self._map.madvise(mmap.MADV_DONTNEED)


class Grown(Generic[Kind]):
    """Rows of ``width`` numbers that are entered one lot after the other, in a temporary file."""

    def __init__(self, kind: type[Kind], width: int = 1, place: Path | None = None) -> None:
        self._kind, self._width, self._place = kind, width, place
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            _NO_FILE, dir=None if place is None else str(place)
        )
        self._number = 0

    def add(self, rows: npt.NDArray[Any]) -> None:
        """Enter rows, after those that are there."""
        self._file.write(rows.astype(self._kind, copy=False).tobytes())
        self._number += len(rows)

    def mapped(self) -> Mapped[Kind]:
        """All of them, when there will be no more: one number or one array a row."""
        shape = (self._number,) if self._width == 1 else (self._number, self._width)
        size = self._number * self._width * np.dtype(self._kind).itemsize
        made = Mapped(self._kind, (0,), self._place)
        if size <= _NO_FILE:
            self._file.seek(0)
            data = bytearray(self._file.read())
            made.array = np.frombuffer(data, self._kind).reshape(shape)
        else:
            self._file.flush()
            made._of(self._file, self._kind, shape)
        self._file.close()
        return made


def slices(number: int) -> Iterator[slice]:
    """``number`` rows in their order, some at once."""
    for start in range(0, number, _AT_ONCE):
        yield slice(start, min(start + _AT_ONCE, number))


def release(*several: Mapped[Any]) -> None:
    """``Mapped.release`` of several arrays."""
    for mapped in several:
        mapped.release()


def splits_of(values: Iterable[Values], number: int) -> Values:
    """Where to split ``number`` values, by a sample, so that parts have about ``PART`` of them.

    A value that would fill parts by itself gets one of its own.
    """
    parts = number // PART + 1
    if parts == 1:
        return np.empty(0, np.uint64)
    step = max(1, number // _SAMPLED)
    sample = np.sort(np.concatenate([some[::step] for some in values]))
    chosen = sample[np.linspace(0, len(sample) - 1, parts + 1).astype(np.int64)[1:-1]]
    several = chosen[1:][chosen[1:] == chosen[:-1]]
    after = several[several < np.iinfo(np.uint64).max] + np.uint64(1)
    return np.unique(np.concatenate([chosen, after]))


def parts_of(
    rows: Callable[[], Iterable[Columns]], splits: Values, place: Path | None = None
) -> Iterator[Columns]:
    """Rows in parts: of the first columns' values under the first of ``splits``, and so on.

    ``rows`` gives them some thousands at once, twice; within a part they stay in that order. The
    arrays of a part are good until the next one.
    """
    sizes = np.zeros(len(splits) + 1, np.int64)
    kinds: list[Any] = []
    for some in rows():
        kinds = [column.dtype.type for column in some]
        sizes += np.bincount(_numbers(splits, some[0]), minlength=len(sizes))
    if len(splits) == 0 and kinds:
        yield tuple(np.concatenate(column) for column in zip(*rows(), strict=True))
        return
    made = [Mapped(kind, (int(sizes.sum()),), place) for kind in kinds]
    free = np.cumsum(sizes) - sizes
    for some in rows():
        part = _numbers(splits, some[0])
        order = np.argsort(part, kind="stable")
        here = np.bincount(part, minlength=len(sizes))
        to = np.arange(len(part)) + np.repeat(free - (np.cumsum(here) - here), here)
        for column, mapped in zip(some, made, strict=True):
            mapped.array[to] = column[order]
            mapped.release()
        free += here
    start = 0
    for size in sizes.tolist():
        if size:
            yield tuple(mapped.array[start : start + size] for mapped in made)
            for mapped in made:
                mapped.release()
        start += size


def _numbers(splits: Values, values: Values) -> npt.NDArray[np.uint16]:
    return np.searchsorted(splits, values, side="right").astype(np.uint16)
