"""Behind a quote that is never closed, words of the cell became a message from somebody."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

WORDS = (
    'From,Text\na@x.example,hello\na@x.example,"Dear all\n'
    "please write to bob@x.example, thanks\nthe deal is not legal\nbye\n"
)
DATED = (
    "Date,From,Message\n2024-01-01 10:00,a@x.example,hello\n2024-01-02 10:00,a@x.example,"
    '"Dear all\nplease write to bob@x.example, ann@x.example, or me\nand nobody else, thanks\nbye\n'
)


def items(path: Path, text: str) -> list[Item]:
    path.write_text(text)
    (unit,) = discover([path])
    assert not isinstance(unit, NotRead)
    return [e for e in unit.events() if isinstance(e, Item)]


@pytest.mark.parametrize("text", [WORDS, DATED])
def test_the_words_stay_in_the_cell(tmp_path: Path, text: str) -> None:
    first, second = items(tmp_path / "rows.csv", text)
    assert b"a@x.example" in first.data
    read = parse_message(second.data)
    assert read.sender is not None and read.sender.address == "a@x.example"
    assert {"Dear all", "bye"} <= set(read.body.split("\n"))
    assert "please write to bob@x.example" in read.body
    assert any("never closed" in defect for defect in second.defects)


def test_rows_behind_such_a_quote_are_rows(tmp_path: Path) -> None:
    rows = 'From,Text\na@x.example,"not closed\nBen <b@x.example>,two\nc@x.example,three\n'
    assert len(items(tmp_path / "rows.csv", rows)) == 3


def test_names_without_an_address_are_told(tmp_path: Path) -> None:
    (one,) = items(
        tmp_path / "mail.csv",
        '"Subject","Body","From: (Address)","To: (Name)","To: (Address)"\n'
        '"lots","hi","n@x.example","Ann Roe;Bob Quay","ann@x.example;b@x.example;c@x.example"\n',
    )
    assert any("Ann Roe; Bob Quay" in defect for defect in one.defects)


def test_they_are_sought_in_linear_time(tmp_path: Path) -> None:
    def seconds(number: int) -> float:
        names = ";".join(f"Ann {n}" for n in range(number))
        addresses = ";".join(f"a{n}@quayside.example" for n in range(number + 1))
        began = time.process_time()
        (one,) = items(
            tmp_path / f"{number}.csv",
            '"Subject","Body","From: (Address)","To: (Name)","To: (Address)"\n'
            f'"lots","hi","n@x.example","{names}","{addresses}"\n',
        )
        assert len(str(one.defects)) < 3_000
        return time.process_time() - began

    # Quadratic: 64 times as long.
    assert seconds(40_000) < 24 * seconds(5_000) + 1
