"""Outlook data files: what is in them, damage, resuming, and files around them."""

from __future__ import annotations

import gzip
import hashlib
import random
import signal
import struct
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pst_building import (
    ANSI_NODE_TREE,
    BLOCK_LEAF,
    BLOCK_TREE,
    BODY,
    CLASS,
    HEADERS,
    HTML,
    NODE_LEAF,
    NODE_TREE,
    RTF,
    SENT,
    SUBJECT,
    Attachment,
    Folder,
    Message,
    attached,
    leaf_entries,
    letter,
    mailbox,
    rtf,
    with_leaf,
    without_page,
    write_pst,
)
from source_building import items, mail, not_read, put, read, zipped

from riskscan.mail.message import Message as Parsed
from riskscan.mail.parse import parse_message
from riskscan.sources import Event, Item, Limits, NotRead, discover, isolated

CHANGED = datetime(2021, 5, 4, 8, 0, tzinfo=UTC)
HTML_BODY = "<html><body><p>Let us keep it out of the <b>log</b>, Bø.</p></body></html>".encode()
HEAD = "From: Dee <dee@quay.example>\r\nDate: Tue, 7 Jan 2020 10:00:00 +0100\r\n"
EXCHANGE = "/O=FERRY/OU=EXCHANGE/CN=RECIPIENTS/CN=ADA"
FILES = {
    "small.txt": b"high tide at noon",
    "block.bin": random.Random(0).randbytes(8176),
    "long.bin": random.Random(1).randbytes(20_000),
    "many blocks.bin": random.Random(2).randbytes(9_000_000),
}
LINK = Attachment({0x3707001F: "plan.doc", 0x370D001F: "\\\\quay\\plan.doc", 0x37050003: 2})
SHOWN = {0x0E04001F: "Bo; dee@ferry.example", 0x0E03001F: "Cleo"}


def nested(depth: int) -> Message:
    message = letter(0)
    for number in range(1, depth):
        message = letter(number, None, [Attachment({}, message)])
    return message


