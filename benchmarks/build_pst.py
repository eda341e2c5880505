"""One custodian's mailbox as an Outlook data file, out of the stories of the sample mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime, parseaddr
from typing import Any

from build_documents import document
from pst_writer import Attachment, Folder, Message, Value, compressed_rtf, write_pst

Story = dict[str, Any]

# Property tags, MS-OXPROPS.
_CLASS, _SUBJECT, _HEADERS, _BODY = 0x001A001F, 0x0037001F, 0x007D001F, 0x1000001F
_HTML, _RTF, _MESSAGE_ID, _IN_REPLY_TO = 0x10130102, 0x10090102, 0x1035001F, 0x1042001F
_SENT, _RECEIVED, _FLAGS, _CODEPAGE = 0x00390040, 0x0E060040, 0x0E070003, 0x3FDE0003
_SENDER, _SENDER_TYPE, _SENDER_ADDRESS, _SENDER_SMTP = (
    0x0C1A001F, 0x0C1E001F, 0x0C1F001F, 0x5D01001F,
)  # fmt: skip
_KIND, _NAME, _TYPE, _ADDRESS, _SMTP = 0x0C150003, 0x3001001F, 0x3002001F, 0x3003001F, 0x39FE001F
_FILE_NAME, _CONTENT, _METHOD, _MIME = 0x3707001F, 0x37010102, 0x37050003, 0x370E001F
_UTF8 = 65001


def pst(
    box: Sequence[Story],
    address: str,
    contact: str,
    message_id: Callable[[Story], str],
    by_id: dict[str, Story],
) -> bytes:
    """The mailbox of ``address``: what it sent has no headers, as in Outlook; one contact."""
    sent = [s for s in box if parseaddr(s["from"])[1] == address]
    received = [s for s in box if parseaddr(s["from"])[1] != address]
    later = [s for s in received if s.get("reply_to")]
    first = [s for s in received if not s.get("reply_to")]

    def made(stories: Sequence[Story], headers: bool) -> list[Message]:
        return [_message(s, headers, message_id, by_id) for s in stories]

    name, spec = parseaddr(contact)
    card: dict[int, Value] = {_CLASS: "IPM.Contact", _SUBJECT: name, _NAME: name, 0x3A08001F: spec}
    return write_pst(
        [
            Folder("Inbox", made(first, True), [Folder("Threads", made(later, True))]),
            Folder("Sent Items", made(sent, False)),
            Folder("Contacts", [Message(card)]),
        ],
        encoded=True,
    )


def _message(
    story: Story,
    headers: bool,
    message_id: Callable[[Story], str],
    by_id: dict[str, Story],
) -> Message:
    moment = datetime.fromisoformat(story["date"])
    name, spec = parseaddr(story["from"])
    company = spec.rpartition("@")[2].partition(".")[0]
    inside = story["reply_to"] and by_id.get(story["reply_to"])
    found: dict[int, Value] = {
        _CLASS: "IPM.Note",
        _SUBJECT: _subject(story["subject"]),
        _SENT: moment,
        _RECEIVED: moment,
        _FLAGS: 1,
        _MESSAGE_ID: message_id(story),
        _SENDER: name or spec,
        _SENDER_TYPE: "EX",
        _SENDER_ADDRESS: f"/O={company.upper()}/OU=EXCHANGE/CN=RECIPIENTS/CN={spec.split('@')[0]}",
        _SENDER_SMTP: spec,
        _CODEPAGE: _UTF8,
    }
    if inside:
        found[_IN_REPLY_TO] = message_id(inside)
    if headers:
        found[_HEADERS] = _transport(story, moment, message_id(story))
    text, html = story["body"], story.get("html")
    if html:
        found[_HTML] = html.encode()
    if text and not headers and not html and text.isascii():
        found[_RTF] = compressed_rtf(_rtf(text))
    elif text:
        found[_BODY] = text.replace("\n", "\r\n")
    recipients = [
        _recipient(person, kind)
        for kind, field in ((1, "to"), (2, "cc"))
        for person in story.get(field) or []
    ]
    attachments = [
        Attachment(
            {
                _FILE_NAME: a["name"],
                _MIME: a["type"],
                _METHOD: 1,
                _CONTENT: document(a["name"], a["text"]),
            }
        )
        for a in story.get("attachments") or []
    ]
    return Message(found, recipients, attachments)


def _subject(subject: str) -> str:
    """A subject as Outlook keeps it: in front is where its prefix ends (MS-PST 2.5.3.1.1.1)."""
    prefix, mark, _ = subject.partition(": ")
    return f"\x01{chr(len(prefix) + 3 if mark and len(prefix) < 4 else 1)}{subject}"


def _transport(story: Story, moment: datetime, message_id: str) -> str:
    lines = [
        f"Message-ID: {message_id}",
        f"Date: {format_datetime(moment)}",
        f"From: {story['from']}",
        *(f"{f.capitalize()}: {', '.join(story[f])}" for f in ("to", "cc") if story.get(f)),
        f"Subject: {story['subject']}",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed",
    ]
    return "\r\n".join([*lines, "", ""])


def _recipient(person: str, kind: int) -> dict[int, Value]:
    name, spec = parseaddr(person)
    return {_KIND: kind, _NAME: name or spec, _TYPE: "SMTP", _ADDRESS: spec, _SMTP: spec}


def _rtf(text: str) -> bytes:
    plain = text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
    return b"{\\rtf1\\ansi\\deff0 " + plain.replace("\n", "\\par\n").encode("ascii") + b"}"
