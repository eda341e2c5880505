"""A JSON list of a chat with broken elements had a line of what was not read for each of them."""

from __future__ import annotations

import json
from pathlib import Path

from source_building import put, read

from riskscan.sources import Item, NotRead, discover


def places(path: Path) -> list[str]:
    events = [e for e in read(path) if isinstance(e, (Item, NotRead))]
    return [e.place for e in events if isinstance(e, Item) or e.lost]


def test_elements_of_a_day_of_slack(tmp_path: Path) -> None:
    post = {"type": "message", "user": "U1", "ts": "1704200000.000100", "text": "the list"}
    other = {**post, "ts": "1704200060.000100"}
    day = json.dumps([*[1] * 300, post, 2, other, 3, "x"])
    put(tmp_path / "box/users.json", b"[]")
    put(tmp_path / "box/general/2024-01-02.json", day.encode())
    assert places(tmp_path / "box") == [
        f"2024-01-02.json#{n}" for n in ("1-300", "301", "302", "303", "304-305")
    ]
    for unit in discover([tmp_path / "box"]):
        assert not isinstance(unit, NotRead)
        whole = list(unit.events())
        for skip in range(len(whole) + 1):
            assert list(unit.events(skip)) == whole[skip:]


def test_elements_of_a_room_of_google_chat(tmp_path: Path) -> None:
    post = {"creator": {"name": "Ada", "email": "ada@quay.example"}, "text": "the list",
            "created_date": "Tuesday, January 2, 2024 at 12:00:00 PM UTC"}  # fmt: skip
    data = json.dumps({"messages": [post, *[1] * 200]})
    room = tmp_path / "Takeout/Google Chat/Groups/DM x"
    put(room / "messages.json", data.encode())
    assert places(tmp_path / "Takeout") == ["post 1", "posts 2-201"]


def test_elements_of_a_chat_of_teams(tmp_path: Path) -> None:
    post = {"id": "1704200000000", "messageType": "message", "chatId": "19:a@thread.v2",
            "createdDateTime": "2024-01-02T12:00:00Z", "body": {"content": "the list"},
            "from": {"user": {"id": "u1", "displayName": "Ada Quay"}}}  # fmt: skip
    put(tmp_path / "chat.json", json.dumps({"value": [post, *[1] * 200, post]}).encode())
    assert places(tmp_path / "chat.json") == ["#1", "#2-201", "#202"]
