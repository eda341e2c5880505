"""The boundary line behind a part that stands behind the closing one was decoded with it."""

from __future__ import annotations

import hashlib

import pytest

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message


def behind(end: str) -> Message:
    return parse_message(
        (
            "Subject: x\nContent-Type: multipart/mixed; boundary=BB\n\n"
            "--BB\nContent-Type: text/plain\n\nhello\n--BB--\n\n"
            "--BB\nContent-Type: application/octet-stream; name=a.bin\n"
            f"Content-Transfer-Encoding: base64\n\nQUJD\n\n--BB{end}"
        ).encode()
    )


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "--\n", "  \n--BB--\n", "\n--BB\n"])
def test_the_file_ends_at_the_delimiter(end: str) -> None:
    message = behind(end)
    (file,) = message.attachments
    assert (file.name, file.sha256) == ("a.bin", hashlib.sha256(b"ABC").hexdigest())
    assert message.body.strip() == "hello"


def test_text_behind_that_delimiter_is_kept() -> None:
    message = behind("\nSome words that no header begins.\n")
    names = [(file.name, file.size) for file in message.attachments]
    assert names == [("a.bin", 3), ("epilogue.txt", 33)]
    assert message.attachments[1].text == "Some words that no header begins."
