"""Three Outlook messages (.msg) out of the stories of the sample mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime, parseaddr
from typing import Any

from build_documents import document
from msg_writer import write_msg
from pst_writer import Attachment, Message, Value, compressed_rtf

Story = dict[str, Any]

# Whose they are, and which: a note with RTF alone, the answer with the note attached to it, and
# one that came from outside, in 8-bit strings.
CUSTODIAN = "lorraine.bostwick"
_NOTE, _ANSWER, _OUTSIDE = "nl-073", "nl-074", "nl-063"
_CODEPAGE = 1252


def messages(by_id: dict[str, Story], message_id: Callable[[Story], str]) -> dict[str, bytes]:
    """The files by their name."""
    note = _message(by_id[_NOTE], message_id, by_id)
    text = note.properties.pop(0x1000001F)
    note.properties[0x10090102] = compressed_rtf(_rtf(str(text)))
    answer = _message(by_id[_ANSWER], message_id, by_id)
    subject = str(note.properties[0x0037001F])
    answer.attachments.append(Attachment({0x3001001F: subject, 0x37050003: 5}, note))
    outside = _message(by_id[_OUTSIDE], message_id, by_id)
    outside.properties[0x007D001F] = _headers(by_id[_OUTSIDE], message_id(by_id[_OUTSIDE]))
    narrow = {_narrow(tag): _bytes(value) for tag, value in outside.properties.items()}
    outside.properties = narrow | {0x3FFD0003: _CODEPAGE}
    return {
        f"{CUSTODIAN}/{name}.msg": write_msg(made)
        for name, made in (("file note", note), ("RE file note", answer), ("draft", outside))
    }


def _message(story: Story, message_id: Callable[[Story], str], by_id: dict[str, Story]) -> Message:
    name, spec = parseaddr(story["from"])
    found: dict[int, Value] = {
        0x001A001F: "IPM.Note",
        0x0037001F: story["subject"],
        0x00390040: datetime.fromisoformat(story["date"]),
        0x0042001F: name,
        0x0064001F: "SMTP",
        0x0065001F: spec,
        0x1000001F: story["body"].replace("\n", "\r\n"),
        0x1035001F: message_id(story),
    }
    if parent := by_id.get(story["reply_to"] or ""):
        found[0x1042001F] = message_id(parent)
    people = [
        {0x0C150003: kind, 0x3001001F: parseaddr(p)[0], 0x3003001F: parseaddr(p)[1]}
        for kind, field in ((1, "to"), (2, "cc"))
        for p in story.get(field) or []
    ]
    files = [
        Attachment(
            {
                0x3707001F: a["name"],
                0x370E001F: a["type"],
                0x37050003: 1,
                0x37010102: document(a["name"], a["text"]),
            }
        )
        for a in story.get("attachments") or []
    ]
    return Message(found, people, files)


def _headers(story: Story, message_id: str) -> str:
    lines = [
        f"Message-ID: {message_id}",
        f"Date: {format_datetime(datetime.fromisoformat(story['date']))}",
        f"From: {story['from']}",
        *(f"{f.capitalize()}: {', '.join(story[f])}" for f in ("to", "cc") if story.get(f)),
        f"Subject: {story['subject']}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="=_x"',
    ]
    return "\r\n".join([*lines, "", ""])


def _narrow(tag: int) -> int:
    return tag - 1 if tag & 0xFFFF == 0x1F else tag


def _bytes(value: Value) -> Value:
    return value.encode(f"cp{_CODEPAGE}") if isinstance(value, str) else value


def _rtf(text: str) -> bytes:
    plain = text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
    body = plain.replace("\r\n", "\\par\r\n").encode("ascii")
    return b"{\\rtf1\\ansi\\ansicpg1252\\fromtext \\fbidi \\deff0{\\fonttbl\r\n{\\f0\\fswiss " + (
        b"Arial;}}\r\n\\uc1\\pard\\plain\\deftab360 \\f0\\fs20 " + body + b"}"
    )
