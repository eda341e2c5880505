"""winmail.dat: the message in it, its files, and what comes of it in the mail around it."""

from __future__ import annotations

import base64
import hashlib
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msg_building import message, msg_tree, write_compound
from source_building import put
from tnef_building import (
    BODY,
    MESSAGE_IID,
    START,
    STORAGE_IID,
    attribute,
    file,
    properties,
    tnef,
    utf16,
)

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover
from riskscan.sources.mapi import to_mail
from riskscan.sources.originals import originals
from riskscan.sources.tnef import TnefError, read_tnef_bytes
from riskscan.stages.ingest import parse_batch


def winmail(data: bytes, text: str = "") -> bytes:
    return (
        b"From: Ada <ada@ferry.example>\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        + text.encode()
        + b"\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data) + b"\r\n--b--\r\n"
    )


def scanned(mail: bytes) -> Message:
    """The mail as a scan parses it."""
    (parsed,) = parse_batch([Item("s", "eml", "p", "c", "f", mail)])
    assert not isinstance(parsed, str), parsed
    return parsed.message


def test_the_files_and_the_text_become_those_of_the_message_around() -> None:
    data = tnef(BODY, file("Größe.txt", b"one"), file("b.bin", b"\0\1" * 900))
    found = scanned(winmail(data))
    assert found.body == "From the RTF.\n"
    assert [(a.name, a.sha256, a.unread) for a in found.attachments] == [
        ("winmail.dat", hashlib.sha256(data).hexdigest(), ""),
        ("Größe.txt", hashlib.sha256(b"one").hexdigest(), ""),
        ("b.bin", hashlib.sha256(b"\0\1" * 900).hexdigest(), "not a format that riskscan reads"),
    ]
    assert found.embedded == []
    assert found.sender is not None and found.sender.address == "ada@ferry.example"


def test_a_text_that_says_something_else_is_kept_with_the_file() -> None:
    other = scanned(winmail(tnef(BODY), "What the others were shown."))
    assert other.body.strip() == "What the others were shown."
    assert other.attachments[0].text == "From the RTF.\n"
    same = scanned(winmail(tnef(BODY), "From the RTF."))
    assert same.attachments[0].text == ""


def test_older_attributes_are_read_where_there_are_no_properties() -> None:
    data = tnef(
        attribute(1, 0x00018004, "Fähre\0".encode("cp1252")),
        attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0"),
        attribute(1, 0x00038005, struct.pack("<7H", 2001, 2, 3, 4, 5, 6, 0)),
        attribute(1, 0x0002800C, b"old text\0"),
    )
    made = read_tnef_bytes(data)
    found = parse_message(to_mail(made))
    assert (made.message_class, found.subject, found.body) == ("IPM.Note", "Fähre", "old text")
    assert found.date == datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_recipients_are_read() -> None:
    row = {0x3001001F: utf16("Bo Ek"), 0x3003001F: utf16("bo@ferry.example"), 0x0C150003: 2}
    table = struct.pack("<I", 1) + properties(row)
    found = parse_message(to_mail(read_tnef_bytes(tnef(attribute(1, 0x00069004, table), BODY))))
    assert [(a.name, a.address) for a in found.cc] == [("Bo Ek", "bo@ferry.example")]


def test_a_message_inside_is_a_message_and_an_object_its_files() -> None:
    inner = tnef(attribute(1, 0x00018004, b"Inner\0"), BODY)
    embedded = START + attribute(2, 0x00069005, properties({0x3701000D: MESSAGE_IID + inner}))
    storage = write_compound({"CONTENTS": b"12"})
    held = {0x3701000D: STORAGE_IID + storage, 0x3707001F: utf16("o")}
    found = scanned(winmail(tnef(embedded, START + attribute(2, 0x00069005, properties(held)))))
    assert [(m.subject, m.body) for m in found.embedded] == [("Inner", "From the RTF.\n")]
    assert [(a.name, a.size) for a in found.attachments[1:]] == [("o CONTENTS", 2)]


def test_an_outlook_message_attached_inside_is_read() -> None:
    inner = write_compound(msg_tree(message(subject="deep", body="x")))
    found = scanned(winmail(tnef(file("a.msg", inner))))
    assert [m.subject for m in found.embedded] == ["deep"]


def test_damage_is_said_and_what_is_whole_is_read() -> None:
    data = tnef(file("a.txt", b"one"), BODY)
    cut = scanned(winmail(data[:-20]))
    assert [a.name for a in cut.attachments] == ["winmail.dat", "a.txt"]
    assert any("cut off" in defect for defect in cut.defects)
    wrong = data.replace(b"one", b"One")
    assert any("checksum" in defect for defect in scanned(winmail(wrong)).defects)
    with pytest.raises(TnefError):
        read_tnef_bytes(b"no tnef")


def test_streams_in_streams_end_somewhere() -> None:
    data = tnef(BODY)
    for _ in range(60):
        data = tnef(file("winmail.dat", data))
    assert 10 < len(scanned(winmail(data)).attachments) < 60


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_raises(data: st.DataObject) -> None:
    made = bytearray(tnef(BODY, file("a.txt", b"one"), attribute(1, 0x00069004, bytes(8))))
    for _ in range(data.draw(st.integers(0, 8))):
        made[data.draw(st.integers(4, len(made) - 1))] = data.draw(
            st.sampled_from([0, 1, 127, 255])
        )
    cut = data.draw(st.integers(4, len(made)))
    parse_message(to_mail(read_tnef_bytes(bytes(made[:cut]))))


def test_a_file_of_its_own_is_a_message(tmp_path: Path) -> None:
    subject = attribute(1, 0x00018004, b"Tides\0")
    data = tnef(subject, BODY, file("a.txt", b"one"))
    put(tmp_path / "mail" / "winmail.dat", data)
    put(tmp_path / "mail" / "empty.tnef", tnef())
    (unit,) = discover([tmp_path / "mail"])
    assert not isinstance(unit, NotRead)
    refused, item = unit.events()
    assert isinstance(refused, NotRead)
    assert refused.lost
    assert "nothing of a message" in refused.reason
    assert isinstance(item, Item)
    assert (item.format, item.native_sha256) == ("tnef", hashlib.sha256(data).hexdigest())
    message = parse_message(item.data)
    assert (message.subject, message.body) == ("Tides", "From the RTF.\n")
    assert [(a.name, a.size) for a in message.attachments] == [("a.txt", 3)]
    assert [(file, ending) for _, file, ending in originals(unit)] == [(data, ".tnef")]
