"""The first part of a multipart was lost where the line above its boundary held a blank.

Such a line does not end a header, so the boundary was left out as a line that is no field, and
the fields of the part were taken for the message's.
"""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message

HEAD = (
    b"From: ada@ferry.example\nMIME-Version: 1.0\n"
    b'Content-Type: multipart/mixed; boundary="quay"\nSubject: tides\n'
)
PART = (
    b"--quay\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    b"VGhlIHRhYmxlcyBhcmUgd3Jvbmcu\n--quay--\n"
)


@pytest.mark.parametrize("between", [b"\n", b" \n", b"\t \r\n", b""])
def test_the_part_is_read(between: bytes) -> None:
    message = parse_message(HEAD + between + PART)
    assert message.body.strip() == "The tables are wrong."
    assert message.subject == "tides"
    assert bool("no empty line between headers and body" in message.defects) == (between != b"\n")


def test_fields_go_on_behind_a_line_that_is_none() -> None:
    message = parse_message(b"From: ada@ferry.example\n-- junk\nSubject: tides\n\nWrong.\n")
    assert (message.subject, message.body) == ("tides", "Wrong.\n")
