"""What is kept up to date with each decision says what reading all of them anew says."""

from __future__ import annotations

import random
from pathlib import Path

from loop_building import build_case

from riskscan.case.decisions import VERDICTS, Decision, Decisions
from riskscan.case.read import Case
from riskscan.review.columns import load
from riskscan.review.verdicts import Verdicts


def test_decisions_and_undos_taken_in_one_by_one(tmp_path: Path) -> None:
    messages, rng = list(build_case(tmp_path / "case", 20)), random.Random(5)
    ledger = Decisions(tmp_path / "case")
    with Case(tmp_path / "case") as case, case.connect() as connection:
        columns = load(connection.engine)
        kept = Verdicts()
        for _ in range(60):
            who = rng.choice(("Ann", "Ben", "Cleo"))
            if rng.random() < 0.3:
                ledger.undo(who)
            else:
                some = rng.sample(messages, rng.choice((1, 1, 4)))
                made = [Decision(m, rng.choice(VERDICTS), hot=rng.random() < 0.3) for m in some]
                ledger.decide(who, made, batch=len(made) > 1)
            kept.refresh(connection)
            anew = Verdicts()
            anew.refresh(connection)
            assert list(kept.settled().items()) == list(anew.settled().items())
            assert kept.counts() == anew.counts()
            assert kept.agreements() == anew.agreements()
            for wanted in ("any", "mine", "flag", "conflict", "hot"):
                rows = kept.mask(columns, wanted, "Ann")
                assert rows.tolist() == anew.mask(columns, wanted, "Ann").tolist()
    ledger.close()
