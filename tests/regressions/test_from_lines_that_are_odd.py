"""Sentences that begin with "From" cut mail in two, and odd From_ lines joined messages to one."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

DATED = "From ada@quay.example Mon Jan  6 09:15:00 2020\n"


def mail(subject: str, body: str = "The crates are in.\n") -> str:
    return f"From: ada@quay.example\nSubject: {subject}\n\n{body}\n"


def read(path: Path, text: str) -> list[Message]:
    path.write_bytes(text.encode())
    units = [unit for unit in discover([path]) if not isinstance(unit, NotRead)]
    items = [event for unit in units for event in unit.events()]
    return [parse_message(one.data) for one in items if isinstance(one, Item)]


def attached(text: str) -> Message:
    return parse_message(
        b"From: bo@quay.example\nMIME-Version: 1.0\nContent-Type: application/octet-stream\n"
        b"Content-Transfer-Encoding: base64\n"
        b'Content-Disposition: attachment; filename="notes.txt"\n\n'
        + base64.encodebytes(text.encode())
    )


SENTENCE = "From my desk at 10:30 on Monday morning\nNote: bring the lots\n\nBye\n"


def test_a_text_is_no_mbox(tmp_path: Path) -> None:
    assert read(tmp_path / "notes.txt", SENTENCE) == []
    found = attached(SENTENCE)
    assert found.embedded == []
    assert [one.text for one in found.attachments] == [SENTENCE]


def test_a_first_line_that_is_a_sentence_is_told(tmp_path: Path) -> None:
    (found,) = read(tmp_path / "a.eml", "From my desk at 10:30 I send this\n" + mail("lots"))
    assert found.subject == "lots"
    assert found.defects[0].startswith("1 line in the headers is no header")


@pytest.mark.parametrize(
    "words",
    [
        "From Ada we heard on Mon Jan  6 09:15 that\nWarning: it rains",
        "From my desk at 10:30\nNote: bring oars",
        "From ada@quay.example we heard that\nWarning: it rains",
    ],
)
def test_a_sentence_in_a_body_cuts_nothing(tmp_path: Path, words: str) -> None:
    text = "".join(DATED + mail(one, f"Hello\n\n{words}\n") for one in ("one", "two"))
    assert [one.subject for one in read(tmp_path / "a.mbox", text)] == ["one", "two"]
    assert [one.subject for one in attached(text).embedded] == ["one", "two"]


@pytest.mark.parametrize(
    "line",
    [
        "From - \n",
        "From 1234567890@xxx\n",
        "From ???@??? Mon Jan 06 09:15:00 2020\n",
        "From ada@quay.example lun. janv. 06 09:15:00 2020\n",
        "From ada@quay.example 06/01/2020 09:15\n",
        "From ada@quay.example Jan 06 09:15:00 2020\n",
        "From MAILER-DAEMON a while ago\n",
        DATED + "X-No colon in this line\n",
    ],
)
@pytest.mark.parametrize("first", [DATED, ""])
def test_odd_lines_part_messages(tmp_path: Path, line: str, first: str) -> None:
    text = (first or line) + mail("one") + line + mail("two") + line + mail("three")
    found = [one.subject for one in read(tmp_path / "a.mbox", text)]
    assert found == ["one", "two", "three"]


def test_headers_that_are_indented_are_found(tmp_path: Path) -> None:
    headers, _, body = mail("two").partition("\n\n")
    indented = "".join(f"\t{line}\n" for line in headers.split("\n"))
    text = f"{DATED}{mail('one')}{DATED}{indented}\n{body}"
    assert [one.subject for one in read(tmp_path / "a.mbox", text)] == ["one", "two"]
