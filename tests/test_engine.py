"""The engine: order, bounded flight, errors, and workers that die."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from riskscan.engine import Bounds, Culprit, Engine, peak_rss
from riskscan.engine import engine as engine_module

DEADLY = 13


def double(parts: list[int]) -> list[int]:
    return [2 * part for part in parts]


def slow_first(parts: list[int]) -> list[int]:
    time.sleep(0.2 if parts[0] == 0 else 0)
    return parts


def die_on_deadly(parts: list[int]) -> list[int]:
    if DEADLY in parts:
        os.kill(os.getpid(), signal.SIGKILL)
    return parts


def refuse(parts: list[int]) -> list[int]:
    raise ZeroDivisionError("no such share")


def own_pid(parts: list[int]) -> list[int]:
    return [os.getpid() for _ in parts]


def take_memory(parts: list[int]) -> list[int]:
    return [len(bytearray(part)) for part in parts]


def numbered(count: int, each: int = 1) -> Iterator[tuple[int, list[int]]]:
    for number in range(count):
        yield number, list(range(number * each, (number + 1) * each))


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_results_come_in_order_with_their_context(workers: int) -> None:
    with Engine(workers) as engine:
        assert list(engine.map(double, numbered(9, 3))) == [
            (number, [2 * part for part in parts]) for number, parts in numbered(9, 3)
        ]
        assert [part for _, some in engine.map(slow_first, numbered(6)) for part in some] == list(
            range(6)
        )
        assert list(engine.map(double, [])) == []
        assert list(engine.map(double, [("none", [])])) == [("none", [])]


def test_workers_are_other_processes() -> None:
    with Engine(0) as engine:
        assert {p for _, some in engine.map(own_pid, numbered(2)) for p in some} == {os.getpid()}
    with Engine(1) as engine:
        pids = {p for _, some in engine.map(own_pid, numbered(2)) for p in some}
        assert os.getpid() not in pids


@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_of_the_work_is_raised(workers: int) -> None:
    with Engine(workers) as engine, pytest.raises(ZeroDivisionError, match="no such share"):
        list(engine.map(refuse, numbered(3)))


@pytest.mark.parametrize("workers", [1, 2])
def test_an_item_that_kills_its_worker_takes_nothing_with_it(workers: int) -> None:
    with Engine(workers) as engine:
        answers = [one for _, some in engine.map(die_on_deadly, numbered(10, 4)) for one in some]
        again = [one for _, some in engine.map(double, numbered(2)) for one in some]
    assert [i for i, one in enumerate(answers) if isinstance(one, Culprit)] == [DEADLY]
    assert "died" in answers[DEADLY].reason  # type: ignore[union-attr]
    assert [one for i, one in enumerate(answers) if i != DEADLY] == [
        i for i in range(40) if i != DEADLY
    ]
    assert again == [0, 2]


def _furthest_ahead(engine: Engine, batches: list[list[int]], size: bool) -> int:
    """The most batches that were asked for and not yet given back."""
    asked = ahead = 0

    def source() -> Iterator[tuple[None, list[int]]]:
        nonlocal asked
        for batch in batches:
            asked += 1
            yield None, batch

    mapped = (
        engine.map(double, source(), size=lambda part: part)
        if size
        else engine.map(double, source())
    )
    for back, _ in enumerate(mapped):
        ahead = max(ahead, asked - back)
    return ahead


def test_no_more_than_three_batches_a_worker_are_in_flight() -> None:
    with Engine(2) as engine:
        assert _furthest_ahead(engine, [[1]] * 30, size=False) <= 2 * 3 + 1


def test_large_batches_are_in_flight_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "IN_FLIGHT", 100)
    with Engine(2) as engine:
        # One in flight, and the one that has been read and waits.
        assert _furthest_ahead(engine, [[90]] * 8, size=True) == 2
        assert _furthest_ahead(engine, [[500]] * 4, size=True) == 2
        assert _furthest_ahead(engine, [[10]] * 20, size=True) == 7


def test_peak_memory_is_of_all_processes() -> None:
    large = 200 * 2**20
    with Engine(0) as engine:
        before = engine.peak_memory
        assert before == pytest.approx(peak_rss(), rel=0.1)
    with Engine(1) as engine:
        list(engine.map(take_memory, [(None, [10])]))
        idle = engine.peak_memory - peak_rss()
        list(engine.map(take_memory, [(None, [large])]))
        busy = engine.peak_memory - peak_rss()
    assert 5 * 2**20 < idle < before + 50 * 2**20
    assert large * 0.9 < busy - idle < large * 1.2


def test_a_worker_does_not_inherit_the_peak_of_its_parent() -> None:
    ballast = bytearray(400 * 2**20)
    with Engine(1) as engine:
        list(engine.map(double, numbered(1)))
        worker = engine.peak_memory - peak_rss()
    assert len(ballast) > worker


def misbehave(parts: list[str]) -> list[str]:
    """Do what each part says."""
    for part in parts:
        if part == "exit":
            os._exit(3)
        if part == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if part == "loop":
            while True:
                pass
        if part == "loop in C":
            re.match(r"(a*)*b", "a" * 64)
        if part == "sleep":
            time.sleep(1000)
        if part == "allocate":
            held = []
            while True:
                held.append(bytes(200 * 2**20))  # zeros: costs no time
    return parts


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("exit", "ended with status 3"),
        ("crash", "crashed with SIGSEGV"),
        ("loop", "more than 0.5 seconds of processor time"),
        ("loop in C", "more than 0.5 seconds of processor time"),
        ("sleep", "stood still"),
        pytest.param(
            "allocate",
            "more memory than the 800,000,000 bytes",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA"),
        ),
    ],
)
def test_only_the_item_that_misbehaves_is_lost(deed: str, reason: str) -> None:
    batches = [("first", ["a", deed, "b"]), ("second", ["c"]), ("third", ["d", "e"])]
    with Engine(2) as engine:
        bounds = Bounds(seconds=0.5, memory=800_000_000)
        (first, answers), *others = engine.map(misbehave, batches, bounds=bounds)
        again = [one for _, some in engine.map(double, numbered(2)) for one in some]
    assert first == "first"
    assert answers[0::2] == ["a", "b"]
    assert isinstance(answers[1], Culprit)
    assert reason in answers[1].reason
    assert others == [("second", ["c"]), ("third", ["d", "e"])]
    assert again == [0, 2]


def test_bounds_are_of_each_batch_not_of_the_worker() -> None:
    with Engine(1) as engine:
        busy = list(
            engine.map(spin, [(None, [0.3]), (None, [0.3]), (None, [0.3])], bounds=Bounds(0.8))
        )
        large = list(engine.map(take_memory, [(None, [10**9])]))
    assert [some for _, some in busy] == [[0.3]] * 3
    assert large == [(None, [10**9])]


def spin(parts: list[float]) -> list[float]:
    end = time.process_time() + sum(parts)
    while time.process_time() < end:
        pass
    return parts
