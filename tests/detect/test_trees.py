"""The boosted trees say what scikit-learn's say, and never less where a score is more."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from riskscan.detect.trees import grow, log_odds

DRAW = np.random.default_rng(7)
INPUTS = DRAW.normal(size=(800, 3))
INPUTS[:300, 2] = np.nan
FLAGS = (INPUTS[:, 0] + np.nan_to_num(INPUTS[:, 2]) + DRAW.normal(size=800) > 1).astype(int)
RISING = [1, 0, 1]


def test_they_say_what_scikit_learn_says() -> None:
    theirs = HistGradientBoostingClassifier(
        max_iter=120,
        learning_rate=0.05,
        max_leaf_nodes=6,
        min_samples_leaf=40,
        l2_regularization=5.0,
        monotonic_cst=RISING,
        early_stopping=False,
        random_state=0,
    ).fit(INPUTS, FLAGS)
    asked = DRAW.normal(size=(400, 3)) * 2
    asked[::3, 2] = np.nan
    asked[::5, 1] = np.nan
    told = log_odds(grow(INPUTS, FLAGS, RISING), asked)
    np.testing.assert_allclose(told, theirs.decision_function(asked), atol=1e-12)


def test_they_never_fall_where_a_score_rises() -> None:
    nodes = grow(INPUTS, FLAGS, RISING)
    for column in (0, 2):
        asked = np.repeat(DRAW.normal(size=(20, 1, 3)), 50, axis=1)
        asked[:, :, column] = np.linspace(-4, 4, 50)
        told = log_odds(nodes, asked.reshape(-1, 3)).reshape(20, 50)
        assert (np.diff(told, axis=1) >= -1e-12).all()
        assert (told[:, -1] > told[:, 0]).all()


def test_a_column_without_a_number_says_nothing() -> None:
    inputs = INPUTS.copy()
    inputs[:, 2] = np.nan
    nodes = grow(inputs, FLAGS, RISING)
    assert np.isfinite(log_odds(nodes, inputs)).all()
    assert len(log_odds(nodes, inputs[:0])) == 0
