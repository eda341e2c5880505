"""A text learnt from under one subject was measured under another, or without any."""

from __future__ import annotations

import pytest

from riskscan.learn import train as training
from riskscan.learn.data import DataSet, Example
from riskscan.learn.merge import merge

BODY = "We moved the second invoice of pump {} to the other ledger, so nobody will find it there."


def _texts(number: int, how: str) -> tuple[str, str]:
    body = BODY.format(number)
    return f"Pumps {number}\n\n{body}", body if how == "without" else f"[EXT] {number}\n\n{body}"


@pytest.mark.parametrize("how", ["without", "another"])
def test_copies_are_one_thread(how: str) -> None:
    pairs = [_texts(number, how) for number in range(20)]
    rows = [Example(text, int(k % 2 == 0)) for k, pair in enumerate(pairs) for text in pair]
    learning = merge([DataSet("a", tuple(rows))])
    group = dict(zip(learning.texts, learning.groups.tolist(), strict=True))
    assert len(set(group.values())) == 20
    assert all(group[one] == group[other] for one, other in pairs)
    fold = dict(zip(learning.texts, training._folds(learning, 5, 0).tolist(), strict=True))
    assert all(fold[one] == fold[other] for one, other in pairs)


def test_the_base_is_not_learnt_from_where_its_copy_is_measured() -> None:
    own, base = _texts(1, "without")
    learning = merge([DataSet("own", (Example(own, 1),))], [DataSet("base", (Example(base, 1),))])
    assert learning.groups[0] == learning.groups[1]


def test_what_many_write_alike_joins_no_threads() -> None:
    rows = [Example(f"Re: {n}\n\nThanks, will do.", 0, group=str(n)) for n in range(9)]
    assert len(set(merge([DataSet("a", tuple(rows))]).groups.tolist())) == 9
