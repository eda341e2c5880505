"""Sentences and messages to sparse features: hashed word n-grams, word classes, and subwords.

One pass over the words yields every feature as a column number (feature hashing, Weinberger et
al. 2009), computed on arrays for all sentences at once, so that a model file holds no vocabulary
and the cost is a fraction of that of string n-grams.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils import murmurhash3_32

from riskscan.detect.lexicon import CLASSES, WORD_CLASS

N_FEATURES = 2**18
N_SUBWORDS = 2**17
# A sentence is cut to this many words: longer ones are tables or hostile.
MAX_WORDS = 120
_MAX_CHARS = 2000
_WINDOW = 6
_SUBWORD_SIZES = (3, 4, 5)
_MAX_TOKEN = 40
_TOKEN = re.compile(r"[a-z]+(?:['-][a-z]+)*|\d[\d,.:/%-]*|[$€£]|[;:]-?[()]|\?+|!+|…|\.\.+|[^\s\w]")
_DIGIT = re.compile(r"\d")
_SMART = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_CLASS_NAMES = tuple(CLASSES)
_CLASS_NUMBER = {name: number for number, name in enumerate(_CLASS_NAMES, 1)}
_START, _END = "<", ">"
# Odd constants mix the hashes of neighbours; unsigned 64-bit arithmetic wraps, as wanted.
_SECOND, _THIRD, _PAIR = (
    np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B1)
)
# Words follow Zipf's law: the first so many of a mailbox are nearly all that come again.
_CACHE_SIZE = 50_000

Ints = NDArray[np.int64]


def words(sentence: str) -> list[str]:
    """The tokens of a sentence: lower case, numbers as "0", punctuation that carries tone kept."""
    sentence = sentence[:_MAX_CHARS].lower()
    if not sentence.isascii():
        sentence = sentence.translate(_SMART)
    found: list[str] = _TOKEN.findall(sentence)[:MAX_WORDS]
    if _DIGIT.search(sentence):
        return ["0" if token[0].isdigit() else token for token in found]
    return found


class _Numbers(dict[str, int]):
    """Numbers words in the order of their first use."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class Tokens:
    """The words of sentences: each is a number into ``names``, which has them by first use."""

    def __init__(self, tokenised: Sequence[Sequence[str]]) -> None:
        numbers = _Numbers()
        self.lengths: Ints = np.fromiter(map(len, tokenised), np.int64, len(tokenised))
        every = map(numbers.__getitem__, chain.from_iterable(tokenised))
        self.flat: Ints = np.fromiter(every, np.int64, int(self.lengths.sum()))
        self.names = list(numbers)


