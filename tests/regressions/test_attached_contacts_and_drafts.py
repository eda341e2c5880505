"""Attached contacts had no words, and drafts stood as messages that were sent."""

from __future__ import annotations

from msg_building import Message, attached, message, write_msg

from riskscan.mail.message import Message as Parsed
from riskscan.mail.parse import parse_message
from riskscan.sources.mapi import to_mail
from riskscan.sources.msg import read_msg_bytes


def _parsed(made: Message) -> tuple[Parsed, list[str]]:
    read = read_msg_bytes(write_msg(made))
    return parse_message(to_mail(read)), read.repaired


def test_an_attached_contact_tells_what_it_holds() -> None:
    card = Message({0x001A001F: "IPM.Contact", 0x0037001F: "Bo Ek", 0x3001001F: "Bo Ek",
                    0x3A16001F: "Ferry works", 0x3A1C001F: "+47 555 0100"})  # fmt: skip
    found, _ = _parsed(message(body="His card.", attachments=[attached("Bo Ek", card)]))
    assert found.embedded[0].body.strip().split("\n") == [
        "Name: Bo Ek", "Organization: Ferry works", "Mobile: +47 555 0100"
    ]  # fmt: skip


def test_a_draft_is_told() -> None:
    made = message(body="Not yet.")
    assert _parsed(made)[1] == []
    made.properties = {**made.properties, 0x0E070003: 8}
    assert _parsed(made)[1] == ["a draft: never sent"]
