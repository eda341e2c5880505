"""Folds by custodian: what is measured is the mail of people of whom a model knows nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_building import data_set, examples, one_thread

from riskscan.detect.classifier import RiskClassifier
from riskscan.learn import train as training
from riskscan.learn.data import DataSet, Example
from riskscan.learn.merge import Learning, merge
from riskscan.learn.train import train

MESSAGES = examples(60, seed=5)


def _of(texts: list[str], learning: Learning) -> dict[str, int]:
    groups = dict(zip(learning.texts, learning.groups.tolist(), strict=True))
    return {text: groups[text] for text in texts}


def test_a_mailbox_is_one_group_and_a_thread_stays_whole() -> None:
    texts = [f"Budget {n}\n\nThe {n}th draft of the budget is with the printer." for n in range(6)]
    ann = [Example(t, 0, group=f"a{n}", custodian="ann") for n, t in enumerate(texts[:3])]
    # A thread of Bob's with one answer by Ann, and a message of nobody's.
    bob = [Example(t, 0, group="b", custodian="bob") for t in texts[3:5]]
    answer = Example("Re: Budget\n\nAnn answers the two.", 0, group="b", custodian="ann")
    nobody = Example(texts[5], 0, group="n")
    found = _of([*texts, answer.text], merge([DataSet("x", (*ann, *bob, answer, nobody))]))
    assert len({found[t] for t in texts[:3]}) == 1
    assert found[texts[3]] == found[texts[4]] == found[answer.text] != found[texts[0]]
    assert found[texts[5]] not in {found[t] for t in texts[:5]}


def test_what_is_unlabelled_or_altered_lies_where_its_mailbox_does() -> None:
    labelled = replace(MESSAGES[0], group="1", custodian="ann")
    other = replace(MESSAGES[1], group="2", custodian="bob")
    more = Example("Lunch\n\nNoon at the corner?", 0, group="3", custodian="ann")
    changed = Example("Lunch\n\nNever noon.", 0, group="3", custodian="ann", altered=True)
    learning = merge([DataSet("x", (labelled, other), (more,))], [DataSet("y", (changed,))],
                     unlabelled=True)  # fmt: skip
    found = _of([labelled.text, other.text, changed.text], learning)
    assert found[labelled.text] == found[changed.text] == int(learning.unlabelled_groups[0])
    assert found[other.text] != found[labelled.text]


def test_without_custodians_groups_are_threads() -> None:
    plain = merge([DataSet("x", tuple(MESSAGES))])
    each = tuple(replace(e, custodian=f"of {e.group}") for e in MESSAGES)
    assert np.array_equal(merge([DataSet("x", each)]).groups, plain.groups)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), min_size=1, max_size=30))
def test_no_thread_is_split(of: list[tuple[int, int]]) -> None:
    made = tuple(
        Example(
            f"Item {n}\n\nNumber {n} of them.", 0, group=f"t{t}", custodian=f"c{c}" if c else ""
        )
        for n, (t, c) in enumerate(of)
    )
    learning = merge([DataSet("x", made)])
    thread = {e.text: e.group for e in made}
    groups = defaultdict(set)
    for text, group in zip(learning.texts, learning.groups.tolist(), strict=True):
        groups[thread[text]].add(group)
    assert all(len(one) == 1 for one in groups.values())
    assert set(learning.groups.tolist()) == set(range(int(learning.groups.max()) + 1))


def test_nobody_is_scored_by_a_model_that_saw_their_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = data_set().examples
    number = {group: n % 8 for n, group in enumerate(sorted({e.group for e in some}))}
    rows = [replace(e, unsure=False, custodian=f"c{number[e.group]}") for e in some]
    whose = {e.text: e.custodian for e in rows}
    seen: list[tuple[set[str], set[str]]] = []

    class Spy(RiskClassifier):
        def fit(self, X: Any, y: Any, **columns: Any) -> RiskClassifier:
            self.taught_ = {whose[text] for text in X}
            return super().fit(X, y, **columns)

        def assess(self, X: Any, quoted: Any = None) -> Any:
            seen.append((self.taught_, {whose[text] for text in X}))
            return super().assess(X, quoted)

    monkeypatch.setattr(training, "save_model", lambda *_: None)
    monkeypatch.setattr(training, "make_canonical", lambda *_: None)
    monkeypatch.setattr(training, "write_plots", lambda *_: {})
    with one_thread():
        told = train(
            [DataSet("mail", tuple(rows))],
            out=tmp_path / "m", folds=2, samples=20, classifier=Spy(folds=2),
        )  # fmt: skip
    assert len(seen) == 2
    assert all(taught.isdisjoint(asked) for taught, asked in seen)
    assert told["grouped_by"] == "custodian"
    card = (tmp_path / "m" / "README.md").read_text("utf-8")
    assert "a model that had not seen its mailbox (2 folds)" in card
    assert "a bootstrap over mailboxes" in card