LETTERS = {
    "plain": letter(7),
    "shown names": Message(letter(1, SHOWN).properties),
    "account": letter(
        1, {0x0E28001F: f"00000002\x01{EXCHANGE.lower()}\x01ada@ferry.example"},
        without=(0x5D01001F,),
    ),
    "headers": letter(1, {HEADERS: HEAD}),
    "html": letter(1, {HTML: HTML_BODY, 0x3FDE0003: 65001}, without=(BODY,)),
    "rtf": letter(2, {RTF: rtf("Nothing in {\\b writing} please.")}, without=(BODY,)),
    "long html": letter(3, {HTML: ("<p>" + "salt " * 4000 + "</p>").encode()}, without=(BODY,)),
    "files": letter(1, None, [attached(name, data) for name, data in FILES.items()]),
    "nested": nested(40),
    "link": letter(1, None, [LINK]),
    "note": letter(1, {CLASS: "IPM.StickyNote", 0x30080040: CHANGED}, without=(SENT,)),
    "8 bits": letter(
        1, {0x0037001E: "Паром опаздывает".encode("cp1251"), 0x3FFD0003: 1251}, without=(SUBJECT,),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Item]:
    """What was read of LETTERS, by their names."""
    path = tmp_path_factory.mktemp("letters") / "ada.pst"
    read_items = items(put(path, write_pst([Folder("Inbox", list(LETTERS.values()))])))
    return dict(zip(LETTERS, read_items, strict=True))


@pytest.fixture(scope="module")
def messages(found: dict[str, Item]) -> dict[str, Parsed]:
    return {name: parse_message(item.data) for name, item in found.items()}


def events(path: Path, skip: int = 0, limits: Limits | None = None) -> Iterator[Event]:
    (unit,) = discover([path], limits)
    assert not isinstance(unit, NotRead)
    return unit.events(skip)


def test_folders_are_kept_without_the_top_and_every_item_is_an_event(tmp_path: Path) -> None:
    found = read(put(tmp_path / "ada.pst", mailbox(4)))
    folders = [e.folder for e in found if isinstance(e, Item)]
    assert folders == ["Inbox"] * 4 + ["Inbox/Project X_Y"] * 2 + ["Calendar", "Contacts"]
    assert {e.custodian for e in found if isinstance(e, Item)} == {"ada"}
    assert {e.format for e in found if isinstance(e, Item)} == {"pst"}
    rest = [(e.reason, e.lost) for e in found if isinstance(e, NotRead)]
    assert rest == [
        ("a setting of Outlook's own (IPM.Configuration.Views)", False),
        ("a contact", False),
    ]
    places = [e.place for e in found if isinstance(e, Item | NotRead)]
    assert len(set(places)) == len(places) == 10
    assert all(place.startswith("node ") for place in places)


def test_without_transport_headers_the_properties_tell(messages: dict[str, Parsed]) -> None:
    message = messages["plain"]
    assert message.subject == "RE: Tide tables 7 für Bø"
    assert message.sender is not None
    assert (message.sender.name, message.sender.address) == ("Ada Löve", "ada@ferry.example")
    assert [a.address for a in message.to] == ["bo@ferry.example"]
    assert [a.address for a in message.cc] == ["cleo@ferry.example"]
    assert message.date == datetime(2020, 1, 6, 9, 22, tzinfo=UTC)
    assert message.message_id == "<7@ferry.example>"
    assert message.body.strip() == "The tide tables of pier 7 are wrong."


def test_without_a_recipient_table_the_shown_names_tell(messages: dict[str, Parsed]) -> None:
    message = messages["shown names"]
    assert "dee@ferry.example" in [a.address for a in message.to]
    assert [a.name for a in message.cc] == ["Cleo"]


def test_the_sending_account_tells_the_address_of_an_exchange_sender(
    messages: dict[str, Parsed],
) -> None:
    sender = messages["account"].sender
    assert sender is not None
    assert sender.address == "ada@ferry.example"


def test_transport_headers_come_first(messages: dict[str, Parsed]) -> None:
    message = messages["headers"]
    assert message.sender is not None
    assert message.sender.address == "dee@quay.example"
    assert message.date == datetime(2020, 1, 7, 9, 0, tzinfo=UTC)
    assert [a.address for a in message.to] == ["bo@ferry.example"]


def test_a_body_that_is_only_html_or_rtf_is_read(messages: dict[str, Parsed]) -> None:
    assert messages["html"].body.strip() == "Let us keep it out of the log, Bø."
    assert messages["rtf"].body.strip() == "Nothing in writing please."
    assert messages["long html"].body.split() == ["salt"] * 4000


def test_attachments_keep_their_bytes(messages: dict[str, Parsed]) -> None:
    assert {a.name: a.sha256 for a in messages["files"].attachments} == {
        name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()
    }


def test_embedded_messages_are_read_with_what_is_attached_to_them(tmp_path: Path) -> None:
    found = [e for e in read(put(tmp_path / "ada.pst", mailbox(1))) if isinstance(e, Item)]
    (outer,) = [parse_message(i.data) for i in found if b"<61@ferry.example>" in i.data]
    (letter_90,) = outer.embedded
    (letter_91,) = letter_90.embedded
    assert letter_90.message_id == "<90@ferry.example>"
    assert letter_91.message_id == "<91@ferry.example>"
    assert letter_91.sender is not None and letter_91.sender.address == "ada@ferry.example"
    assert hashlib.sha256(b"deep").hexdigest() in [a.sha256 for a in letter_91.attachments]


def test_messages_nested_without_end_stop_at_a_depth(found: dict[str, Item]) -> None:
    assert any("nested too deep" in defect for defect in found["nested"].defects)
    message = parse_message(found["nested"].data)
    while message.embedded:
        (message,) = message.embedded
    assert [a.unread for a in message.attachments] == ["messages nested too deep: not read"]


def test_an_attachment_that_is_a_link_is_named_and_told(found: dict[str, Item]) -> None:
    (defect,) = found["link"].defects
    assert "only a link to" in defect and "plan.doc" in defect
    (file,) = parse_message(found["link"].data).attachments
    assert file.unread.startswith("not in the export: only a link to")


def test_a_note_that_was_never_sent_has_the_date_of_its_last_change(
    messages: dict[str, Parsed],
) -> None:
    assert messages["note"].date == CHANGED


@pytest.mark.parametrize("form", [{"encoded": False}, {"ansi": True}])
def test_every_form_of_file_gives_the_same(tmp_path: Path, form: dict[str, bool]) -> None:
    one = read(put(tmp_path / "one" / "ada.pst", mailbox(40, encoded=True)))
    two = read(put(tmp_path / "two" / "ada.pst", mailbox(40, **form)))
    assert [e.data for e in one if isinstance(e, Item)] == (
        [e.data for e in two if isinstance(e, Item)]
    )


def test_strings_of_8_bits_are_read_by_their_code_page(messages: dict[str, Parsed]) -> None:
    assert messages["8 bits"].subject == "Паром опаздывает"


def test_items_that_no_folder_holds_are_read_on_request(tmp_path: Path) -> None:
    path = put(tmp_path / "ada.pst", mailbox(2, orphans=2))
    plain, asked = read(path), read(path, limits=Limits(deleted=True))
    assert len(plain) == len(asked)
    assert [isinstance(e, NotRead) and not e.lost for e in plain[-2:]] == [True, True]
    assert [e.folder for e in asked[-2:] if isinstance(e, Item)] == ["Orphaned items"] * 2


def test_many_messages_fill_trees_of_several_levels(tmp_path: Path) -> None:
    found = items(
        put(tmp_path / "ada.pst", write_pst([Folder("Inbox", [letter(n) for n in range(700)])]))
    )
    ids = [parse_message(item.data).message_id for item in found]
    assert ids == [f"<{n}@ferry.example>" for n in range(700)]


def test_resuming_gives_the_same_tail(tmp_path: Path) -> None:
    path = put(tmp_path / "ada.pst", mailbox(3, orphans=1))
    whole = list(events(path))
    for skip in (1, 5, len(whole) + 3):
        assert list(events(path, skip)) == whole[skip:]


def test_resuming_counts_through_an_archive(tmp_path: Path) -> None:
    members = {"a.pst": mailbox(1), "b.eml": mail("between"), "c.pst": mailbox(2)}
    path = put(tmp_path / "ada.zip", zipped(members))
    whole = list(events(path))
    assert len([e for e in whole if isinstance(e, Item)]) == 5 + 1 + 6
    for skip in (3, 9):
        assert list(events(path, skip)) == whole[skip:]


def test_a_pst_inside_gz_is_read(tmp_path: Path) -> None:
    path = put(tmp_path / "ada.pst.gz", gzip.compress(mailbox(2)))
    assert len([e for e in read(path) if isinstance(e, Item)]) == 6


def test_a_pst_inside_another_file_is_bounded(tmp_path: Path) -> None:
    path = put(tmp_path / "ada.pst.gz", gzip.compress(mailbox(2)))
    (event,) = not_read(path, limits=Limits(spool=100_000))
    assert event.lost
    assert "larger than 100,000 bytes" in event.reason


def test_of_a_message_beyond_the_limit_the_rest_is_stored(tmp_path: Path) -> None:
    files = [attached(f"{i}.bin", bytes([i]) * 90_000) for i in range(3)]
    big = letter(1, None, [*files, attached("big.bin", bytes(300_000))])
    path = put(tmp_path / "ada.pst", write_pst([Folder("Inbox", [letter(0), big, letter(2)])]))
    found = items(path, limits=Limits(message=200_000))
    assert [bool(item.lost) for item in found] == [False, True, False]
    assert "attachment 'big.bin' is too large" in found[1].lost
    message = parse_message(found[1].data)
    assert message.body.strip() == parse_message(found[0].data).body.replace("0", "1").strip()
    unread = [a.unread.partition(":")[0] for a in message.attachments]
    assert unread[2:] == ["too large", "too large"]
    assert "too large" not in unread[:2]


def test_very_many_attachments_beyond_the_limit_lose_the_message(tmp_path: Path) -> None:
    big = letter(1, None, [attached(f"{i}.bin", bytes(300_000)) for i in range(12)])
    path = put(tmp_path / "ada.pst", write_pst([Folder("Inbox", [letter(0), big])]))
    (event,) = not_read(path, limits=Limits(message=200_000))
    assert event.lost and "larger than 200,000 bytes" in event.reason


@pytest.mark.parametrize("ansi", [False, True])
def test_a_file_that_is_shorter_than_it_says_is_told(tmp_path: Path, ansi: bool) -> None:
    whole = mailbox(2, ansi=ansi)
    end = 168 if ansi else 184  # ibFileEof, MS-PST 2.2.2.5
    longer = (len(whole) + 5_000).to_bytes(4, "little")
    path = put(tmp_path / "ada.pst", whole[:end] + longer + whole[end + 4 :])
    found = read(path)
    told = [e.reason for e in found if isinstance(e, NotRead) and e.lost]
    assert told == [f"cut off: {len(whole):,} of {len(whole) + 5_000:,} bytes are there"]
    assert len(found) == len(read(put(tmp_path / "b.pst", whole))) + 1


@pytest.mark.parametrize(
    ("tree", "ansi"), [(NODE_TREE, False), (BLOCK_TREE, False), (ANSI_NODE_TREE, True)]
)
def test_without_its_trees_the_items_are_searched_for(
    tmp_path: Path, tree: int, ansi: bool
) -> None:
    whole = mailbox(40, ansi=ansi, orphans=1)
    good = read(put(tmp_path / "good" / "ada.pst", whole))
    found = read(put(tmp_path / "bad" / "ada.pst", without_page(whole, tree)))
    # The order is that of the ids, not of the folders.
    assert {(e.place, e.data, e.folder) for e in found if isinstance(e, Item)} >= (
        {(e.place, e.data, e.folder) for e in good if isinstance(e, Item)}
    )
    assert all(e.defects for e in found if isinstance(e, Item))
    told = [e for e in found if isinstance(e, NotRead) and e.lost]
    page = "tree of blocks" if tree == BLOCK_TREE else "its items were searched for"
    assert [e.reason for e in told if page in e.reason and not e.place]


def test_entries_that_a_page_of_a_tree_no_longer_tells_are_searched_for(tmp_path: Path) -> None:
    whole = mailbox(40)
    (root,) = struct.unpack_from("<Q", whole, NODE_TREE)
    assert whole[root + 491] == 1, "a level above the leaves"
    count = whole[root + 488]
    fewer = whole[: root + 488] + bytes([count - 2]) + whole[root + 489 :]
    good = read(put(tmp_path / "good" / "ada.pst", whole))
    found = read(put(tmp_path / "bad" / "ada.pst", fewer))
    assert {e.data for e in found if isinstance(e, Item)} == (
        {e.data for e in good if isinstance(e, Item)}
    )
    assert [e.place for e in found if isinstance(e, NotRead) and e.lost] == [""]


def test_without_libpff_the_same_items_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "ada.pst", mailbox(3, orphans=1))
    good = read(path)
    put(tmp_path / "hidden" / "pypff.py", b"raise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hidden"))
    found = read(path)
    assert {(e.place, e.data, e.folder) for e in found if isinstance(e, Item)} == (
        {(e.place, e.data, e.folder) for e in good if isinstance(e, Item)}
    )
    assert len(found) == len(good)
    told = {defect for e in found if isinstance(e, Item) for defect in e.defects}
    assert any("libpff-python is not installed" in defect for defect in told)


