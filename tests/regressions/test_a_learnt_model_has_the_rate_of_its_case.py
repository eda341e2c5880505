"""A model learnt from a review took the rate among what was read for the rate of all mail."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from loop_building import build_case, decide
from sqlalchemy import select

from riskscan.case import schema
from riskscan.case.decisions import Decision, Decisions
from riskscan.case.open import connect, writing
from riskscan.case.read import Case
from riskscan.learn.sampling import read_reviewed
from riskscan.learn.validate import draw


def reviewed(place: Path, count: int) -> tuple[dict[int, int], list[int]]:
    """A case of which the flagged and a few others were read."""
    truth = build_case(place, count)
    flagged = [m for m, flag in truth.items() if flag]
    read = flagged[: len(flagged) - 4] + [m for m, flag in truth.items() if not flag][:9]
    decide(place, read, truth)
    return truth, read


def rate(place: Path) -> tuple[float, float]:
    """The share flagged that a model learns from the case, and how many messages it stands for."""
    data, _ = read_reviewed(place)
    total = sum(e.weight for e in data.examples)
    return sum(e.weight * e.flag for e in data.examples) / total, total


def test_without_a_sample_the_score_tells_the_rate(tmp_path: Path) -> None:
    truth, read = reviewed(tmp_path, 120)
    with Case(tmp_path) as case, case.connect() as connection:
        mail = schema.messages
        scores = {m: s for m, s in connection.execute(select(mail.c.id, mail.c.score))}
    expected = sum(truth[m] if m in read else scores[m] for m in truth) / 120
    assert rate(tmp_path) == pytest.approx((expected, 120))
    assert expected < sum(truth[m] for m in read) / len(read) / 2


def test_a_decided_sample_tells_it_better(tmp_path: Path) -> None:
    truth, read = reviewed(tmp_path, 240)
    drawn = [m for m, _, _ in draw(tmp_path, size=110).messages]
    before = rate(tmp_path)
    decide(tmp_path, drawn[:-1], truth, "Bo")
    assert rate(tmp_path) != before
    decide(tmp_path, drawn[-1:], truth, "Bo")
    data, sampling = read_reviewed(tmp_path)
    each = (240 - len(read)) / 110
    flagged = sum(truth[m] for m in read) + each * sum(truth[m] for m in drawn)
    assert sampling is not None
    assert sampling.rate == pytest.approx(flagged / 240)
    assert rate(tmp_path) == pytest.approx((flagged / 240, 240))
    assert {round(e.weight, 6) for e in data.examples} == {1.0, round(each, 6)}


def test_where_nothing_tells_the_rate_decisions_are_as_they_are(tmp_path: Path) -> None:
    reviewed(tmp_path, 60)
    engine = connect(tmp_path)
    with writing(engine) as connection:
        connection.execute(schema.messages.update().values(score=None))
    engine.dispose()
    data, sampling = read_reviewed(tmp_path)
    assert sampling is None
    assert {e.weight for e in data.examples} == {1.0}


def test_an_unsure_decision_tells_no_rate(tmp_path: Path) -> None:
    truth, read = reviewed(tmp_path, 120)
    unread = next(m for m in truth if m not in read)
    before = rate(tmp_path)[0]
    with closing(Decisions(tmp_path)) as ledger:
        ledger.decide("Ada", [Decision(unread, "unsure")])
    data, sampling = read_reviewed(tmp_path)
    assert sampling is not None
    assert sampling.rate == pytest.approx(before)
    assert sum(e.unsure for e in data.examples) == 1
