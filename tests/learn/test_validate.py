"""Validation: the report's figures follow from the decisions on a blind sample."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from loop_building import build_case, decide

from riskscan.case.decisions import Decision, Decisions
from riskscan.case.open import CaseError
from riskscan.learn.queue import Loop, next_batch
from riskscan.learn.recall import Stratum, recall, share_of_error
from riskscan.learn.validate import draw, measure


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "case"


def test_after_a_review_the_sample_tells_what_it_missed(case: Path) -> None:
    truth = build_case(case)
    read = [m for m, flag in truth.items() if flag][:12] + [
        m for m, flag in truth.items() if not flag
    ][:28]
    decide(case, read, truth)
    sample = draw(case, size=50)
    drawn = [m for m, _, _ in sample.messages]
    assert not set(drawn) & set(read)
    decide(case, drawn, truth, "Bo")
    told = measure(case)
    hits = sum(truth[m] for m in drawn)
    confidence = 1 - 0.05 * share_of_error(1)
    wanted = recall(12, [Stratum(80, 50, hits)], confidence)
    assert told["recall"] == {
        "value": round(wanted.value, 6), "low": round(wanted.low, 6), "high": round(wanted.high, 6)
    }  # fmt: skip
    assert (told["messages"], told["reviewed"], told["flagged"], told["unread"]) == (
        120,
        40,
        12,
        80,
    )
    assert told["recall"]["low"] <= 12 / sum(truth.values()) <= told["recall"]["high"]
    assert told["richness"]["low"] <= sum(truth.values()) / 120 <= told["richness"]["high"]
    assert told["precision"] is None
    assert [one["reviewer"] for one in told["decided_by"]] == ["Bo"]
    assert told["shown_score"] == 0
    assert told["chain"]["faults"] == []


def test_a_census_of_the_rest_gives_the_very_recall(case: Path) -> None:
    truth = build_case(case)
    decide(case, list(truth)[:60], truth)
    sample = draw(case, size=500)
    decide(case, [m for m, _, _ in sample.messages], truth)
    told = measure(case)["recall"]
    exact = round(sum(list(truth.values())[:60]) / sum(truth.values()), 6)
    assert (told["low"], told["value"], told["high"]) == (exact, exact, exact)


def test_a_control_sample_drawn_before_counts_what_the_queue_reached(case: Path) -> None:
    truth = build_case(case)
    sample = draw(case, size=60)
    drawn = {m for m, _, _ in sample.messages}
    decide(case, drawn, truth, "Bo")
    loop = Loop(case)
    for _ in range(4):
        loop.update()
        decide(case, [one.message for one in next_batch(case, 8)], truth)
    loop.close()
    told = measure(case)
    reached = told["sample"]["reached"]
    assert 0 < reached < 60
    assert told["reviewed"] == 32 + reached
    assert told["recall"]["low"] <= told["flagged"] / sum(truth.values()) <= told["recall"]["high"]


def test_decided_anew_the_second_word_counts(case: Path) -> None:
    truth = build_case(case)
    wrong = {m: 1 for m in truth}  # the review flags whatever it reads
    decide(case, list(truth)[:30], wrong)
    sample = draw(case, size=90, check=60)
    assert {stratum for _, stratum, _ in sample.messages} == {"undecided", "flag"}
    decide(case, [m for m, _, _ in sample.messages], truth, "Bo")
    told = measure(case)
    right = sum(list(truth.values())[:30])
    assert told["precision"]["value"] == round(right / 30, 6)
    assert told["recall"]["value"] == round(right / sum(truth.values()), 6)


def test_unsure_counts_against_the_review_at_the_low_end_only(case: Path) -> None:
    truth = build_case(case)
    flagged = [m for m, flag in truth.items() if flag]
    decide(case, flagged, truth)
    sample = draw(case, size=500)
    messages = [m for m, _, _ in sample.messages]
    decide(case, messages[1:], truth)
    with closing(Decisions(case)) as ledger:
        ledger.decide("Ada", [Decision(messages[0], "unsure")])
    told = measure(case)
    assert told["unsure"] == 1
    assert told["recall"]["high"] == 1
    assert told["recall"]["low"] == round(len(flagged) / (len(flagged) + 1), 6)


def test_a_score_that_was_shown_is_told(case: Path) -> None:
    truth = build_case(case)
    sample = draw(case, size=2)
    with closing(Decisions(case)) as ledger:
        ledger.decide("Ada", [Decision(m, "not", score=0.2) for m, _, _ in sample.messages])
    assert measure(case)["shown_score"] == 2
    assert truth


def test_a_further_sample_has_less_error_to_make(case: Path) -> None:
    truth = build_case(case)
    first = draw(case, size=10)
    with pytest.raises(CaseError, match="still has 10 undecided"):
        draw(case, size=10)
    with pytest.raises(CaseError, match="10 of the 10 sampled messages are undecided"):
        measure(case)
    decide(case, [m for m, _, _ in first.messages], truth)
    assert measure(case)["confidence_of_intervals"] == 0.96
    second = draw(case, size=10)
    assert second.number == 2
    decide(case, [m for m, _, _ in second.messages], truth)
    told = measure(case)
    assert told["confidence_of_intervals"] == 0.995
    assert told["reviewed"] == 10  # the first sample is decided: it counts as read


def test_the_same_seed_draws_the_same_sample(tmp_path: Path) -> None:
    made = []
    for name, seed in (("a", 0), ("b", 0), ("c", 5)):
        build_case(tmp_path / name)
        made.append(draw(tmp_path / name, size=20, seed=seed))
    assert made[0].sha256 == made[1].sha256 != made[2].sha256


def test_the_interval_holds_the_truth_in_repeated_reviews(tmp_path: Path) -> None:
    """The whole way, over cases reviewed to different depths, with a control sample each."""
    held = []
    for seed in range(6):
        case = tmp_path / str(seed)
        truth = build_case(case, 60)
        sample = draw(case, size=20, seed=seed)
        decide(case, [m for m, _, _ in sample.messages], truth, "Bo")
        loop = Loop(case, seed=seed)
        for _ in range(1 + seed % 2):
            loop.update()
            decide(case, [one.message for one in next_batch(case, 6)], truth)
        loop.close()
        told = measure(case)
        true = told["flagged"] / sum(truth.values())
        held.append(told["recall"]["low"] - 1e-6 <= true <= told["recall"]["high"] + 1e-6)
    assert sum(held) >= 5


def test_nothing_to_sample_is_a_sentence(case: Path) -> None:
    truth = build_case(case, 12)
    with pytest.raises(CaseError, match="No sample was drawn"):
        measure(case)
    decide(case, truth, truth)
    with pytest.raises(CaseError, match="Every message of the case is decided"):
        draw(case)
