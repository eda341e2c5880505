"""Honest figures: weighted ranking and calibration metrics with bootstrap intervals.

Every function takes ``weights``: how many messages of the mailbox each one stands for, so that
figures of an enriched sample are figures at the real rate. Flags are 0/1, scores 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float, float]
EFFORTS = (0.005, 0.01, 0.02, 0.05, 0.10)
# Where the bars of the calibration plot end: at the real rate nearly all scores are small.
RELIABILITY_EDGES = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_Z = {0.95: 1.959963984540054}


def cumulated(flags: Floats, scores: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """For each distinct score, highest first: it, the weight read, and the flagged weight found.

    Ties are read together, so that the order of the input does not matter.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last_of_tie = np.append(ordered[1:] != ordered[:-1], True)
    read = np.cumsum(weights[order])[last_of_tie]
    found = np.cumsum((weights * flags)[order])[last_of_tie]
    return ordered[last_of_tie], read, found


def effort_curve(flags: Floats, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Points (share of mailbox read, share of flagged found), worst first, from (0, 0)."""
    _, read, found = cumulated(flags, scores, weights)
    return _effort(read, found)


def _effort(read: Floats, found: Floats) -> tuple[Floats, Floats]:
    return (
        np.concatenate([[0.0], read / read[-1]]),
        np.concatenate([[0.0], found / max(found[-1], 1e-12)]),
    )


def recall_at_effort(flags: Floats, scores: Floats, weights: Floats, effort: float) -> float:
    """Share of flagged messages found when the top ``effort`` (0 to 1) of the mailbox is read.

    Messages of the same score are found in proportion to how many of them are read.
    """
    return float(np.interp(effort, *effort_curve(flags, scores, weights)))


def precision_recall(flags: Floats, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Points (recall, precision), highest score first."""
    _, read, found = cumulated(flags, scores, weights)
    return found / max(found[-1], 1e-12), found / np.maximum(read, 1e-12)


def _average_precision(read: Floats, found: Floats) -> float:
    steps = np.diff(found, prepend=0.0)
    return float((steps * found / np.maximum(read, 1e-12)).sum() / max(found[-1], 1e-12))


def _roc_auc(read: Floats, found: Floats) -> float:
    passed = np.concatenate([[0.0], read - found])
    caught = np.concatenate([[0.0], found])
    area = (np.diff(passed) * (caught[1:] + caught[:-1]) / 2).sum()
    return float(area / max(passed[-1] * caught[-1], 1e-12))


def expected_calibration_error(
    flags: Floats, scores: Floats, weights: Floats, bins: int = 10
) -> float:
    """Mean distance of score and observed rate over equal-width bins (Naeini et al. 2015)."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    mass = np.bincount(place, weights, bins)
    rate = np.bincount(place, weights * flags, bins)
    mean = np.bincount(place, weights * scores, bins)
    return float(np.abs(rate - mean).sum() / mass.sum())


def reliability(
    flags: Floats, scores: Floats, weights: Floats
) -> list[tuple[float, float, float, int]]:
    """Bins of the calibration plot: mean score, observed rate, weight, messages; empty ones out."""
    place = np.clip(np.digitize(scores, RELIABILITY_EDGES) - 1, 0, len(RELIABILITY_EDGES) - 2)
    points = []
    for number in np.unique(place):
        inside = place == number
        mass = float(weights[inside].sum())
        mean = float((weights * scores)[inside].sum() / mass)
        rate = float((weights * flags)[inside].sum() / mass)
        points.append((mean, rate, mass, int(inside.sum())))
    return points


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


def ranking(flags: Floats, scores: Floats, weights: Floats) -> dict[str, float]:
    """The figures that need no threshold."""
    _, read, found = cumulated(flags, scores, weights)
    effort, recall = _effort(read, found)
    return {
        "rate": float((weights * flags).sum() / weights.sum()),
        "average_precision": _average_precision(read, found),
        "roc_auc": _roc_auc(read, found),
        "calibration_error": expected_calibration_error(flags, scores, weights),
    } | {f"recall_at_{100 * e:g}%": float(np.interp(e, effort, recall)) for e in EFFORTS}


def summary(
    flags: Any, scores: Any, weights: Any | None = None, threshold: float = 0.5
) -> dict[str, float]:
    """All figures of one ranking, flat. Raises ValueError unless both flags occur."""
    y, s, w = _arrays(flags, scores, weights)
    return {
        "messages": float(len(y)),
        "flagged": float(y.sum()),
        **ranking(y, s, w),
        **{f"{k}_at_threshold": v for k, v in at_threshold(y, s, w, threshold).items()},
    }


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
    figures: Callable[[Floats, Floats, Floats, float], dict[str, float]] = summary,
) -> dict[str, Interval]:
    """Each figure with a percentile bootstrap interval: (value, low, high).

    Whole ``groups`` (threads) are drawn with replacement when given, since messages of a thread
    are not independent. A drawn message counts with its weight, as often as it was drawn; samples
    without both classes are left out. Raises ValueError unless both flags occur.
    """
    y, s, w = _arrays(flags, scores, weights)
    # Sorted once, so that the sort in each sample is the cheap one of a sorted array.
    order = np.argsort(-s, kind="stable")
    y, s, w = y[order], s[order], w[order]
    names = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    names, count = names[order], int(names.max()) + 1
    value = figures(y, s, w, threshold)
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in value}
    for _ in range(samples):
        times = np.bincount(rng.integers(0, count, count), minlength=count)[names]
        if not (times * y).any() or not (times * (1 - y)).any():
            continue
        for name, figure in figures(y, s, w * times, threshold).items():
            drawn[name].append(figure)
    tail = (1 - level) / 2
    return {name: (value[name], *_quantiles(drawn[name], tail)) for name in value}


def _quantiles(values: list[float], tail: float) -> tuple[float, float]:
    if not values:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def share(hits: int, total: int, level: float = 0.95) -> Interval:
    """A share with its Wilson score interval (Wilson 1927), which holds near 0 and 1 too."""
    if not total:
        return float("nan"), float("nan"), float("nan")
    z, p = _Z[level], hits / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * np.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return p, float(max(0.0, centre - half)), float(min(1.0, centre + half))


def _arrays(flags: Any, scores: Any, weights: Any | None) -> tuple[Floats, Floats, Floats]:
    y = np.asarray(flags, dtype=float)
    s = np.asarray(scores, dtype=float)
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=float)
    if not 0 < y.sum() < len(y):
        raise ValueError("there must be flagged messages and others")
    return y, s, w
