"""A chat file that is one post, or of an unknown shape, was a companion "without posts"."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from riskscan.mail.post import parse_post
from riskscan.sources import Event, Item, NotRead, discover

_POST = {"type": "message", "ts": "1709370000.000100", "user": "U1", "text": "the dates are forged"}
_ROOM = {"id": "19:a@thread.v2", "chatId": "19:a@thread.v2", "createdDateTime": "2024-03-02T09:00Z"}
_GRAPH = _ROOM | {"from": None, "messageType": "message", "body": {"content": _POST["text"]}}
_TALK = {"creator": {"name": "Ana"}, "created_date": "", "text": _POST["text"]}
_SLACK, _GOOGLE = "general/2024-03-02.json", "Google Chat/Groups/Space A/messages.json"


def _read(tmp_path: Path, name: str, value: Any) -> list[Event]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return [
        e for u in discover([tmp_path]) for e in ([u] if isinstance(u, NotRead) else u.events())
    ]


@pytest.mark.parametrize(("name", "value"), [(_SLACK, _POST), ("chat.json", _GRAPH)])
def test_an_object_that_is_a_post_is_read_as_one(tmp_path: Path, name: str, value: Any) -> None:
    (event,) = _read(tmp_path, name, value)
    assert isinstance(event, Item)
    assert event.place.endswith("#1")
    assert event.native_size == len(json.dumps(value))
    assert parse_post(event.data).body.strip() == "the dates are forged"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (_SLACK, {"2024-03-02": [_POST]}),
        (_SLACK, {"messages": {"1": _POST}}),
        (_SLACK, {"messages": [], "text": "forged", "at": _POST | {"text": ""}}),
        (_GOOGLE, {"messages": {"1": _TALK}}),
        ("chat.json", {"posts": [_GRAPH]}),
    ],
    ids=["days", "numbered", "beside", "google", "teams"],
)
def test_text_in_an_unknown_shape_is_a_loss(tmp_path: Path, name: str, value: Any) -> None:
    (event,) = _read(tmp_path, name, value)
    assert isinstance(event, NotRead)
    assert event.lost
    assert "not read" in event.reason
    assert event.size == len(json.dumps(value))


@pytest.mark.parametrize(
    ("name", "value"),
    [(_SLACK, []), (_GOOGLE, {"messages": []})],
)
def test_a_file_without_posts_is_no_loss(tmp_path: Path, name: str, value: Any) -> None:
    (event,) = _read(tmp_path, name, value)
    assert isinstance(event, NotRead)
    assert not event.lost
