"""One header with a blank before its colon hid all headers from there on, without a word."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st
from mailparser import MailParser

from riskscan.mail.headers import split_head
from riskscan.mail.parse import parse_message


def test_every_field_is_read() -> None:
    message = parse_message(
        b"X-Tool : 1\nFrom \t: Ada <ada@ferry.example>\nSubject : the crates\n\tat dawn : soon\n"
        b"To: bo@ferry.example\nMIME-Version : 1.0\nContent-Type : text/html; charset=utf-8\n"
        b"Content-Transfer-Encoding : base64\n\n" + base64.b64encode(b"<p>Shred : them.")
    )
    assert message.sender is not None and message.sender.address == "ada@ferry.example"
    assert message.subject == "the crates at dawn : soon"
    assert [one.address for one in message.to] == ["bo@ferry.example"]
    assert (message.body.strip(), message.body_format) == ("Shred : them.", "html")


def test_every_field_of_a_part_is_read() -> None:
    message = parse_message(
        b"From: ada@ferry.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n"
        b'--b\nContent-Disposition : attachment; filename="list.txt"\nContent-Type: text/plain\n\n'
        b"Crates\n--b--\n"
    )
    assert [one.name for one in message.attachments] == ["list.txt"]


def test_what_is_no_header_stays_as_it_is() -> None:
    message = parse_message(b"Subject: x\nwe spoke\nPrice : 4\n")
    assert message.body.strip() == "we spoke\nPrice : 4"


@given(st.lists(st.sampled_from(["a", ":", " ", "\t", "\n", "From ", "X : y\n", "\r", "é"])))
def test_the_library_leaves_nothing_of_a_header_block(pieces: list[str]) -> None:
    head, _, _ = split_head("".join(pieces).encode())
    assert not head or not MailParser.from_bytes(head).message.get_payload()
