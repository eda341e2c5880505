"""The bytes of a signed file (contract.pdf.p7m) stood in the body of the message as its text."""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path

import pytest
from scan_building import multipart, text_part

from riskscan.mail.parse import parse_message

sys.path.append(str(Path(__file__).parents[1] / "mail"))
from smime_building import signed

FILE = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n" + bytes(range(256))


def attached(name: str, content: bytes) -> str:
    return (
        f'Content-Type: application/pkcs7-mime; name="{name}"\nContent-Disposition: attachment\n'
        "Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(signed(content)).decode()
    )


def test_what_is_signed_is_a_file_beside_it() -> None:
    message = parse_message(
        multipart(1, [text_part("Attached."), attached("contract.pdf.p7m", FILE)])
    )
    assert message.body.strip() == "Attached."
    files = [(a.name, a.role, a.sha256) for a in message.attachments]
    assert files == [
        ("contract.pdf.p7m", "file", hashlib.sha256(signed(FILE)).hexdigest()),
        ("contract.pdf", "member", hashlib.sha256(FILE).hexdigest()),
    ]


@pytest.mark.parametrize("name", ["smime.p7m", "letter.p7m"])
def test_a_signed_message_is_read_as_its_text(name: str) -> None:
    letter = b"Content-Type: text/plain\n\nThe letter.\n"
    message = parse_message(multipart(1, [attached(name, letter)]))
    assert message.body.strip() == "The letter."
