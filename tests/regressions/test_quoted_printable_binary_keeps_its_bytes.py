"""CR LF that quoted-printable encodes became LF: a PNG sent so had another hash."""

from __future__ import annotations

import hashlib
import quopri

import pytest

from riskscan.mail.parse import parse_message

PNG = b"\x89PNG\r\n\x1a\n\0\r\n\r\r\n=\xff"


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_encoded_line_ends_of_an_attachment_stay_and_those_of_a_body_are_lf(eol: bytes) -> None:
    encoded = b"".join(b"=%02X" % byte for byte in PNG)
    assert quopri.decodestring(encoded) == PNG
    lines = [
        b"Subject: chart", b"MIME-Version: 1.0", b"Content-Type: multipart/mixed; boundary=x", b"",
        b"--x", b"Content-Type: text/plain", b"Content-Transfer-Encoding: quoted-printable", b"",
        b"one=0D=0Atwo", b"three", b"--x", b"Content-Type: image/png; name=chart.png",
        b"Content-Transfer-Encoding: quoted-printable", b"", encoded, b"--x--", b"",
    ]  # fmt: skip
    message = parse_message(eol.join(lines))
    assert message.body == "one\ntwo\nthree"
    assert [a.sha256 for a in message.attachments] == [hashlib.sha256(PNG).hexdigest()]
