"""A quote that is never closed put all rows behind it into one body, and nobody was told."""

from __future__ import annotations

from pathlib import Path

from source_building import put, read

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead
from riskscan.sources.unclosed import NEVER_CLOSED

HEAD = "From,To,Subject,Body\n"


def told(folder: Path, rows: str) -> tuple[list[tuple[str, str, bool]], list[str]]:
    mails, lost = [], []
    for event in read(put(folder / "x.csv", (HEAD + rows).encode())):
        if isinstance(event, Item):
            said = any("never closed" in one for one in event.defects)
            mails.append((event.place, parse_message(event.data).body.strip(), said))
        elif isinstance(event, NotRead):
            lost.append(event.reason)
    return mails, lost


def test_the_rows_behind_it_are_read(tmp_path: Path) -> None:
    rows = (
        "a@q.example,b@q.example,one,whole\n"
        'a@q.example,b@q.example,two,"open, and\nwords, with, three, commas\n'
        "a@q.example,b@q.example,three,behind\n"
        'c@q.example,b@q.example,four,""\n'
    )
    mails, lost = told(tmp_path, rows)
    assert mails == [
        ("row 1", "whole", False),
        ("row 2", "open, and\nwords, with, three, commas", True),
        ("row 3", "behind", True),
        ("row 4", "", True),
    ]
    assert lost == [f"row 2: {NEVER_CLOSED}"]


def test_a_row_that_lacks_columns_for_it_is_told(tmp_path: Path) -> None:
    rows = 'a@q.example,b@q.example,"two,open\na@q.example,b@q.example,three,behind\n'
    mails, (_, reason) = told(tmp_path, rows)
    assert mails == [("row 2", "behind", True)]
    assert reason == f"{NEVER_CLOSED}: 3 columns, and the header has 4"


def test_a_file_cut_off_in_a_body_says_so(tmp_path: Path) -> None:
    mails, lost = told(tmp_path, 'a@q.example,b@q.example,two,"open\nmore wor')
    assert mails == [("row 1", "open\nmore wor", True)]
    assert lost == [f"row 1: {NEVER_CLOSED}"]


def test_a_header_with_one_is_told(tmp_path: Path) -> None:
    path = put(tmp_path / "x.csv", b'From,To,Subject,Body,"Note\na@q.example,b@q.example,s,w,n\n')
    assert [e.reason for e in read(path) if isinstance(e, NotRead) and e.lost] == [
        f"the header: {NEVER_CLOSED}"
    ]


def test_closed_quotes_are_not_told(tmp_path: Path) -> None:
    mails, _ = told(tmp_path, 'a@q.example,b@q.example,two,"open\nclosed"')
    assert mails == [("row 1", "open\nclosed", False)]
