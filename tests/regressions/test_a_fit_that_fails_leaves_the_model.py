"""``fit`` had thrown away what was learnt before it found that it cannot learn."""

from __future__ import annotations

import numpy as np
import pytest
from labelled_building import examples, one_thread
from sklearn.base import clone

from riskscan.detect.classifier import RiskClassifier

TEXTS = ["Hide it from them.", "The canteen opens.", "See you soon now."]


def _fitted() -> RiskClassifier:
    some = examples(24)
    return RiskClassifier(folds=2).fit([e.text for e in some], [e.flag for e in some])


@pytest.mark.parametrize(
    ("flags", "more", "parameters"),
    [
        ([1, 0, 0], {}, {}),
        ([1, 0, 1], {"groups": [0, 0, 0]}, {}),
        ([1, 0, 1], {}, {"c_words": -1.0}),
        ([1, 0, 1], {"domains": ["a", "b", "a"]}, {}),
    ],
)
def test_it_is_as_it_was(
    flags: list[int], more: dict[str, list[int]], parameters: dict[str, float]
) -> None:
    with one_thread():
        model = _fitted()
        before, print_ = model.predict_proba(TEXTS), model.fingerprint
        with pytest.raises(ValueError, match=r"."):
            model.set_params(**parameters).fit(TEXTS, flags, **more)
        assert model.fingerprint == print_
        assert np.array_equal(model.predict_proba(TEXTS), before)
        assert clone(model).get_params() == model.get_params()
