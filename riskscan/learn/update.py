"""Learning from decisions while a review goes on: a correction to the score, fitted in seconds.

Continuous active learning as in AutoTAR (G. V. Cormack and M. R. Grossman, "Autonomy and
reliability of continuous active learning for technology-assisted review", 2015): after each batch
of decisions a linear model is fitted anew on all of them, with a random few of the undecided
messages presumed not flagged. Where AutoTAR starts from one example, this starts from the score: to
its log-odds are added those of the linear model, standardised, so that the reviewer corrects the
score and does not replace it. With no flagged message it is the score. Features are those of the
classifier: hashed words, word sequences and subwords.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit, logit
from sklearn.svm import LinearSVC

from riskscan.detect.features import Hasher, weighted
from riskscan.detect.reading import Read

PRESUMED = 100
"""Undecided messages that are presumed not flagged in each fit, as in AutoTAR."""
_READ_AT_ONCE = 500
_ROWS = 5_000
_LONGEST_TEXT = 40_000
_LEAST, _MOST = 1e-6, 1 - 1e-6
# Log-odds that one standard deviation of what was learnt adds to the score. On the labels of Enron
# mail 0.3 to 2 did about as well; this was chosen on them.
_CORRECTION = 0.6
# Before so many messages are flagged there is nothing to learn from.
_FEWEST = 5
_COST = 0.11
_FLAGGED_COUNT = 10.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Features:
    """Texts as the learner sees them, shape (texts, features), every row of length 1 or empty.

    Some 6 KB a text of mail; making them takes little more memory than that.
    """

    def __init__(self, texts: Iterator[str] | Sequence[str]) -> None:
        hasher = Hasher()
        parts, some = list[tuple[csr_matrix, csr_matrix]](), list[str]()

        def read() -> None:
            done = Read(some, hasher)
            parts.append((done.words, done.subwords))

        for text in texts:
            some.append(text[:_LONGEST_TEXT])
            if len(some) == _READ_AT_ONCE:
                read()
                some = []
        if some or not parts:
            read()
        self.matrix = _joined(parts)


def _idf(parts: Sequence[csr_matrix], count: int) -> NDArray[np.float32]:
    """The classifier's ``inverse_frequency``, of ``count`` texts in several parts."""
    present = np.zeros(parts[0].shape[1], np.int64)
    for part in parts:
        present += np.bincount(part.indices, minlength=len(present))
    return np.log((1 + count) / (1 + present)).astype(np.float32) + np.float32(1)


def _joined(parts: list[tuple[csr_matrix, csr_matrix]]) -> csr_matrix:
    """One weighted matrix of all parts; each is let go of as soon as it is in."""
    count = sum(words.shape[0] for words, _ in parts)
    idfs = [_idf([part[kind] for part in parts], count) for kind in (0, 1)]
    size = sum(words.nnz + subwords.nnz for words, subwords in parts)
    columns = sum(matrix.shape[1] for matrix in parts[0])
    number = np.int32 if size < 2**31 else np.int64
    data, indices = np.empty(size, np.float32), np.empty(size, number)
    indptr = np.zeros(count + 1, number)
    at = row = 0
    parts.reverse()
    while parts:
        both = zip(parts.pop(), idfs, strict=True)
        halves = [weighted(matrix, idf) * np.float32(np.sqrt(0.5)) for matrix, idf in both]
        made = csr_matrix(hstack(halves, format="csr"))
        data[at : at + made.nnz], indices[at : at + made.nnz] = made.data, made.indices
        indptr[row + 1 : row + 1 + made.shape[0]] = made.indptr[1:] + at
        at, row = at + made.nnz, row + made.shape[0]
    return csr_matrix((data, indices, indptr), shape=(count, columns))


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a fit came to: a probability for each message, and what each feature adds to it."""

    probabilities: Floats
    weights: Floats


class Learner:
    """Corrects ``scores`` (probabilities) of the texts behind ``features`` by decisions on them."""

    def __init__(self, features: Features, scores: Floats, *, seed: int = 0) -> None:
        self.features = features
        self.prior: Floats = logit(np.clip(scores, _LEAST, _MOST))
        self.seed = seed

    def learn(self, rows: Ints, flags: Ints, *, round_number: int = 0) -> Learnt:
        """Fit on the decisions ``flags`` (1 flagged, 0 not) on the texts ``rows``.

        The same decisions in any order, seed and round give the same answer.
        """
        matrix = self.features.matrix
        if flags.sum() < _FEWEST:
            return Learnt(expit(self.prior), np.zeros(matrix.shape[1]))
        order = np.argsort(rows, kind="stable")
        rows, flags = rows[order], flags[order]
        rest = np.setdiff1d(np.arange(matrix.shape[0]), rows)
        rng = np.random.default_rng([self.seed, round_number])
        presumed = np.sort(rng.choice(rest, min(PRESUMED, len(rest)), replace=False))
        known = np.concatenate([flags, np.zeros(len(presumed), np.int64)])
        if known.all():
            return Learnt(expit(self.prior), np.zeros(matrix.shape[1]))
        weights = _fit(matrix[np.concatenate([rows, presumed])], known, self.seed)
        told = _products(matrix, weights)
        spread = float(told.std())
        scale = _CORRECTION / spread if spread else 0.0
        logits = self.prior + scale * (told - told.mean())
        # As many flagged messages are expected among those read as there were.
        logits += _level(logits[rows], int(flags.sum()))
        return Learnt(expit(logits), scale * weights)


def _products(matrix: csr_matrix, weights: Floats) -> Floats:
    """``matrix @ weights``, some rows at a time: at once, all of the matrix would be copied."""
    starts = range(0, matrix.shape[0], _ROWS)
    return np.concatenate([np.zeros(0), *(matrix[at : at + _ROWS] @ weights for at in starts)])


def _fit(matrix: csr_matrix, flags: Ints, seed: int) -> Floats:
    """Weights of the columns: a support vector machine, a flagged message counting more."""
    used = np.unique(matrix.indices)
    machine = LinearSVC(C=_COST, random_state=seed)
    counts = np.where(flags == 1, _FLAGGED_COUNT, 1.0)
    machine.fit(matrix[:, used], flags, sample_weight=counts)
    weights = np.zeros(matrix.shape[1])
    weights[used] = machine.coef_[0]
    return weights


def _level(logits: Floats, flagged: int) -> float:
    """What to add to ``logits`` for their probabilities to sum up to about ``flagged``.

    A normal prior with deviation 1 holds it near 0: the first dozen decisions say little of the
    level of all others.
    """
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        if float(expit(logits + middle).sum()) + middle < flagged:
            low = middle
        else:
            high = middle
    return (low + high) / 2
