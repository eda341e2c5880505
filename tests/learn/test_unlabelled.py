"""Unlabelled messages teach what is ordinary, and never leak between training and measuring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_building import as_row, data_set, examples, one_thread, write_jsonl

from riskscan.detect.classifier import RiskClassifier
from riskscan.learn import train as training
from riskscan.learn.data import DataSet, read_data
from riskscan.learn.merge import merge
from riskscan.learn.seen import load_hashes, seen
from riskscan.learn.train import train

LABELLED = data_set()
ORDINARY = tuple(
    replace(e, flag=0, signals=(), evidence=()) for e in examples(40, seed=3) if not e.flag
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(training, "write_plots", lambda *_: {})
    with one_thread():
        yield


def _fit(unlabelled: list[str] | None, **columns: Any) -> RiskClassifier:
    rows = LABELLED.examples
    return RiskClassifier(folds=2).fit(
        [e.text for e in rows],
        [e.flag for e in rows],
        groups=[e.group for e in rows],
        evidence=[e.evidence for e in rows],
        unlabelled=unlabelled,
        **columns,
    )


def test_what_unlabelled_mail_is_full_of_counts_less() -> None:
    word = "zeppelin"
    noisy = [f"Note\n\nThe {word} is ready. {e.text}" for e in ORDINARY * 4]
    asked = [f"Note\n\nThe {word} is ready, and nobody can trace it back."]
    plain, taught = _fit(None), _fit(noisy)
    before = dict(plain.explain(asked[0]).words)[word]
    assert dict(taught.explain(asked[0]).words)[word] < before - 0.1


def test_unlabelled_rows_of_a_file_are_read_apart(tmp_path: Path) -> None:
    rows = [as_row(e) for e in LABELLED.examples]
    for row in rows[:10]:
        row["flag"] = None
    found = read_data(write_jsonl(tmp_path / "some.jsonl", rows))
    assert len(found.examples) == 50
    assert [e.text for e in found.unlabelled] == [e.text for e in LABELLED.examples[:10]]
    told = found.describe()
    assert told["unlabelled"] == 10
    assert (
        told["unlabelled_fingerprint"]
        != read_data(write_jsonl(tmp_path / "other.jsonl", rows[1:])).describe()[
            "unlabelled_fingerprint"
        ]
    )


def test_a_label_beats_no_label() -> None:
    twice = DataSet("one", LABELLED.examples, (*LABELLED.examples[:5], *ORDINARY))
    learning = merge([twice], unlabelled=True)
    assert set(learning.unlabelled) == {e.text for e in ORDINARY}
    assert not set(learning.unlabelled) & set(learning.texts)
    assert merge([twice]).unlabelled == []


def test_no_thread_is_measured_by_a_model_that_saw_its_unlabelled_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each labelled message has an unlabelled one of its thread beside it.
    beside = tuple(
        replace(e, text=e.text + "\nBeside.", flag=0, evidence=(), signals=())
        for e in LABELLED.examples
    )
    thread = {e.text: e.group for e in (*LABELLED.examples, *beside)}
    known: list[set[str]] = []

    class Spy(RiskClassifier):
        def fit(self, X: Any, y: Any, **columns: Any) -> RiskClassifier:
            known.append({thread[text] for text in columns["unlabelled"]})
            self.taught_ = known[-1]
            return super().fit(X, y, **columns)

        def assess(self, X: Any, quoted: Any = None) -> Any:
            assert not {thread[text] for text in X} & self.taught_
            return super().assess(X, quoted)

    monkeypatch.setattr(training, "save_model", lambda *_: None)
    monkeypatch.setattr(training, "make_canonical", lambda *_: None)
    told = train(
        [DataSet("mail", LABELLED.examples, beside)],
        out=tmp_path / "m",
        folds=2,
        samples=20,
        classifier=Spy(folds=2),
        unlabelled=True,
    )
    assert len(known) == 3
    assert len(known[0]) == 30
    assert told["examples"]["unlabelled"] == 60


def test_the_model_says_what_it_learnt_from(tmp_path: Path) -> None:
    mail = DataSet("mail", LABELLED.examples, ORDINARY)
    quick: dict[str, Any] = {"folds": 2, "samples": 20, "classifier": RiskClassifier(folds=2)}
    without = train([mail], out=tmp_path / "without", **quick)
    learnt = train([mail], out=tmp_path / "with", unlabelled=True, **quick)
    assert without["examples"]["unlabelled"] == 0
    assert learnt["examples"]["unlabelled"] == len(ORDINARY)
    assert learnt["fingerprint"] != without["fingerprint"]
    assert (
        json.loads((tmp_path / "with" / "model.json").read_text())["examples"]
        == (learnt["examples"])
    )
    # What was learnt as ordinary is no unseen message, should somebody label it later.
    texts = [e.text for e in ORDINARY]
    for name, count in (("without", 0), ("with", len(texts))):
        hashes = load_hashes(tmp_path / name)
        assert hashes is not None
        assert seen(texts, hashes).sum() == count
    card = (tmp_path / "with" / "README.md").read_text("utf-8")
    assert f"and {len(texts)} unlabelled ones" in card


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"unlabelled_groups": [1]}, "unlabelled has 2 texts and unlabelled_groups has 1 rows"),
        ({"unlabelled_domains": ["chat", "chat"]}, "no labelled text is of the domains"),
    ],
)
def test_columns_that_do_not_fit(columns: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _fit(["One.", "Two."], **columns)


def test_no_unlabelled_mail_is_as_none_given() -> None:
    texts = [e.text for e in ORDINARY]
    none = _fit(None).predict_proba(texts)
    assert np.array_equal(none, _fit([]).predict_proba(texts))
