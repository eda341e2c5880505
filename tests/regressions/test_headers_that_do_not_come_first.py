"""Headers indented throughout, or behind lines that are none, were body text, or no mail at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

HEADERS = (
    "From: ada@quay.example\nTo: bo@quay.example,\n cy@quay.example\nSubject: lots\n"
    "Date: Mon, 6 Jan 2020 09:15:00 +0100\n"
)
BODY = "\nShred them.\n"


def indented(text: str, by: str) -> str:
    return "".join(by + line for line in text.splitlines(keepends=True))


ODD = {
    "indented": indented(HEADERS, "    ") + BODY,
    "indented by tabs": indented(HEADERS, "\t") + BODY,
    "all indented": indented(HEADERS + BODY, "  "),
    "a line without a colon": "X-Garbage without one\n" + HEADERS + BODY,
    "a line and a blank one": "===== message 1 =====\n\n" + HEADERS + BODY,
    "an answer of a web server": "HTTP/1.1 200 OK\n" + HEADERS + BODY,
    "an answer of a mail server": "+OK 190 octets\n" + HEADERS + BODY,
    "a mark behind a blank line": "\n\ufeff" + HEADERS + BODY,
    "an invisible mark": "\u200b" + HEADERS + BODY,
    "a blank that is no ASCII": "\xa0" + HEADERS + BODY,
    "bytes of zero": "\0\0" + HEADERS + BODY,
    "carriage returns alone": "\ufeff" + (HEADERS + BODY).replace("\n", "\r"),
    "line ends twice": (HEADERS + BODY).replace("\n", "\r\r\n"),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_fields_are_found_and_bytes_kept(tmp_path: Path, odd: str) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(odd.encode())
    (unit,) = discover([file])
    assert not isinstance(unit, NotRead)
    (item,) = unit.events()
    assert isinstance(item, Item)
    assert item.native_sha256 or item.data == file.read_bytes()
    message = parse_message(item.data)
    assert message.sender is not None
    assert (message.sender.address, message.subject) == ("ada@quay.example", "lots")
    assert [one.address for one in message.to] == ["bo@quay.example", "cy@quay.example"]
    assert message.date is not None
    assert message.body.strip() == "Shred them."


@pytest.mark.parametrize("text", ["    Note: one\n    Why: two\n\nthree\n", "One\n\nTwo\n"])
def test_a_text_without_two_fields_of_mail_has_no_headers(text: str) -> None:
    message = parse_message(f"\n- - -\n{text}".encode())
    assert message.defects[0] == "no headers"
    assert message.subject == ""
