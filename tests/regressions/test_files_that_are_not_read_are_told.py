"""Encrypted files and documents of other formats had neither text nor a word that it is missing."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources.compose import File, compose

_FILES = {
    "message.rpmsg": (bytes.fromhex("76e80460c411e386") + b"\x01x" * 50, "encrypted"),
    "plan.pdf.pfile": (b".pfile\0" + b"\x01x" * 50, "encrypted"),
    "keys.kdbx": (bytes.fromhex("03d9a29a67fb4bb5") + b"\x01x" * 50, "encrypted"),
    "plan.gpg": (b"\x85\x02\x0c\x03" + b"\x9fx" * 50, "encrypted"),
    "plan.bin": (b"\x85\x02\x0c\x03" + b"\x9fx" * 50, "encrypted"),
    "signed.gpg": (b"\xa3\x02\x0c" + b"\x9fx" * 50, "an OpenPGP file: not read"),
    "notes.one": (
        bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + b"\0x" * 50,
        "a OneNote section: not read",
    ),
    "stock.mdb": (b"\0\x01\0\0Standard Jet DB\0" + b"\x01x" * 50, "an Access database: not read"),
    "stock.accdb": (b"\0\x01\0\0Standard ACE DB\0" + b"\x01" * 50, "an Access database: not read"),
    "old.wpd": (b"\xffWPC" + b"\x01x" * 50, "a WordPerfect document: not read"),
    "pier.dwg": (b"AC1032" + b"\0x" * 50, "an AutoCAD drawing: not read"),
    "chat.db": (b"SQLite format 3\0" + b"\x01x" * 50, "an SQLite database: not read"),
    "disc.iso": (bytes(32769) + b"CD001\x01", "a disk image: not read"),
    "mac.dmg": (b"\x01" * 900 + b"koly" + bytes(508), "a disk image: not read"),
    "unknown.xyz": (b"\x13\x37\0\xff" * 50, "not a format that riskscan reads"),
}
_WORDLESS = {
    "photo": b"\x89PNG\r\n\x1a\n\0\0", "phone.heic": b"\0\0\0\x18ftypheic\0",
    "a.jpg": b"\xff\xd8\xff\xe0\0", "voice.amr": b"#!AMR\n\x0c\0\xff",
    "film": b"\x1aE\xdf\xa3\x01\0",
    "run": b"MZ\x90\0\x03", "run.so": b"\x7fELF\x02\0", "font": b"OTTO\0\x0b", "empty": b"",
    "zeros": bytes(500), "smime.p7s": b"\x30\x80\x06\x09\x01\0",
}  # fmt: skip


@pytest.mark.parametrize("name", _FILES)
def test_a_file_that_is_not_read_has_a_reason(name: str) -> None:
    data, why = _FILES[name]
    made = compose([("Subject", "x")], text="See it.", files=[File(name, data)])
    assert [(a.text, a.unread) for a in parse_message(made).attachments] == [("", why)]


@pytest.mark.parametrize("name", _WORDLESS)
def test_what_has_no_words_has_no_reason(name: str) -> None:
    made = compose([("Subject", "x")], text="See it.", files=[File(name, _WORDLESS[name])])
    assert [(a.text, a.unread) for a in parse_message(made).attachments] == [("", "")]
