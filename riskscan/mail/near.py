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

Work and memory stay in proportion to the texts: shingles and signatures lie in unnamed temporary
files, half a kilobyte and 16 bytes a word for each different text; in memory are some 150 bytes a
text.
"""

from __future__ import annotations

import hashlib
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

import numpy as np
import numpy.typing as npt

from riskscan.mail.shingles import Numbers, shingles, word_numbers

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
_IN_MEMORY = 64 * 2**20

Indices = npt.NDArray[np.int64]
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

    ``texts`` are (key, text), keys different; gone through twice, so a list or another iterable
    that begins anew each time. Of texts with equal words the one with the least key stands for
    all. The result depends on keys and texts, not on their order. ``place``: a folder for the
    temporary files, which have no name there. Raises ValueError for a threshold under 0.5, which
    the bands do not reach.
    """
    if not 0.5 <= threshold <= 1:
        raise ValueError("the threshold must be from 0.5 to 1")
    found = _distinct(texts)
    with _Sketches(len(found.sketched), place) as sketches:
        for batch in _batches(texts, found.sketched):
            sketches.add(batch)
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
    sizes: Indices
    first: Indices
    sketched: Indices


def _distinct(texts: Iterable[tuple[int, str]]) -> _Distinct:
    keys, sizes, long, digests = array("q"), array("q"), array("b"), bytearray()
    for key, text in texts:
        words = word_numbers(text)
        keys.append(key)
        sizes.append(len(words))
        long.append(len(text) > LONGEST)
        digests += hashlib.blake2b(words.tobytes(), digest_size=16).digest()
    numbers = np.array(keys, dtype=np.int64)
    halves = np.frombuffer(bytes(digests), dtype=np.uint64).reshape(-1, 2)
    order = np.lexsort((numbers, halves[:, 1], halves[:, 0]))
    ordered = halves[order]
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    first = np.empty(len(order), dtype=np.int64)
    first[order] = order[np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))]
    lengths = np.array(sizes, dtype=np.int64)
    wanted = (first == np.arange(len(first))) & (lengths >= LEAST_WORDS)
    wanted &= np.array(long, dtype=np.int8) == 0
    return _Distinct(numbers, lengths, first, np.flatnonzero(wanted))


def _batches(texts: Iterable[tuple[int, str]], sketched: Indices) -> Iterator[list[Numbers]]:
    """The words of the texts at these places, some at once."""
    wanted = map(int, sketched)
    following = next(wanted, -1)
    batch: list[Numbers] = []
    size = 0
    for at, (_, text) in enumerate(texts):
        if at != following:
            continue
        following = next(wanted, -1)
        batch.append(word_numbers(text))
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
        self.signatures = _on_disk(np.uint32, (number, _PERMUTATIONS), place)
        self._shingles: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            _IN_MEMORY, dir=None if place is None else str(place)
        )

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
        self.signatures[at : at + len(made)] = np.array(matrix.to_rows(), dtype=np.uint32)

    @property
    def counts(self) -> Indices:
        """How many shingles each text has."""
        ends = np.array(self._ends, dtype=np.int64)
        return ends[1:] - ends[:-1]

    def shingles_of(self, number: int) -> Numbers:
        """The shingles of a text, sorted."""
        start, end = self._ends[number], self._ends[number + 1]
        self._shingles.seek(start * 8)
        return np.frombuffer(self._shingles.read((end - start) * 8), dtype=np.uint64)


def _grouped(
    sketches: _Sketches, keys: Indices, threshold: float
) -> tuple[Indices, npt.NDArray[np.float64]]:
    """The principal of each text (itself, or a longer one) and the similarity to it.

    Texts are taken from the longest to the shortest, of equal length by key. A text is joined to
    the most similar principal of those that its buckets propose, or becomes one.
    """
    counts = sketches.counts
    order = np.lexsort((keys, -counts))
    before = _before(sketches, order)
    principal, alike = np.arange(len(order)), np.ones(len(order))
    for i in range(len(order)):
        near = _proposed(before, i)
        if not near:
            continue
        number = int(order[i])
        candidates = np.unique(principal[near])
        candidates = candidates[counts[order[candidates]] * threshold <= counts[number]]
        told = (sketches.signatures[order[candidates]] == sketches.signatures[number]).mean(axis=1)
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


def _before(sketches: _Sketches, order: Indices) -> npt.NDArray[np.int32]:
    """For each text, by its place in the order, and each band: the one before it in its bucket.

    -1 where there is none. A bucket holds the texts whose signatures are equal in a band.
    """
    before = _on_disk(np.int32, (len(order), _BANDS), sketches.place)
    before[:] = -1
    places = np.arange(len(order))
    for band in range(_BANDS):
        rows = sketches.signatures[:, band * _ROWS : (band + 1) * _ROWS][order]
        by_bucket = np.lexsort((places, *rows.T))
        same = (rows[by_bucket[1:]] == rows[by_bucket[:-1]]).all(axis=1)
        before[by_bucket[1:][same], band] = by_bucket[:-1][same]
    return before


def _proposed(before: npt.NDArray[np.int32], i: int) -> list[int]:
    """The nearest of those before a text in each of its buckets."""
    found: set[int] = set()
    bands, at = _ALL_BANDS, before[i]
    for _ in range(_BACK):
        there = at >= 0
        if not there.any():
            break
        bands, at = bands[there], at[there]
        found.update(at.tolist())
        at = before[at, bands]
    return sorted(found)


def _on_disk(kind: type[Kind], shape: tuple[int, int], place: Path | None) -> npt.NDArray[Kind]:
    """An array in a temporary file: the system keeps in memory what is used of it."""
    with tempfile.TemporaryFile(dir=place) as file:
        # A file of no bytes cannot be mapped.
        mapped = np.memmap(file, dtype=kind, mode="w+", shape=(max(shape[0], 1), shape[1]))
    return mapped[: shape[0]]