class Hasher:
    """Turns sentences into feature matrices; holds only a cache, so all hashers are equal."""

    def __init__(self) -> None:
        self._tokens: dict[str, tuple[int, int, int]] = {}
        self._subwords: dict[str, NDArray[np.int32]] = {}

    def sentences(self, tokens: Tokens) -> csr_matrix:
        """Word 1- to 3-grams and word classes, shape (sentences, ``N_FEATURES``), all ones.

        A feature that occurs twice in a sentence stands twice in its row.
        """
        rows, columns = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for row, column, _ in self._features(tokens):
            rows.append(row)
            columns.append(column)
        row = np.concatenate(rows)
        order = np.argsort(row, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(tokens.lengths)))])
        column = np.concatenate(columns)[order].astype(np.int32)
        return csr_matrix(
            (np.ones(len(column), np.float32), column, starts.astype(np.int32)),
            shape=(len(tokens.lengths), N_FEATURES),
        )

    def subwords(self, tokens: Tokens, first: Ints, most: int) -> csr_matrix:
        """Log counts of the 3- to 5-letter pieces of words, shape (messages, ``N_SUBWORDS``).

        ``first``: the number of each message's first sentence, and how many sentences there are;
        ``most``: the words that count of a message. Pieces share what a word's forms have in common
        (Bojanowski et al. 2017).
        """
        names, ends = tokens.names, np.concatenate([[0], np.cumsum(tokens.lengths)])[first]
        is_word = np.fromiter((token[0].isalpha() for token in names), bool, len(names))
        kept = is_word[tokens.flat]
        for long in np.flatnonzero(np.diff(ends) > most).tolist():
            kept[ends[long] + most : ends[long + 1]] = False
        starts = np.concatenate([[0], np.cumsum(kept)])[ends]
        bags = csr_matrix(
            (np.ones(starts[-1], np.float32), tokens.flat[kept], starts),
            shape=(len(first) - 1, len(names)),
        )
        nothing = np.zeros(0, np.int32)
        pieces = [
            self.pieces(token) if word else nothing
            for token, word in zip(names, is_word.tolist(), strict=True)
        ]
        table = csr_matrix(
            (
                np.ones(sum(map(len, pieces)), np.float32),
                np.concatenate([*pieces, nothing]),
                np.cumsum([0, *map(len, pieces)]),
            ),
            shape=(len(names), N_SUBWORDS),
        )
        # The pieces of a message come in an order that its words alone give, and sums over them to
        # the same last digits whatever else is in the batch.
        counts = csr_matrix(bags @ table)
        counts.data = 1 + np.log(counts.data)
        return counts

    def named(self, tokens: Sequence[str]) -> dict[int, list[str]]:
        """Column number to the names of the sentence features in it, for ``explain``."""
        framed = [_START, *tokens, _END]
        named: dict[int, list[str]] = {}
        for _, columns, (kind, distance, places) in self._features(Tokens([tokens])):
            for place, column in zip(places.tolist(), columns.tolist(), strict=True):
                some = named.setdefault(column, [])
                name = _name(framed, kind, distance, place)
                if name not in some:
                    some.append(name)
        return named

    def _features(self, tokens: Tokens) -> Iterator[tuple[Ints, Ints, tuple[str, int, Ints]]]:
        """Kinds of features in turn: rows, columns, and what ``_name`` needs to name them."""
        if not len(tokens.lengths):
            return
        lengths = tokens.lengths + 2
        row = np.repeat(np.arange(len(lengths)), lengths)
        ends = np.cumsum(lengths)
        real = np.ones(len(row), bool)
        real[ends - 1] = False
        real[ends - lengths] = False
        frame = len(tokens.names)
        places = np.full(len(row), frame)
        places[real] = tokens.flat
        places[ends - 1] = frame + 1
        known = map(self._lookup, [*tokens.names, _START, _END])
        table = np.array(list(known), dtype=np.int64)[places]
        hashes = table[:, 0].astype(np.uint64)
        places = np.flatnonzero(real)
        yield row[places], _column(hashes[places]), ("words", 1, places)
        places = np.flatnonzero(row[1:] == row[:-1])
        two = hashes[:-1] * _SECOND + hashes[1:]
        yield row[places], _column(two[places]), ("words", 2, places)
        places = np.flatnonzero(row[2:] == row[:-2])
        three = two[:-1] * _THIRD + hashes[2:]
        yield row[places], _column(three[places]), ("words", 3, places)
        yield from self._class_features(row, table[:, 1:].astype(np.uint64))

    def _class_features(
        self, row: Ints, classes: NDArray[np.uint64]
    ) -> Iterator[tuple[Ints, Ints, tuple[str, int, Ints]]]:
        """``#hide`` for a word of a class, ``#we>hide`` for two in order within a window.

        The second kind stands in for who does what: "we ... quietly", "not ... record".
        """
        for slot in (0, 1):
            places = np.flatnonzero(classes[:, slot])
            yield row[places], _column(classes[places, slot] * _PAIR), (f"class{slot}", 0, places)
        members = np.flatnonzero(classes[:, 0])
        first = classes[members, 0]
        for step in range(1, _WINDOW + 1):
            here, there = members[:-step], members[step:]
            near = np.flatnonzero((there - here <= _WINDOW) & (row[here] == row[there]))
            if not len(near):
                return
            mixed = (first[:-step][near] * _SECOND + first[step:][near]) * _THIRD
            yield row[here[near]], _column(mixed), ("pair", 0, here[near] * 2**20 + there[near])

    def _lookup(self, token: str) -> tuple[int, int, int]:
        known = self._tokens.get(token)
        if known is None:
            numbers = [_CLASS_NUMBER[name] for name in WORD_CLASS.get(token, ())[:2]]
            numbers += [0] * (2 - len(numbers))
            # A lone surrogate has no bytes.
            raw = token.encode(errors="replace")
            known = (murmurhash3_32(raw, positive=True), numbers[0], numbers[1])
            if len(self._tokens) < _CACHE_SIZE:
                self._tokens[token] = known
        return known

    def pieces(self, token: str) -> NDArray[np.int32]:
        """The columns of a word's 3- to 5-letter pieces, one a piece."""
        known = self._subwords.get(token)
        if known is None:
            framed = f"<{token[:_MAX_TOKEN]}>"
            found = [
                framed[i : i + size]
                for size in _SUBWORD_SIZES
                for i in range(len(framed) - size + 1)
            ]
            known = np.array(
                [murmurhash3_32(piece, positive=True) % N_SUBWORDS for piece in found], np.int32
            )
            if len(self._subwords) < _CACHE_SIZE:
                self._subwords[token] = known
        return known


def weighted(matrix: csr_matrix, idf: NDArray[np.float32]) -> csr_matrix:
    """The matrix times ``idf``, each row scaled to length 1 (tf-idf)."""
    data = matrix.data * idf[matrix.indices]
    lengths = np.diff(matrix.indptr)
    sums = np.bincount(np.repeat(np.arange(len(lengths)), lengths), data * data, len(lengths))
    scale = 1.0 / np.sqrt(np.maximum(sums, 1e-12))
    data = (data * np.repeat(scale, lengths)).astype(np.float32)
    return csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def inverse_frequency(matrix: csr_matrix) -> NDArray[np.float32]:
    """Smooth idf of each column, as scikit-learn's ``TfidfTransformer`` has it."""
    present = np.bincount(matrix.indices, minlength=matrix.shape[1])
    idf: NDArray[np.float32] = np.log((1 + matrix.shape[0]) / (1 + present)).astype(np.float32)
    return idf + np.float32(1)


def _column(hashes: NDArray[np.uint64]) -> Ints:
    mixed = (hashes ^ (hashes >> np.uint64(29))) * _SECOND
    return ((mixed >> np.uint64(20)) % np.uint64(N_FEATURES)).astype(np.int64)


def _name(tokens: list[str], kind: str, distance: int, place: int) -> str:
    if kind == "words":
        return " ".join(tokens[place : place + distance])
    if kind == "pair":
        first, second = divmod(place, 2**20)
        return f"#{WORD_CLASS[tokens[first]][0]}>{WORD_CLASS[tokens[second]][0]}"
    return "#" + WORD_CLASS[tokens[place]][int(kind[-1])]
