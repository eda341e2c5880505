"""A fault in telling or reading one file ended the whole scan: an odd chat line, a nested list."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.scanning import run_scan
from riskscan.sources import Event, Item, NotRead, discover, whatsapp
from riskscan.sources import sniff as sniffing
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.registry import READERS
from riskscan.sources.slackspace import Workspace

MAIL = b"From: nora@quayside.example\nTo: ben@quayside.example\nSubject: lots\n\nHello.\n"


def events_of(folder: Path, skip: int = 0) -> list[Event]:
    found: list[Event] = []
    for unit in discover([folder]):
        found += [unit] if isinstance(unit, NotRead) else unit.events(skip)
    return found


@pytest.mark.parametrize("blank", ["\u2003", "\x1c", "\u3000\u2003"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_speaker_of_blanks_is_nobody(tmp_path: Path, blank: str, packed: bool) -> None:
    chat = f"1/2/24, 10:00 - {blank}: hi\n1/2/24, 10:01 - Ana: hi\n".encode()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.eml").write_bytes(MAIL)
    if packed:
        with zipfile.ZipFile(tmp_path / "in" / "b.zip", "w") as archive:
            archive.writestr("notes.txt", chat)
    else:
        (tmp_path / "in" / "notes.txt").write_bytes(chat)
    summary = run_scan([tmp_path / "in"], tmp_path / "case", entities="none")
    assert summary.stored >= 1
    assert summary.adds_up


@pytest.mark.parametrize("depth", [3, 90, 350, 980, 5000])
def test_a_row_may_be_nested_as_deep_as_it_likes(tmp_path: Path, depth: int) -> None:
    row = {
        "from": "nora@quayside.example", "to": "ben@quayside.example", "subject": "lots",
        "date": "2024-01-01T10:00:00Z", "text": "hi", "more": "DEEP",
    }  # fmt: skip
    nested = json.dumps({**row, "text": "hi again"}).replace(
        '"DEEP"', "[" * depth + "1" + "]" * depth
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "rows.jsonl").write_text(f"{json.dumps(row)}\n{nested}\n")
    summary = run_scan([tmp_path / "in"], tmp_path / "case", entities="none")
    assert summary.stored == (2 if depth <= 90 else 1)
    assert summary.not_read == (0 if depth <= 90 else 1)
    assert summary.adds_up


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A mailbox file, a message and the same two in a zip."""
    folder = tmp_path / "in"
    folder.mkdir()
    box = b"".join(b"From a@b.example Tue Mar  5 08:00:00 2024\n" + MAIL + b"\n" for _ in range(4))
    (folder / "box.mbox").write_bytes(box)
    (folder / "one.eml").write_bytes(MAIL)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("box.mbox", box)
        archive.writestr("one.eml", MAIL)
    (folder / "both.zip").write_bytes(file.getvalue())
    return folder


def breaking(
    reader: Callable[[Reading, Blob], Iterator[Event]], after: int
) -> Callable[[Reading, Blob], Iterator[Event]]:
    def read(reading: Reading, blob: Blob) -> Iterator[Event]:
        for number, event in enumerate(reader(reading, blob)):
            if number == after:
                raise IndexError("no such tide")
            yield event

    return read


@pytest.mark.parametrize("after", [0, 2])
def test_a_reader_that_fails_loses_its_file(
    exports: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setitem(READERS, "mbox", breaking(READERS["mbox"], after))
    found = events_of(exports)
    told = [e for e in found if isinstance(e, NotRead)]
    assert [e.reason for e in told] == ["the reader failed: IndexError: no such tide"] * 2
    assert all(e.lost for e in told)
    assert len([e for e in found if isinstance(e, Item)]) == 2 + 2 * after


def test_a_list_or_chat_looked_at_ahead_ends_no_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise IndexError("no such tide")

    slack, chat = tmp_path / "in" / "slack", tmp_path / "in" / "chat"
    (slack / "general").mkdir(parents=True)
    chat.mkdir()
    (slack / "users.json").write_text('[{"id": "U1", "real_name": "Nora Quill"}]')
    (slack / "general" / "2024-01-01.json").write_text(
        '[{"type": "message", "user": "U1", "text": "the lots", "ts": "1704067201.000100"}]'
    )
    (chat / "_chat.txt").write_text("[13/02/2024, 09:00:00] Nora: on Thursday\n" * 3)
    monkeypatch.setattr(Workspace, "learn", fail)
    monkeypatch.setitem(whatsapp._NAMED, "whatsapp", fail)
    found = events_of(tmp_path / "in")
    bodies = [parse_message(e.data).body.strip() for e in found if isinstance(e, Item)]
    assert bodies == ["on Thursday"] * 3 + ["the lots"]


def test_a_format_that_cannot_be_told_loses_its_file(
    exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(look: object) -> None:
        if b"box.mbox" in repr(getattr(look, "origin", "")).encode():
            raise RecursionError("tides within tides")

    monkeypatch.setattr(sniffing, "_STEPS", (fail, *sniffing._STEPS))
    found = events_of(exports)
    told = [e for e in found if isinstance(e, NotRead)]
    assert [e.reason for e in told] == ["the reader failed: RecursionError: tides within tides"] * 2
    assert len([e for e in found if isinstance(e, Item)]) == 2
