"""The figures: the same as scikit-learn's where it has them, by hand where not; the thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import average_precision_score, roc_auc_score

from riskscan.learn.errors import DataError
from riskscan.learn.metrics import (
    at_threshold,
    bootstrap,
    effort_curve,
    expected_calibration_error,
    precision_recall,
    recall_at_effort,
    reliability,
    share,
    summary,
)
from riskscan.learn.threshold import Aim, choose_threshold

FLAGS = np.array([1.0, 0, 1, 0, 0, 0, 0, 0, 0, 1])
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05])
ONES = np.ones(10)


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 8), st.integers(1, 30)), min_size=2, max_size=60
    )
)
@settings(deadline=None)
def test_ranking_figures_are_those_of_scikit_learn(rows: list[tuple[bool, int, int]]) -> None:
    y, s, w = (np.array(column, float) for column in zip(*rows, strict=True))
    s = s / 8
    if len(set(y)) < 2:
        with pytest.raises(ValueError, match="flagged messages and others"):
            summary(y, s, w)
        return
    found = summary(y, s, w)
    assert_allclose(found["average_precision"], average_precision_score(y, s, sample_weight=w))
    assert_allclose(found["roc_auc"], roc_auc_score(y, s, sample_weight=w))
    turned = np.random.default_rng(0).permutation(len(y))
    again = summary(y[turned], s[turned], w[turned])
    assert_allclose(list(found.values()), list(again.values()))


def test_recall_at_effort() -> None:
    assert recall_at_effort(FLAGS, SCORES, ONES, 0.1) == pytest.approx(1 / 3)
    assert recall_at_effort(FLAGS, SCORES, ONES, 0.3) == pytest.approx(2 / 3)
    assert recall_at_effort(FLAGS, SCORES, ONES, 1.0) == 1
    # Ten messages of one score: a tenth read finds a tenth.
    assert recall_at_effort(FLAGS, ONES / 2, ONES, 0.1) == pytest.approx(0.1)
    effort, recall = effort_curve(FLAGS, SCORES, ONES)
    assert (effort[0], recall[0], effort[-1], recall[-1]) == (0, 0, 1, 1)
    heavy = np.where(FLAGS == 0, 10.0, 1.0)
    assert recall_at_effort(FLAGS, SCORES, heavy, 1 / 73) == pytest.approx(1 / 3)


def test_precision_recall_and_threshold_figures() -> None:
    recall, precision = precision_recall(FLAGS, SCORES, ONES)
    assert_allclose(recall[:3], [1 / 3, 1 / 3, 2 / 3])
    assert_allclose(precision[:3], [1, 1 / 2, 2 / 3])
    found = at_threshold(FLAGS, SCORES, ONES, 0.7)
    assert_allclose(list(found.values()), [2 / 3, 2 / 3, 2 / 3, 0.3])
    assert at_threshold(FLAGS, SCORES, ONES, 0.99)["f1"] == 0


def test_calibration() -> None:
    rng = np.random.default_rng(1)
    s = rng.random(20_000)
    y = (rng.random(20_000) < s).astype(float)
    w = np.ones_like(s)
    assert expected_calibration_error(y, s, w) < 0.02
    assert expected_calibration_error(y, s / 2, w) > 0.2
    assert expected_calibration_error(np.array([1.0, 0]), np.array([1.0, 0]), ONES[:2]) == 0
    points = reliability(y, s, w)
    assert sum(n for *_, n in points) == 20_000
    assert all(abs(mean - rate) < 0.06 for mean, rate, mass, n in points if n > 300)


def test_bootstrap_covers_and_repeats() -> None:
    rng = np.random.default_rng(2)
    y = (rng.random(400) < 0.2).astype(float)
    s = np.clip(rng.normal(0.3 + 0.2 * y, 0.15), 0, 1)
    first = bootstrap(y, s, samples=200, seed=3)
    assert first == bootstrap(y, s, samples=200, seed=3)
    assert first != bootstrap(y, s, samples=200, seed=4)
    for name, (value, low, high) in first.items():
        assert low <= value <= high, name
    value, low, high = first["roc_auc"]
    assert 0.02 < high - low < 0.3
    # Threads of many equal messages tell less than as many single ones.
    wide = bootstrap(np.tile(y, 5), np.tile(s, 5), groups=np.tile(np.arange(400), 5), samples=200)
    tight = bootstrap(np.tile(y, 5), np.tile(s, 5), samples=200)
    assert wide["roc_auc"][2] - wide["roc_auc"][1] > 1.5 * (
        tight["roc_auc"][2] - tight["roc_auc"][1]
    )


def test_bootstrap_intervals_mean_what_they_say() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for trial in range(50):
        y = (rng.random(300) < 0.3).astype(float)
        s = 1 / (1 + np.exp(-rng.normal(y, 1.0)))
        _, low, high = bootstrap(y, s, samples=100, seed=trial)["roc_auc"]
        # Two normals one standard deviation apart: Phi(1 / sqrt(2)).
        held += low <= 0.7602 <= high
    assert held >= 43


def test_shares_have_wilson_intervals() -> None:
    assert_allclose(share(8, 10), (0.8, 0.4902, 0.9433), atol=1e-4)
    assert share(5, 5)[1] < 0.6
    assert np.isnan(share(0, 0)).all()


@pytest.mark.parametrize(
    ("aim", "threshold"),
    [
        (Aim(recall=0.5), 0.65),
        (Aim(recall=1.0), 0.05),
        (Aim(precision=0.6), 0.65),
        (Aim(precision=1.0), 0.85),
        (Aim(budget=0.2), 0.75),
        (Aim(budget=0.29), 0.75),
        (Aim(threshold=0.123), 0.123),
        (Aim(), 0.65),
    ],
)
def test_thresholds(aim: Aim, threshold: float) -> None:
    chosen = choose_threshold(FLAGS, SCORES, ONES, aim)
    assert chosen == pytest.approx(threshold)


def test_weights_count_in_thresholds() -> None:
    heavy = np.where(FLAGS == 0, 5.0, 1.0)
    assert choose_threshold(FLAGS, SCORES, heavy, Aim(budget=0.2)) == pytest.approx(0.65)
    assert choose_threshold(FLAGS, SCORES, heavy, Aim(precision=0.6)) == pytest.approx(0.85)


def test_what_cannot_be_reached() -> None:
    with pytest.raises(DataError, match=r"precision of 0.9; the best is 0.50, with a recall of"):
        choose_threshold(FLAGS[1:], SCORES[1:], ONES[1:], Aim(precision=0.9))
    with pytest.raises(DataError, match=r"budget of 0.01 is less"):
        choose_threshold(FLAGS, SCORES, ONES, Aim(budget=0.01))
    with pytest.raises(DataError, match="Name one aim"):
        Aim(recall=0.8, budget=0.1)
    for bad in (0.0, -1.0, 1.5):
        with pytest.raises(DataError, match="share over 0"):
            Aim(recall=bad)
