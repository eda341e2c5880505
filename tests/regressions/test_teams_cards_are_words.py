"""Posts of Teams that are but a card (approvals, forms, alerts) were counted as system lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from chat_building import graph, texts
from source_building import put, read

from riskscan.sources import NotRead

ADAPTIVE = {
    "type": "AdaptiveCard", "version": "1.4", "lang": "en", "requires": {"features": ["x"]},
    "fallbackText": "cannot be shown",
    "body": [
        {"type": "TextBlock", "id": "t1", "text": "Approve the **shredding** if <5 & no copy"},
        {"type": "ColumnSet", "columns": [{"type": "Column", "width": "auto", "items": [
            {"type": "RichTextBlock", "inlines": ["no ", {"type": "TextRun", "text": "trace"}]},
        ]}]},
        {"type": "FactSet", "facts": [{"title": "Who", "value": "Bo Ek"}]},
        {"type": "Input.Text", "id": "why", "label": "Reason", "value": "they must not know"},
        {"type": "Input.ChoiceSet", "id": "c", "choices": [{"title": "Burn", "value": "id7"}]},
    ],
    "actions": [
        {"type": "Action.Submit", "title": "Approve", "data": {"text": "not shown"}},
        {"type": "Action.ShowCard", "title": "More", "card": {"type": "AdaptiveCard", "body": [
            {"type": "TextBlock", "text": "after the audit"}]}},
    ],
}  # fmt: skip
HERO = {
    "title": "Berth 4", "subtitle": "night shift", "text": "<p>pay <b>cash</b></p>",
    "buttons": [{"type": "openUrl", "title": "Open", "value": "https://a.example"}],
}  # fmt: skip
CONNECTOR = {
    "@type": "MessageCard", "@context": "https://schema.example", "themeColor": "0072C6",
    "title": "Pump alarm", "summary": "alarm",
    "sections": [{
        "activityTitle": "Bo Ek", "text": "leak hidden",
        "facts": [{"name": "Level", "value": "high"}],
    }],
    "potentialAction": [{"@type": "OpenUri", "name": "Look", "targets": [{"uri": "https://a"}]}],
}  # fmt: skip
SAID = {
    "card.adaptive": [
        "Approve the **shredding** if <5 & no copy", "no trace", "Who: Bo Ek", "Reason",
        "they must not know", "Burn", "Approve", "More", "after the audit",
    ],
    "card.hero": ["Berth 4", "night shift", "pay cash", "Open"],
    "teams.card.o365connector": [
        "Pump alarm", "alarm", "Bo Ek", "leak hidden", "Level: high", "Look",
    ],
}  # fmt: skip
KINDS = [("card.adaptive", ADAPTIVE), ("card.hero", HERO), ("teams.card.o365connector", CONNECTOR)]


def lines(path: Path) -> list[str]:
    events = list(read(path))
    assert not any(isinstance(e, NotRead) for e in events)
    (text,) = texts(events)
    return [line.strip() for line in text.splitlines() if line.strip()]


def card(kind: str, content: Any) -> dict[str, Any]:
    return {"contentType": f"application/vnd.microsoft.{kind}", "content": content, "name": None}


@pytest.mark.parametrize(("kind", "content"), KINDS)
def test_the_words_of_a_card_are_the_posts(tmp_path: Path, kind: str, content: Any) -> None:
    post = graph('<attachment id="c1"></attachment>', attachments=[card(kind, json.dumps(content))])
    assert lines(put(tmp_path / "a teams.json", json.dumps([post]).encode())) == SAID[kind]


def test_a_card_stands_behind_the_text_of_its_post(tmp_path: Path) -> None:
    post = graph(
        "", body={"contentType": "text", "content": "see"}, attachments=[card("card.hero", HERO)]
    )
    path = put(tmp_path / "a teams.json", json.dumps([post]).encode())
    assert lines(path) == ["see", *SAID["card.hero"]]


@pytest.mark.parametrize(
    ("content", "said"), [("{broken: words", "{broken: words"), ('{"a": 1}', "[card: hero]")]
)
def test_a_post_with_a_card_is_no_system_line(tmp_path: Path, content: str, said: str) -> None:
    post = graph('<attachment id="c1"></attachment>', attachments=[card("card.hero", content)])
    assert lines(put(tmp_path / "a teams.json", json.dumps([post]).encode())) == [said]


def test_cards_in_the_export_of_ones_own_data_are_read(tmp_path: Path) -> None:
    post = {
        "id": "1", "originalarrivaltime": "2024-03-02T09:00:00Z", "messagetype": "RichText/Html",
        "content": "<p></p>", "from": "8:ana", "displayName": "Ana Lima",
        "properties": {"cards": json.dumps([card("card.hero", HERO)])},
    }  # fmt: skip
    data = {
        "userId": "8:ana", "exportDate": "2024-03-03T09:00",
        "conversations": [{"id": "19:x@thread.v2", "MessageList": [post]}],
    }  # fmt: skip
    assert lines(put(tmp_path / "messages.json", json.dumps(data).encode())) == SAID["card.hero"]
