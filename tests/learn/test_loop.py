"""The loop over a case: it learns from decisions, mixes its batches, and keeps samples apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from loop_building import build_case, decide

from riskscan.case.location import Location
from riskscan.case.open import connect, writing
from riskscan.case.read import Case
from riskscan.learn.queue import Loop, compose, held_out, next_batch, ranking
from riskscan.learn.reached import note_reached
from riskscan.learn.validate import draw, last_sample, undecided


@pytest.fixture
def case(case_place: Location) -> Location:
    return case_place


def ranked(case: Location) -> list[tuple[int, float, str]]:
    with Case(case) as opened, opened.connect() as connection:
        return list(ranking(connection))


def test_before_any_decision_the_score_orders(case: Location) -> None:
    truth = build_case(case)
    assert ranked(case) == []
    assert next_batch(case, 5) == []
    loop = Loop(case)
    made = loop.update()
    assert (made.decided, made.flagged, made.ranked) == (0, 0, len(truth))
    first = [one for one in next_batch(case, 30) if one.why == "likely"]
    assert [one.probability for one in first] == sorted(
        (one.probability for one in first), reverse=True
    )
    assert all(truth[one.message] for one in first[:5])
    loop.close()


def test_what_is_decided_moves_like_messages_up(case: Location) -> None:
    truth = build_case(case, 240)
    loop = Loop(case)
    loop.update()
    # The score knows only every other flagged message; the words of these tell of the others.
    before = {m: place for place, (m, _, _) in enumerate(ranked(case))}
    known = [m for m, flag in truth.items() if flag][::2]
    others = [m for m, flag in truth.items() if not flag][:40]
    decide(case, known + others, truth)
    made = loop.update()
    loop.close()
    assert (made.decided, made.flagged) == (len(known) + 40, len(known))
    after = {m: place for place, (m, _, _) in enumerate(ranked(case))}
    unknown = [m for m, flag in truth.items() if flag and m not in known]
    assert np.mean([after[m] for m in unknown]) < np.mean([before[m] for m in unknown]) / 2
    assert any(weight > 0 for _, weight in made.learnt)
    ends = {part for word, _ in made.learnt for part in (word.split()[0], word.split()[-1])}
    assert not ends & {"the", "of", "to", "and", "we", "it", "is", "for", "you", "that", "in"}


def test_the_next_update_is_due_after_a_batch_that_grows(case: Location) -> None:
    truth = build_case(case)
    loop = Loop(case)
    ids = list(truth)
    decide(case, ids[:9], truth)
    assert not loop.due()
    decide(case, ids[9:10], truth)
    assert loop.due()
    assert loop.update().batch == 11
    assert not loop.due()
    loop.close()


def test_decided_messages_are_not_queued_and_all_are_ranked_once(case: Location) -> None:
    truth = build_case(case)
    loop = Loop(case)
    decide(case, list(truth)[:20], truth)
    loop.update()
    loop.close()
    decide(case, list(truth)[20:25], truth)
    batch = next_batch(case, 1000)
    assert {one.message for one in batch} == set(list(truth)[25:])
    assert sorted(m for m, _, _ in ranked(case)) == sorted(truth)


def test_the_same_decisions_and_seed_give_the_same_queue(tmp_path: Path) -> None:
    queues = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        truth = build_case(tmp_path / name)
        decide(tmp_path / name, list(truth)[:60], truth)
        loop = Loop(tmp_path / name, seed=seed)
        loop.update()
        loop.close()
        queues.append(next_batch(tmp_path / name, 60))
    assert queues[0] == queues[1] != queues[2]


def test_a_batch_is_mostly_likely_and_partly_random_and_uncertain() -> None:
    probabilities = np.linspace(0.9, 0.001, 2000)
    picks = compose(probabilities, np.ones(2000, bool), 200, np.random.default_rng(0))
    why = [reason for _, reason in picks]
    assert [why.count(one) for one in ("likely", "random", "uncertain")] == [180, 10, 10]
    assert len({row for row, _ in picks}) == 200
    assert sorted(row for row, reason in picks if reason == "likely") == list(range(180))
    # Whoever reads the first tenth has met some of each.
    assert {"likely", "random", "uncertain"} == set(why[:20])
    assert compose(probabilities, np.zeros(2000, bool), 10, np.random.default_rng(0)) == []


def test_a_blind_sample_is_not_learnt_from_until_the_queue_comes_to_it(case: Location) -> None:
    truth = build_case(case)
    sample = draw(case, size=40)
    drawn = [m for m, _, _ in sample.messages]
    decide(case, drawn, truth, "Bo")
    loop = Loop(case)
    assert loop.update().decided == 0
    with Case(case) as opened, opened.connect() as connection:
        assert held_out(connection) == set(drawn)
    batch = [one.message for one in next_batch(case, 30)]
    assert not set(batch) & set(drawn)
    with Case(case) as opened, opened.connect() as connection:
        assert held_out(connection) == set(drawn), "nobody has read on yet"
    # Who reads on passes sampled messages: they need no second reading, and now teach.
    decide(case, batch, truth)
    next_batch(case, 1)
    with Case(case) as opened, opened.connect() as connection:
        left = held_out(connection)
    reached = set(drawn) - left
    assert reached
    assert loop.update().decided == len(batch) + len(reached)
    loop.close()


def test_a_sample_is_decided_in_its_order(case: Location) -> None:
    truth = build_case(case)
    sample = draw(case, size=10)
    order = [m for m, _, _ in sample.messages]
    with Case(case) as opened, opened.connect() as connection:
        assert undecided(connection, sample) == order
        decide(case, order[:4], truth)
    with Case(case) as opened, opened.connect() as connection:
        again = last_sample(connection)
        assert again == sample
        assert undecided(connection, sample) == order[4:]


def test_reached_is_noted_once(case: Location) -> None:
    truth = build_case(case)
    sample = draw(case, size=40)
    drawn = [m for m, _, _ in sample.messages]
    loop = Loop(case)
    loop.update()
    decide(case, [one.message for one in next_batch(case, 20)], truth)
    engine = connect(case)
    for _ in range(2):
        with writing(engine) as connection:
            note_reached(connection)
            left = held_out(connection)
            again = last_sample(connection)
        assert again is not None
        assert {m for m, _, reached in again.messages if reached} == set(drawn) - left != set()
    loop.update()
    loop.close()
    with writing(engine) as connection:
        assert held_out(connection) == left, "in the new queue nobody has read on"
    engine.dispose()
