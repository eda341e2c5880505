"""The hash of an attachment that is not encoded was of other bytes than any mail program saves."""

import hashlib
from email import message_from_bytes, policy

import pytest

from riskscan.mail.parse import parse_message
from riskscan.mail.parts import files_of

_MAIL = b"""\
From: ada@mill.example
To: ben@mill.example
Date: Mon, 1 Jul 2024 10:00:00 +0000
Message-ID: <a@mill.example>
Subject: list
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: text/plain

See the list.
--cut
Content-Type: %s; name="list.txt"
Content-Disposition: attachment; filename="list.txt"
%s
%s
--cut--
"""


@pytest.mark.parametrize("kind", [b"text/csv", b"image/png"])
@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        (b"", b"one\ntwo\nthree"),
        (b"Content-Transfer-Encoding: 8bit\n", b"one\ntw\xc3\xb6"),
        (b"Content-Transfer-Encoding: quoted-printable\n", b"one=3D1\ntwo=0D=0Athree=\n four"),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_it_is_of_the_bytes_as_found(
    kind: bytes, encoding: bytes, content: bytes, end: bytes
) -> None:
    data = (_MAIL % (kind, encoding, content)).replace(b"\n", end)
    *_, part = message_from_bytes(data, policy=policy.compat32).walk()
    saved = part.get_payload(decode=True)
    assert isinstance(saved, bytes)
    (attachment,) = parse_message(data).attachments
    assert attachment.sha256 == hashlib.sha256(saved).hexdigest()
    assert attachment.size == len(saved)
    assert [f.data for f in files_of(data)] == [saved]


def test_the_message_is_the_same_one_in_an_mbox_and_as_a_file() -> None:
    data = _MAIL % (b"text/csv", b"", b"one\ntwo")
    file = data.replace(b"\n", b"\r\n")
    assert parse_message(data).content_hash == parse_message(file).content_hash
