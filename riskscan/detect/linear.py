"""The linear models that an expert is made of, and the regression that joins them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int_]
Bools = NDArray[np.bool_]


def fit_aggregator(inputs: Floats, flags: Ints, weight: Floats) -> LogisticRegression:
    """Logistic regression whose slopes count every text alike, and whose level the real weights.

    A flagged message that stands for a hundred others would otherwise bend the slopes alone.
    """
    model = LogisticRegression(C=1.0, max_iter=2000)
    model.fit(inputs, flags)
    level = fit_level(model.decision_function(inputs), flags, weight)
    model.coef_ = model.coef_ * level.coef_[0, 0]
    model.intercept_ = model.intercept_ * level.coef_[0, 0] + level.intercept_
    return model


def fit_level(logits: Floats, flags: Ints, weight: Floats) -> LogisticRegression:
    """Slope and level that make log-odds of texts those of the messages they stand for.

    Fitted to targets short of 0 and 1 by as much as so few messages leave open: twenty texts that
    fall apart cleanly would else be as sure as twenty thousand (Platt 1999).
    """
    yes, no = float(weight[flags == 1].sum()), float(weight[flags == 0].sum())
    hoped = np.where(flags == 1, (yes + 1) / (yes + 2), 1 / (no + 2))
    return LogisticRegression(C=1.0, max_iter=2000).fit(
        np.concatenate([logits, logits])[:, None],
        np.repeat([1, 0], len(flags)),
        sample_weight=np.concatenate([weight * hoped, weight * (1 - hoped)]),
    )


def fit_linear(matrix: csr_matrix, flags: Ints, counts: Floats, c: float) -> tuple[Floats32, float]:
    """Logistic regression over the columns in use; its coefficients over all columns."""
    size = matrix.shape[1]
    used = np.flatnonzero(np.bincount(matrix.indices, minlength=size))
    if not len(used):
        # Texts without a word of Latin letters have no pieces of words.
        flagged = float(counts[flags == 1].sum()) / float(counts.sum())
        return np.zeros(size, np.float32), float(np.log(flagged / (1 - flagged)))
    # Cutting columns out of a large matrix costs more than fitting it; an empty column learns 0.
    if 2 * len(used) < size:
        matrix = matrix[:, used]
    else:
        used = np.arange(size)
    model = LogisticRegression(C=c, max_iter=500, tol=1e-5)
    model.fit(matrix, flags, sample_weight=counts)
    coefficients = np.zeros(size, np.float32)
    coefficients[used] = model.coef_[0]
    return shortened(coefficients), float(model.intercept_[0])


def shortened(values: Floats32, digits: int = 9) -> Floats32:
    """Numbers to nine binary digits, or so many: a model file of them is nearly half as large."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    left = 24 - digits
    half, kept = np.uint32(1 << (left - 1)), np.uint32(2**32 - (1 << left))
    return ((bits + half) & kept).view(np.float32)
