"""An mbox whose writer puts no blank line before a From_ line was read as few, long messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.sources import Item, NotRead, discover

DATED = b"From ada@ferry.example  Mon Jan  6 09:15:00 2020\n"


def mail(subject: str, body: str = "The tables are wrong.") -> bytes:
    return f"Received: by quay.example\n\tfor bo\nSubject: {subject}\n\n{body}\n".encode()


def read(path: Path, data: bytes) -> list[bytes]:
    path.write_bytes(data)
    events = [e for u in discover([path]) if not isinstance(u, NotRead) for e in u.events()]
    assert all(isinstance(e, Item) for e in events)
    return [e.data for e in events if isinstance(e, Item)]


@pytest.mark.parametrize(
    "line", [DATED, b"From ada at ferry.example  Mon Jan  6 09:15:00 2020\n", b"From - \n"]
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_each_message_is_one(tmp_path: Path, line: bytes, end: bytes) -> None:
    mails = [mail(str(number)).replace(b"\n", end) for number in range(3)]
    data = b"".join(line.replace(b"\n", end) + one for one in mails)
    assert read(tmp_path / "list.mbox", data) == mails


@pytest.mark.parametrize(
    "words",
    [
        "From Monday on we sail.\nSubject: tides\nTo: all",
        "From ada Mon Jan  6 09:15:00 2020\nSubject: tides",
        "From ada Mon Jan  6 09:15:00 2020\nSubject: tides\nwe sail\nTo: all",
        "From ada Mon Jan  6 09:15:00 2020\nNote: tides\nWhy: all",
        "From \nTo: Bo\nSubject: tides",
    ],
)
def test_a_sentence_is_no_message(tmp_path: Path, words: str) -> None:
    data = b"\n".join(DATED + mail(str(number), f"Hello\n{words}") for number in range(2))
    assert len(read(tmp_path / "list.mbox", data)) == 2
