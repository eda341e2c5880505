"""Of which domain a text is: its words tell, and where they say nothing, it is a long one's."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from labelled_building import examples, one_thread

from riskscan.detect.classifier import RiskClassifier

SOME = examples()
TEXTS, FLAGS = [e.text for e in SOME], [e.flag for e in SOME]
GROUPS = [e.group for e in SOME]
REST = " ".join(f"We met on day {i} and talked about the weather." for i in range(8))
MAIL = [f"{text} {REST}" for text in TEXTS]
POSTS = [f"lol {text}" for text in TEXTS]
NEITHER = "Quux zyzzyva plugh."


@cache
def _model(first: bool, second: bool) -> RiskClassifier:
    """Learnt from two domains, ``a`` and ``b``; each of long texts or not."""
    texts = [*(MAIL if first else POSTS), *(MAIL if second else POSTS)]
    with one_thread():
        return RiskClassifier(folds=2).fit(
            texts,
            FLAGS * 2,
            groups=[*GROUPS, *(f"b{group}" for group in GROUPS)],
            domains=np.repeat(["a", "b"], len(TEXTS)).tolist(),
        )


def _shares(model: RiskClassifier, text: str) -> tuple[float, float]:
    domains = model.explain(text).domains
    return domains["a"][0], domains["b"][0]


def test_words_tell() -> None:
    model = _model(True, False)
    assert _shares(model, MAIL[3])[0] > 0.95
    assert _shares(model, POSTS[3])[1] > 0.6


def test_in_doubt_it_is_a_long_one() -> None:
    assert _shares(_model(True, False), NEITHER)[0] > 0.7
    assert _shares(_model(False, True), NEITHER)[1] > 0.7


@pytest.mark.parametrize("long", [True, False])
def test_domains_of_like_length_are_alike(long: bool) -> None:
    assert _shares(_model(long, long), NEITHER)[0] == pytest.approx(0.5, abs=0.05)
