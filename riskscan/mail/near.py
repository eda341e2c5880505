"""Near-duplicates: which texts say nearly the same, by MinHash over word shingles.

The similarity of two texts is the Jaccard index of their shingles: what they have in common, of
all that either has. Shingles are the words and the pairs of neighbouring words, each occurrence
for itself. Changing, adding or taking out one word in ten, anywhere, leaves a similarity of 0.72
or more; moving a passage changes its borders only.

MinHash signatures (Broder 1997) by bands only propose pairs; a pair is joined after its similarity
was computed from the shingles themselves. Groups form around a principal, the longest text, as in
the review platforms, or around the text that drafts of it are like (hubs.py): every member is
similar to its principal, and nothing is joined by way of a third. Texts under nine words are
grouped when their words are equal, as are those beyond five million characters.

Work stays in proportion to the texts. All that grows with them lies in unnamed temporary files, a
kilobyte and 16 bytes a word for each text; memory holds what some thousands of them need, and of
larger files only the pages in use. Sketching needs no more than some texts at once, so several
processes can share it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from riskscan.mail.hubs import Hubs
from riskscan.mail.shingles import Numbers, shingles, word_numbers
from riskscan.mail.sketches import (
    BANDS,
    DIGEST,
    PERMUTATIONS,
    Indices,
    Ordered,
    Places,
    Sketched,
    Sketches,
    unsigned,
)
from riskscan.mapped import Columns, Mapped, parts_of, release, slices, splits_of

THRESHOLD = 0.7
"""The least similarity of a member to its principal."""
LEAST_WORDS = 9
LONGEST = 5_000_000  # characters
_SEED = 1
# How far back in a bucket a text looks, and with how many principals it is compared: however many
# texts a hostile export makes collide, each costs no more.
_BACK = 8
_COMPARED = 6
# Six standard deviations of an estimate below the threshold.
_HOPELESS = 0.42
_ALL_BANDS = np.arange(BANDS)
_BATCH_CHARACTERS, _BATCH_TEXTS = 1_000_000, 2_000
# Texts that are looked at, and other texts for them, until pages are given back to the system.
_HELD, _TOUCHED = 4_000, 100


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
    with Sketches(place) as sketches:
        for some in texts:
            sketches.add(some)
        first = sketches.first()
        order = sketches.ordered(first)
        principals, similarities = _grouped(order, threshold)
        yield from _nears(sketches, first, order, principals, similarities)


def sketch(texts: Iterable[tuple[int, str]]) -> Sketched:
    """Sketch (key, text) pairs, some megabytes of them at most."""
    from rensa import RMinHash  # type: ignore[import-untyped]

    keys, sizes, digests = list[int](), list[int](), bytearray()
    compared: dict[int, Numbers] = {}
    for at, (key, text) in enumerate(texts):
        words = word_numbers(text)
        keys.append(key)
        sizes.append(len(words))
        digests += hashlib.blake2b(words.tobytes(), digest_size=DIGEST).digest()
        if len(words) >= LEAST_WORDS and len(text) <= LONGEST:
            compared[at] = words
    made = shingles(list(compared.values()))
    counts = np.array([len(some) for some in made], dtype=np.int64)
    flat = np.concatenate([*made, np.empty(0, dtype=np.uint64)])
    rows = np.empty((len(made), PERMUTATIONS), dtype=np.uint32)
    if made:
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, PERMUTATIONS, _SEED)
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


def _grouped(order: Ordered, threshold: float) -> tuple[Mapped[np.int32], Mapped[np.float64]]:
    """The principal of each text (itself, or a longer one) and the similarity to it.

    Texts are taken from the longest to the shortest, of equal length by key. A text is joined to
    the most similar principal of those that its buckets propose, or becomes one.
    """
    number = len(order.places.array)
    principals = Mapped(np.int32, (number,), order.place)
    similarities = Mapped(np.float64, (number,), order.place)
    principal, alike = principals.array, similarities.array
    before = order.before.array
    counts, signatures = order.counts.array, order.signatures.array
    held = (principals, similarities, order.before, order.counts, order.signatures, order.starts)
    hubs = Hubs()
    touched = 0
    for i in range(number):
        if i % _HELD == 0 or touched > _TOUCHED:
            touched = 0
            for mapped in held:
                mapped.release()
        principal[i], alike[i] = i, 1
        near = _proposed(before, i)
        if not near:
            continue
        touched += len(near)
        own = None
        for candidate in _likeliest(i, principal[near], counts, signatures, threshold):
            own = order.shingles_of(i) if own is None else own
            exact = _jaccard(own, order.shingles_of(candidate))
            if exact < threshold:
                continue
            if principal[i] == i or exact > alike[i]:
                if principal[i] != i:
                    hubs.note(i, int(principal[i]), float(alike[i]))
                principal[i], alike[i] = candidate, exact
            else:
                hubs.note(i, candidate, exact)
        # Members may be more like it than any principal is.
        least = alike[i] if principal[i] != i else threshold
        others = [one for one in near if principal[one] != one]
        for other in _likeliest(i, others, counts, signatures, threshold):
            own = order.shingles_of(i) if own is None else own
            exact = _jaccard(own, order.shingles_of(other))
            if exact >= least:
                hubs.note(other, i, exact)
    hubs.join(
        principals,
        similarities,
        lambda one, other: _jaccard(order.shingles_of(one), order.shingles_of(other)),
        threshold,
    )
    return principals, similarities


def _likeliest(
    i: int,
    others: Sequence[int] | Places,
    counts: Places,
    signatures: npt.NDArray[np.uint32],
    threshold: float,
) -> list[int]:
    """Those of longer texts that a text may be similar to by their signatures, likeliest first."""
    candidates = np.unique(np.asarray(others, np.int64))
    candidates = candidates[counts[candidates] * threshold <= counts[i]]
    told = (signatures[candidates] == signatures[i]).mean(axis=1)
    best = np.lexsort((candidates, -told))[:_COMPARED]
    return [
        int(c)
        for c, estimate in zip(candidates[best], told[best], strict=True)
        if estimate >= _HOPELESS
    ]


def _proposed(before: Places, i: int) -> list[int]:
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


def _nears(
    sketches: Sketches,
    first: Mapped[np.int32],
    order: Ordered,
    principals: Mapped[np.int32],
    similarities: Mapped[np.float64],
) -> Iterator[Near]:
    """The members of groups by key. Arrays are gone through one after the other: of each, pages
    anywhere may be needed."""
    number = sketches.number
    principal = Mapped(np.int32, (number,), sketches.place)
    alike = Mapped(np.float64, (number,), sketches.place)
    for at in slices(number):
        principal.array[at], alike.array[at] = first.array[at], 1
    for at in slices(len(order.places.array)):
        places = order.places.array[at]
        principal.array[places] = order.places.array[principals.array[at]]
        release(principal, order.places, principals)
        alike.array[places] = similarities.array[at]
        release(alike, similarities)
    sizes = Mapped(np.int32, (number,), sketches.place)
    members = Mapped(np.int32, (number,), sketches.place)  # whose: -1 of a text without words
    for at in slices(number):
        # From the texts that stand for others to these.
        own = principal.array[first.array[at]]
        release(principal, first)
        own = np.where(sketches.sizes.array[at] != 0, own, -1)
        members.array[at] = own
        release(members, sketches.sizes)
        np.add.at(sizes.array, own[own >= 0], 1)
        release(sizes)
    chosen = _by_key(sketches, members, sizes)
    for keys, places in chosen:
        for at in slices(len(keys)):
            whose = members.array[places[at]]
            release(members)
            groups = sketches.keys.array[whose]
            release(sketches.keys)
            shared = alike.array[first.array[places[at]]]
            release(alike, first)
            rows = zip(keys[at].tolist(), groups.tolist(), shared.tolist(), strict=True)
            for key, group, similar in rows:
                yield Near(key, group, similar)


def _by_key(
    sketches: Sketches, members: Mapped[np.int32], sizes: Mapped[np.int32]
) -> Iterator[tuple[Indices, Places]]:
    """Keys, ascending, and places of the texts that are in a group of two or more."""

    def rows() -> Iterator[Columns]:
        for at in slices(sketches.number):
            own = members.array[at]
            places = np.flatnonzero(own >= 0)
            places = places[sizes.array[own[places]] > 1] + at.start
            release(sizes, members)
            keys = sketches.keys.array[places]
            release(sketches.keys)
            yield unsigned(keys), keys, places.astype(np.int32)

    splits = splits_of((some[0] for some in rows()), sketches.number)
    for values, keys, places in parts_of(rows, splits, sketches.place):
        by = np.argsort(values, kind="stable")
        yield keys[by], places[by]
