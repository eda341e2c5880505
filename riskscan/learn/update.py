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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, logit
from sklearn.svm import LinearSVC

from riskscan.learn.features import Features

PRESUMED = 100
"""Undecided messages that are presumed not flagged in each fit, as in AutoTAR."""
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
        texts, columns = self.features.shape
        if flags.sum() < _FEWEST:
            return Learnt(expit(self.prior), np.zeros(columns))
        order = np.argsort(rows, kind="stable")
        rows, flags = rows[order], flags[order]
        rest = np.setdiff1d(np.arange(texts), rows)
        rng = np.random.default_rng([self.seed, round_number])
        presumed = np.sort(rng.choice(rest, min(PRESUMED, len(rest)), replace=False))
        known = np.concatenate([flags, np.zeros(len(presumed), np.int64)])
        if known.all():
            return Learnt(expit(self.prior), np.zeros(columns))
        weights = _fit(self.features.rows(np.concatenate([rows, presumed])), known, self.seed)
        told = self.features.products(weights)
        spread = float(told.std())
        scale = _CORRECTION / spread if spread else 0.0
        logits = self.prior + scale * (told - told.mean())
        # As many flagged messages are expected among those read as there were.
        logits += _level(logits[rows], int(flags.sum()))
        return Learnt(expit(logits), scale * weights)


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
