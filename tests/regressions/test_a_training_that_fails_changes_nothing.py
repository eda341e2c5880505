"""A fitted classifier lost its encoder to a call of ``fit`` that was refused."""

from __future__ import annotations

import pytest

from riskscan.detect.model import load_model
from riskscan.paths import shipped_model

TEXTS = ["Please shred the memo before the auditors come.", "Lunch is at noon.", "", "…"]


@pytest.mark.parametrize(
    ("texts", "flags", "columns"),
    [
        (TEXTS, [1, 0, 0, 0], {"domains": ["a"]}),
        (TEXTS, [0, 0, 0, 0], {}),
        (["", "\n", " ", ""], [1, 0, 1, 0], {}),
        (TEXTS, [1, 0, 0, 0], {"unlabelled": ["x"], "unlabelled_domains": ["elsewhere"]}),
    ],
)
def test_what_was_fitted_stays(texts: list[str], flags: list[int], columns: dict[str, str]) -> None:
    model = load_model(shipped_model("detector"))
    before = model.fingerprint, [one.score for one in model.assess(TEXTS)]
    with pytest.raises(ValueError):
        model.fit(texts, flags, **columns)
    assert (model.fingerprint, [one.score for one in model.assess(TEXTS)]) == before
