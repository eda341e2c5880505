"""Thousands of signed parts, or a hundred signatures around one another, took seconds a message."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest
from scan_building import multipart

from riskscan.mail.mime import MAX_SIGNED
from riskscan.mail.parse import parse_message
from riskscan.mail.smime import MAX_SIGNATURES, signed_content

sys.path.append(str(Path(__file__).parents[1] / "mail"))
from smime_building import DATA, SIGNED, ber, der, signed

TEXT = b"Content-Type: text/plain\r\n\r\nThe crates arrive.\r\n"
MORE = 25


def part(name: str, content: bytes, kind: str = "application/pkcs7-mime") -> str:
    return (
        f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(signed(content)).decode()
    )


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("smime.p7m", "application/pkcs7-mime", TEXT),
        ("crates.txt.p7m", "application/octet-stream", b"The crates arrive."),
    ],
)
def test_those_beyond_the_bound_are_listed_and_told(name: str, kind: str, content: bytes) -> None:
    one = part(name, content, kind)
    message = parse_message(multipart(1, [one] * (MAX_SIGNED + MORE)))
    listed = [a for a in message.attachments if a.name == name]
    assert len(listed) == MAX_SIGNED + MORE
    why = "one of more than 1,000 signed parts: not read"
    assert [a.unread for a in listed] == [""] * MAX_SIGNED + [why] * MORE
    assert f"a signed part that is not opened: {why}" in message.defects
    assert (message.body.count("The crates arrive.") == MAX_SIGNED) == (content == TEXT)


def test_what_is_signed_too_often_is_listed_and_told() -> None:
    entity = TEXT
    for _ in range(MAX_SIGNATURES + 1):
        head = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        entity = head + signed(entity)
    message = parse_message(b"Subject: s\r\n" + entity)
    why = f"signed more than {MAX_SIGNATURES} times: not read"
    assert sorted({a.unread for a in message.attachments}) == ["", why]
    assert f"a signed part that is not opened: {why}" in message.defects


def test_a_file_in_pieces_of_a_byte_is_not_put_together() -> None:
    def pieces(size: int) -> bytes:
        octets = ber(0x24, *[der(0x04, b"x" * size)] * 1000)
        content = ber(0x30, DATA, ber(0xA0, octets))
        return ber(0x30, SIGNED, ber(0xA0, ber(0x30, b"\x02\x01\x01", ber(0x31), content)))

    assert signed_content(pieces(1000)) == b"x" * 1_000_000
    assert signed_content(pieces(1)) == b""
