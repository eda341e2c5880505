"""A reader in a child process: what crashes, loops or raises loses its own item, no other."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from source_building import put

from riskscan.sources import Event, Item, Limits, NotRead, isolated
from riskscan.sources.names import Container, Origin
from riskscan.sources.reading import Reading

HERE = Path(__file__).parent
ORIGIN = Origin((Container(""),), "x")


@pytest.fixture
def reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads with ``misbehaving.events``: troubles, their sort and events to pass over."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    path = put(tmp_path / "x", b"content")

    def run(sort: str, *troubles: int, skip: int = 0) -> list[Event]:
        settings: dict[str, object] = {
            "sort": sort, "troubles": list(troubles), "mark": str(tmp_path / "mark"),
        }  # fmt: skip
        with path.open("rb") as file:
            reading = Reading({}, Limits(), 0, skip)
            return list(
                isolated.read_isolated(reading, ORIGIN, file, "misbehaving:events", settings)
            )

    return run


def told(events: list[Event]) -> list[str]:
    """The places, with the reason where one was not read."""
    return [f"{e.place}: {e.reason}" if isinstance(e, NotRead) else str(e.place) for e in events]


WELL = [f"item {number}" for number in range(6)]


def test_a_reader_that_behaves_gives_all(reading: Any) -> None:
    found = reading("none")
    assert told(found) == WELL
    assert found[2].data == b"Subject: 2\n\n" * 50_000


def test_a_crash_that_does_not_come_again_loses_nothing(reading: Any) -> None:
    assert told(reading("crash once", 3)) == WELL


def test_a_crash_loses_its_item_alone(reading: Any) -> None:
    found = reading("crash", 3)
    assert told(found) == [*WELL[:3], "item 3: reading this crashed (SIGSEGV)", *WELL[4:]]
    assert all(e.lost for e in found if isinstance(e, NotRead))


@pytest.mark.parametrize("skip", [3, 4, 9])
def test_resuming_past_a_crash_gives_the_same_tail(reading: Any, skip: int) -> None:
    whole = [*WELL[:3], "item 3: reading this crashed (SIGSEGV)", *WELL[4:]]
    assert told(reading("crash", 3, skip=skip)) == whole[skip:]


def test_a_loop_is_ended_after_its_time(reading: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "SECONDS", 1)
    expected = [*WELL[:5], "item 5: reading this took longer than 1 seconds"]
    assert told(reading("loop", 5)) == expected


@pytest.mark.parametrize(
    ("sort", "reason"),
    [
        ("exit", "reading this crashed (exit code 3)"),
        ("raise", "the reader failed: KeyError: 'no such tide'"),
        ("hoard", "the reader failed: MemoryError: "),
    ],
)
def test_other_ends_lose_one_item_with_the_reason(reading: Any, sort: str, reason: str) -> None:
    assert told(reading(sort, 2)) == [*WELL[:2], f"item 2: {reason}", *WELL[3:]]


def test_a_child_that_sends_nonsense_is_ended(reading: Any) -> None:
    found = told(reading("babble", 2))
    assert found[:2] == WELL[:2] and found[3:] == WELL[3:]
    assert found[2].startswith("item 2: reading this crashed")


def test_without_end_of_crashes_the_rest_is_given_up(
    reading: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated, "_DEATHS_MAX", 2)
    found = told(reading("crash", *range(6)))
    assert len(found) == 2
    assert found[1].endswith("after 3 such ends nothing more of the file is read")


def test_who_stops_reading_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            started.append(self)

    monkeypatch.setattr(isolated.subprocess, "Popen", Noted)
    settings: dict[str, object] = {"sort": "loop", "troubles": [4]}
    with put(tmp_path / "x", b"content").open("rb") as file:
        assert isinstance(file, io.BufferedReader)
        events = isolated.read_isolated(
            Reading({}, Limits(), 0), ORIGIN, file, "misbehaving:events", settings
        )
        assert isinstance(next(events), Item)
        events.close()  # type: ignore[attr-defined]
    assert started[0].returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, 0)
