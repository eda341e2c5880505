"""A post whose text is a list, number or object counted as one without anybody's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from riskscan.mail.post import parse_post
from riskscan.sources import Item, NotRead, discover

_SLACK = {"type": "message", "ts": "1709370000.000100", "user": "U1"}
_GRAPH = {"id": "1", "chatId": "19:a@thread.v2", "createdDateTime": "2024-03-02T09:00Z", "from": {}}
_OWN = {"messagetype": "Text", "originalarrivaltime": "2024-03-02T09:00Z", "from": "8:ana"}
_TALK = {"creator": {"name": "Ana"}, "created_date": "", "message_id": "a/b/c"}
_DAY, _GOOGLE = "general/2024-03-02.json", "Google Chat/Groups/Space A/messages.json"


@pytest.mark.parametrize(
    "text", [["forged", 7], {"value": ["forged"], "n": 7}], ids=["list", "map"]
)
@pytest.mark.parametrize("kind", ["slack", "slack blocks", "google", "graph", "body", "own data"])
def test_what_stands_in_place_of_text_is_kept(tmp_path: Path, kind: str, text: Any) -> None:
    block = {"type": "rich_text", "elements": [{"type": "text", "text": text}]}
    name, value = {
        "slack": (_DAY, [_SLACK | {"text": text}]),
        "slack blocks": (_DAY, [_SLACK | {"text": "", "blocks": [block]}]),
        "google": (_GOOGLE, {"messages": [_TALK | {"text": text}]}),
        "graph": ("chat.json", [_GRAPH | {"body": {"content": text}}]),
        "body": ("chat.json", [_GRAPH | {"body": text}]),
        "own data": ("messages.json", {"messages": [_OWN | {"content": text}]}),
    }[kind]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    events = [e for u in discover([path]) if not isinstance(u, NotRead) for e in u.events()]
    (item,) = [e for e in events if isinstance(e, Item)]
    assert parse_post(item.data).body.split() == ["forged", "7"]
