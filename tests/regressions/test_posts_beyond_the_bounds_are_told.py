"""What a chat post had more of than was read (attachments, files, blocks) was lost in silence."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from chat_building import graph, items, posts, said, slack_files
from source_building import put, read, zipped

from riskscan.sources import Item
from riskscan.sources.teamscards import card_text
from riskscan.sources.teamspost import raw_posts

MANY = 1_200


def slack(tmp_path: Path, **more: Any) -> tuple[Item, str]:
    files = slack_files({"general/2024-03-02": [said("own words", **more)]})
    return only(read(put(tmp_path / "ferry-slack.zip", zipped(files))))


def teams(tmp_path: Path, *attached: Any) -> tuple[Item, str]:
    post = graph("own words", attachments=list(attached))
    return only(read(put(tmp_path / "a teams.json", json.dumps([post]).encode())))


def only(events: Iterable[Any]) -> tuple[Item, str]:
    found = list(events)
    (item,), (post,) = items(found), posts(found)
    return item, post.body


def card(number: int) -> dict[str, Any]:
    words = [{"type": "TextBlock", "text": f"word {n}"} for n in range(number)]
    content = {"type": "AdaptiveCard", "body": words}
    return {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}


def test_as_many_as_no_program_makes_are_read(tmp_path: Path) -> None:
    number = 300
    attached = [{"text": f"attachment {n}"} for n in range(number)]
    files = [{"name": f"f{n}", "mode": "snippet", "preview": f"preview {n}"} for n in range(number)]
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"block {n}"}} for n in range(9_000)
    ]
    item, body = slack(tmp_path, attachments=attached, files=files, blocks=blocks)
    assert all(end in body for end in ("attachment 299", "preview 299", "block 8999"))
    assert item.defects == ()
    item, body = teams(tmp_path, card(9_000), *({"name": f"n{n}.pdf"} for n in range(number)))
    assert "word 8999" in body and "n299.pdf" in body
    assert item.defects == ()


FIELD = {"title": "t", "value": "v"}
BEYOND: list[tuple[dict[str, Any], str]] = [
    ({"attachments": [{"text": "a"}] * MANY}, "1,000 attachments"),
    ({"attachments": [{"fields": [FIELD] * MANY}]}, "1,000 fields of an attachment"),
    ({"files": [{"name": "f"}] * MANY}, "1,000 files"),
    ({"blocks": [[{"type": "text", "text": "a"}] * 120_000]}, "200,000 parts of blocks"),
]


@pytest.mark.parametrize(("more", "what"), BEYOND, ids=[what for _, what in BEYOND])
def test_what_is_beyond_is_told_of_a_slack_post(
    tmp_path: Path, more: dict[str, Any], what: str
) -> None:
    item, body = slack(tmp_path, **more)
    assert body.startswith("own words")
    assert item.defects == (f"more than {what}: the rest of them is not read",)


def test_what_is_beyond_is_told_of_a_teams_post(tmp_path: Path) -> None:
    item, _ = teams(tmp_path, *[{"name": "a"}] * MANY)
    assert item.defects == ("more than 1,000 attachments: the rest of them is not read",)
    defects: list[str] = []
    card_text({"body": [[{}] * 250_000]}, "application/vnd.microsoft.card.adaptive", defects)
    assert defects == ["more than 200,000 parts of a card: the rest of them is not read"]


def test_what_is_beyond_is_told_of_a_google_post(tmp_path: Path) -> None:
    note = {"url_metadata": {"title": "x"}}
    post = {
        "creator": {"name": "Ada", "email": "ada@ferry.example"}, "text": "own words",
        "created_date": "Saturday, March 2, 2024 at 9:00:00 AM UTC",
        "annotations": [note] * MANY, "message_id": "a/b/b",
    }  # fmt: skip
    place = tmp_path / "Takeout" / "Google Chat" / "Groups" / "Space AAA"
    place.mkdir(parents=True)
    (place / "messages.json").write_text(json.dumps({"messages": [post]}))
    item, body = only(read(tmp_path / "Takeout"))
    assert body.startswith("own words")
    assert item.defects == ("more than 1,000 links: the rest of them is not read",)


def test_all_replies_in_an_element_are_posts() -> None:
    replies = [graph(f"reply {n}", id=str(n)) for n in range(10_500)]
    assert len(list(raw_posts(graph("first") | {"replies": replies}, {}))) == 10_501
