"""A comment (RFC 822) in a MIME header hid the boundary, the encoding, the charset or the name."""

from __future__ import annotations

import base64

import pytest

from riskscan.mail.headers import content_params
from riskscan.mail.parse import parse_message

PARTS = (
    b"\n\n--BB\nContent-Type: text/plain\nContent-Transfer-Encoding: (x) base64\n\n"
    + base64.b64encode(b"Shred the crates.\n")
    + b"\n--BB--\n"
)


@pytest.mark.parametrize(
    "value",
    [
        "multipart/mixed; boundary=BB (a comment)",
        "multipart/mixed; (x) boundary=BB",
        "multipart/mixed; boundary(x)=BB",
        "multipart/mixed; boundary= (x) BB",
        '(x) multipart/mixed (y); boundary="BB" (z)',
        '"multipart/mixed"; boundary=BB',
        "multipart/mixed; boundary=BB (a (nested) comment)",
        "multipart/mixed; boundary=BB (a; boundary=CC)",
        "multipart/mixed (a (b (c))) ; boundary=BB",
    ],
)
def test_the_parts_are_read(value: str) -> None:
    message = parse_message(f"From: ada@ferry.example\nContent-Type: {value}".encode() + PARTS)
    assert (message.body.strip(), message.attachments) == ("Shred the crates.", [])


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; (x) filename=a.pdf", "a.pdf"),
        ("attachment; filename=a.pdf (x)", "a.pdf"),
        ("attachment; filename=a (1).pdf", "a (1).pdf"),
        ("attachment; filename=a (1)", "a (1)"),
        ('attachment; filename="a.pdf (1)"', "a.pdf (1)"),
        ("attachment; filename=(1)", "(1)"),
        ('attachment; filename="a (1; 2 (3)).pdf"', "a (1; 2 (3)).pdf"),
        ("attachment; filename=a (1", "a (1"),
    ],
)
def test_brackets_in_names_stay(value: str, name: str) -> None:
    assert content_params(value) == ("attachment", {"filename": name})


@pytest.mark.parametrize(
    "encoding",
    [
        "(a (b)) base64",
        "base64 (a (b; c))",
        "x-base64",
        "mime-base64",
        "base64, 7bit",
        "base64; charset=utf-8",
        "base 64",
        "b64",
    ],
)
def test_encodings_that_are_nearly_well_named(encoding: str) -> None:
    head = f"Subject: x\nContent-Transfer-Encoding: {encoding}\n\n".encode()
    assert parse_message(head + base64.b64encode(b"Shred them.")).body == "Shred them."
