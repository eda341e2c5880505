"""Where the other folds could not reach the aim, the threshold came of the fold itself."""

from __future__ import annotations

import numpy as np
import pytest

from riskscan.detect.assessment import Assessment
from riskscan.learn import train as training
from riskscan.learn.data import DataSet, Example
from riskscan.learn.errors import DataError
from riskscan.learn.merge import merge
from riskscan.learn.threshold import Aim, choose_threshold


def test_another_fold_sets_the_nearest() -> None:
    rows = [Example(f"Text {n} of the set", n % 2) for n in range(40)]
    learning = merge([DataSet("a", tuple(rows))])
    # Of fold 0 the flagged ones score high, of fold 1 the others.
    fold = np.arange(40) % 2
    high = (fold == 0) == (learning.flags == 1)
    scores = np.where(high, np.where(fold == 0, 0.8, 0.6), 0.2) + np.arange(40) / 1000
    answers = [Assessment(float(score), (), ()) for score in scores]
    aim = Aim(precision=0.9)
    cut, each = training._thresholds(learning, answers, fold, aim)
    assert len(set(each[fold == 1])) == 1
    others = fold == 1
    flags, weights = learning.flags.astype(float), learning.weights
    with pytest.raises(DataError):
        choose_threshold(flags[others], scores[others], weights[others], aim)
    nearest = choose_threshold(flags[others], scores[others], weights[others], aim, nearest=True)
    assert set(each[fold == 0]) == {nearest}
    assert nearest != cut


def test_the_nearest_budget_is_the_highest_score() -> None:
    flags, scores = np.array([1.0, 0, 1, 0]), np.array([0.8, 0.8, 0.3, 0.1])
    aim = Aim(budget=0.2)
    with pytest.raises(DataError):
        choose_threshold(flags, scores, np.ones(4), aim)
    assert 0.3 < choose_threshold(flags, scores, np.ones(4), aim, nearest=True) <= 0.8
