"""A header block that begins with an indented line or a byte order mark was body text."""

from __future__ import annotations

import base64

import pytest

from riskscan.mail.parse import parse_message

FIELDS = b"Subject: the crates\nFrom: ada@ferry.example\n"


@pytest.mark.parametrize("first", [b"\tid 97; Mon\n", b" X-Tool: 1\n", b"\xef\xbb\xbf"])
def test_of_a_message(first: bytes) -> None:
    message = parse_message(first + FIELDS + b"\nShred them.\n")
    assert (message.subject, message.body.strip()) == ("the crates", "Shred them.")
    assert message.sender is not None and message.sender.address == "ada@ferry.example"


def test_of_a_part() -> None:
    message = parse_message(
        FIELDS + b"Content-Type: multipart/mixed; boundary=BB\n\n--BB\n Content-Type: text/plain\n"
        b"Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=x.txt\n\n"
        + base64.b64encode(b"Shred the crates.")
        + b"\n--BB--\n"
    )
    assert [(one.name, one.text.strip()) for one in message.attachments] == [
        ("x.txt", "Shred the crates.")
    ]


def test_of_an_attached_message() -> None:
    message = parse_message(
        FIELDS + b"Content-Type: message/rfc822\n\n\xef\xbb\xbfSubject: inner\n\nText.\n"
    )
    assert [one.subject for one in message.embedded] == ["inner"]


def test_indented_text_is_text() -> None:
    message = parse_message(b"From: ada@ferry.example\n\n  indented\nSubject: x\n")
    assert message.body == "  indented\nSubject: x\n"
