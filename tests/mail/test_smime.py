"""S/MIME: what is signed is read, in every encoding; what is encrypted is not taken for it."""

from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.mail.parse import parse_message
from riskscan.mail.smime import signed_content

SIGNED = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")
ENVELOPED = bytes.fromhex("06092a864886f70d010703")


def der(tag: int, *content: bytes) -> bytes:
    data = b"".join(content)
    if len(data) < 128:
        return bytes((tag, len(data))) + data
    size = len(data).to_bytes((len(data).bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(size))) + size + data


def ber(tag: int, *content: bytes) -> bytes:
    return bytes((tag, 0x80)) + b"".join(content) + b"\0\0"


def signed(content: bytes) -> bytes:
    """A SignedData with what stands around the content left small (RFC 5652 section 5.1)."""
    algorithms = der(0x31, der(0x30, bytes.fromhex("0609608648016503040201"), b"\x05\0"))
    inner = der(0x30, DATA, der(0xA0, der(0x04, content)))
    signers = der(0x31, der(0x30, b"\x02\x01\x01"))
    return der(0x30, SIGNED, der(0xA0, der(0x30, b"\x02\x01\x01", algorithms, inner, signers)))


def streamed(content: bytes) -> bytes:
    """The same as programs write it that do not know the length beforehand."""
    algorithms = ber(0x31, der(0x30, bytes.fromhex("0609608648016503040201"), b"\x05\0"))
    pieces = [der(0x04, content[at : at + 100]) for at in range(0, len(content), 100)]
    inner = ber(0x30, DATA, ber(0xA0, ber(0x24, *pieces)))
    return ber(0x30, SIGNED, ber(0xA0, ber(0x30, b"\x02\x01\x01", algorithms, inner)))


ENTITY = (
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
    b"What was signed.\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\n"
    b"Content-Disposition: attachment\r\n\r\n1;2\r\n--b--\r\n"
)


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
