"""The report was wrong after a control sample when reading went on other than down the queue."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from loop_building import build_case, decide
from sqlalchemy import text

from riskscan.case import schema
from riskscan.case.chain import verify
from riskscan.case.decisions import Decision, Decisions
from riskscan.case.location import Place
from riskscan.case.open import connect, writing
from riskscan.learn.queue import Loop, next_batch
from riskscan.learn.recall import Stratum, flagged_bounds, left_bounds
from riskscan.learn.validate import draw, last_sample, measure


def sampled(case: Place, size: int, check: int = 0) -> list[int]:
    return [m for m, _, _ in draw(case, size=size, check=check).messages]


def holds(told: dict[str, Any], name: str, true: float) -> bool:
    return told[name]["low"] - 1e-6 <= true <= told[name]["high"] + 1e-6


@pytest.mark.parametrize("flagged", [True, False])
def test_what_was_chosen_by_its_content_is_taken_off(tmp_path: Path, flagged: bool) -> None:
    """All others that are flagged are found by a search; or all that are not are put aside."""
    case = tmp_path / "case"
    truth = build_case(case, 240)
    drawn = set(sampled(case, 120))
    decide(case, drawn, truth, "Bo")
    found = [m for m in truth if m not in drawn and bool(truth[m]) is flagged]
    decide(case, found, truth)
    told = measure(case)
    others = sum(truth[m] for m in found)
    assert (told["read_otherwise"], told["flagged_otherwise"]) == (len(found), others)
    left = sum(truth.values()) - others
    assert told["missed"]["low"] - 0.05 <= left <= told["missed"]["high"] + 0.05
    assert holds(told, "recall", others / sum(truth.values()))
    assert holds(told, "elusion", left / (240 - len(found)))
    assert holds(told, "elusion_binomial", left / (240 - len(found)))
    assert holds(told, "richness", sum(truth.values()) / 240)


def test_reading_down_the_queue_is_not_reading_otherwise(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    with closing(Loop(case)) as loop:
        loop.update()
        drawn = sampled(case, 40)
        decide(case, drawn, truth, "Bo")
        decide(case, [one.message for one in next_batch(case, 20)], truth)
        told = measure(case)
        assert told["read_otherwise"] == 0 and told["sample"]["reached"]
        loop.update()
        decide(case, [one.message for one in next_batch(case, 9)], truth)
        assert measure(case)["read_otherwise"] == 0
        # Undone again, it is unread, though the queue had passed it.
        loop.update()
        with closing(Decisions(case)) as ledger:
            ledger.undo("Ada")
        told = measure(case)
    assert (told["read_otherwise"], told["sample"]["reached"]) == (28, 0)
    found = told["flagged"]
    assert holds(told, "recall", found / sum(truth.values()))


def test_after_a_search_the_queue_reaches_nothing_of_the_sample(tmp_path: Path) -> None:
    """It passes what is like the hits of the search: of the sample all, of the others few."""
    case = tmp_path / "case"
    truth = build_case(case)
    with closing(Loop(case)) as loop:
        loop.update()
        drawn = set(sampled(case, 40))
        decide(case, drawn, truth, "Bo")
        decide(case, [m for m in truth if truth[m] and m not in drawn][-9:], truth)
        loop.update()
        decide(case, [one.message for one in next_batch(case, 20)], truth)
    told = measure(case)
    assert (told["sample"]["reached"], told["read_otherwise"]) == (0, 29)
    assert holds(told, "recall", told["flagged"] / sum(truth.values()))


def test_more_found_than_the_sample_allows_for_is_no_certainty() -> None:
    left = left_bounds([Stratum(1000, 100, 0, read=200, known=150)], 0.025, 0.025)
    assert left.low == 0
    assert left.high == flagged_bounds([Stratum(800, 100, 0)], 0.025, 0.025).high > 0


def test_changing_a_former_decision_reaches_nothing(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    decide(case, list(truth)[:20], truth)
    with closing(Loop(case)) as loop:
        loop.update()
        decide(case, sampled(case, 100), truth, "Bo")
        decide(case, list(truth)[:20], truth)
    assert measure(case)["sample"]["reached"] == 0


def test_unsure_messages_widen_every_interval_and_move_no_estimate(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    decide(case, list(truth)[:20], truth)
    drawn = sampled(case, 60)
    decide(case, drawn[:50], truth, "Bo")
    with closing(Decisions(case)) as ledger:
        ledger.decide("Bo", [Decision(m, "unsure") for m in drawn[50:]])
    told = measure(case)
    hits = sum(truth[m] for m in drawn[:50])
    assert told["elusion"]["value"] == pytest.approx(hits / 50)
    assert told["elusion_binomial"]["value"] == pytest.approx(hits / 50)
    assert told["missed"]["value"] == pytest.approx(100 * hits / 50, abs=0.05)
    # At either end all ten may be flagged, or none.
    assert told["elusion"]["low"] <= hits / 60
    assert told["elusion"]["high"] >= (hits + 10) / 60
    assert told["recall"]["low"] < told["recall"]["value"] < told["recall"]["high"]


def test_precision_is_of_what_was_flagged_at_the_draw(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case, 240)
    first = list(truth)[:60]
    with closing(Decisions(case)) as ledger:  # of what is flagged nearly half is wrong
        ledger.decide("Ada", [Decision(m, "flag" if m % 2 or truth[m] else "not") for m in first])
    flagged = sum(bool(m % 2 or truth[m]) for m in first)
    right = sum(truth[m] for m in first)
    decide(case, sampled(case, 60, check=100), truth, "Bo")
    others = set(truth) - set(first)
    with closing(Decisions(case)) as ledger:
        for entry in sorted(others)[:60]:
            ledger.decide("Ada", [Decision(entry, "flag" if truth[entry] else "not")])
    told = measure(case)
    assert told["sample"]["frame"]["flag"] == flagged
    assert holds(told, "precision", right / flagged)
    assert told["precision"]["high"] < 1


def test_messages_that_came_later_do_not_count(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    decide(case, list(truth)[:20], truth)
    drawn = sampled(case, 100)
    decide(case, drawn, truth, "Bo")
    before = measure(case)
    assert before["added_since"] == 0
    engine = connect(case)
    with writing(engine) as connection:
        columns = [f'"{c.name}"' for c in schema.messages.c if c.name != "id"]
        chosen = ", ".join(columns)
        added = chosen.replace('"content_hash"', "content_hash || 'x'")
        connection.execute(text(f"INSERT INTO messages ({chosen}) SELECT {added} FROM messages"))
        new = list(connection.execute(text(f"SELECT id FROM messages WHERE id > {max(truth)}")))
    engine.dispose()
    with closing(Decisions(case)) as ledger:
        ledger.decide("Ada", [Decision(key, "flag") for (key,) in new[:50]])
    after = measure(case)
    assert after["added_since"] == len(truth)
    assert after["recall"] == before["recall"]
    assert (after["reviewed"], after["flagged"]) == (before["reviewed"], before["flagged"])


@pytest.mark.parametrize("change", ["swap", "seed", "frame", "drop"])
def test_a_sample_that_was_changed_is_told(tmp_path: Path, change: str) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    decide(case, list(truth)[:20], truth)
    drawn = sampled(case, 30)
    decide(case, drawn, truth, "Bo")
    engine = connect(case)
    with engine.connect() as connection:
        assert not verify(connection).faults
    other = min(set(truth) - set(drawn) - set(list(truth)[:20]))
    with writing(engine) as connection:
        for statement in {
            "swap": [f"UPDATE sampled SET message_id = {other} WHERE position = 3"],
            "seed": ["UPDATE samples SET seed = 7"],
            "frame": ["""UPDATE samples SET frame = '{"undecided": 40, "not": 15, "flag": 5}'"""],
            "drop": ["DELETE FROM sampled", "DELETE FROM samples"],
        }[change]:
            connection.execute(text(statement))
    with engine.connect() as connection:
        (fault,) = verify(connection).faults
    engine.dispose()
    assert fault.kind == "sample"
    if change == "drop":
        sampled(case, 10)
        engine = connect(case)
        with engine.connect() as connection:
            made = last_sample(connection)
        engine.dispose()
        assert made is not None and made.number == 2
    elif change in ("seed", "frame"):
        assert measure(case)["chain"]["faults"] == [fault.reason]


def test_what_was_read_past_is_told_in_the_chain(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    with closing(Loop(case)) as loop:
        loop.update()
        decide(case, sampled(case, 40), truth, "Bo")
        decide(case, [one.message for one in next_batch(case, 20)], truth)
        loop.update()
    engine = connect(case)
    with engine.connect() as connection:
        assert not verify(connection).faults
    with writing(engine) as connection:
        connection.execute(text("UPDATE sampled SET reached = 1 WHERE reached IS NULL"))
    with engine.connect() as connection:
        (fault,) = verify(connection).faults
    engine.dispose()
    assert "read past" in fault.reason
