"""Arrays that are larger than what a process should hold: they lie in temporary files."""

from __future__ import annotations

import math
import mmap
import tempfile
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

Kind = TypeVar("Kind", bound=np.generic)


class Mapped(Generic[Kind]):
    """An array in an unnamed temporary file.

    ``kind``: its NumPy type; ``place``: the folder of the file, by default the system's.
    """

    def __init__(self, kind: type[Kind], shape: tuple[int, ...], place: Path | None = None) -> None:
        size = math.prod(shape) * np.dtype(kind).itemsize
        with tempfile.TemporaryFile(dir=place) as file:
            # A file of no bytes cannot be mapped.
            file.truncate(max(size, 1))
            self._map = mmap.mmap(file.fileno(), 0)
        flat = np.frombuffer(self._map, dtype=kind, count=math.prod(shape))
        self.array: npt.NDArray[Kind] = flat.reshape(shape)

    def release(self) -> None:
        """Leave it to the system what of the array it keeps in memory."""
        if hasattr(mmap, "MADV_DONTNEED"):
            # The mapping is shared: what was written is in the file, or on its way there.
            self._map.madvise(mmap.MADV_DONTNEED)