def test_of_two_leaves_that_are_found_the_younger_counts(tmp_path: Path) -> None:
    whole = mailbox(3)
    letters = [e for e in leaf_entries(whole, NODE_LEAF, 32) if e[0] & 0x1F == 4]
    swapped = [letters[0][:8] + letters[1][8:], letters[1][:8] + letters[0][8:]]
    good = read(put(tmp_path / "good" / "ada.pst", whole))
    stale = without_page(with_leaf(whole, NODE_LEAF, 1, swapped), NODE_TREE)
    found = read(put(tmp_path / "bad" / "ada.pst", stale))
    assert {(e.place, e.data) for e in found if isinstance(e, Item)} == (
        {(e.place, e.data) for e in good if isinstance(e, Item)}
    )


def test_a_block_that_bears_the_id_of_another_is_not_taken_for_it(tmp_path: Path) -> None:
    whole = mailbox(3)
    letter_0, letter_1 = [
        next(e for e in leaf_entries(whole, BLOCK_LEAF, 24) if e[:8] == node[8:16])
        for node in [e for e in leaf_entries(whole, NODE_LEAF, 32) if e[0] & 0x1F == 4][2:4]
    ]
    wrong = with_leaf(whole, BLOCK_LEAF, 1 << 40, [letter_0[:8] + letter_1[8:]])
    found = read(put(tmp_path / "ada.pst", without_page(wrong, NODE_TREE)))
    ids = [parse_message(e.data).message_id for e in found if isinstance(e, Item)]
    assert len(ids) == len(set(ids)) == 6
    lost = [e for e in found if isinstance(e, NotRead) and e.lost and e.place]
    assert [e.reason for e in lost] == ["its blocks are damaged"]


