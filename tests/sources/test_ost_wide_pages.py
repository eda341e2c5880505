"""The OST of Outlook 2013 and later (pages of 4 KiB, compressed blocks): as the plain Unicode file.

The layout is libpff's ("Personal Folder File (PFF) format"); libpff itself is asked for it too.
"""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pst_building import (
    BLOCK_TREE,
    NODE_TREE,
    Attachment,
    Folder,
    attached,
    letter,
    mailbox,
    without_page,
    write_pst,
)
from source_building import put, read

from riskscan.mail.parse import parse_message
from riskscan.sources import Event, Item, NotRead, discover

FILES = {
    "tides.txt": b"high low " * 20_000,
    "noise.bin": random.Random(1).randbytes(150_000),
    "one block.bin": random.Random(2).randbytes(65_512),
    "empty.txt": b"",
}
# More than one block of 64 KiB of small values: what comes last lies in the heap's second block.
LONG = {0x6600001F + (n << 16): chr(0x41 + n) * 1700 for n in range(40)}
ATTACHED = [attached(name, data) for name, data in FILES.items()]
INNER = Attachment({}, letter(5, LONG, [attached("deep.txt", b"deep " * 500)]))


def letters(wide: bool) -> bytes:
    """Letters whose blocks are of every sort: small, compressed, with files, with many values."""
    few = dict(list(LONG.items())[:3])
    found = [letter(0), letter(1, few), letter(2), letter(3, None, ATTACHED)]
    return write_pst([Folder("Inbox", [*found, letter(4, LONG, [INNER])])], wide=wide)


def packed(data: bytes, content: bytes) -> tuple[int, int]:
    """Offset and size of the first compressed block that holds ``content``."""
    for at in range(0, len(data), 512):
        block, whole = zlib.decompressobj(), data[at : at + 65_536]
        try:
            held = block.decompress(whole)
        except zlib.error:
            continue
        if block.eof and content in held:
            return at, len(whole) - len(block.unused_data)
    raise AssertionError("no compressed block holds this")


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def found_in(path: Path) -> list[tuple[str, bytes]]:
    return [(e.folder, e.data) for e in read(path) if isinstance(e, Item)]


@pytest.fixture(scope="module")
def wide() -> bytes:
    return letters(wide=True)


