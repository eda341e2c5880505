"""WhatsApp's own words of most languages, files that are not there, and Slack's lesser fields."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chat_building import items, posts, said, texts
from source_building import read, zipped

from riskscan.sources import NotRead


def chat(place: Path, text: str) -> Path:
    place.mkdir()
    (place / "_chat.txt").write_text(f"[15.12.23, 09:00:00] Ada: hallo\n{text}", "utf-8")
    return place


@pytest.mark.parametrize(
    "words",
    [
        "Данное сообщение удалено.",
        "تم حذف هذه الرسالة",
        "Bu mesaj silindi.",
        "このメッセージは削除されました",
        "此訊息已刪除",
        "This message was deleted by admin Bo",
    ],
)
def test_a_deleted_post_is_told_as_such(tmp_path: Path, words: str) -> None:
    events = list(read(chat(tmp_path / "x", f"[15.12.23, 09:00:01] Bo: \u200e{words}\n")))
    assert texts(events) == ["hallo"]
    assert any("a deleted post of Bo" in e.reason for e in events if isinstance(e, NotRead))


def test_an_edited_post_loses_the_mark_and_keeps_the_fact(tmp_path: Path) -> None:
    events = list(read(chat(tmp_path / "x", "[15.12.23, 09:00:01] Bo: weg <Сообщение изменено>\n")))
    assert texts(events) == ["hallo", "weg"]
    assert [i.state for i in items(events)] == ["", "edited"]


def test_a_file_that_a_post_names_and_is_not_there_is_told(tmp_path: Path) -> None:
    lines = (
        "[15.12.23, 09:00:01] Bo: \u200e<attached: 00000015-plan.pdf>\n"
        "[15.12.23, 09:00:02] Ada: berths.pdf (Datei angehängt)\n"
        "[15.12.23, 09:00:03] Ada: lunch (maybe)\n"
    )
    found = posts(read(chat(tmp_path / "x", lines)))
    assert [[(a.name, a.size, a.unread) for a in p.attachments] for p in found] == [
        [],
        [("00000015-plan.pdf", 0, "it is not in the export")],
        [("berths.pdf", 0, "it is not in the export")],
        [],
    ]


def test_what_slack_says_in_its_lesser_fields(tmp_path: Path) -> None:
    day = [
        said("", "1709370000.000100", subtype="channel_name", old_name="bribes", name="general"),
        said(
            "New thread", "1709370001.000100", subtype="assistant_app_thread",
            assistant_app_thread={"title": "How to delete evidence"},
        ),
        said(
            "look", "1709370002.000100",
            attachments=[{"text": "shared", "footer": "from #deal", "files": [{"name": "a.pdf"}]}],
        ),
        said(
            "", "1709370003.000100",
            blocks=[{"type": "call", "call": {"v1": {"name": "Call with the fixer"}}}],
        ),
    ]  # fmt: skip
    files = {
        "channels.json": b"[]",
        "general/2024-03-02.json": json.dumps(day).encode(),
        "canvas_in_the_conversation/x.json": b"[]",
    }
    (tmp_path / "s.zip").write_bytes(zipped(files))
    events = list(read(tmp_path / "s.zip"))
    assert texts(events) == [
        "bribes → general",
        "How to delete evidence",
        "look\n> shared\n> from #deal\n> [file: a.pdf]",
        "Call with the fixer",
    ]
    assert not any(e.lost for e in events if isinstance(e, NotRead))


def test_a_list_of_slack_that_holds_words_is_not_read(tmp_path: Path) -> None:
    files = {
        "general/2024-03-02.json": json.dumps([said("hallo")]).encode(),
        "huddle_transcripts.json": b'[{"id": "F0ABC", "transcript": [{"text": "shred it"}]}]',
        "canvases.json": b'[{"id": "F0ABD", "title": "Plan"}]',
    }
    (tmp_path / "s.zip").write_bytes(zipped(files))
    lost = [e for e in read(tmp_path / "s.zip") if isinstance(e, NotRead) and e.lost]
    assert [(e.source.rpartition("/")[2], e.reason) for e in lost] == [
        (
            "huddle_transcripts.json",
            "Slack's list of huddle transcripts: 1 of its entries hold words, which are not read",
        )
    ]


@pytest.mark.parametrize("folder", ["cafe\u0301", "old-name"])
def test_a_channel_is_found_by_its_name_as_macs_write_it_or_by_its_id(
    tmp_path: Path, folder: str
) -> None:
    files = {
        "channels.json": json.dumps([{"id": "C01AAA", "name": "café"}]).encode(),
        f"{folder}/2024-03-02.json": json.dumps([said("hallo", channel="C01AAA")]).encode(),
    }
    (tmp_path / "s.zip").write_bytes(zipped(files))
    (found,) = items(read(tmp_path / "s.zip"))
    assert (found.folder, found.conversation) == ("#café", "room:slack:C01AAA")


def test_reports_of_vault_by_their_columns(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    links = "Account,Rfc822MessageId,DriveUrl,DriveItemId\na@ferry.example,<x@y>,u,i\n"
    (tmp_path / "m" / "q-drive-links.csv").write_text(links)
    errors = "Account,Rfc822MessageId,Error\na@ferry.example,<x@y>,too large\n"
    (tmp_path / "m" / "error.csv").write_text(errors)
    events = list(read(tmp_path / "m"))
    assert all(isinstance(e, NotRead) for e in events)
    assert [e.reason for e in events if isinstance(e, NotRead) and e.lost] == [
        "Google Vault did not export it: account a@ferry.example; rfc822messageid <x@y>; error too "
        "large"
    ]


def test_what_a_post_of_skype_quotes_is_not_its_own(tmp_path: Path) -> None:
    content = (
        'no <quote authorname="Ada"><legacyquote>[1] Ada: </legacyquote>shred it'
        "<legacyquote>&lt;&lt;&lt; </legacyquote></quote>please"
    )
    message = {
        "id": "1", "displayName": "Bo", "originalarrivaltime": "2024-03-02T09:00:00Z",
        "messagetype": "RichText", "from": "8:bo", "content": content, "properties": None,
        "conversationid": "8:ada",
    }  # fmt: skip
    told = {
        "userId": "8:bo",
        "exportDate": "2024-04-01T00:00",
        "conversations": [{"id": "8:ada", "displayName": "Ada", "MessageList": [message]}],
    }
    (tmp_path / "messages.json").write_text(json.dumps(told))
    (found,) = posts(read(tmp_path / "messages.json"))
    assert found.authored.split() == ["no", "please"]
    assert "> shred it" in found.body
    assert "[1] Ada" not in found.body
