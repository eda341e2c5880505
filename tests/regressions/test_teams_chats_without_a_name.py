"""Teams chats and channels without a name were called by their ids, as "#19:…@thread.tacv2"."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from riskscan.sources import Item, NotRead, discover

ROOM = "19:6d1c0de0@thread.tacv2"
CHANNEL = {"chatId": None, "channelIdentity": {"teamId": "t1", "channelId": ROOM}}
RENAMED = {
    "messageType": "systemEventMessage", "from": None,
    "body": {"contentType": "html", "content": "<systemEventMessage/>"},
    "eventDetail": {"channelId": ROOM, "channelDisplayName": "Berths"},
}  # fmt: skip


def graph(text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "1", "createdDateTime": "2024-03-02T09:00Z", "chatId": "19:ferry@thread.v2",
        "from": {"user": {"id": "aa-1", "displayName": "Ana Lima"}},
        "body": {"contentType": "html", "content": text},
    } | more  # fmt: skip


def first(path: Path, content: str) -> Item:
    path.write_text(content)
    events = [e for u in discover([path]) if not isinstance(u, NotRead) for e in u.events()]
    return next(e for e in events if isinstance(e, Item))


def posts(tmp_path: Path, *found: Any) -> Item:
    return first(tmp_path / "ferry teams.json", json.dumps({"value": found}))


def test_a_channel_is_called_by_its_posters_and_keeps_its_id(tmp_path: Path) -> None:
    item = posts(tmp_path, graph("hello", **CHANNEL))
    assert item.folder == "Teams channel (Ana Lima)"
    assert item.conversation.startswith(f"teams:{ROOM}/")


def test_a_channel_has_the_name_that_an_event_tells(tmp_path: Path) -> None:
    assert (
        posts(tmp_path, graph("hello", **CHANNEL), graph("", **CHANNEL, **RENAMED)).folder
        == "#Berths"
    )


def test_ids_of_people_are_no_names(tmp_path: Path) -> None:
    nobody = {"user": {"id": "4f1c2a60-0000-4000-8000-000000000001", "displayName": None}}
    assert (
        posts(tmp_path, graph("hi", **{"from": nobody})).folder == "Teams chat 19:ferry@thread.v2"
    )


def test_a_page_named_after_its_id_is_called_by_its_posters(tmp_path: Path) -> None:
    page = "<html><body><p>Microsoft Teams</p>" + "".join(
        f'<div class="m"><b>{who}</b><i>2024-03-02 09:0{n}</i><p>Text {n} of the ferry</p></div>'
        for n, who in enumerate(["Ana Lima", "Bo Ek", "Ana Lima"])
    )
    item = first(tmp_path / "19_6d1c0de0@thread.v2.html", page)
    assert item.folder == "DM Ana Lima, Bo Ek"
    assert item.conversation == "room:teams:19_6d1c0de0@thread.v2"