@pytest.fixture(scope="module")
def good(wide: bytes, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    """Folder and mail of every letter of the undamaged wide file."""
    return found_in(put(tmp_path_factory.mktemp("good") / "ada.ost", wide))


@pytest.fixture(scope="module")
def box() -> bytes:
    """An encoded mailbox whose trees have a level above the leaves."""
    whole = mailbox(130, wide=True)
    for tree in (NODE_TREE, BLOCK_TREE):
        (root,) = struct.unpack_from("<Q", whole, tree)
        assert whole[root + 4061] == 1
    return whole


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """The events of the same mailbox as a plain Unicode file, without the file's name."""
    return nameless(read(put(tmp_path_factory.mktemp("plain") / "ada.ost", mailbox(130))))


def nameless(events: list[Event]) -> list[Event]:
    return [replace(event, source="") for event in events]


def test_a_whole_mailbox_gives_the_same_events(
    tmp_path: Path, box: bytes, same: list[Event]
) -> None:
    assert nameless(read(put(tmp_path / "ada.ost", box))) == same
    assert len([e for e in same if isinstance(e, Item)]) == 134


def test_large_blocks_and_heaps_of_several_give_the_same(
    tmp_path: Path, good: list[tuple[str, bytes]]
) -> None:
    assert good == found_in(put(tmp_path / "ada.ost", letters(wide=False)))
    assert {folder for folder, _ in good} == {"Inbox"}
    message = parse_message(good[3][1])
    assert message.subject == "RE: Tide tables 3 für Bø"
    assert message.sender is not None and message.sender.address == "ada@ferry.example"
    assert [a.address for a in (*message.to, *message.cc)] == (
        ["bo@ferry.example", "cleo@ferry.example"]
    )
    assert message.date == datetime(2020, 1, 6, 9, 18, tzinfo=UTC)
    assert message.body.strip() == "The tide tables of pier 3 are wrong."
    assert {a.name: a.sha256 for a in message.attachments} == {
        name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()
    }
    (inner,) = parse_message(good[4][1]).embedded
    assert inner.message_id == "<5@ferry.example>"
    assert [a.sha256 for a in inner.attachments] == [hashlib.sha256(b"deep " * 500).hexdigest()]


def test_libpff_sees_the_same_in_the_file(wide: bytes) -> None:
    pypff = pytest.importorskip("pypff")

    def told(item: Any) -> Iterator[object]:
        if not hasattr(item, "get_subject"):
            yield item.get_name()
            for at in range(item.get_number_of_sub_items()):
                yield from told(item.get_sub_item(at))
            return
        yield item.get_subject(), item.get_plain_text_body(), item.get_client_submit_time()
        if item.get_number_of_attachments() == len(FILES):  # the other has the embedded message
            for at in range(len(FILES)):
                part = item.get_attachment(at)
                yield part.read_buffer(part.get_size()) if part.get_size() else b""

    seen = []
    for data in (wide, letters(wide=False)):
        file = pypff.file()
        file.open_file_object(io.BytesIO(data))
        seen.append(list(told(file.get_root_folder())))
        file.close()
    assert seen[0] == seen[1]
    assert [content for content in FILES.values() if content not in seen[0]] == []
    assert len(seen[0]) == 3 + 5 + len(FILES)


def test_without_libpff_the_same_items_are_read(
    tmp_path: Path, wide: bytes, good: list[tuple[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "hidden" / "pypff.py", b"raise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hidden"))
    assert found_in(put(tmp_path / "ada.ost", wide)) == good


@pytest.mark.parametrize("tree", [NODE_TREE, BLOCK_TREE])
def test_without_its_trees_the_items_are_searched_for(
    tmp_path: Path, box: bytes, same: list[Event], tree: int
) -> None:
    found = read(put(tmp_path / "ada.ost", without_page(box, tree)))
    assert {(e.place, e.folder, e.data) for e in found if isinstance(e, Item)} == (
        {(e.place, e.folder, e.data) for e in same if isinstance(e, Item)}
    )
    assert all(e.defects for e in found if isinstance(e, Item))


def test_resuming_gives_the_same_tail(tmp_path: Path) -> None:
    (unit,) = discover([put(tmp_path / "ada.ost", mailbox(3, wide=True, orphans=1))])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events(0))
    for skip in (1, 5):
        assert list(unit.events(skip)) == whole[skip:]


@pytest.mark.parametrize("share", [0.5, 0.99])
def test_a_flipped_byte_in_a_compressed_block_of_values_costs_its_message(
    tmp_path: Path, wide: bytes, good: list[tuple[str, bytes]], share: float
) -> None:
    at, size = packed(wide, "of pier 1 are".encode("utf-16-le"))
    found = read(put(tmp_path / "ada.ost", flipped(wide, at + int(size * share))))
    assert [e.data for e in found if isinstance(e, Item)] == (
        [data for number, (_, data) in enumerate(good) if number != 1]
    )
    (lost,) = [e for e in found if isinstance(e, NotRead)]
    assert lost.lost and lost.reason


@pytest.mark.parametrize("share", [0.5, 0.99])
def test_a_flipped_byte_in_a_compressed_block_of_a_file_costs_the_file(
    tmp_path: Path, wide: bytes, good: list[tuple[str, bytes]], share: float
) -> None:
    at, size = packed(wide, FILES["tides.txt"][:60_000])
    found = read(put(tmp_path / "ada.ost", flipped(wide, at + int(size * share))))
    kept = [e for e in found if isinstance(e, Item)]
    assert len(kept) == len(found) == len(good)
    for number, item in enumerate(kept):
        assert number == 3 or item.data == good[number][1]
    message = parse_message(kept[3].data)
    assert message.body.strip() == "The tide tables of pier 3 are wrong."
    whole = {a.name: a.sha256 for a in message.attachments if a.name != "tides.txt"}
    assert whole == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in FILES.items()
        if name != "tides.txt"
    }
    (told,) = [defect for defect in kept[3].defects if "tides.txt" in defect]
    assert "a compressed block is damaged" in told
