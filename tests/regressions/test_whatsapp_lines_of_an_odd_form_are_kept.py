"""Lines without a name, without a blank behind it, or with an endless one were taken as WhatsApp's.

They counted as lines by WhatsApp itself, and the words were nowhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_building import items, posts, texts
from source_building import read

from riskscan.sources import Event, NotRead

NAMELESS = "the line names nobody whose words these are"


def chat(place: Path, *lines: str) -> list[Event]:
    path = place / "_chat.txt"
    stamped = ["[15.12.23, 09:00:00] Ada: tide?", "[15.12.23, 09:00:01] Bo: high"]
    stamped += [f"[15.12.23, 09:00:{n:02}] {line}" for n, line in enumerate(lines, 2)]
    path.write_text("\n".join(stamped) + "\n", "utf-8")
    return list(read(path))


def own_lines(events: list[Event]) -> list[str]:
    return [e.reason for e in events if isinstance(e, NotRead)]


@pytest.mark.parametrize(
    ("line", "name", "text"),
    [
        ("Ada:we pay in cash", "Ada", "we pay in cash"),
        ("~\u202fCy:we pay", "Cy", "we pay"),
        ("Ada:\nwe pay", "Ada", "we pay"),
        ("Ada:50 in cash", "Ada", "50 in cash"),
        ("+49 151 2345678:50 in cash", "+49 151 2345678", "50 in cash"),
    ],
)
def test_no_blank_behind_the_name(tmp_path: Path, line: str, name: str, text: str) -> None:
    events = chat(tmp_path, line)
    assert texts(events) == ["tide?", "high", text]
    assert [p.sender.name for p in posts(events) if p.sender][2] == name
    assert own_lines(events) == []


def test_a_clock_behind_a_name_of_the_chat_is_none(tmp_path: Path) -> None:
    events = chat(tmp_path, "Cy 2: now", "Cy 2:50 in cash")
    assert texts(events)[2:] == ["now", "50 in cash"]


@pytest.mark.parametrize("line", [": we pay in cash", "\u200e:we pay in cash"])
def test_no_name(tmp_path: Path, line: str) -> None:
    events = chat(tmp_path, line)
    assert texts(events) == ["tide?", "high", "we pay in cash"]
    assert [p.sender.name for p in posts(events) if p.sender] == ["Ada", "Bo", "unknown"]
    assert [NAMELESS in item.defects for item in items(events)] == [False, False, True]
    assert own_lines(events) == []


@pytest.mark.parametrize("size", [120, 100_000])
def test_an_endless_name(tmp_path: Path, size: int) -> None:
    events = chat(tmp_path, "N" * size + ": we pay in cash", "Ada: next")
    assert texts(events)[2].endswith("N: we pay in cash")
    assert texts(events)[3] == "next"
    assert own_lines(events) == []


@pytest.mark.parametrize(
    "line",
    [
        "Ada started a call for 10:30",
        "Ada pinned https://ferry.example",
        "\u200eAda changed the subject to “Kite:Quay”",
        "Messages and calls are end-to-end encrypted. Tap to learn more.",
        ": ",
    ],
)
def test_whatsapps_own_lines_are_counted(tmp_path: Path, line: str) -> None:
    events = chat(tmp_path, line)
    assert texts(events) == ["tide?", "high"]
    assert own_lines(events) == ["1 line by WhatsApp itself (joins, calls, notices)"]
