"""Posts of a type that Slack or Graph does not know counted as the program's own, words and all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from chat_building import graph, items, said, slack_files, texts, unpacked
from source_building import read, zipped

from riskscan.sources import NotRead

UNKNOWN = "the post's type is not known: "


def defects(events: list[Any]) -> list[str]:
    return [d for item in items(events) for d in item.defects if d.startswith(UNKNOWN)]


def teams(place: Path, *several: dict[str, Any]) -> list[Any]:
    place.joinpath("teams.json").write_text(json.dumps({"value": [graph("first"), *several]}))
    return list(read(place))


@pytest.mark.parametrize(
    ("kind", "named"),
    [(5, "5"), ("note", "note"), ("unknownFutureValue", "unknownFutureValue"), ([1], "no text")],
)
def test_of_teams(tmp_path: Path, kind: object, named: str) -> None:
    events = teams(tmp_path, graph("we pay in cash", id="2", messageType=kind))
    assert texts(events) == ["first", "we pay in cash"]
    assert defects(events) == [UNKNOWN + named]


@pytest.mark.parametrize(
    "more",
    [
        {"messageType": "systemEventMessage"},
        {"messageType": "chatEvent"},
        {"messageType": "unknownFutureValue", "eventDetail": {"initiator": {}}},
    ],
)
def test_what_teams_itself_writes_is_counted(tmp_path: Path, more: dict[str, Any]) -> None:
    events = teams(tmp_path, graph("Ana added Bo", id="2", **more))
    assert texts(events) == ["first"]
    assert [e.reason[:31] for e in events if isinstance(e, NotRead)] == [
        "1 post without anybody's words "
    ]


@pytest.mark.parametrize(("kind", "named"), [("x", "x"), (5, "5"), ({"a": 1}, "no text")])
def test_of_slack(tmp_path: Path, kind: object, named: str) -> None:
    day = [said("first"), said("we pay in cash", "1709370001.000100", type=kind)]
    events = list(read(unpacked(tmp_path / "w", slack_files({"general/2024-03-02": day}))))
    assert texts(events) == ["first", "we pay in cash"]
    assert defects(events) == [UNKNOWN + named]


def test_what_slack_itself_writes_is_counted(tmp_path: Path) -> None:
    day = [
        said("first"),
        said("<@U01ANAANA> has joined", "1709370001.000100", type="channel_join"),
        said("", "1709370002.000100", type="x"),
    ]
    archive = tmp_path / "w.zip"
    archive.write_bytes(zipped(slack_files({"general/2024-03-02": day})))
    events = list(read(archive))
    assert len(items(events)) == 1
    assert any("2 posts without anybody" in e.reason for e in events if isinstance(e, NotRead))
