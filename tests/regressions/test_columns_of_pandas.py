"""Evidence in a Series was looked up by its index, and quotations in an array were refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from labelled_building import examples, one_thread

from riskscan.detect.classifier import RiskClassifier

SOME = examples()
COLUMNS: dict[str, list[Any]] = {
    "evidence": [list(e.evidence) for e in SOME],
    "signals": [list(e.signals) for e in SOME],
    "domains": ["mail", "post"] * (len(SOME) // 2),
    "quoted": [f"On Monday somebody wrote: {e.text[-40:]}" for e in SOME],
}


def _fit(**columns: Any) -> RiskClassifier:
    texts, flags = [e.text for e in SOME], [(n // 2) % 3 == 0 for n in range(len(SOME))]
    with one_thread():
        return RiskClassifier(folds=2).fit(texts, np.array(flags, int), **columns)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_index_of_a_series_says_nothing(name: str) -> None:
    values = COLUMNS[name]
    backwards = pd.Series(values, index=range(len(values) - 1, -1, -1))
    assert _fit(**{name: backwards}).fingerprint == _fit(**{name: values}).fingerprint


def test_quotations_in_an_array() -> None:
    quoted = COLUMNS["quoted"]
    assert _fit(quoted=np.array(quoted)).fingerprint == _fit(quoted=quoted).fingerprint


def test_none_is_no_evidence() -> None:
    without = [several or None for several in COLUMNS["evidence"]]
    assert _fit(evidence=without).fingerprint == _fit(evidence=COLUMNS["evidence"]).fingerprint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("evidence", "one string"),
        ("evidence", [None]),
        ("evidence", 3),
        ("signals", "admission"),
        ("signals", [1]),
        ("domains", None),
        ("quoted", None),
    ],
)
def test_other_values_are_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must hold"):
        _fit(**{name: [value] * len(SOME)})


def test_groups_in_two_columns() -> None:
    with pytest.raises(ValueError, match="groups must hold one group for each text"):
        _fit(groups=np.zeros((len(SOME), 2), int))
