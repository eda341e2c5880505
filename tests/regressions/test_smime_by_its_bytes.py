"""S/MIME that no type calls so: signed words were read by nobody, encrypted files not told."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest
from msg_building import Attachment, message, write_msg

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources.compose import File, compose
from riskscan.sources.mapi import to_mail
from riskscan.sources.msg import read_msg_bytes

sys.path.append(str(Path(__file__).parents[1] / "mail"))
from smime_building import DATA, ENVELOPED, SIGNED, der, signed, streamed

_ENTITY = b"Content-Type: text/plain\r\n\r\nShred the tide tables.\r\n"
_ENCRYPTED = der(0x30, ENVELOPED, der(0xA0, b"secret" * 50))
_COMPRESSED = der(0x30, bytes.fromhex("060b2a864886f70d0109100109"), der(0xA0, b"x" * 50))
_CERTIFICATES = der(0x30, SIGNED, der(0xA0, der(0x30, b"\x02\x01\x01", der(0x31), der(0x30, DATA))))
_CLEAR = (
    b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nShred the tide tables.\r\n--b\r\n"
    b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIAG\r\n--b--\r\n"
)


def _msg(message_class: str, name: str, data: bytes) -> Message:
    file = Attachment({0x3707001F: name, 0x37050003: 1, 0x37010102: data})
    made = message(message_class=message_class, attachments=[file], body="")
    return parse_message(to_mail(read_msg_bytes(write_msg(made))))


def _mail(name: str, data: bytes, text: str = "") -> Message:
    files = [File(name, data, "application/octet-stream")]
    return parse_message(compose([("From", "ada@ferry.example")], text=text, files=files))


@pytest.mark.parametrize("data", [signed(_ENTITY), streamed(_ENTITY)])
def test_signed_words_are_read_whatever_type_is_declared(data: bytes) -> None:
    for found in (_msg("IPM.Note.SMIME", "smime.p7m", data), _mail("x.p7m", data), _mail("", data)):
        assert found.body.strip() == "Shred the tide tables."
        assert [a.unread for a in found.attachments] == [""]


@pytest.mark.parametrize("message_class", ["IPM.Note", "IPM.Note.Secure.Sign", "IPM.Note.SMIME"])
def test_a_clear_signed_message_of_any_class_is_its_entity(message_class: str) -> None:
    found = _msg(message_class, "smime.p7m", _CLEAR)
    assert found.body.strip() == "Shred the tide tables."
    assert [a.name for a in found.attachments] == ["smime.p7s"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (_ENCRYPTED, "encrypted"),
        (_COMPRESSED, "a compressed message (S/MIME): not read"),
        (_CERTIFICATES, "a signed message (S/MIME) that is not read"),
    ],
)
def test_what_is_not_read_is_told(data: bytes, why: str) -> None:
    for found in (_msg("IPM.Note", "x.p7m", data), _mail("x.p7m", data)):
        assert [a.unread for a in found.attachments] == [why]


def test_certificates_alone_are_no_unread_message() -> None:
    assert [a.unread for a in _mail("chain.p7b", _CERTIFICATES).attachments] == [""]


def test_a_signed_file_within_a_mail_is_no_part_of_its_body() -> None:
    found = parse_message(
        b"From: ada@ferry.example\nSubject: x\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=e\n\n--e\n\nsee there\n--e\n"
        b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
        b'Content-Disposition: attachment; filename="signed.dat"\n\n'
        + base64.b64encode(signed(_ENTITY))
        + b"\n--e--\n"
    )
    assert found.body.strip() == "see there"
    assert [a.name for a in found.attachments] == ["signed.dat"]
    assert [one.body.strip() for one in found.embedded] == ["Shred the tide tables."]
