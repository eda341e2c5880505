"""S/MIME: what is signed is read, in every encoding; what is encrypted is not taken for it."""

from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st
from smime_building import ENTITY, ENVELOPED, der, signed, streamed

from riskscan.mail.parse import parse_message
from riskscan.mail.smime import signed_content


def mail(cms: bytes, kind: str = "application/pkcs7-mime; smime-type=signed-data") -> bytes:
    return (
        b"From: ada@ferry.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: "
        + kind.encode()
        + b'; name="smime.p7m"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(cms)
    )


def test_a_signed_message_is_read_with_its_attachments() -> None:
    for cms in (signed(ENTITY), streamed(ENTITY)):
        message = parse_message(mail(cms))
        assert message.body.strip() == "What was signed."
        assert [(a.name, a.unread) for a in message.attachments] == [
            ("a.csv", ""),
            ("smime.p7m", ""),
        ]


def test_an_encrypted_message_has_no_text_and_says_so() -> None:
    cms = der(0x30, ENVELOPED, der(0xA0, der(0x30, b"\x02\x01\x00" + b"secret" * 50)))
    message = parse_message(mail(cms, "application/pkcs7-mime; smime-type=enveloped-data"))
    assert message.body == ""
    assert [(a.name, a.unread) for a in message.attachments] == [("smime.p7m", "encrypted")]


def test_what_is_signed_in_what_is_signed_is_read_up_to_a_bound() -> None:
    entity = ENTITY
    for _ in range(3):
        entity = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary" + (
            b"\r\n\r\n" + signed(entity)
        )
    assert parse_message(b"Subject: s\r\n" + entity).body.strip() == "What was signed."
    for _ in range(100):
        entity = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary" + (
            b"\r\n\r\n" + signed(entity)
        )
    assert parse_message(b"Subject: s\r\n" + entity).subject == "s"


def test_a_cut_signature_gives_what_there_is() -> None:
    assert signed_content(signed(b"x" * 500)[:200]).startswith(b"xxxx")
    assert signed_content(streamed(b"x" * 500)[:250]).startswith(b"xxxx")
    assert signed_content(b"") == signed_content(b"0\x80") == b""


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=100), st.data())
def test_no_damage_raises(content: bytes, data: st.DataObject) -> None:
    made = bytearray(data.draw(st.sampled_from([signed(content), streamed(content)])))
    for _ in range(data.draw(st.integers(0, 5))):
        made[data.draw(st.integers(0, len(made) - 1))] = data.draw(st.integers(0, 255))
    assert len(signed_content(bytes(made))) <= len(made)
