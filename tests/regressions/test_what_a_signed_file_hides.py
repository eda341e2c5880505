"""A signed file (.p7m) that was cut off was stored as whole; one signed too often was "no mail"."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

MAIL = b"From: nora@quayside.example\nSubject: lots\n\n" + b"The crates are here.\n" * 200


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x84" + size.to_bytes(4)
    return bytes([tag]) + length + content


def signed(content: bytes) -> bytes:
    """A CMS SignedData without signers (RFC 5652 section 5)."""
    data = der(0x06, bytes.fromhex("2a864886f70d010701")) + der(0xA0, der(0x04, content))
    inner = der(0x02, b"\1") + der(0x31, b"") + der(0x30, data) + der(0x31, b"")
    kind = der(0x06, bytes.fromhex("2a864886f70d010702"))
    return der(0x30, kind + der(0xA0, der(0x30, inner)))


def event(path: Path, data: bytes) -> Item | NotRead:
    path.write_bytes(data)
    (unit,) = discover([path])
    if isinstance(unit, NotRead):
        return unit
    (found,) = unit.events()
    assert isinstance(found, (Item, NotRead))
    return found


def test_a_cut_file_is_stored_and_told(tmp_path: Path) -> None:
    whole = signed(MAIL)
    kept = event(tmp_path / "a.p7m", whole)
    assert isinstance(kept, Item) and kept.data == MAIL and not kept.lost
    cut = event(tmp_path / "b.p7m", whole[:2000])
    assert isinstance(cut, Item) and MAIL.startswith(cut.data) and len(cut.data) > 1000
    assert "cut off" in cut.lost
    assert cut.lost in cut.defects


@pytest.mark.parametrize("cut", [False, True])
def test_so_is_a_cut_part_of_a_mail(cut: bool) -> None:
    data = signed(MAIL.replace(b"From", b"Content-Type: text/plain\nFrom"))
    packed = base64.encodebytes(data[:2000] if cut else data)
    found = parse_message(
        b"From: nora@quayside.example\nSubject: lots\nMIME-Version: 1.0\n"
        b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
        b"Content-Transfer-Encoding: base64\n\n" + packed
    )
    assert "The crates are here." in found.body
    assert any("cut off" in one for one in found.defects) == cut


def test_one_signed_too_often_says_so(tmp_path: Path) -> None:
    data = MAIL
    for _ in range(15):
        data = signed(data)
    told = event(tmp_path / "deep.p7m", data)
    assert isinstance(told, NotRead) and told.lost
    assert "more than 10 times" in told.reason
