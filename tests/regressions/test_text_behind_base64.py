"""Text on the last line of base64 made the line unread; text below it ran into the last word."""

from __future__ import annotations

import base64

import pytest

from riskscan.mail.parse import parse_message

WORDS = "The ferry leaves at nine"


@pytest.mark.parametrize(
    ("text", "tail", "wanted"),
    [
        (WORDS + ".", b" -- list", WORDS + ". -- list\n"),
        (WORDS + "?!", b" -- list", WORDS + "?! -- list\n"),
        (WORDS, b"\n-- \nsent to the list", WORDS + "\n-- \nsent to the list\n"),
        (WORDS + "\n", b"\nsent to the list", WORDS + "\nsent to the list\n"),
    ],
)
def test_both_are_read(text: str, tail: bytes, wanted: str) -> None:
    raw = (
        b"From: a@b.example\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(text.encode())
        + tail
        + b"\n"
    )
    message = parse_message(raw)
    assert message.body == wanted
    assert "text after the base64 of a part: kept" in message.defects
