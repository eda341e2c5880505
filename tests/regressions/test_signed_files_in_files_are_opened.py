"""A signed file (.p7m) in a zip, in another one or in base64 was neither read nor told."""

from __future__ import annotations

import base64
import io
import sys
import time
import zipfile
from pathlib import Path

import pytest

from riskscan.mail.message import Message
from riskscan.mail.mime import MAX_EMBEDDED
from riskscan.mail.parse import parse_message
from riskscan.sources.compose import File, compose

sys.path.append(str(Path(__file__).parents[1] / "mail"))
from smime_building import ENVELOPED, der, signed, streamed

ENTITY = b"Content-Type: text/plain\r\n\r\nShred the tide tables.\r\n"
LETTER = (
    b"From: cleo@ferry.example\r\nTo: dan@ferry.example\r\nSubject: inner\r\nMIME-Version: 1.0\r\n"
) + ENTITY
RTF = rb"{\rtf1 {\*\generator " + b"x" * 200 + b";}Shred the tide tables.}"
ENCRYPTED = der(0x30, ENVELOPED, der(0xA0, b"secret" * 50))


def mail(name: str, data: bytes) -> Message:
    return parse_message(
        compose([("From", "ada@ferry.example")], text="Attached.", files=[File(name, data)])
    )


def zipped(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return made.getvalue()


def pem(data: bytes) -> bytes:
    letters = base64.encodebytes(data)
    return b"-----BEGIN PKCS7-----\n" + letters + b"-----END PKCS7-----\n"


@pytest.mark.parametrize("made", [signed(RTF), streamed(RTF), signed(streamed(RTF)),
                                  base64.encodebytes(signed(RTF)), pem(signed(RTF))])  # fmt: skip
def test_a_signed_file_is_read_as_what_it_is(made: bytes) -> None:
    found = mail("a.zip", zipped("x/plan.rtf.p7m", made)).attachments
    assert [(a.name, a.text, a.unread) for a in found[2:]] == [
        ("a.zip!/x/plan.rtf.p7m!/plan.rtf", "Shred the tide tables.", "")
    ]
    assert not any(a.unread for a in found)
    attached = mail("plan.rtf.p7m", made).attachments
    assert [(a.name, a.text) for a in attached] == [
        ("plan.rtf.p7m", ""), ("plan.rtf", "Shred the tide tables.")
    ]  # fmt: skip


@pytest.mark.parametrize("content", [ENTITY, LETTER, signed(LETTER)])
def test_a_signed_mail_in_a_zip_is_an_embedded_message(content: bytes) -> None:
    found = mail("a.zip", zipped("plan.p7m", signed(content)))
    assert [one.body.strip() for one in found.embedded] == ["Shred the tide tables."]


@pytest.mark.parametrize("content", [LETTER, signed(LETTER)])
def test_a_signed_mail_of_another_is_no_text_of_the_one_that_carries_it(content: bytes) -> None:
    found = mail("plan.p7m", signed(content))
    assert found.body.strip() == "Attached."
    assert [(m.subject, m.body.strip()) for m in found.embedded] == [
        ("inner", "Shred the tide tables.")
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", zipped("plan.p7m", ENCRYPTED)),
        ("plan.p7m", signed(ENCRYPTED)),
        ("smime.p7m", signed(ENCRYPTED)),
        ("a.zip", zipped("plan.p7m", signed(ENCRYPTED))),
    ],
)
def test_what_is_encrypted_is_told(name: str, data: bytes) -> None:
    found = mail(name, data)
    assert [a.unread for a in found.attachments if a.unread] == ["encrypted"]
    assert found.body.strip() == "Attached."


def test_mere_signatures_are_not_told() -> None:
    for name in ("contract.p7s", "smime.p7s"):
        found = mail("a.zip", zipped(name, signed(b"")))
        assert not any(a.unread for a in found.attachments)


def test_signatures_around_signatures_end() -> None:
    made = RTF
    for _ in range(3_000):
        made = signed(made)
    for name, data in (("plan.p7m", made), ("a.zip", zipped("plan.p7m", made))):
        began = time.process_time()
        found = mail(name, data)
        assert any("signed more than 10 times" in a.unread for a in found.attachments)
        assert time.process_time() - began < 2


def test_entities_around_entities_end() -> None:
    head = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    made = ENTITY
    for _ in range(500):
        made = head + signed(made)
    began = time.process_time()
    found = parse_message(b"From: ada@ferry.example\r\n" + made)
    assert time.process_time() - began < 2
    told = [a.unread for a in found.attachments if a.unread]
    assert len(told) <= 1 and len(found.embedded) <= MAX_EMBEDDED


def test_lying_lengths_end() -> None:
    lie = signed(RTF * 100)
    for at in range(2, 60):
        made = lie[:at] + b"\x88" + b"\xff" * 8 + lie[at + 9 :]
        mail("a.zip", zipped("plan.rtf.p7m", made))
