"""Sender and Reply-To were nowhere: who really sent a message, and who else gets the answers."""

from __future__ import annotations

import struct

import pytest
from msg_building import Value, message, write_msg

from riskscan.mail.parse import parse_message
from riskscan.sources.mapi import to_mail
from riskscan.sources.msg import read_msg_bytes

_SENT_BY = "sent by Sue <sue@ferry.example> on behalf of the sender"
_ANSWERS = "answers are to go to Rival <rival@pier.example>"


def _defects(*headers: str) -> list[str]:
    head = "\r\n".join(("From: Ada <ada@ferry.example>", "Date: Fri, 5 Jul 2024 09:05:00 +0000"))
    return parse_message("\r\n".join((head, *headers, "", "Words.")).encode()).defects


def test_who_sent_for_somebody_and_who_gets_the_answers_is_told() -> None:
    assert _defects("Sender: Sue <sue@ferry.example>") == [_SENT_BY]
    assert _defects("Reply-To: Rival <rival@pier.example>, ada@ferry.example") == [_ANSWERS]


@pytest.mark.parametrize("field", ["Sender: ADA@ferry.example", "Reply-To: <ada@ferry.example>"])
def test_the_author_alone_is_not_told(field: str) -> None:
    assert _defects(field) == []


def test_the_machinery_of_a_list_is_not_told() -> None:
    names = ("Sender: owner-quay@lists.example", "Reply-To: quay@lists.example")
    assert _defects("List-Id: <quay.lists.example>", *names) == []
    assert _defects("Precedence: bulk", *names) == []


def test_so_it_is_of_outlook_messages() -> None:
    entry = bytes(4) + bytes.fromhex("812b1fa4bea310199d6e00dd010f5402") + b"\0\0\0\x80"
    entry += "Rival\0SMTP\0rival@pier.example\0".encode("utf-16-le")
    listed = struct.pack("<III", 1, len(entry) + 4, len(entry)) + entry
    more: dict[int, Value] = {
        0x0C1A001F: "Sue", 0x0C1E001F: "SMTP", 0x0C1F001F: "sue@ferry.example",
        0x004F0102: listed, 0x0050001F: "Rival",
    }  # fmt: skip
    made = message(body="Words.")
    data = write_msg(type(made)({**made.properties, **more}, made.recipients))
    found = parse_message(to_mail(read_msg_bytes(data)))
    assert found.sender is not None
    assert found.sender.address == "ada@ferry.example"
    assert found.defects == [_SENT_BY, _ANSWERS]
