"""Slack shows a post's blocks, not its text; files' previews and reminders are words too: lost."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from chat_building import posts, said, slack_files
from source_building import put, read, zipped

from riskscan.sources import NotRead


def body(tmp_path: Path, **post: Any) -> str:
    text = post.pop("text", "")
    day = [said("first", "1709360000.000100"), said(text, **post)]
    files = slack_files({"general/2024-03-02": day})
    _, one = posts(read(put(tmp_path / "ferry-slack.zip", zipped(files))))
    return one.body


def section(*words: str) -> dict[str, Any]:
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": w} for w in words]}


def test_blocks_that_say_more_than_the_text_are_read(tmp_path: Path) -> None:
    form = [
        {"type": "header", "text": {"type": "plain_text", "text": "Incident"}},
        section("*Who*\nBo Ek", "*What*\nThe leak was hidden from the inspector"),
        {"type": "image", "title": {"type": "plain_text", "text": "The pump"}, "alt_text": "rust"},
        {
            "type": "section", "text": {"type": "mrkdwn", "text": "Fix it at night?"},
            "accessory": {"type": "button", "text": {"type": "plain_text", "text": "Approve"}},
        },
        {"type": "markdown", "text": "nobody writes this down"},
    ]  # fmt: skip
    shown = body(tmp_path, text="This content can't be displayed.", blocks=form).splitlines()
    assert [line for line in shown if line] == [
        "This content can't be displayed.", "Incident", "*Who*", "Bo Ek", "*What*",
        "The leak was hidden from the inspector", "The pump", "rust", "Fix it at night?",
        "Approve", "nobody writes this down",
    ]  # fmt: skip


def test_blocks_that_say_the_same_are_read_once(tmp_path: Path) -> None:
    parts = [
        {"type": "text", "text": "we "}, {"type": "text", "text": "must", "style": {"bold": True}},
        {"type": "text", "text": " sign, "}, {"type": "usergroup", "usergroup_id": "S0LEGAL"},
        {"type": "text", "text": " & "}, {"type": "link", "url": "https://a.example", "text": "it"},
        {"type": "emoji", "name": "wave", "skin_tone": 2},
    ]  # fmt: skip
    items = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "item one"}]}]
    rich = [
        {"type": "rich_text_section", "elements": parts},
        {"type": "rich_text_list", "style": "ordered", "elements": items},
    ]
    text = (
        "we *must* sign, <!subteam^S0LEGAL|@legal> &amp; <https://a.example|it>"
        ":wave::skin-tone-2:\n1. item one"
    )
    assert body(tmp_path, text=text, blocks=[{"type": "rich_text", "elements": rich}]) == (
        "we *must* sign, @legal & it (https://a.example):wave::skin-tone-2:\n1. item one"
    )


def test_blocks_of_what_an_app_attaches_are_read(tmp_path: Path) -> None:
    attached = [{"title": "Ticket 7", "blocks": [section("sink the report")]}]
    assert body(tmp_path, text="update", attachments=attached).splitlines() == [
        "update", "> Ticket 7", "> sink the report",
    ]  # fmt: skip


def test_previews_of_files_are_read(tmp_path: Path) -> None:
    snippet = {
        "name": "note.txt", "mode": "snippet", "preview": "wipe the log", "lines_more": 9,
        "preview_is_truncated": True,
    }  # fmt: skip
    mail = {
        "name": "Fwd", "mode": "email", "subject": "Berths", "plain_text": "pay him\nin cash",
        "from": [{"address": "cy@ferry.example", "original": "Cy Moor <cy@ferry.example>"}],
    }  # fmt: skip
    clip = {"name": "clip.m4a", "transcription": {"preview": {"content": "say nothing"}}}
    assert body(tmp_path, text="see", files=[snippet, mail, clip]).splitlines() == [
        "see", "[file: note.txt]", "wipe the log", "[cut: the rest is not in the export]",
        "[file: Fwd]", "> From: Cy Moor <cy@ferry.example>", "> Subject: Berths", "> pay him",
        "> in cash", "[file: clip.m4a]", "say nothing",
    ]  # fmt: skip


def test_the_words_of_a_reminder_are_a_post(tmp_path: Path) -> None:
    text = " set up a reminder “shred the papers” in this channel at 9AM tomorrow, GMT."
    assert body(tmp_path, text=text, subtype="reminder_add") == text.strip()


def test_lists_of_direct_chats_with_short_ids_are_companions(tmp_path: Path) -> None:
    files = slack_files({"general/2024-03-02": [said("hello")]})
    files |= {"dms.json": json.dumps([{"id": "D01AB", "members": []}]).encode()}
    events = read(put(tmp_path / "ferry-slack.zip", zipped(files)))
    assert [e.place for e in events if isinstance(e, NotRead) and e.lost] == []


def test_many_blocks_beside_a_long_text_take_bounded_time(tmp_path: Path) -> None:
    blocks = [section(*(f"a a a b{n}" for n in range(10))) for n in range(2000)]
    began = time.process_time()
    assert "b9" in body(tmp_path, text="a " * 500_000, blocks=blocks)
    assert time.process_time() - began < 30
