"""Records of whole numbers in a temporary file: entered one by one, read back in large parts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

_AT_ONCE = 1 << 15
_IN_MEMORY = 8 * 2**20

Column = npt.NDArray[np.int64]


class Records:
    """Records of one number for each letter of ``kinds`` (the type codes of NumPy).

    The file has no name in ``place`` (None: the system's folder for such files) and ends with this
    object; a few records are in memory only.
    """

    def __init__(self, kinds: str, place: Path | None = None) -> None:
        self._kinds = kinds
        self._waiting: list[tuple[int, ...]] = []
        self._sizes: list[int] = []
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            _IN_MEMORY, dir=None if place is None else str(place)
        )

    def add(self, *numbers: int) -> None:
        """Enter a record."""
        self._waiting.append(numbers)
        if len(self._waiting) >= _AT_ONCE:
            self._write()

    def _write(self) -> None:
        self._file.seek(0, 2)
        self._sizes.append(len(self._waiting))
        for kind, column in zip(self._kinds, np.array(self._waiting, np.int64).T, strict=True):
            self._file.write(column.astype(kind).tobytes())
        self._waiting.clear()

    def parts(self) -> Iterator[tuple[Column, ...]]:
        """All records in the order of entry, some at once, as one array a column.

        As often as one likes, one reader at a time.
        """
        if self._waiting:
            self._write()
        place = 0
        for size in self._sizes:
            self._file.seek(place)
            columns = []
            for kind in self._kinds:
                data = self._file.read(size * np.dtype(kind).itemsize)
                columns.append(np.frombuffer(data, kind).astype(np.int64))
                place += len(data)
            yield tuple(columns)
