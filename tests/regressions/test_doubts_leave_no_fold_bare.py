"""Messages in doubt were dealt out like flagged ones: a fold could be left with one to learn."""

from __future__ import annotations

import numpy as np
import pytest

from riskscan.learn import train as training
from riskscan.learn.data import DataSet, Example
from riskscan.learn.merge import merge


@pytest.mark.parametrize("seed", range(12))
def test_each_fold_learns_of_most_that_is_flagged(seed: int) -> None:
    rows = [Example(f"Sure {n} of it", 1) for n in range(5)]
    rows += [Example(f"In doubt {n} of it", 1, unsure=True) for n in range(60)]
    rows += [Example(f"Nothing {n} of it", 0) for n in range(60)]
    learning = merge([DataSet("a", tuple(rows))])
    tested = training._folds(learning, 5, seed)
    sure = (learning.flags == 1) & ~learning.unsure
    assert sorted(tested[sure].tolist()) == [0, 1, 2, 3, 4]
    assert set(tested.tolist()) == {0, 1, 2, 3, 4}


def test_doubts_lie_where_their_thread_does() -> None:
    rows = [Example(f"One {n}", n % 2, group=str(n)) for n in range(20)]
    rows += [Example(f"Two {n}", 1, group=str(n), unsure=True) for n in range(20)]
    learning = merge([DataSet("a", tuple(rows))])
    tested = training._folds(learning, 4, 1)
    for group in np.unique(learning.groups):
        assert len(np.unique(tested[learning.groups == group])) == 1