def test_a_damaged_item_loses_no_other(tmp_path: Path) -> None:
    whole = mailbox(6, encoded=False)
    at = whole.index("of pier 3 are".encode("utf-16-le")) - 600
    start = whole.rindex(b"\xec\xbc", 0, at + 600) - 2  # the heap of letter 3
    damaged = whole[:start] + b"\xff" * 12 + whole[start + 12 :]
    found = read(put(tmp_path / "ada.pst", damaged))
    lost = [e for e in found if isinstance(e, NotRead) and e.lost]
    assert len(lost) == 1 and len(found) == 12
    ids = [parse_message(e.data).message_id for e in found if isinstance(e, Item)]
    assert "<3@ferry.example>" not in ids and "<5@ferry.example>" in ids


@pytest.mark.parametrize("kept", [4, 600, 20_000, 250_000])
def test_a_cut_file_ends_in_events(tmp_path: Path, kept: int) -> None:
    found = read(put(tmp_path / "ada.pst", mailbox(3)[:kept]))
    assert found
    if kept < 20_000:
        assert not any(isinstance(e, Item) for e in found)


@pytest.mark.parametrize("seed", range(2))
def test_flipped_bytes_never_stop_a_reading(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    data = bytearray(mailbox(3, encoded=False))
    end = len(bytes(data).rstrip(b"\0"))
    for _ in range(60):
        data[dice.randrange(0x4600, end)] ^= 1 << dice.randrange(8)
    path = put(tmp_path / "ada.pst", bytes(data))
    whole = list(events(path))
    assert whole
    assert list(events(path, 2)) == whole[2:]


def test_a_killed_child_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            started.append(self)

    path = put(tmp_path / "ada.pst", write_pst([Folder("Inbox", [letter(n) for n in range(200)])]))
    whole = list(events(path))
    monkeypatch.setattr(isolated.subprocess, "Popen", Noted)
    found = []
    for event in events(path):
        found.append(event)
        if len(found) in (1, 50):
            started[-1].send_signal(signal.SIGKILL)
    assert found == whole
    assert len(started) == 3


def test_what_is_no_outlook_file_inside_is_told(tmp_path: Path) -> None:
    data = b"!BDN" + bytes(2000)
    (event,) = not_read(put(tmp_path / "ada.pst", data))
    assert event.lost and "cannot be read" in event.reason
    assert (event.size, event.sha256) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.shared
def test_real_files_are_read_whole(shared_data: Path) -> None:
    expected = {
        "passworded.pst": (0, 16),
        "dist-list.pst": (1, 6),
        "testPST.pst": (7, 0),
        "testPST_variousBodyTypes.pst": (4, 0),
    }
    for path in (shared_data / "mail_fixtures").rglob("*.pst"):
        found = read(path)
        messages = [e for e in found if isinstance(e, Item)]
        assert (len(messages), len(found) - len(messages)) == expected[path.name]
        assert not any(e.lost for e in found if isinstance(e, NotRead))
        for message in map(lambda item: parse_message(item.data), messages):
            assert message.subject and message.date and message.body.strip()
