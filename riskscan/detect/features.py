"""Sentences to sparse features: hashed word n-grams, and the order of word classes.

One pass over the words yields every feature as a column number (feature hashing, Weinberger et
al. 2009), computed on arrays for all sentences at once, so that a model file holds no vocabulary
and the cost is a fraction of that of string n-grams.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils import murmurhash3_32

from riskscan.detect.lexicon import CLASSES, WORD_CLASS

N_FEATURES = 2**18
# A sentence is cut to this many words: longer ones are tables or hostile.
MAX_WORDS = 120
_MAX_CHARS = 2000
_WINDOW = 6
_TOKEN = re.compile(r"[a-z]+(?:['-][a-z]+)*|\d[\d,.:/%-]*|[$€£]|[;:]-?[()]|\?+|!+|…|\.\.+|[^\s\w]")
_SMART = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_CLASS_NAMES = tuple(CLASSES)
_CLASS_NUMBER = {name: number for number, name in enumerate(_CLASS_NAMES, 1)}
_START, _END = "<", ">"
# Odd constants mix the hashes of neighbours; unsigned 64-bit arithmetic wraps, as wanted.
_SECOND, _THIRD, _PAIR = (
    np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B1)
)
_CACHE_SIZE = 300_000

Ints = NDArray[np.int64]


def words(sentence: str) -> list[str]:
    """The tokens of a sentence: lower case, numbers as "0", punctuation that carries tone kept."""
    found = _TOKEN.findall(sentence[:_MAX_CHARS].lower().translate(_SMART))
    return ["0" if token[0].isdigit() else token for token in found[:MAX_WORDS]]


class SentenceHasher:
    """Turns sentences into a 0/1 matrix of shape (sentences, ``n_features``)."""

    def __init__(self, n_features: int = N_FEATURES) -> None:
        self.n_features = n_features
        self._cache: dict[str, tuple[int, int, int]] = {}

    def transform(self, sentences: Sequence[str]) -> csr_matrix:
        """Presence of each feature in each sentence."""
        rows, columns = [], []
        for row, column, _ in self._features(sentences):
            rows.append(row)
            columns.append(column)
        row = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        column = np.concatenate(columns) if columns else np.zeros(0, np.int64)
        keys = np.unique(row * self.n_features + column)
        row, column = np.divmod(keys, self.n_features)
        starts = np.searchsorted(row, np.arange(len(sentences) + 1))
        return csr_matrix(
            (np.ones(len(column), np.float32), column.astype(np.int32), starts.astype(np.int32)),
            shape=(len(sentences), self.n_features),
        )

    def named(self, sentence: str) -> dict[int, list[str]]:
        """Column number to the names of the features in it, for ``explain``."""
        tokens = [_START, *words(sentence), _END]
        named: dict[int, list[str]] = {}
        for _, columns, kind in self._features([sentence]):
            places = self._places
            for place, column in zip(places, columns.tolist(), strict=True):
                name = _name(tokens, kind, place)
                some = named.setdefault(column, [])
                if name not in some:
                    some.append(name)
        return named

    def _features(self, sentences: Sequence[str]) -> Iterator[tuple[Ints, Ints, tuple[str, int]]]:
        """Kinds of features in turn: rows, columns, and (kind, distance) for naming."""
        lookup = self._lookup
        flat: list[tuple[int, int, int]] = []
        lengths = np.empty(len(sentences), np.int64)
        for number, sentence in enumerate(sentences):
            before = len(flat)
            flat.append(lookup(_START))
            flat.extend(map(lookup, words(sentence)))
            flat.append(lookup(_END))
            lengths[number] = len(flat) - before
        if not flat:
            return
        table = np.array(flat, dtype=np.int64)
        row = np.repeat(np.arange(len(sentences)), lengths)
        hashes = table[:, 0].astype(np.uint64)
        real = np.ones(len(row), bool)
        ends = np.cumsum(lengths)
        real[ends - 1] = False
        real[ends - lengths] = False
        self._places = np.flatnonzero(real)
        yield row[real], self._column(hashes[real]), ("word", 1)
        same = row[1:] == row[:-1]
        two = hashes[:-1] * _SECOND + hashes[1:]
        self._places = np.flatnonzero(same)
        yield row[:-1][same], self._column(two[same]), ("word", 2)
        if len(row) > 2:
            same = row[2:] == row[:-2]
            three = two[:-1] * _THIRD + hashes[2:]
            self._places = np.flatnonzero(same)
            yield row[:-2][same], self._column(three[same]), ("word", 3)
        yield from self._class_features(row, table[:, 1:].astype(np.uint64))

    def _class_features(
        self, row: Ints, classes: NDArray[np.uint64]
    ) -> Iterator[tuple[Ints, Ints, tuple[str, int]]]:
        """``#hide`` for a word of a class, ``#we>hide`` for two in order within a window.

        The second kind stands in for who does what: "we ... quietly", "not ... record".
        """
        for slot in (0, 1):
            there = np.flatnonzero(classes[:, slot])
            self._places = there
            yield row[there], self._column(classes[there, slot] * _PAIR), (f"class{slot}", 0)
        for distance in range(1, _WINDOW + 1):
            if len(row) <= distance:
                return
            for first in (0, 1):
                for second in (0, 1):
                    a, b = classes[:-distance, first], classes[distance:, second]
                    both = np.flatnonzero((a > 0) & (b > 0) & (row[distance:] == row[:-distance]))
                    self._places = both
                    column = self._column((a[both] * _SECOND + b[both]) * _THIRD)
                    yield row[both], column, (f"pair{first}{second}", distance)

    def _column(self, hashes: NDArray[np.uint64]) -> Ints:
        mixed = hashes ^ (hashes >> np.uint64(29))
        mixed = mixed * _SECOND
        return ((mixed >> np.uint64(20)) % np.uint64(self.n_features)).astype(np.int64)

    def _lookup(self, token: str) -> tuple[int, int, int]:
        known = self._cache.get(token)
        if known is None:
            numbers = [_CLASS_NUMBER[name] for name in WORD_CLASS.get(token, ())[:2]]
            numbers += [0] * (2 - len(numbers))
            known = (murmurhash3_32(token, positive=True), numbers[0], numbers[1])
            if len(self._cache) < _CACHE_SIZE:
                self._cache[token] = known
        return known


def _name(tokens: list[str], kind: tuple[str, int], place: int) -> str:
    what, distance = kind
    if what == "word":
        return " ".join(tokens[place : place + distance])
    if what.startswith("class"):
        return "#" + WORD_CLASS[tokens[place]][int(what[5])]
    first = WORD_CLASS[tokens[place]][int(what[4])]
    second = WORD_CLASS[tokens[place + distance]][int(what[5])]
    return f"#{first}>{second}"
