"""Near-duplicates: which texts say nearly the same, by MinHash over word shingles.

The similarity of two texts is the Jaccard index of their shingles: what they have in common, of
all that either has. Shingles are the words and the pairs of neighbouring words, each occurrence
for itself. Changing, adding or taking out one word in ten, anywhere, leaves a similarity of 0.72
or more; moving a passage changes its borders only.

MinHash signatures (Broder 1997) by bands only propose pairs; a pair is joined after its similarity
was computed from the shingles themselves. Groups form around a principal, the longest text, as in
the review platforms: every member is similar to its principal, and nothing is joined by way of a
third. Texts under nine words are grouped when their words are equal, as are those beyond five
million characters.

Work and memory stay in proportion to the texts: words, shingles and signatures lie in unnamed
temporary files, half a kilobyte and 24 bytes a word for each text; in memory are some 60 bytes a
text.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from riskscan.mail.shingles import Numbers, paired, shingles, word_numbers

THRESHOLD = 0.7
"""The least similarity of a member to its principal."""
LEAST_WORDS = 9
LONGEST = 5_000_000  # characters
_BANDS, _ROWS = 24, 4
_PERMUTATIONS = _BANDS * _ROWS
_SEED = 1
# How far back in a bucket a text looks, and with how many principals it is compared: however many
# texts a hostile export makes collide, each costs no more.
_BACK = 8
_COMPARED = 6
# Six standard deviations of an estimate below the threshold.
_HOPELESS = 0.42
_ALL_BANDS = np.arange(_BANDS)
_BATCH_WORDS = 200_000
_WORD = 8  # bytes of a word's number
_IN_MEMORY = 16 * 2**20
_HELD = 1_000  # texts that are grouped until arrays on disk are given back to the system

Indices = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Near:
    """A text in a group: the key of the group's principal, and the similarity to it."""

    key: int
    principal: int
    similarity: float


def similarity(one: str, other: str) -> float:
    """The similarity of two texts, from 0 to 1; 0 when neither has a word."""
    return _jaccard(*shingles([word_numbers(one), word_numbers(other)]))


def _jaccard(one: Numbers, other: Numbers) -> float:
    together = len(one) + len(other)
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (together - common) if together else 0.0


def near_groups(
    texts: Iterable[tuple[int, str]], *, threshold: float = THRESHOLD, place: Path | None = None
) -> Iterator[Near]:
    """The texts that are in a group of two or more, by key, their principals included.

    ``texts`` are (key, text), keys different; gone through once. Of texts with equal words the one
    with the least key stands for all. The result depends on keys and texts, not on their order.
    ``place``: a folder for the temporary files, which have no name there. Raises ValueError for a
    threshold under 0.5, which the bands do not reach.
    """
    if not 0.5 <= threshold <= 1:
        raise ValueError("the threshold must be from 0.5 to 1")
    with _temporary(place) as words:
        found = _distinct(texts, words)
        sketches = _Sketches(len(found.sketched), place)
        for batch in _batches(words, found):
            sketches.add(batch)
    with sketches:
        principals, similarities = _grouped(sketches, found.keys[found.sketched], threshold)
    principal, alike = found.first.copy(), np.ones(len(found.keys))
    principal[found.sketched] = found.sketched[principals]
    alike[found.sketched] = similarities
    # From the texts that stand for others to these.
    principal, alike = principal[found.first], alike[found.first]
    size = np.bincount(principal[found.sizes != 0], minlength=len(principal))
    for i in map(int, np.argsort(found.keys, kind="stable")):
        if found.sizes[i] != 0 and size[principal[i]] > 1:
            yield Near(int(found.keys[i]), int(found.keys[principal[i]]), float(alike[i]))


@dataclass(frozen=True, slots=True)
class _Distinct:
    """By the place of a text in the input: its key, its number of words, and the place of the text
    with the same words and the least key; then the places of those that are to be sketched."""

    keys: Indices
    sizes: Places
    first: Indices
    sketched: Indices


def _distinct(texts: Iterable[tuple[int, str]], file: IO[bytes]) -> _Distinct:
    """Read the texts; their words go into ``file``."""
    keys, sizes, long, digests = array("q"), array("i"), bytearray(), bytearray()
    for key, text in texts:
        words = word_numbers(text).tobytes()
        file.write(words)
        keys.append(key)
        sizes.append(len(words) // _WORD)
        long.append(len(text) > LONGEST)
        digests += hashlib.blake2b(words, digest_size=16).digest()
    numbers = np.frombuffer(keys, dtype=np.int64)
    halves = np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)
    order = np.lexsort((numbers, halves[:, 1], halves[:, 0]))
    opens = np.ones(len(order), dtype=bool)
    for half in halves.T:
        column = half[order]
        opens[1:] &= column[1:] == column[:-1]
    opens[1:] = ~opens[1:]
    first = np.empty(len(order), dtype=np.int64)
    first[order] = order[np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))]
    lengths = np.frombuffer(sizes, dtype=np.int32)
    wanted = (first == np.arange(len(first))) & (lengths >= LEAST_WORDS)
    wanted &= np.frombuffer(long, dtype=np.int8) == 0
    return _Distinct(numbers, lengths, first, np.flatnonzero(wanted))


