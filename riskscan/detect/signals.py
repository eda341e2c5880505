"""Learning which signal a flagged text voices: from its words, its subwords, its marked sentences.

What nobody would call flagged can teach that too: a near miss of which a reader said what for it
would be flagged, or a text that somebody altered until it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import vstack

from riskscan.detect.assessment import SIGNALS
from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.experts import Material
from riskscan.detect.features import N_FEATURES, N_SUBWORDS, weighted
from riskscan.detect.linear import Bools, Floats, Floats32, Ints, fit_linear, shortened
from riskscan.detect.reading import Read
from riskscan.mail.folding import folded

_REGULARISATION = 10.0
# Of the sentence's log-odds; words and subwords count in full.
_SENTENCE = 0.5
# Binary digits: eight models of all words are half of what a model file holds.
_DIGITS = 6
# Log-odds of a signal that all texts have; the opposite of one that none has.
_CERTAIN = 10.0


@dataclass(frozen=True, slots=True)
class Named:
    """Texts of which the signals are known, and the evidence; learnt from for the signal alone."""

    texts: Sequence[str]
    signals: Sequence[Sequence[str]]
    evidence: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class SignalModels:
    """One model a signal, against the rest; coefficients have shape (features, signals)."""

    words: Floats32
    subwords: Floats32
    sentences: Floats32
    intercept: Floats


def fit_signals(
    data: Material, signals: Sequence[Sequence[str]] | None, named: Named
) -> SignalModels:
    """Learn from what is flagged in ``data``, ``signals`` of each text, and from ``named``.

    Without ``signals`` from ``named`` alone. A signal that all have is the likeliest; one that none
    has is never it, unless there is no other: then it is the first.
    """
    count = len(SIGNALS)
    models = SignalModels(
        np.zeros((N_FEATURES, count), np.float32),
        np.zeros((N_SUBWORDS, count), np.float32),
        np.zeros((N_FEATURES, count), np.float32),
        np.full(count, -_CERTAIN),
    )
    told: list[Sequence[str]] = [*(signals or ())]
    flagged = np.flatnonzero(data.flags) if told else np.zeros(0, int)
    marked = np.flatnonzero(data.marked) if told else np.zeros(0, int)
    words, subwords = data.words[flagged], data.subwords[flagged]
    sentences, owners = data.sentences[marked], data.read.own[marked]
    if named.texts:
        more = Read([*named.texts], data.read.hasher)
        marked = np.flatnonzero(_marked(more, named.evidence))
        words = vstack([words, weighted(more.words, data.word_idf)], "csr")
        subwords = vstack([subwords, weighted(more.subwords, data.subword_idf)], "csr")
        new = weighted(more.sentences, data.sentence_idf)[marked]
        sentences = vstack([sentences, new], "csr")
        owners = np.concatenate([owners, len(told) + more.own[marked]])
        flagged = np.concatenate([flagged, len(told) + np.arange(len(named.texts))])
        told += named.signals
    views = (
        (models.words, words, flagged, 1.0),
        (models.subwords, subwords, flagged, 1.0),
        (models.sentences, sentences, owners, _SENTENCE),
    )
    for number, signal in enumerate(SIGNALS):
        has = np.array([signal in several for several in told]).astype(int)
        if not has[flagged].any():
            continue
        if has[flagged].all():
            models.intercept[number] = _CERTAIN
            continue
        models.intercept[number] = 0.0
        for coefficients, matrix, rows, share in views:
            if len(np.unique(has[rows])) < 2:
                continue
            learnt, intercept = fit_linear(matrix, has[rows], _balanced(has[rows]), _REGULARISATION)
            coefficients[:, number] = shortened(share * learnt, _DIGITS)
            models.intercept[number] += share * intercept
    return models


def _balanced(has: Ints) -> Floats:
    return np.asarray(np.where(has, 0.5 / has.sum(), 0.5 / (1 - has).sum()) * len(has))


def _marked(read: Read, evidence: Sequence[Sequence[str]]) -> Bools:
    """The sentences that evidence lies in; of a text without any, all."""
    marked = np.zeros(len(read.own), bool)
    for i, spans in enumerate(evidence):
        own = slice(int(read.first[i]), int(read.first[i + 1]))
        hit = evidence_sentences(read.texts[i], read.spans[i], [*map(folded, spans)])
        marked[own] = hit if any(hit) else True
    return marked
