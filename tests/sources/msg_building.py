"""Builders for Outlook messages; the writers are those of the samples (benchmarks/)."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from msg_writer import Tree, msg_tree, write_compound, write_msg
from pst_writer import Attachment, Message, Value, compressed_rtf

__all__ = [
    "Attachment", "Message", "Tree", "Value", "attached", "compressed_rtf", "msg", "msg_tree",
    "person", "write_compound", "write_msg",
]  # fmt: skip

SENT = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)
TAGS = {
    "message_class": 0x001A001F, "subject": 0x0037001F, "headers": 0x007D001F,
    "sent": 0x00390040, "received": 0x0E060040, "changed": 0x30080040, "body": 0x1000001F,
    "html": 0x10130102, "rtf": 0x10090102, "message_id": 0x1035001F, "in_reply_to": 0x1042001F,
    "references": 0x1039001F, "sender": 0x0042001F, "sender_type": 0x0064001F,
    "sender_address": 0x0065001F, "sender_smtp": 0x5D02001F, "html_codepage": 0x3FDE0003,
    "codepage": 0x3FFD0003, "language": 0x3FF10003, "subject8": 0x0037001E, "body8": 0x1000001E,
    "sender8": 0x0042001E,
}  # fmt: skip


def person(name: str, address: str, kind: int = 1, smtp: str = "") -> dict[int, Value]:
    """A row of the recipient table; ``kind`` 1 to, 2 cc, 3 bcc."""
    row: dict[int, Value] = {
        0x0C150003: kind,
        0x3001001F: name,
        0x3003001F: address,
        0x3002001F: "EX" if address.startswith("/") else "SMTP",
    }
    return row | ({0x39FE001F: smtp} if smtp else {})


def attached(
    name: str, data: bytes | Message, mime: str = "application/octet-stream"
) -> Attachment:
    """A file or message that is attached by value."""
    properties: dict[int, Value] = {0x3707001F: name, 0x370E001F: mime}
    if isinstance(data, Message):
        return Attachment(properties, data)
    return Attachment(properties | {0x37050003: 1, 0x37010102: data})


def message(
    *,
    recipients: list[dict[int, Value]] | None = None,
    attachments: list[Attachment] | None = None,
    **properties: Value,
) -> Message:
    """A message with the properties named as in TAGS, sent to Bo by Ada unless they say else."""
    known: dict[str, Value] = {
        "message_class": "IPM.Note",
        "subject": "Tide tables",
        "sender": "Ada Lind",
        "sender_address": "ada@ferry.example",
        "sent": SENT,
    }
    known |= properties
    rows = [person("Bo Ek", "bo@ferry.example")] if recipients is None else recipients
    return Message({TAGS[name]: v for name, v in known.items()}, rows, attachments or [])


def msg(
    *,
    recipients: list[dict[int, Value]] | None = None,
    attachments: list[Attachment] | None = None,
    **properties: Value,
) -> bytes:
    """The bytes of a .msg file, as ``message`` makes it."""
    made = message(recipients=recipients, attachments=attachments, **properties)
    return write_msg(made)
