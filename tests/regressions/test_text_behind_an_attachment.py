"""What a scanner wrote below an attachment's base64 was decoded with it: another file, and hash."""

from __future__ import annotations

import base64
import hashlib

import pytest

from riskscan.mail.parse import parse_message

FILE = bytes(range(256)) * 2 + b"ends in a padding"[:2]
LEFT_OUT = "text after the base64 of a part: left out"


@pytest.mark.parametrize(
    ("behind", "wanted", "said"),
    [
        (b"", FILE, False),
        (b"-- \nScanned, and nothing found.\n", FILE, True),
        (b"--quay-->\nWords behind what should be the end\n", FILE, True),
        (base64.encodebytes(FILE), FILE * 2, False),
    ],
)
def test_it_is_not_part_of_the_file(behind: bytes, wanted: bytes, said: bool) -> None:
    raw = (
        b"From: ada@ferry.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; "
        b"boundary=quay\n\n--quay\nContent-Type: text/plain\n\nSee the file.\n--quay\n"
        b"Content-Type: application/octet-stream; name=tides.bin\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(FILE) + behind + b"--quay--\n"
    )
    message = parse_message(raw)
    (file,) = message.attachments
    assert file.sha256 == hashlib.sha256(wanted).hexdigest()
    assert (LEFT_OUT in message.defects) == said
