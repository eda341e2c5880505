"""Texts to what the experts see of them: sentences, feature matrices, inputs of the aggregators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from riskscan.detect.features import Hasher, Tokens, weighted, words
from riskscan.language.sentences import sentence_spans
from riskscan.mail.folding import fold
from riskscan.mail.message import QUOTED_CHARACTERS

# Sentences beyond this many are not scored; subwords are counted in the first so many words.
MAX_SENTENCES = 20_000
_MAX_WORDS = 5_000
_MAX_SUBJECT = 12_000

# What an aggregator sees of every expert.
INPUTS = ("words", "subwords")
# Where texts have at most so many sentences in the median, one sentence is much of the message and
# tells beside it; in whole emails it told nothing more.
SHORT = 5
# What it sees elsewhere of the text that the author quotes or forwards. Nothing quoted is ever
# shown as a finding.
QUOTED = ("quoted text", "words of the quoted text", "subwords of the quoted text")
_NOTHING = -8.0

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int_]
Span = tuple[int, int]
Linear = tuple[Floats32, Floats32, float]


class Read:
    """Texts with their sentences and raw feature matrices.

    ``texts`` are as they read (``mail.folding``), and ``spans`` lie in them; ``found`` tells what
    stands there in a text as it was given.
    """

    def __init__(self, texts: list[str], hasher: Hasher) -> None:
        self._given = texts
        self._folded = {i: one for i, text in enumerate(texts) if (one := fold(text))}
        texts = [one.text if (one := self._folded.get(i)) else t for i, t in enumerate(texts)]
        self.texts = texts
        self.hasher = hasher
        self.spans: list[list[Span]] = [sentence_spans(text)[:MAX_SENTENCES] for text in texts]
        lengths = [len(spans) for spans in self.spans]
        self.first: Ints = np.concatenate([[0], np.cumsum(lengths)]).astype(int)
        self.own: Ints = np.repeat(np.arange(len(texts)), lengths)
        tokens = Tokens(
            [
                words(text[a:b])
                for text, spans in zip(texts, self.spans, strict=True)
                for a, b in spans
            ]
        )
        self.sentences = hasher.sentences(tokens)
        self.sentence_words = tokens.lengths.astype(float)
        # Of mail, "subject, blank line, authored text".
        ends = [text.find("\n\n", 0, _MAX_SUBJECT) for text in texts]
        self.in_subject = np.array(
            [b <= end for end, spans in zip(ends, self.spans, strict=True) for _, b in spans], bool
        )
        gather = csr_matrix(
            (np.ones(len(self.own), np.float32), (self.own, np.arange(len(self.own)))),
            shape=(len(texts), len(self.own)),
        )
        self.words = csr_matrix(gather @ self.sentences)
        self.words.data[:] = 1.0
        before = np.concatenate([[0], np.cumsum(tokens.lengths)])
        self.lengths = np.minimum(np.diff(before[self.first]), _MAX_WORDS)
        self.subwords = hasher.subwords(tokens, self.first, _MAX_WORDS)

    def found(self, text: int, start: int, end: int) -> tuple[int, int, str]:
        """Where a span of ``texts[text]``, not empty, is in the text as given, and what is there.

        Characters that were left out within it are in it.
        """
        if text in self._folded:
            start, end = self._folded[text].span(start, end)
        return start, end, self._given[text][start:end]


def inputs_of(words_: Floats, subwords: Floats) -> Floats:
    """What an aggregator sees of each text: every expert's ``INPUTS`` in turn."""
    return np.stack([words_, subwords], axis=2).reshape(len(words_), -1)


def best_sentences(read: Read, logits: Floats) -> Floats:
    """The highest value among each text's sentences; shapes (sentences, n) to (texts, n)."""
    best = np.full((len(read.texts), logits.shape[1]), _NOTHING)
    some = np.flatnonzero(np.diff(read.first))
    if len(some):
        best[some] = np.maximum.reduceat(logits, read.first[some], axis=0)
    return best


class Seen:
    """What the aggregators may see of texts; ``quoted`` has a layer a domain."""

    def __init__(self, domains: int, texts: int) -> None:
        self.inputs = np.zeros((texts, 0))
        self.lengths: Ints = np.zeros(texts, int)
        self.best = np.zeros((texts, domains))
        self.quoted = np.zeros((domains, texts, len(QUOTED)))


class Quotes:
    """The texts that others quote; ``texts`` are the numbers of those that quote any."""

    def __init__(self, quoted: Sequence[str], hasher: Hasher) -> None:
        heads = [text[:QUOTED_CHARACTERS] for text in quoted]
        some = [i for i, head in enumerate(heads) if head.strip()]
        self.texts: Ints = np.array(some, int)
        self.read = Read([heads[i] for i in some], hasher)


def tree_inputs(inputs: Floats, lengths: Ints, quoted: Floats | None) -> Floats:
    """What the trees of a domain see: ``inputs``, the length, and what models say of a quoted text.

    NaN where nothing is quoted.
    """
    columns = [inputs, np.log1p(lengths)]
    if quoted is not None:
        columns.append(np.where(quoted[:, :1] > 0, quoted[:, 1:], np.nan))
    return np.column_stack(columns)


def quoted_inputs(count: int, quotes: Quotes, words_: Linear, subwords: Linear) -> Floats:
    """What an aggregator of long texts sees of what they quote, shape (count, 3).

    ``words_`` and ``subwords`` are the idf, the coefficients and the intercept of one expert.
    """
    seen = np.zeros((count, len(QUOTED)))
    seen[quotes.texts, 0] = 1.0
    for column, matrix, (idf, slopes, level) in (
        (1, quotes.read.words, words_),
        (2, quotes.read.subwords, subwords),
    ):
        seen[quotes.texts, column] = weighted(matrix, idf) @ slopes + level
    return seen
