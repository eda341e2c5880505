"""A multipart that only says quoted-printable lost parts; uuencode with filler was no file."""

from __future__ import annotations

import base64
import binascii
import quopri

import pytest

from riskscan.mail.parse import parse_message

DATA = bytes(range(256)) * 3
HEAD = b"Subject: tides\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n"
PARTS = (
    b"--x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    b"H\xc3\xb8jvande\n--x\nContent-Type: image/png; name=a.png\n"
    b"Content-Transfer-Encoding: base64\n\n%s=\n--x\nContent-Type: image/png; name=b.png\n"
    b"Content-Transfer-Encoding: base64\n\n%s\n--x--\n"
) % (base64.b64encode(DATA[:-1]).rstrip(b"="), base64.b64encode(DATA))


@pytest.mark.parametrize("encoding", ["", "quoted-printable", "base64"])
@pytest.mark.parametrize("done", [True, False], ids=["encoded", "only said"])
def test_parts_are_the_same_whether_the_multipart_is_encoded_or_only_says_so(
    encoding: str, done: bool
) -> None:
    encode = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}
    body = encode[encoding](PARTS) if done and encoding else PARTS
    field = f"Content-Transfer-Encoding: {encoding}\n".encode() if encoding else b""
    message = parse_message(HEAD + field + b"\n" + body)
    assert message.body.strip() == "Højvande"
    assert [(a.name, a.size) for a in message.attachments] == [("a.png", 767), ("b.png", 768)]


@pytest.mark.parametrize("more", [b"_", b"__"])
def test_a_uuencoded_line_may_end_in_filler(more: bytes) -> None:
    lines = [binascii.b2a_uu(DATA[i : i + 45]).rstrip(b"\n") for i in range(0, 45 * 3, 45)]
    short = binascii.b2a_uu(b"abcde").rstrip(b"\n")[:-1]  # the last character is filler
    text = b"\n".join([b"begin 644 a.bin", *lines, short + more, b"`", b"end", b""])
    (made,) = parse_message(b"Subject: file\n\n" + text).attachments
    assert (made.name, made.size) == ("a.bin", 140)


def test_longer_lines_are_no_uuencoded_file() -> None:
    text = b"begin 644 the work\n#abcdefgh and so on\nend\n"
    assert parse_message(b"Subject: file\n\n" + text).attachments == []
