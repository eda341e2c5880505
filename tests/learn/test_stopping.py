"""Stopping rules: each stops where its paper says, and not before."""

from __future__ import annotations

import numpy as np
import pytest

from riskscan.learn.stopping import Reviewed, advise, consecutive, knee, quantci, target


def test_target_stops_once_the_queue_has_reached_all_of_a_large_enough_sample() -> None:
    assert not target(Reviewed([], target=9, reached=9)).stop
    assert not target(Reviewed([], target=10, reached=9)).stop
    assert not target(Reviewed([], target=10, reached=10, sampling=True)).stop
    stopped = target(Reviewed([], target=10, reached=10))
    assert stopped.stop
    assert "74%" in stopped.why


def test_quantci_stops_when_little_is_expected_among_the_unread() -> None:
    read = np.full(200, 0.95)
    assert quantci(Reviewed([], read=read, unread=np.full(500, 0.01))).stop
    assert not quantci(Reviewed([], read=read, unread=np.full(500, 0.2))).stop
    assert not quantci(Reviewed([])).stop


def test_quantci_wants_more_than_the_estimate() -> None:
    # An estimate of 81% from few messages is not sure to be 80%.
    few = Reviewed([], read=np.full(10, 0.81), unread=np.full(10, 0.19))
    many = Reviewed([], read=np.full(100_000, 0.81), unread=np.full(100_000, 0.19))
    assert not quantci(few).stop
    assert quantci(many).stop


def test_knee_stops_when_the_curve_has_turned_flat() -> None:
    assert knee(Reviewed([1] * 200 + [0] * 900)).stop
    assert not knee(Reviewed([1] * 200 + [0] * 700)).stop  # too few were read
    assert not knee(Reviewed([1, 0, 0, 0] * 400)).stop  # straight
    assert not knee(Reviewed([])).stop


def test_knee_wants_a_sharper_turn_with_fewer_flagged() -> None:
    tenth = [1] + [0] * 9
    assert not knee(Reviewed(tenth * 20 + [0] * 1000)).stop
    assert knee(Reviewed(tenth * 200 + [0] * 1000)).stop


def test_consecutive_counts_from_the_last_flagged() -> None:
    assert consecutive(Reviewed([1] + [0] * 50)).stop
    assert not consecutive(Reviewed([1] + [0] * 49)).stop
    assert not consecutive(Reviewed([0] * 500)).stop


def test_rules_combine() -> None:
    review = Reviewed([1] + [0] * 60, target=10, reached=3)
    assert advise(review, ["target", "consecutive"], how="any")[0]
    stop, advice = advise(review, ["target", "consecutive"])
    assert not stop
    assert [one.rule for one in advice] == ["target", "consecutive"]
    assert len(advise(review)[1]) == 4
    with pytest.raises(ValueError, match="no stopping rule"):
        advise(review, ["gut"])
    with pytest.raises(ValueError, match="no stopping rule"):
        advise(review, [])
