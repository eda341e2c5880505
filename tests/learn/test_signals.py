"""Which signal it is, learnt from what is flagged, from near misses, and from what was altered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from labelled_building import data_set, one_thread

from riskscan.detect.classifier import RiskClassifier
from riskscan.learn import train as training
from riskscan.learn.data import DataSet, Example
from riskscan.learn.merge import merge

MANY = data_set(90)
# No flagged example is of this signal, nor has such words.
ASKED = "Note\n\nThe caretaker loses his flat if he talks."
OTHERWISE = tuple(
    Example(
        text=f"Note {n}\n\nLunch is at noon. The caretaker in {n} loses his flat if he talks.",
        flag=1,
        signals=("pressure",),
        evidence=(f"The caretaker in {n} loses his flat if he talks.",),
        group=f"o{n}",
    )
    for n in range(40)
)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


def _fitted(**more: Any) -> RiskClassifier:
    return RiskClassifier(folds=2).fit(
        [e.text for e in MANY.examples],
        [e.flag for e in MANY.examples],
        groups=[e.group for e in MANY.examples],
        evidence=[e.evidence for e in MANY.examples],
        signals=[e.signals for e in MANY.examples],
        **more,
    )


def _signal(model: RiskClassifier) -> str:
    return model.assess([ASKED])[0].findings[0].signal


def test_further_texts_tell_which_signal_it_is_and_no_score() -> None:
    plain = _fitted()
    taught = _fitted(
        named=[e.text for e in OTHERWISE],
        named_signals=[e.signals for e in OTHERWISE],
        named_evidence=[e.evidence for e in OTHERWISE],
    )
    assert _signal(plain) != "pressure"
    assert _signal(taught) == "pressure"
    texts = [e.text for e in MANY.examples]
    assert np.array_equal(plain.predict_proba(texts), taught.predict_proba(texts))
    spans = [[(f.start, f.end) for f in a.findings] for a in plain.assess(texts)]
    assert [[(f.start, f.end) for f in a.findings] for a in taught.assess(texts)] == spans


def test_signals_can_be_learnt_from_further_texts_alone() -> None:
    texts = [e.text for e in (*MANY.examples, *OTHERWISE) if e.signals]
    named = [e.signals for e in (*MANY.examples, *OTHERWISE) if e.signals]
    some = [e.text for e in MANY.examples], [e.flag for e in MANY.examples]
    model = RiskClassifier(folds=2).fit(*some, named=texts, named_signals=named)
    assert _signal(model) == "pressure"


@pytest.mark.parametrize("column", ["named_signals", "named_evidence"])
def test_rows_that_do_not_fit_the_texts(column: str) -> None:
    with pytest.raises(ValueError, match=f"named has 2 texts and {column} has 1 rows"):
        _fitted(named=["one", "two"], **{column: [("threat",)]})


def _learnt(*sets: DataSet) -> tuple[RiskClassifier, list[RiskClassifier]]:
    made = training.learn(
        sets, (), unlabelled=False, seed=0, folds=2, classifier=RiskClassifier(folds=2),
        encoders=None, workers=1, say=lambda _: None,
    )  # fmt: skip
    return made.final, list(made.parts)


@pytest.mark.parametrize("kind", ["near miss", "altered"])
def test_near_misses_and_alterations_teach_it(kind: str) -> None:
    more = {
        "near miss": [
            replace(
                one, flag=0, signals=(), evidence=(), weight=3.0, chance=0.2,
                near_signals=one.signals, near_evidence=one.evidence,
            )
            for one in OTHERWISE
        ],
        "altered": [replace(one, altered=True, weight=0.0) for one in OTHERWISE],
    }[kind]  # fmt: skip
    final, parts = _learnt(MANY, DataSet("more", tuple(more)))
    assert {_signal(model) for model in [final, *parts]} == {"pressure"}


def test_none_of_the_thread_that_is_measured() -> None:
    one, other = OTHERWISE[:2]
    near = replace(one, flag=0, signals=(), near_signals=("threat",), near_evidence=("noon",))
    learning = merge([MANY, DataSet("more", (near, replace(other, altered=True)))])
    every = learning.named()
    assert sorted(every.signals) == [("pressure",), ("threat",)]
    assert ("noon",) in every.evidence
    place = learning.texts.index(one.text)
    left = learning.named(learning.groups[[place]])
    assert (left.texts, left.signals) == ([other.text], [("pressure",)])


def test_a_near_miss_shows_in_the_fingerprint() -> None:
    plain = MANY.examples[1]
    near = replace(plain, near_signals=("threat",))
    assert DataSet("x", (plain,)).fingerprint != DataSet("x", (near,)).fingerprint
