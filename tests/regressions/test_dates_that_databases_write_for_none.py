"""``1/1/0001 12:00:00 AM``, .NET's "no date", was read as 1 January 2001."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover


def read(folder: Path, date: str) -> tuple[object, list[str]]:
    path = folder / "load.csv"
    row = ["L1", "ada@q.example", "bob@q.example", "plan", date, "words"]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["DocID", "From", "To", "Subject", "Date Sent", "Body"], row])
    units = [u for u in discover([path]) if not isinstance(u, NotRead)]
    (item,) = [e for u in units for e in u.events(0) if isinstance(e, Item)]
    mail = parse_message(item.data)
    return mail.date, [*item.defects, *mail.defects]


@pytest.mark.parametrize(
    "date",
    ["1/1/0001 12:00:00 AM", "0001-01-01T00:00:00", "01-Jan-0001", "Jan 1, 0001 12:00 AM",
     "01/01/1601 00:00:00", "1900-01-01 00:00:00", "12/31/9999 11:59:59 PM", "1/1/4501"],
)  # fmt: skip
def test_there_is_no_date_and_it_is_told(tmp_path: Path, date: str) -> None:
    when, defects = read(tmp_path, date)
    assert when is None
    assert any(date in defect for defect in defects)


@pytest.mark.parametrize("date", ["1/2/01 10:00", "01/02/2001 10:00"])
def test_years_of_two_digits_are_read_as_ever(tmp_path: Path, date: str) -> None:
    when, _ = read(tmp_path, date)
    assert str(when).startswith("2001-01-02 10:00")
