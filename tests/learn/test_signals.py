"""Which signal it is, learnt from what is flagged, from near misses, and from what was altered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from labelled_building import data_set, one_thread

from riskscan.detect.assessment import SIGNALS
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


def test_further_texts_in_a_table() -> None:
    frame = pd.DataFrame({"text": [e.text for e in OTHERWISE], "told": [["pressure"]] * 40})
    assert _signal(_fitted(named=frame["text"], named_signals=frame["told"])) == "pressure"


def test_signals_can_be_learnt_from_further_texts_alone() -> None:
    some = [e.text for e in MANY.examples], [e.flag for e in MANY.examples]
    told = [e for e in (*MANY.examples, *OTHERWISE) if e.signals]
    columns = {"named": [e.text for e in told], "named_signals": [e.signals for e in told]}
    alone = RiskClassifier(folds=2).fit(*some, **columns)
    assert _signal(alone) == "pressure"
    # What is flagged for reasons that nobody told is no example of other reasons.
    beside = _fitted(named=[e.text for e in OTHERWISE], named_signals=[("pressure",)] * 40)
    for answer, example in zip(alone.assess(some[0]), MANY.examples, strict=True):
        if example.flag:
            assert answer.findings[0].signal in example.signals
    assert _signal(beside) == "pressure"


def test_where_in_a_further_text_it_stands() -> None:
    """The same words in and beside what was marked tell of different signals."""
    noon, flat = "The bell rings in the tower at noon.", "The caretaker loses his flat."
    texts = [f"Note {n}\n\n{noon} {flat}" for n in range(40)]
    signals = [("pressure",), ("threat",)] * 20
    evidence = [(flat,), (noon,)] * 20
    model = _fitted(named=texts, named_signals=signals, named_evidence=evidence)
    asked = model.assess([noon, flat])
    assert [one.findings[0].signal for one in asked] == ["threat", "pressure"]


def test_beside_unlabelled_texts() -> None:
    more = {"unlabelled": [f"Ordinary note {n} about lunch." for n in range(30)]}
    named = {"named": [e.text for e in OTHERWISE], "named_signals": [("pressure",)] * 40}
    assert _signal(_fitted(**more)) != "pressure"
    assert _signal(_fitted(**more, **named)) == "pressure"


@pytest.mark.parametrize("column", ["named_signals", "named_evidence"])
def test_rows_that_do_not_fit_the_texts(column: str) -> None:
    columns = {"named_signals": [("threat",)] * 2, column: [("threat",)]}
    with pytest.raises(ValueError, match=f"named has 2 texts and {column} has 1 rows"):
        _fitted(named=["one", "two"], **columns)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"named": ["one"]}, "named texts need named_signals"),
        ({"named": "one", "named_signals": [("threat",)]}, "named must be a sequence of texts"),
        (
            {"named": ["one"], "named_signals": [("thread",)]},
            "named_signals holds 'thread', which is none of legal_doubt, ethical_unease",
        ),
        ({"signals": [("thread",)] * len(MANY.examples)}, "signals holds 'thread'"),
    ],
)
def test_what_names_no_signal(columns: dict[str, Any], told: str) -> None:
    texts, flags = [e.text for e in MANY.examples], [e.flag for e in MANY.examples]
    with pytest.raises(ValueError, match=told):
        RiskClassifier(folds=2).fit(texts, flags, **columns)


def test_further_texts_without_a_word() -> None:
    blank = {"named": ["", " "], "named_signals": [("pressure",)] * 2}
    assert _signal(_fitted(**blank)) in SIGNALS


def test_a_signal_that_all_have_is_the_likeliest() -> None:
    flags = [e.flag for e in MANY.examples]
    signals = [("admission",) if flag else () for flag in flags]
    model = RiskClassifier(folds=2).fit([e.text for e in MANY.examples], flags, signals=signals)
    assert _signal(model) == "admission"


def test_no_fold_hears_what_its_threads_would_be_flagged_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    near = [
        replace(e, near_signals=("threat",), near_evidence=()) for e in MANY.examples if not e.flag
    ]
    altered = [
        replace(e, text=f"{e.text} Nobody must know.", altered=True, weight=0.0)
        for e in MANY.examples
        if e.flag
    ]
    rows = (*(e for e in MANY.examples if e.flag), *near, *altered)
    heard: list[set[str]] = []

    def fit(classifier: RiskClassifier, learning: Any, named: Any) -> RiskClassifier:
        heard.append(set(named.texts))
        return classifier

    monkeypatch.setattr(training, "_fit", fit)
    made = training.learn(
        [DataSet("all", rows)], (), unlabelled=False, seed=0, folds=2,
        classifier=RiskClassifier(folds=2), encoders=None, workers=1, say=lambda _: None,
    )  # fmt: skip
    every, *folds = heard
    learning, tested = made.learning, made.tested
    assert every == {e.text for e in (*near, *altered)}
    assert len(folds) == 2
    for number, texts in enumerate(folds):
        asked = set(learning.groups[tested == number].tolist())
        known = zip(learning.texts, learning.groups.tolist(), strict=True)
        apart = {text for text, group in known if group in asked}
        assert texts == every - apart
        assert texts & {e.text for e in altered}


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
