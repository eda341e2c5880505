"""What two of three reviewers flagged set the rate of a case, and was then not learnt from."""

from __future__ import annotations

from pathlib import Path

from loop_building import build_case, decide

from riskscan.case.read import Case
from riskscan.learn.data import read_data
from riskscan.learn.sampling import sampling


def test_the_rate_told_is_that_of_what_is_learnt(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case, 240)
    flagged = [m for m, flag in truth.items() if flag]
    others = [m for m, flag in truth.items() if not flag]
    decide(case, flagged[:40] + others[:20], truth, "one")
    decide(case, flagged[:40] + others[:20], truth, "two")
    decide(case, flagged[:20], dict.fromkeys(flagged, 0), "three")
    with Case(case) as opened, opened.connect() as connection:
        made = sampling(connection)
    assert made is not None
    learnt = [one for one in read_data(case, weights=made.weights).examples if not one.unsure]
    assert len(learnt) == 40
    total = sum(one.weight for one in learnt)
    rate = sum(one.weight for one in learnt if one.flag) / total
    assert abs(rate - made.rate) < 1e-9
