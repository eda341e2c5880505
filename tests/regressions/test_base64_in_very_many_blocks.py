"""More than 10,000 paddings in one base64 part put a whole message out of reading."""

from __future__ import annotations

import base64
import hashlib

import pytest

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message


def letter(encoded: str) -> Message:
    return parse_message(
        (
            "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
            "--b\nContent-Type: text/plain\n\nhello\n"
            "--b\nContent-Type: application/octet-stream; name=a.bin\n"
            f"Content-Transfer-Encoding: base64\n\n{encoded}\n--b--\n"
        ).encode()
    )


def test_each_block_is_decoded() -> None:
    lines = [b"%05d" % number for number in range(12_000)]
    message = letter("\n".join(base64.b64encode(line).decode() for line in lines))
    (file,) = message.attachments
    assert message.body.strip() == "hello"
    assert file.sha256 == hashlib.sha256(b"".join(lines)).hexdigest()


@pytest.mark.parametrize("number", [12_000, 510_000])
@pytest.mark.parametrize("end", ["AAAAA", "AA=AAA=A", "====="])
def test_any_number_of_them_leaves_the_message_readable(number: int, end: str) -> None:
    message = letter("QUE=" * number + end)
    assert message.body.strip() == "hello"
    assert message.attachments[0].size >= 2 * min(number, 500_000)
