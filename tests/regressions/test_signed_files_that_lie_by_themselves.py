"""A signed message (.p7m) in a folder, attached to no mail, was listed as not read."""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

sys.path.append(str(Path(__file__).parents[1] / "mail"))
from smime_building import ENTITY, ENVELOPED, der, signed, streamed

MAIL = (
    b"From: Ada <ada@ferry.example>\r\nTo: ben@ferry.example\r\nSubject: tides\r\n"
    b"Date: Tue, 05 Mar 2024 08:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain\r\n\r\nThe tables are wrong.\r\n"
)


def pem(data: bytes) -> bytes:
    return b"-----BEGIN PKCS7-----\n" + base64.encodebytes(data) + b"-----END PKCS7-----\n"


def one(folder: Path, name: str, data: bytes) -> Item | NotRead:
    (folder / name).write_bytes(data)
    (unit,) = discover([folder])
    (event,) = [unit] if isinstance(unit, NotRead) else list(unit.events())
    assert isinstance(event, Item | NotRead)
    return event


@pytest.mark.parametrize("written", [bytes, base64.encodebytes, pem])
@pytest.mark.parametrize("sign", [signed, streamed, lambda data: signed(signed(data))])
def test_the_message_in_it_is_read(
    tmp_path: Path, sign: Callable[[bytes], bytes], written: Callable[[bytes], bytes]
) -> None:
    data = written(sign(MAIL))
    item = one(tmp_path, "tides.p7m", data)
    assert isinstance(item, Item)
    message = parse_message(item.data)
    assert (message.subject, message.body.strip()) == ("tides", "The tables are wrong.")
    assert (item.native_sha256, item.native_size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert item.defects == ("opened from a signed file (S/MIME): the signature is not verified",)


def test_an_entity_without_sender_is_read_too(tmp_path: Path) -> None:
    item = one(tmp_path, "smime.p7m", signed(ENTITY))
    assert isinstance(item, Item)
    message = parse_message(item.data)
    assert message.body.strip() == "What was signed."
    assert [a.name for a in message.attachments] == ["a.csv"]


def test_a_long_one_is_read_whole(tmp_path: Path) -> None:
    item = one(tmp_path, "tides.p7m", streamed(MAIL + b"The tables are wrong.\r\n" * 20_000))
    assert isinstance(item, Item)
    assert item.data.count(b"wrong") == 20_001


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (signed(b"%PDF-1.4\n" + bytes(range(256))), "a signed file (S/MIME) in which there is no"),
        (signed(b"Dear all: a note.\n"), "a signed file (S/MIME) in which there is no mail"),
        (der(0x30, ENVELOPED, der(0xA0, der(0x30, b"\x02\x01\x00"))), "an encrypted message"),
        (pem(der(0x30, ENVELOPED, der(0xA0, der(0x30, b"\x02\x01\x00")))), "an encrypted message"),
    ],
)
def test_others_are_listed_with_what_they_are(tmp_path: Path, data: bytes, words: str) -> None:
    told = one(tmp_path, "tides.p7m", data)
    assert isinstance(told, NotRead)
    assert told.lost
    assert words in told.reason
    assert (told.size, told.sha256) == (len(data), hashlib.sha256(data).hexdigest())
