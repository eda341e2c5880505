"""Honest figures: weighted ranking and calibration metrics with bootstrap intervals.

Every function takes ``weights``: how many messages of the mailbox each one stands for, so that
figures of an enriched sample are figures at the real rate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

Floats = NDArray[np.float64]
EFFORTS = (0.005, 0.01, 0.02, 0.05, 0.10)


def recall_at_effort(flags: Floats, scores: Floats, weights: Floats, effort: float) -> float:
    """Share of flagged messages found when the top ``effort`` (0 to 1) of the mailbox is read.

    Ties are read together in proportion, so that the order of the input does not matter.
    """
    curve_effort, curve_recall = effort_curve(flags, scores, weights)
    return float(np.interp(effort, curve_effort, curve_recall))


def effort_curve(flags: Floats, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Points (share of mailbox read, share of flagged found), worst first, from (0, 0) to (1, 1)."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last_of_tie = np.append(ordered[1:] != ordered[:-1], True)
    read = np.cumsum(weights[order])[last_of_tie]
    found = np.cumsum((weights * flags)[order])[last_of_tie]
    return (
        np.concatenate([[0.0], read / read[-1]]),
        np.concatenate([[0.0], found / max(found[-1], 1e-12)]),
    )


def expected_calibration_error(
    flags: Floats, scores: Floats, weights: Floats, bins: int = 10
) -> float:
    """Mean distance of score and observed rate over equal-width bins (Naeini et al. 2015)."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    mass = np.bincount(place, weights, bins)
    rate = np.bincount(place, weights * flags, bins)
    mean = np.bincount(place, weights * scores, bins)
    return float(np.abs(rate - mean).sum() / mass.sum())


def at_threshold(
    flags: Floats, scores: Floats, weights: Floats, threshold: float
) -> dict[str, float]:
    """Precision, recall, F1 and share of the mailbox flagged at a threshold."""
    over = scores >= threshold
    hit = float((weights * flags)[over].sum())
    flagged = float(weights[over].sum())
    positive = float((weights * flags).sum())
    precision = hit / flagged if flagged else 0.0
    recall = hit / positive if positive else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "share_flagged": flagged / float(weights.sum()),
    }


def summary(
    flags: Any, scores: Any, weights: Any | None = None, threshold: float = 0.5
) -> dict[str, float]:
    """All figures of one ranking as a flat dictionary; flags 0/1, scores in 0 to 1."""
    y = np.asarray(flags, dtype=float)
    s = np.asarray(scores, dtype=float)
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=float)
    figures = {
        "messages": float(len(y)),
        "flagged": float(y.sum()),
        "rate": float((w * y).sum() / w.sum()),
        "average_precision": float(average_precision_score(y, s, sample_weight=w)),
        "roc_auc": float(roc_auc_score(y, s, sample_weight=w)),
        "calibration_error": expected_calibration_error(y, s, w),
    }
    figures |= {f"recall_at_{100 * e:g}%": recall_at_effort(y, s, w, e) for e in EFFORTS}
    figures |= {f"{k}_at_threshold": v for k, v in at_threshold(y, s, w, threshold).items()}
    return figures


def bootstrap(
    flags: Any,
    scores: Any,
    weights: Any | None = None,
    *,
    groups: Any | None = None,
    threshold: float = 0.5,
    samples: int = 500,
    level: float = 0.95,
    seed: int = 0,
    figures: Callable[..., dict[str, float]] = summary,
) -> dict[str, tuple[float, float, float]]:
    """Each figure with a percentile bootstrap interval: (value, low, high).

    Whole ``groups`` (threads) are drawn with replacement when given, since messages of a thread
    are not independent. Samples without both classes are left out.
    """
    y = np.asarray(flags, dtype=float)
    s = np.asarray(scores, dtype=float)
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=float)
    names = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    members = np.split(np.argsort(names, kind="stable"), np.cumsum(np.bincount(names))[:-1])
    value = figures(y, s, w, threshold)
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in value}
    for _ in range(samples):
        pick = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        if not 0 < y[pick].sum() < len(pick):
            continue
        for name, figure in figures(y[pick], s[pick], w[pick], threshold).items():
            drawn[name].append(figure)
    tail = (1 - level) / 2
    return {
        name: (
            value[name],
            float(np.quantile(drawn[name], tail)),
            float(np.quantile(drawn[name], 1 - tail)),
        )
        for name in value
    }
