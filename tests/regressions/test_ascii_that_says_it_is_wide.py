"""ASCII behind a mark or under a name of UTF-16 became other characters, and said nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_building import items, put

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message

SAID = "What we do with these invoices is illegal: hide them."
MARKS = [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"]
HEAD = b"From: Ada <ada@ferry.example>\nTo: bo@ferry.example\nSubject: Tides\n"


def parsed(export: Path) -> list[Message]:
    return [parse_message(item.data) for item in items(export)]


def body(kind: bytes, data: bytes) -> str:
    found = parse_message(HEAD + b"Content-Type: " + kind + b"\n\n" + data + b"\n")
    assert found.defects != []
    return found.body.strip()


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "kind",
    [b"text/plain", b"text/plain; charset=utf-8", b"text/plain; charset=us-ascii",
     b"text/plain; charset=iso-8859-1", b"text/html; charset=utf-8", b"text/plain; charset=utf-16"],
)  # fmt: skip
def test_behind_a_mark(mark: bytes, kind: bytes) -> None:
    assert body(kind, mark + SAID.encode()) == SAID


@pytest.mark.parametrize("name", [b"utf-16", b"utf-16le", b"utf-16be", b"utf-32"])
@pytest.mark.parametrize("said", [SAID, SAID + "!", SAID.replace("invoices", "factures réglées")])
def test_under_a_name(name: bytes, said: str) -> None:
    assert body(b"text/plain; charset=" + name, said.encode()) == said


def test_a_page_that_names_it_itself() -> None:
    page = f"<html><head><meta charset=utf-16></head><body>{SAID}</body></html>"
    assert body(b"text/html", page.encode()) == SAID


def test_a_file() -> None:
    parts = (
        b"Content-Type: multipart/mixed; boundary=e\n\n--e\nContent-Type: text/plain\n\nSee.\n--e\n"
        b"Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\n"
        b"\xff\xfe" + SAID.encode() + b"\n--e--\n"
    )
    assert [a.text.strip() for a in parse_message(HEAD + parts).attachments] == [SAID]


def test_headers() -> None:
    head = HEAD.replace(b"Ada <", b"\xff\xfeAda <").replace(b"Tides", b"=?utf-16?q?What_we_do?=")
    found = parse_message(head + b"\nHigh at noon.\n")
    assert found.sender is not None
    assert (found.sender.name, found.sender.address) == ("Ada", "ada@ferry.example")
    assert found.subject == "What we do"


@pytest.mark.parametrize("mark", MARKS[:2])
def test_a_mail_in_a_file(tmp_path: Path, mark: bytes) -> None:
    (found,) = parsed(put(tmp_path / "a.eml", mark + HEAD + b"\n" + SAID.encode() + b"\n"))
    assert (found.subject, found.body.strip()) == ("Tides", SAID)


@pytest.mark.parametrize("mark", MARKS[:2])
def test_a_table(tmp_path: Path, mark: bytes) -> None:
    table = f"From,To,Subject,Body\r\nada@ferry.example,bo@ferry.example,Tides,{SAID}\r\n"
    (row,) = parsed(put(tmp_path / "a.csv", mark + table.encode()))
    assert (row.subject, row.body.strip()) == ("Tides", SAID)


@pytest.mark.parametrize("said", ["这是一个关于潮汐表的说明", "Prilív v poludne\n", "潮"])
@pytest.mark.parametrize("codec", ["utf-16", "utf-32"])
def test_what_is_wide_is_read_so(codec: str, said: str) -> None:
    found = parse_message(HEAD + b"Content-Type: text/plain\n\n" + said.encode(codec))
    assert found.body.strip() == said.strip()
