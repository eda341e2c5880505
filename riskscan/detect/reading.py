"""Texts to what the experts see of them: sentences, feature matrices, inputs of the aggregators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from riskscan.detect.features import Hasher, words
from riskscan.language.sentences import sentence_spans

# Sentences beyond this many are not scored; subwords are counted in the first so many words.
MAX_SENTENCES = 20_000
_MAX_WORDS = 5_000
_MAX_SUBJECT = 12_000

# What an aggregator sees of every expert.
INPUTS = ("words", "subwords")
# Where texts have at most so many sentences in the median, one sentence is much of the message and
# tells beside it; in whole emails it told nothing more.
SHORT = 5
_NOTHING = -8.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
Span = tuple[int, int]


class Read:
    """Texts with their sentences and raw feature matrices."""

    def __init__(self, texts: list[str], hasher: Hasher) -> None:
        self.texts = texts
        self.hasher = hasher
        self.spans: list[list[Span]] = [sentence_spans(text)[:MAX_SENTENCES] for text in texts]
        lengths = [len(spans) for spans in self.spans]
        self.first: Ints = np.concatenate([[0], np.cumsum(lengths)]).astype(int)
        self.own: Ints = np.repeat(np.arange(len(texts)), lengths)
        tokens = [
            words(text[a:b])
            for text, spans in zip(texts, self.spans, strict=True)
            for a, b in spans
        ]
        self.sentences = hasher.sentences(tokens)
        self.sentence_words = np.fromiter(map(len, tokens), float, len(tokens))
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
        together = [
            [t for k in range(self.first[i], self.first[i + 1]) for t in tokens[k]][:_MAX_WORDS]
            for i in range(len(texts))
        ]
        self.lengths = np.array([len(some) for some in together])
        self.subwords = hasher.subwords(together)


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
