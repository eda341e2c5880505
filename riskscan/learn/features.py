"""Texts as the learner of a review sees them: the classifier's features, in temporary files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from riskscan.detect.features import N_FEATURES, N_SUBWORDS, Hasher, weighted
from riskscan.detect.reading import Read
from riskscan.mapped import Mapped

_READ_AT_ONCE = 500
_ROWS = 5_000
_LONGEST_TEXT = 40_000
_IN_MEMORY = 16 * 2**20
_COLUMNS = (N_FEATURES, N_SUBWORDS)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Features:
    """The features of texts, shape (texts, features), every row of length 1 or empty.

    Some 6 KB a text of mail. They lie in temporary files without a name: memory holds those of a
    few thousand texts.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            self._join(_Raw(texts, file))

    @property
    def shape(self) -> tuple[int, int]:
        """How many texts, and how many features."""
        return len(self._starts) - 1, sum(_COLUMNS)

    def rows(self, numbers: Ints) -> csr_matrix:
        """The features of these texts."""
        made = self._matrix[numbers]
        self._release()
        return made

    def products(self, weights: Floats) -> Floats:
        """The product of each text's features with ``weights``, shape (texts,)."""
        found = [np.zeros(0)]
        for at in range(0, self.shape[0], _ROWS):
            found.append(self._matrix[at : at + _ROWS] @ weights)
            self._release()
        return np.concatenate(found)

    def _join(self, raw: _Raw) -> None:
        """One weighted matrix out of words and subwords."""
        frequencies = [raw.inverse_frequency(kind) for kind in (0, 1)]
        number: type[np.signedinteger[Any]] = np.int32 if raw.size < 2**31 else np.int64
        self._values = Mapped(np.float32, (raw.size,))
        self._columns = Mapped(number, (raw.size,))
        self._starts = np.zeros(raw.count + 1, number)
        at = row = 0
        for both in raw.parts():
            halves = [
                weighted(matrix, frequency) * np.float32(np.sqrt(0.5))
                for matrix, frequency in zip(both, frequencies, strict=True)
            ]
            made = csr_matrix(hstack(halves, format="csr"))
            self._values.array[at : at + made.nnz] = made.data
            self._columns.array[at : at + made.nnz] = made.indices
            self._starts[row + 1 : row + 1 + made.shape[0]] = made.indptr[1:] + at
            at, row = at + made.nnz, row + made.shape[0]
            self._release()
        stored = (self._values.array, self._columns.array, self._starts)
        self._matrix = csr_matrix(stored, shape=self.shape)

    def _release(self) -> None:
        self._values.release()
        self._columns.release()


class _Raw:
    """Words and subwords of texts as they are counted, in a file, some hundred texts at a time."""

    def __init__(self, texts: Iterable[str], file: IO[bytes]) -> None:
        self.count = self.size = 0
        self._file = file
        self._present = [np.zeros(columns, np.int64) for columns in _COLUMNS]
        self._sizes: list[tuple[int, tuple[int, int]]] = []
        hasher, some = Hasher(), list[str]()
        for text in texts:
            some.append(text[:_LONGEST_TEXT])
            if len(some) == _READ_AT_ONCE:
                self._add(some, hasher)
                some = []
        if some:
            self._add(some, hasher)

    def _add(self, texts: list[str], hasher: Hasher) -> None:
        done = Read(texts, hasher)
        both = (done.words, done.subwords)
        for matrix, present in zip(both, self._present, strict=True):
            present += np.bincount(matrix.indices, minlength=len(present))
            self._file.write(matrix.indptr.astype(np.int32).tobytes())
            self._file.write(matrix.indices.astype(np.int32).tobytes())
            self._file.write(matrix.data.astype(np.float32).tobytes())
        self._sizes.append((len(texts), (done.words.nnz, done.subwords.nnz)))
        self.count += len(texts)
        self.size += done.words.nnz + done.subwords.nnz

    def inverse_frequency(self, kind: int) -> NDArray[np.float32]:
        """The classifier's, of words (0) or subwords (1)."""
        present = self._present[kind]
        return np.log((1 + self.count) / (1 + present)).astype(np.float32) + np.float32(1)

    def parts(self) -> Iterator[list[csr_matrix]]:
        """Words and subwords of one lot of texts after the other."""
        self._file.seek(0)
        for rows, sizes in self._sizes:
            both = []
            for size, columns in zip(sizes, _COLUMNS, strict=True):
                starts = self._array(np.int32, rows + 1)
                indices, data = self._array(np.int32, size), self._array(np.float32, size)
                both.append(csr_matrix((data, indices, starts), shape=(rows, columns)))
            yield both

    def _array(self, kind: type[np.int32] | type[np.float32], size: int) -> NDArray[np.generic]:
        return np.frombuffer(self._file.read(size * np.dtype(kind).itemsize), kind)
