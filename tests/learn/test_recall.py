"""Intervals from random samples: they hold the truth as often as they say, for any truth."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from riskscan.learn.recall import (
    Stratum,
    clopper_pearson,
    flagged_bounds,
    least_sample,
    recall,
    recall_if_all_found,
    share,
    share_of_error,
)


@st.composite
def strata(draw: st.DrawFn, most: int = 400) -> Stratum:
    size = draw(st.integers(1, most))
    drawn = draw(st.integers(0, size))
    return Stratum(size, drawn, draw(st.integers(0, drawn)))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_a_share_is_held_with_the_confidence_whatever_it_is(
    size: int, data: st.DataObject, confidence: float
) -> None:
    drawn = data.draw(st.integers(1, size))
    error = (1 - confidence) / 2
    made = [flagged_bounds([Stratum(size, drawn, k)], error, error) for k in range(drawn + 1)]
    for truth in range(size + 1):
        chances = hypergeom.pmf(range(drawn + 1), size, truth, drawn)
        too_low = sum(p for p, one in zip(chances, made, strict=True) if truth > one.high)
        too_high = sum(p for p, one in zip(chances, made, strict=True) if truth < one.low)
        assert too_low <= error + 1e-9
        assert too_high <= error + 1e-9


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_two_strata_are_held_however_the_flagged_are_shared_out(
    first: int, second: int, data: st.DataObject
) -> None:
    one, other = data.draw(st.integers(1, first)), data.draw(st.integers(1, second))
    made = {
        (a, b): flagged_bounds([Stratum(first, one, a), Stratum(second, other, b)], 0.05, 0.05)
        for a in range(one + 1)
        for b in range(other + 1)
    }
    for m in range(first + 1):
        for n in range(second + 1):
            held = sum(
                hypergeom.pmf(a, first, m, one) * hypergeom.pmf(b, second, n, other)
                for (a, b), interval in made.items()
                if m + n in interval
            )
            assert held >= 0.9 - 1e-9


def test_many_allocations_are_bounded_from_outside() -> None:
    coarse = flagged_bounds([Stratum(9_000, 300, 4), Stratum(40_000, 900, 1)], 0.025, 0.025)
    # The truth that most easily looks so, in either stratum alone, is inside.
    for alone in (Stratum(9_000, 300, 4), Stratum(40_000, 900, 3)):
        assert coarse.high >= flagged_bounds([alone], 0.025, 0.025).low
    assert coarse.low <= coarse.value <= coarse.high


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 500), strata(), st.sampled_from([0.5, 0.9, 0.95]))
@example(1, Stratum(8, 7, 1), 0.5)
def test_recall_lies_between_nought_and_one_and_narrows_with_less_confidence(
    found: int, missed: Stratum, confidence: float
) -> None:
    made = recall(found, [missed], confidence)
    assert 0 <= made.low <= made.high <= 1
    if not math.isnan(made.value):
        assert made.value in made
    wider = recall(found, [missed], 0.99)
    assert wider.low <= made.low
    assert made.high <= wider.high


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), strata())
def test_recall_falls_with_each_message_found_in_the_sample(found: int, missed: Stratum) -> None:
    if missed.flagged < missed.drawn:
        more = Stratum(missed.size, missed.drawn, missed.flagged + 1)
        assert recall(found, [more]).low <= recall(found, [missed]).low
        assert recall(found, [more]).high <= recall(found, [missed]).high


def test_a_census_leaves_no_doubt() -> None:
    made = recall(40, [Stratum(100, 100, 10)])
    assert (made.low, made.value, made.high) == (0.8, 0.8, 0.8)


def test_decided_anew_counts_what_the_second_decision_says() -> None:
    made = recall(Stratum(40, 40, 20), [Stratum(100, 100, 20)])
    assert made.value == made.low == 0.5
    sampled = recall(Stratum(40, 20, 10), [Stratum(100, 100, 20)])
    assert sampled.low < 0.5 < sampled.high


def test_nothing_looked_at_says_nothing() -> None:
    assert math.isnan(recall(5, [Stratum(100, 0, 0)]).value)
    assert recall(5, [Stratum(100, 0, 0)]).low == pytest.approx(5 / 105)
    nothing = recall(0, [Stratum(100, 100, 0)])
    assert (nothing.low, nothing.high) == (0, 1)


def test_figures_known_from_tables() -> None:
    # Clopper and Pearson: 0 of 10, and 3 of 10.
    assert clopper_pearson(0, 10).high == pytest.approx(0.3085, abs=1e-4)
    made = clopper_pearson(3, 10)
    assert (made.low, made.high) == (
        pytest.approx(0.0667, abs=1e-4),
        pytest.approx(0.6525, abs=1e-4),
    )
    # In a very large number of messages the finite interval is the binomial one.
    finite = share(Stratum(10_000_000, 10, 3))
    assert (finite.low, finite.high) == (
        pytest.approx(made.low, abs=1e-4),
        pytest.approx(made.high, abs=1e-4),
    )


def test_all_of_ten_targets_mean_three_quarters() -> None:
    assert recall_if_all_found(10) == pytest.approx(0.741, abs=1e-3)
    assert recall_if_all_found(0) == 0


def test_samples_share_the_error_and_never_use_it_up() -> None:
    shares = [share_of_error(number) for number in range(1, 40)]
    assert shares[0] == 0.8
    assert sum(shares) <= 1
    assert shares == sorted(shares, reverse=True)


def test_the_least_sample_shows_the_goal_and_one_less_does_not() -> None:
    least = least_sample(400, 54_000, 0.8)
    assert least is not None
    assert recall(400, [Stratum(54_000, least, 0)]).low >= 0.8
    assert recall(400, [Stratum(54_000, least - 1, 0)]).low < 0.8
    assert least_sample(0, 100, 0.8) is None


def test_numbers_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Stratum(10, 11, 0)
    with pytest.raises(ValueError, match="confidence"):
        recall(1, [], 1.0)
    with pytest.raises(ValueError, match="two strata"):
        flagged_bounds([Stratum(5, 2, 1)] * 3, 0.05, 0.05)
