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
files, half a kilobyte and 16 bytes a word for each text; in memory are some 60 bytes a text.
Sketching needs no more than some texts at once, so several processes can share it.
"""

from __future__ import annotations

import hashlib
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt

from riskscan.mail.shingles import Numbers, paired, shingles, word_numbers
from riskscan.mapped import Mapped

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
_DIGEST = 16
_BATCH_CHARACTERS, _BATCH_TEXTS = 1_000_000, 2_000
_IN_MEMORY = 16 * 2**20
_HELD = 1_000  # texts that are grouped until arrays on disk are given back to the system

Indices = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]


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
    yield from grouped(map(sketch, _some(texts)), threshold=threshold, place=place)


def grouped(
    texts: Iterable[Sketched], *, threshold: float = THRESHOLD, place: Path | None = None
) -> Iterator[Near]:
    """The same of texts that were sketched, in any portions."""
    if not 0.5 <= threshold <= 1:
        raise ValueError("the threshold must be from 0.5 to 1")
    with _Sketches(place) as sketches:
        for some in texts:
            sketches.add(some)
        found = sketches.distinct()
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


def sketch(texts: Iterable[tuple[int, str]]) -> Sketched:
    """Sketch (key, text) pairs, some megabytes of them at most."""
    from rensa import RMinHash  # type: ignore[import-untyped]

    keys, sizes, digests = list[int](), list[int](), bytearray()
    compared: dict[int, Numbers] = {}
    for at, (key, text) in enumerate(texts):
        words = word_numbers(text)
        keys.append(key)
        sizes.append(len(words))
        digests += hashlib.blake2b(words.tobytes(), digest_size=_DIGEST).digest()
        if len(words) >= LEAST_WORDS and len(text) <= LONGEST:
            compared[at] = words
    made = shingles(list(compared.values()))
    counts = np.array([len(some) for some in made], dtype=np.int64)
    flat = np.concatenate([*made, np.empty(0, dtype=np.uint64)])
    rows = np.empty((len(made), _PERMUTATIONS), dtype=np.uint32)
    if made:
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, _PERMUTATIONS, _SEED)
        rows = np.array(matrix.to_rows(), dtype=np.uint32)
    which = np.array(list(compared), dtype=np.int64)
    return Sketched(
        np.array(keys, np.int64), np.array(sizes, np.int32), bytes(digests), which, counts, flat,
        rows,
    )  # fmt: skip


def _some(texts: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    size = 0
    for key, text in texts:
        batch.append((key, text))
        size += len(text)
        if size >= _BATCH_CHARACTERS or len(batch) >= _BATCH_TEXTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class _Distinct:
    """By the place of a text in the input: its key, its number of words, and the place of the text
    with the same words and the least key; then the places of those that are to be sketched."""

    keys: Indices
    sizes: Places
    first: Indices
    sketched: Indices


class _Sketches:
    """Shingles and signatures of texts in the order in which they come, on disk when many.

    After ``distinct`` those that are to be compared are numbered from 0 on.
    """

    def __init__(self, place: Path | None) -> None:
        self.place = place
        self._keys, self._sizes, self._digests = array("q"), array("i"), bytearray()
        # Of each text that has a sketch: its place among all, and the number of its shingles.
        self._texts, self._counts = array("q"), array("q")
        self._shingles, self._signatures = _temporary(place), _temporary(place)

    def __enter__(self) -> _Sketches:
        return self

    def __exit__(self, *_: object) -> None:
        self._shingles.close()
        self._signatures.close()

    def add(self, some: Sketched) -> None:
        """Enter the next texts."""
        self._texts.frombytes((some.which + len(self._keys)).tobytes())
        self._counts.frombytes(some.counts.tobytes())
        self._shingles.write(some.shingles.tobytes())
        self._signatures.write(some.signatures.tobytes())
        self._keys.frombytes(some.keys.tobytes())
        self._sizes.frombytes(some.sizes.tobytes())
        self._digests += some.digests

    def distinct(self) -> _Distinct:
        """Which texts have equal words; number those that are to be compared."""
        numbers = np.frombuffer(self._keys, dtype=np.int64)
        halves = np.frombuffer(self._digests, dtype=np.uint64).reshape(-1, 2)
        order = np.lexsort((numbers, halves[:, 1], halves[:, 0]))
        opens = np.ones(len(order), dtype=bool)
        for half in halves.T:
            column = half[order]
            opens[1:] &= column[1:] == column[:-1]
        opens[1:] = ~opens[1:]
        first = np.empty(len(order), dtype=np.int64)
        first[order] = order[np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))]
        texts = np.frombuffer(self._texts, dtype=np.int64)
        chosen = np.flatnonzero(first[texts] == texts)
        self._choose(chosen)
        return _Distinct(numbers, np.frombuffer(self._sizes, dtype=np.int32), first, texts[chosen])

    def _choose(self, chosen: Indices) -> None:
        sizes = np.frombuffer(self._counts, dtype=np.int64)
        self._starts = (np.cumsum(sizes) - sizes)[chosen]
        self.counts: Indices = sizes[chosen]
        self.signatures = Mapped(np.uint32, (len(chosen), _PERMUTATIONS), self.place)
        # A number for the rows of each band: texts of equal ones are in one bucket.
        self.buckets = Mapped(np.uint64, (_BANDS, len(chosen)), self.place)
        self._signatures.seek(0)
        done = 0
        for start in range(0, len(sizes), _HELD):
            data = self._signatures.read(_HELD * _PERMUTATIONS * 4)
            every = np.frombuffer(data, dtype=np.uint32).reshape(-1, _PERMUTATIONS)
            low, high = np.searchsorted(chosen, (start, start + len(every)))
            rows = every[chosen[low:high] - start]
            halves = rows.view(np.uint64).reshape(len(rows), _BANDS, _ROWS // 2)
            at = slice(done, done + len(rows))
            self.signatures.array[at] = rows
            self.buckets.array[:, at] = paired(halves[:, :, 0], halves[:, :, 1]).T
            done += len(rows)
            self.signatures.release()
            self.buckets.release()

    def shingles_of(self, number: int) -> Numbers:
        """The shingles of a text, sorted."""
        self._shingles.seek(int(self._starts[number]) * 8)
        return np.frombuffer(self._shingles.read(int(self.counts[number]) * 8), dtype=np.uint64)


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


def _before(sketches: _Sketches, order: Places) -> Mapped[np.int32]:
    """For each band and each text, by its place in the order: the one before it in its bucket.

    -1 where there is none.
    """
    before = Mapped(np.int32, (_BANDS, len(order)), sketches.place)
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


def _temporary(place: Path | None) -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=None if place is None else str(place))
