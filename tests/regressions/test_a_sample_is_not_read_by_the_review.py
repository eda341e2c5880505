"""The report said "Recall 100%" of a review that read 20 of 120 messages: all others were drawn."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from loop_building import build_case, decide

from riskscan.case import schema
from riskscan.case.open import connect, writing
from riskscan.learn.queue import Loop, held_out, next_batch
from riskscan.learn.reached import note_reached
from riskscan.learn.validate import draw, measure


@pytest.mark.parametrize("size", [50, 500])
def test_what_nobody_read_past_is_not_found_by_the_review(tmp_path: Path, size: int) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    decide(case, list(truth)[:20], truth)
    with closing(Loop(case)) as loop:
        loop.update()
        drawn = [m for m, _, _ in draw(case, size=size).messages]
        decide(case, drawn, truth, "Bo")
        next_batch(case, 5)  # handed out, but not decided
        loop.update()
        next_batch(case, 5)
    told = measure(case)
    found = sum(list(truth.values())[:20])
    true = found / sum(truth.values())
    assert (told["reviewed"], told["flagged"], told["unread"]) == (20, found, 100)
    assert told["sample"]["reached"] == 0
    assert told["recall"]["low"] - 1e-6 <= true <= told["recall"]["high"] + 1e-6
    if size > 100:
        assert told["recall"]["value"] == round(true, 6)


def test_a_message_found_by_search_far_down_reaches_nothing(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    drawn = {m for m, _, _ in draw(case, size=40).messages}
    decide(case, drawn, truth, "Bo")
    with closing(Loop(case)) as loop:
        loop.update()
        decide(case, [next_batch(case, 80)[-1].message], truth)
    assert measure(case)["sample"]["reached"] == 0


def test_notes_of_an_older_version_without_reading_do_not_count(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case)
    decide(case, list(truth)[:20], truth)
    with closing(Loop(case)) as loop:
        made = loop.update()
        drawn = [m for m, _, _ in draw(case, size=40).messages]
        decide(case, drawn, truth, "Bo")
    engine = connect(case)
    with writing(engine) as connection:
        connection.execute(
            schema.sampled.update()
            .where(schema.sampled.c.message_id.in_(drawn[:9]))
            .values(reached=made.id)
        )
        note_reached(connection)
        assert held_out(connection) == set(drawn[9:])
    engine.dispose()
    told = measure(case)
    assert (told["reviewed"], told["sample"]["reached"]) == (20, 0)
