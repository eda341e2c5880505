"""Texts to what the experts see of them: sentences, feature matrices, inputs of the aggregators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit

from riskscan.detect.features import Hasher, words
from riskscan.language.sentences import sentence_spans

# Sentences beyond this many are not scored; subwords are counted in the first so many words.
MAX_SENTENCES = 20_000
_MAX_WORDS = 5_000

# What an aggregator sees of every expert.
INPUTS = ("words", "subwords", "best sentence", "best three sentences")

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


def inputs_of(words_: Floats, subwords: Floats, sentences: Floats, read: Read) -> Floats:
    """What an aggregator sees of each text: every expert's ``INPUTS`` in turn, and the length."""
    count = len(read.texts)
    best = np.full((count, words_.shape[1]), -8.0)
    three = np.full((count, words_.shape[1]), -8.0)
    for i in np.flatnonzero(np.diff(read.first)):
        own = np.sort(sentences[read.first[i] : read.first[i + 1]], axis=0)[::-1]
        best[i] = own[0]
        three[i] = np.log(expit(own[:3]).sum(axis=0) + 1e-9)
    views = np.stack([words_, subwords, best, three], axis=2).reshape(count, -1)
    return np.column_stack([views, np.log1p(read.lengths)])