def _batches(file: IO[bytes], found: _Distinct) -> Iterator[list[Numbers]]:
    """The words of the texts that are to be sketched, some texts at once."""
    batch: list[Numbers] = []
    size = 0
    starts = np.cumsum(found.sizes, dtype=np.int64) - found.sizes
    for at in found.sketched:
        file.seek(int(starts[at]) * _WORD)
        words = file.read(int(found.sizes[at]) * _WORD)
        batch.append(np.frombuffer(words, dtype=np.uint64))
        size += len(batch[-1])
        if size >= _BATCH_WORDS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Sketches:
    """Shingles and signatures of texts, numbered as they are added, on disk when they are many."""

    def __init__(self, number: int, place: Path | None) -> None:
        self.place = place
        self._ends = array("q", [0])
        self.signatures = _Mapped(np.uint32, (number, _PERMUTATIONS), place)
        # A number for the rows of each band: texts of equal ones are in one bucket.
        self.buckets = _Mapped(np.uint64, (_BANDS, number), place)
        self._shingles = _temporary(place)

    def __enter__(self) -> _Sketches:
        return self

    def __exit__(self, *_: object) -> None:
        self._shingles.close()

    def add(self, batch: list[Numbers]) -> None:
        """Sketch the next texts."""
        from rensa import RMinHash  # type: ignore[import-untyped]

        at = len(self._ends) - 1
        made = shingles(batch)
        for some in made:
            self._shingles.write(some.tobytes())
            self._ends.append(self._ends[-1] + len(some))
        offsets = np.array(self._ends[at:], dtype=np.uint64) - np.uint64(self._ends[at])
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            np.concatenate(made), offsets, _PERMUTATIONS, _SEED
        )
        rows = np.array(matrix.to_rows(), dtype=np.uint32)
        self.signatures.array[at : at + len(made)] = rows
        halves = rows.view(np.uint64).reshape(len(made), _BANDS, -1)
        self.buckets.array[:, at : at + len(made)] = paired(halves[:, :, 0], halves[:, :, 1]).T
        self.signatures.release()
        self.buckets.release()

    @property
    def counts(self) -> Indices:
        """How many shingles each text has."""
        ends = np.frombuffer(self._ends, dtype=np.int64)
        return ends[1:] - ends[:-1]

    def shingles_of(self, number: int) -> Numbers:
        """The shingles of a text, sorted."""
        start, end = self._ends[number], self._ends[number + 1]
        self._shingles.seek(start * 8)
        return np.frombuffer(self._shingles.read((end - start) * 8), dtype=np.uint64)


def _grouped(
    sketches: _Sketches, keys: Indices, threshold: float
) -> tuple[Places, npt.NDArray[np.float64]]:
    """The principal of each text (itself, or a longer one) and the similarity to it.

    Texts are taken from the longest to the shortest, of equal length by key. A text is joined to
    the most similar principal of those that its buckets propose, or becomes one.
    """
    counts = sketches.counts
    order = np.lexsort((keys, -counts)).astype(np.int32)
    before = _before(sketches, order)
    signatures = sketches.signatures.array
    principal, alike = np.arange(len(order), dtype=np.int32), np.ones(len(order))
    for i in range(len(order)):
        if i % _HELD == 0:
            before.release()
            sketches.signatures.release()
        near = _proposed(before.array, i)
        if not near:
            continue
        number = int(order[i])
        candidates = np.unique(principal[near])
        candidates = candidates[counts[order[candidates]] * threshold <= counts[number]]
        told = (signatures[order[candidates]] == signatures[number]).mean(axis=1)
        best = np.lexsort((candidates, -told))[:_COMPARED]
        own = None
        for candidate, estimate in zip(candidates[best].tolist(), told[best].tolist(), strict=True):
            if estimate < _HOPELESS:
                break
            if own is None:
                own = sketches.shingles_of(number)
            exact = _jaccard(own, sketches.shingles_of(int(order[candidate])))
            if exact >= threshold and (principal[i] == i or exact > alike[i]):
                principal[i], alike[i] = candidate, exact
    principals, similarities = np.empty_like(principal), np.empty_like(alike)
    principals[order], similarities[order] = order[principal], alike
    return principals, similarities


def _before(sketches: _Sketches, order: Places) -> _Mapped[np.int32]:
    """For each band and each text, by its place in the order: the one before it in its bucket.

    -1 where there is none.
    """
    before = _Mapped(np.int32, (_BANDS, len(order)), sketches.place)
    for band, own in enumerate(before.array):
        buckets = sketches.buckets.array[band][order]
        by_bucket = np.argsort(buckets, kind="stable").astype(np.int32)
        same = buckets[by_bucket[1:]] == buckets[by_bucket[:-1]]
        own[:] = -1
        own[by_bucket[1:][same]] = by_bucket[:-1][same]
        before.release()
        sketches.buckets.release()
    return before


def _proposed(before: Places, i: int) -> list[int]:
    """The nearest of those before a text in each of its buckets."""
    found: set[int] = set()
    bands, at = _ALL_BANDS, before[:, i]
    for _ in range(_BACK):
        there = at >= 0
        if not there.any():
            break
        bands, at = bands[there], at[there]
        found.update(at.tolist())
        at = before[bands, at]
    return sorted(found)


class _Mapped(Generic[Kind]):
    """An array in an unnamed temporary file."""

    def __init__(self, kind: type[Kind], shape: tuple[int, int], place: Path | None) -> None:
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


def _temporary(place: Path | None) -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=None if place is None else str(place))
