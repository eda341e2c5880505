"""Folds by custodian: what is measured is the mail of people of whom a model knows nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from labelled_building import examples

from riskscan.learn.data import DataSet, Example
from riskscan.learn.merge import Learning, merge

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
