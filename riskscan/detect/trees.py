"""Boosted trees that join an expert's scores: grown by scikit-learn, kept and read as one array.

An array, so that a model file holds no type of scikit-learn's insides, and a damaged one cannot
lead its compiled code astray.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from riskscan.detect.linear import Floats, Ints, fit_level

_FEATURE, _THRESHOLD, _MISSING, _LEFT, _RIGHT, _VALUE = range(6)
# With this many leaves a tree is at most one level less deep.
_LEAVES = 6
_TREES = 120


def grow(inputs: Floats, flags: Ints, rising: Sequence[int]) -> Floats:
    """Boosted trees as rows of nodes, the roots first; a leaf has the feature -1.

    They never fall in a column of ``inputs`` that ``rising`` marks with 1 (monotone constraints).
    NaN is a value of its own.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    # It takes no column without any number.
    inputs = np.where(np.isnan(inputs).all(axis=0), 0.0, inputs)
    model = HistGradientBoostingClassifier(
        max_iter=_TREES,
        learning_rate=0.05,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=40,
        l2_regularization=5.0,
        monotonic_cst=list(rising),
        early_stopping=False,
        random_state=0,
    ).fit(inputs, flags)
    trees = [stage[0].nodes for stage in model._predictors]
    # Node 0 of each tree is its root: those go first, the others after them, tree by tree.
    places, free = [], len(trees)
    for number, tree in enumerate(trees):
        places.append(np.concatenate([[number], free + np.arange(len(tree) - 1)]))
        free += len(tree) - 1
    rows = np.zeros((free, 6))
    for tree, place in zip(trees, places, strict=True):
        leaf = tree["is_leaf"].astype(bool)
        rows[place, _FEATURE] = np.where(leaf, -1, tree["feature_idx"])
        rows[place, _THRESHOLD] = tree["num_threshold"]
        rows[place, _MISSING] = tree["missing_go_to_left"]
        rows[place, _LEFT] = np.where(leaf, place, place[tree["left"]])
        rows[place, _RIGHT] = np.where(leaf, place, place[tree["right"]])
        rows[place, _VALUE] = tree["value"]
    # What all texts have in common is in every leaf of the first tree.
    first = places[0][trees[0]["is_leaf"].astype(bool)]
    rows[first, _VALUE] += float(model._baseline_prediction[0, 0])
    return rows


def log_odds(nodes: Floats, inputs: Floats) -> Floats:
    """What the trees of ``grow`` say of each row of ``inputs``."""
    feature = nodes[:, _FEATURE].astype(int)
    left, right = nodes[:, _LEFT].astype(int), nodes[:, _RIGHT].astype(int)
    row = np.arange(len(inputs))[:, None]
    at = np.tile(np.arange(min(_TREES, len(nodes))), (len(inputs), 1))
    for _ in range(_LEAVES):
        value = inputs[row, feature[at]]
        low = np.where(np.isnan(value), nodes[at, _MISSING] > 0, value <= nodes[at, _THRESHOLD])
        at = np.where(low, left[at], right[at])
    return np.asarray(nodes[at, _VALUE].sum(axis=1))


def check_nodes(nodes: Floats, columns: int) -> None:
    """Raises ValueError where ``nodes`` are no trees over so many ``columns``."""
    if not isinstance(nodes, np.ndarray) or nodes.ndim != 2 or nodes.shape[1] != 6:
        raise ValueError("its trees are no nodes")
    numbers = nodes[:, [_FEATURE, _MISSING, _LEFT, _RIGHT, _VALUE]]
    # A node that only what is missing passes has an endless threshold.
    if nodes.dtype != float or not np.isfinite(numbers).all() or np.isnan(nodes).any():
        raise ValueError("its trees are not finite")
    feature, to = nodes[:, _FEATURE], nodes[:, [_LEFT, _RIGHT]]
    inside = (to >= 0).all() and (to < len(nodes)).all()
    if not (inside and (feature >= -1).all() and (feature < columns).all()):
        raise ValueError("its trees lead nowhere")


def fit_with_trees(
    inputs: Floats, more: Floats, rising: Sequence[int], flags: Ints, weight: Floats, groups: Ints
) -> tuple[LogisticRegression, Floats, float]:
    """A regression on ``inputs``, boosted trees on ``more``, and the trees' slope.

    The log-odds are the regression's and slope times the trees': both count half, before the level
    is set to what the weights say. The level is fitted on what trees say of groups that they have
    not seen.
    """
    regression = LogisticRegression(C=1.0, max_iter=2000).fit(inputs, flags)
    unseen = np.zeros(len(flags))
    parts = StratifiedGroupKFold(max(2, min(5, int(np.bincount(flags).min()))))
    for train, test in parts.split(more, flags, groups):
        unseen[test] = log_odds(grow(more[train], flags[train], rising), more[test])
    level = fit_level(0.5 * (regression.decision_function(inputs) + unseen), flags, weight)
    slope = 0.5 * float(level.coef_[0, 0])
    regression.coef_ = regression.coef_ * slope
    regression.intercept_ = regression.intercept_ * slope + level.intercept_
    return regression, grow(more, flags, rising), slope
