"""Builders for CMS (RFC 5652) as S/MIME has it, in the encodings that programs write."""

from __future__ import annotations

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
