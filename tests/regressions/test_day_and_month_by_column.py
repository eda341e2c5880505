"""The order of day and month was that of a field, of the first 5,000 rows: not of a column."""

from __future__ import annotations

from pathlib import Path

from load_building import dat
from source_building import items, put, zipped

from riskscan.mail.parse import parse_message
from riskscan.sources import Item


def days(found: list[Item]) -> list[str]:
    return [f"{d:%m-%d}" if (d := parse_message(i.data).date) else "" for i in found]


def rows(*dates: tuple[str, str]) -> bytes:
    told = [[f"A{n}", "a@q.example", "Z", *two] for n, two in enumerate(dates)]
    return dat([["DOCID", "FROM", "TIMEZONE", "DATESENT", "DOCDATE"], *told]).encode()


def test_each_column_has_its_own_order(tmp_path: Path) -> None:
    data = rows(("03/04/2021", ""), ("", "03/04/2021"), ("25/04/2021", ""), ("", "04/25/2021"))
    found = items(put(tmp_path / "v.dat", data))
    assert days(found) == ["04-03", "03-04", "04-25", "04-25"]
    assert [d for i in found for d in i.defects] == []


def test_the_last_row_tells_it_for_the_first(tmp_path: Path) -> None:
    data = rows(*[("03/04/2021", "")] * 5_100, ("25/04/2021", ""))
    found = items(put(tmp_path / "v.dat", data))
    assert days([found[0], found[-2], found[-1]]) == ["04-03", "04-03", "04-25"]
    assert found[0].defects == ()


def test_in_a_zip_too_and_two_orders_are_told(tmp_path: Path) -> None:
    data = rows(("03/04/2021", ""), ("25/04/2021", ""), ("04/25/2021", ""))
    found = items(put(tmp_path / "v.zip", zipped({"V/v.dat": data})))
    assert days(found) == ["04-03", "04-25", "04-25"]
    assert "several orders" in found[0].defects[0]


def test_what_nothing_tells_is_told(tmp_path: Path) -> None:
    (item,) = items(put(tmp_path / "v.dat", rows(("03/04/2021", ""))))
    assert "nothing tells whether day or month is first" in item.defects[0]
