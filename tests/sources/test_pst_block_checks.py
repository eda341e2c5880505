"""Damage inside the blocks of an Outlook data file is told, and costs no more than it must."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from pst_building import (
    BLOCK_LEAF,
    Attachment,
    Folder,
    Message,
    attached,
    leaf_entries,
    letter,
    mailbox,
    write_pst,
)
from source_building import put, read

from riskscan.mail.parse import parse_message
from riskscan.sources import Event, Item, NotRead, discover

BODY, CLASS, SUBJECT = 0x1000001F, 0x001A001F, 0x0037001F
PIECES = ("early " * 681).ljust(4088), ("lost " * 817).ljust(4088), "late " * 200
DAMAGED = "damaged in the data file: "
PROPERTIES = "its properties, the subject and the text among them"
WRONG = "the checksum of a block is wrong"


def flipped(data: bytes, text: str | bytes, number: int = 0) -> bytes:
    """The file with one bit of a text turned over, where it stands for the n-th time."""
    raw = text if isinstance(text, bytes) else text.encode("utf-16-le")
    at = -1
    for _ in range(number + 1):
        at = data.index(raw, at + 1)
    at += len(raw) // 4 * 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def zeroed(data: bytes, text: str) -> bytes:
    """The file with the block of full size that starts with a text zeroed, trailer and all."""
    at = data.index(text.encode("utf-16-le"))
    return data[:at] + bytes(8192) + data[at + 8192 :]


def headless(data: bytes, text: str) -> bytes:
    """The file without the head of the properties that hold a text: none of them can be read."""
    at = data.rindex(b"\xec\xbc", 0, data.index(text.encode("utf-16-le"))) - 2
    return data[:at] + bytes(12) + data[at + 12 :]


def unlisted(data: bytes, file: bytes) -> bytes:
    """The file without the head of the list of attachments behind an attached file."""
    at = data.index(b"\xec\x7c", data.index(file)) - 2
    return data[:at] + bytes(12) + data[at + 12 :]


def damaged() -> bytes:
    """A file in which one block of each letter but the last is damaged, and one of a folder."""
    inner = letter(20, {BODY: "The inner tide."}, [attached("deep.txt", b"the deep file")])
    letters = [
        letter(1, {BODY: "The flipped tide."}),
        letter(2),
        letter(3, {BODY: "".join(PIECES)}),
        letter(4, None, [attached("pier.txt", b"the flipped pier " * 900)]),
        letter(5, None, [Attachment({0x3001001F: "the old letter"}, inner)]),
        letter(6, None, [attached("quay.txt", b"the quay"), attached("dam.txt", b"the dam")]),
        letter(7, {BODY: "Nobody can read this."}, [attached("lock.txt", b"the lock")]),
        letter(9, {0x80FF0102: b"by another program " * 300}),
        Message({CLASS: "IPM.Contact", SUBJECT: "Bo"}),
    ]
    data = write_pst([Folder("Inbox", letters), Folder("Unnamed", [letter(8)])])
    data = flipped(data, "The flipped tide.")
    data = flipped(data, "cleo@ferry.example", 1)
    data = zeroed(data, PIECES[1])
    data = flipped(data, b"the flipped pier ")
    data = flipped(data, "The inner tide.")
    data = unlisted(data, b"the dam")
    data = headless(data, "Nobody can read this.")
    data = flipped(data, b"by another program ")
    data = flipped(data, "IPM.Contact")
    return headless(data, "Unnamed")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put(tmp_path_factory.mktemp("damaged") / "ada.pst", damaged())


@pytest.fixture(scope="module")
def events(file: Path) -> list[Event]:
    return read(file)


@pytest.fixture(scope="module")
def letters(events: list[Event]) -> list[Item]:
    """The nine letters, in the order in which they were written."""
    kept = [e for e in events if isinstance(e, Item)]
    assert len(kept) == 9
    return sorted(kept, key=lambda item: int(item.place.removeprefix("node ")))


def test_each_damaged_part_is_named(letters: list[Item]) -> None:
    assert [item.defects[:1] for item in letters[:7]] == [
        (f"{DAMAGED}{PROPERTIES} ({WRONG})",),
        (f"{DAMAGED}its recipients ({WRONG})",),
        (f"{DAMAGED}its text (a block is missing: other bytes are in its place)",),
        (f"{DAMAGED}attachment 'pier.txt' ({WRONG})",),
        (f"{DAMAGED}in the attached message 'the old letter': {PROPERTIES} ({WRONG})",),
        (f"{DAMAGED}the list of its attachments ({WRONG})",),
        (f"{DAMAGED}{PROPERTIES} ({WRONG})",),
    ]


def test_damaged_parts_stand_with_the_attachments_that_were_not_read(letters: list[Item]) -> None:
    for item in letters[:7]:
        (told,) = [a.unread for a in parse_message(item.data).attachments if a.unread]
        assert told == f"damaged: {item.defects[0].removeprefix(DAMAGED)}"


def test_what_cannot_be_read_of_a_message_is_told_as_not_read(letters: list[Item]) -> None:
    told = [item.lost for item in letters]
    assert told[:7] == [f"{i.defects[0]}; the rest of the message is stored" for i in letters[:7]]
    assert told[7:] == ["", ""]


def test_what_lies_around_the_damage_is_kept(letters: list[Item]) -> None:
    messages = [parse_message(item.data) for item in letters]
    words = messages[2].body.split()
    assert [words.count(w) for w in ("early", "lost", "late")] == [681, 0, 200]
    files = [{a.name: a.size for a in message.attachments if a.size} for message in messages]
    assert files[3] == {"pier.txt": 17 * 900}
    assert files[5] == {"quay.txt": 8, "dam.txt": 7}
    assert files[6] == {"lock.txt": 8}
    assert [a.address for a in messages[6].to] == ["bo@ferry.example"]
    (inner,) = messages[4].embedded
    assert inner.message_id == "<20@ferry.example>"


def test_damage_to_what_is_not_read_is_no_loss(letters: list[Item]) -> None:
    (defect,) = letters[7].defects
    assert defect == f"{DAMAGED}a named property, which is not read (80FF) ({WRONG})"
    assert not parse_message(letters[7].data).attachments


def test_a_damaged_folder_loses_no_message(events: list[Event], letters: list[Item]) -> None:
    assert parse_message(letters[8].data).message_id == "<8@ferry.example>"
    (told,) = [e for e in events if isinstance(e, NotRead) and "of folder" in e.reason]
    assert "the name and properties of folder" in told.reason
    assert told.lost


def test_a_damaged_item_that_looks_like_no_message_is_lost(events: list[Event]) -> None:
    (lost,) = [e for e in events if isinstance(e, NotRead) and "of folder" not in e.reason]
    assert lost.lost
    assert lost.reason.endswith(f"{DAMAGED}{PROPERTIES} ({WRONG})")


def test_resuming_in_a_damaged_file_gives_the_same_tail(file: Path, events: list[Event]) -> None:
    (unit,) = discover([file])
    assert not isinstance(unit, NotRead)
    assert list(unit.events(4)) == events[4:]


def test_a_file_whose_writer_left_trailers_empty_is_not_called_damaged(tmp_path: Path) -> None:
    whole = mailbox(2, encoded=False)
    unsummed, bare = bytearray(whole), bytearray(whole)
    for entry in leaf_entries(whole, BLOCK_LEAF, 24):
        _, at, size = struct.unpack_from("<2QH", entry)
        end = at + size + 16
        end += -end % 64
        unsummed[end - 12 : end - 8] = bytes(4)
        bare[end - 16 : end] = bytes(16)
    good = read(put(tmp_path / "good" / "ada.pst", whole))
    assert read(put(tmp_path / "unsummed" / "ada.pst", bytes(unsummed))) == good
    found = read(put(tmp_path / "bare" / "ada.pst", bytes(bare)))
    # libpff reads no file without trailers.
    assert {(e.place, e.data) for e in found if isinstance(e, Item)} == (
        {(e.place, e.data) for e in good if isinstance(e, Item)}
    )
    assert not any(DAMAGED in d for e in found if isinstance(e, Item) for d in e.defects)
    (word,) = [e for e in found if isinstance(e, NotRead) and e not in good]
    assert (word.place, word.lost) == ("", False)
    assert "no checksums" in word.reason


def test_every_block_and_page_that_is_damaged_in_turn_is_told() -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("pst_sweep.py"))],
        capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert done.stdout.splitlines() == ["swept"], done.stderr
