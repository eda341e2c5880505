"""Place and time of Outlook's appointments and meeting requests were read of none of its files."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msg_building import message, msg_tree, write_compound
from pst_building import BODY, CLASS, SUBJECT, Folder, letter
from pst_writer import NAMED, Attachment, Value, write_pst
from pst_writer import Message as Letter
from source_building import items, put, read
from tnef_building import attribute, tnef, utf16

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources import Item
from riskscan.sources.mapi import to_mail
from riskscan.sources.tnef import read_tnef_bytes

SET = bytes.fromhex("0220060000000000c000000000000046")  # PSETID_Appointment
SAID = "Where: Pier 4; the shed\nStart: 2026-11-02 10:00 UTC\nEnd: 2026-11-02 11:30 UTC"
NOTES = "Bring the old tables."
_PLACE = "Pier 4; the shed"
_TIMES = [datetime(2026, 11, 2, 10, tzinfo=UTC), datetime(2026, 11, 2, 11, 30, tzinfo=UTC)]
# In the order of the map of names of the writer of PST files.
VALUES: dict[int, Value] = {
    0x8000001F: _PLACE, 0x80010040: _TIMES[0], 0x80020040: _TIMES[1]
}  # fmt: skip
KINDS = ["IPM.Appointment", "IPM.Schedule.Meeting.Request", "IPM.Schedule.Meeting.Canceled"]


def said(found: Message) -> list[tuple[str, str, str]]:
    return [(a.content_type, a.role.value, a.text) for a in found.attachments]


def pst(tmp_path: Path, *letters: Letter) -> list[Message]:
    path = put(tmp_path / "a.pst", write_pst([Folder("Calendar", list(letters))]))
    return [parse_message(one.data) for one in read(path) if isinstance(one, Item)]


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_pst(tmp_path: Path, kind: str) -> None:
    (found,) = pst(tmp_path, letter(1, VALUES | {CLASS: kind, BODY: NOTES}))
    assert found.body.strip() == NOTES
    assert said(found) == [("text/calendar", "alternative", SAID)]


def test_without_a_text_of_its_own_it_is_the_body(tmp_path: Path) -> None:
    (found,) = pst(tmp_path, letter(1, VALUES | {CLASS: KINDS[0]}, without=(BODY,)))
    assert found.authored == SAID
    assert said(found) == [("text/calendar", "alternative", "")]


def test_of_one_that_is_attached_in_a_pst(tmp_path: Path) -> None:
    inner = letter(2, VALUES | {CLASS: KINDS[0], BODY: NOTES, SUBJECT: "inner"})
    (found,) = pst(tmp_path, letter(1, None, [Attachment({}, inner)]))
    assert said(found.embedded[0]) == [("text/calendar", "alternative", SAID)]


def test_mail_with_properties_of_the_same_ids_has_none(tmp_path: Path) -> None:
    (found,) = pst(tmp_path, letter(1, VALUES))
    assert found.attachments == []


def test_of_a_msg(tmp_path: Path) -> None:
    made = message(message_class=KINDS[1], body=NOTES)
    made.properties.update({0x9001001F: _PLACE, 0x90020040: _TIMES[0], 0x90030040: _TIMES[1]})
    tree = msg_tree(made)
    tree["__nameid_version1.0"] = {
        "__substg1.0_00020102": bytes(16) + SET,
        "__substg1.0_00030102": b"".join(
            struct.pack("<IHH", number, 4 << 1, 0x1001 + at)
            for at, number in enumerate(NAMED.values())
        ),
        "__substg1.0_00040102": b"",
    }
    (item,) = items(put(tmp_path / "a.msg", write_compound(tree)))
    assert said(parse_message(item.data)) == [("text/calendar", "alternative", SAID)]


def test_of_a_winmail_dat() -> None:
    place = SET + struct.pack("<II", 0, 0x8208)
    value = utf16(_PLACE)
    properties = struct.pack("<II", 2, 0x001A001F) + _string(utf16(KINDS[1]))
    properties += struct.pack("<I", 0x9001001F) + place + _string(value)
    made = read_tnef_bytes(tnef(attribute(1, 0x00069003, properties)))
    assert parse_message(to_mail(made)).authored == SAID.partition("\n")[0]


def _string(value: bytes) -> bytes:
    return struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)
