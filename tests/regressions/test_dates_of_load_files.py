"""Zones of load files were taken for UTC, and one column of dates was read in two orders."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from load_building import dat
from source_building import items, put

from riskscan.mail.parse import parse_message
from riskscan.sources import Item
from riskscan.sources.moments import moment

HEADER = ["DOCID", "FROM", "SUBJECT", "DATESENT", "TIMEZONE", "DATERECEIVED", "DATELASTMODIFIED",
          "AUTHOR", "CUSTODIAN", "ALLCUSTODIANS"]  # fmt: skip


def dated(folder: Path, *rows: dict[str, str]) -> list[tuple[Item, str]]:
    values = [[str(n), *(r.get(name, "") for name in HEADER[1:])] for n, r in enumerate(rows)]
    found = items(put(folder / "v.dat", dat([HEADER, *values]).encode()))
    dates = [parse_message(item.data).date for item in found]
    return [(i, f"{d:%Y-%m-%d %H:%M}" if d else "") for i, d in zip(found, dates, strict=True)]


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("(UTC-05:00) Eastern Time (US & Canada)", 13), ("Eastern Standard Time", 13),
        ("EST5EDT", 13), ("ET", 13), ("EST/EDT", 13), ("EDT", 13), ("America/New_York", 13),
        ("W. Europe Standard Time", 7), ("Central European Time", 7), ("CEST", 7),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 7),
        ("India Standard Time", 3), ("(UTC) Coordinated Universal Time", 9), ("UTC-5", 14),
        ("(UTC+00:00) Dublin, Edinburgh, Lisbon, London", 8), ("GMT Standard Time", 8),
    ],
)  # fmt: skip
@pytest.mark.parametrize("date", ["2024-07-05 09:05", "Jul 5, 2024 9:05 AM", "5-Jul-2024 09:05"])
def test_zones_have_their_summer_time(date: str, zone: str, hour: int) -> None:
    when, unsure = moment(date, "", zone)
    assert when is not None and (when.day, when.astimezone(UTC).hour) == (5, hour)
    assert unsure == []


@pytest.mark.parametrize(
    ("date", "zone", "hour", "why"),
    [
        ("2024-07-05 09:05", "IST", 9, "'IST' is not known: taken as UTC"),
        ("2024-07-05 09:05", "Harbour Time", 9, "'Harbour Time' is not known"),
        ("2024-07-05 09:05", "", 9, "without time zone"),
        ("2024-07-05 09:05", "CET", 7, "on a day in summer"),
        ("2024-07-05 09:05", "(UTC-05:00) Quay", 14, "without a summer time"),
        ("2024-11-03 01:30", "Eastern Standard Time", 5, "clocks were changed"),
        ("2024-07-05 09:05 EST", "", 14, ""),
        ("2024-07-05 09:05 PST", "", 17, ""),
        ("2024-07-05 9:05 PM", "Z", 21, ""),
        ("Jul 5, 2024 9:05 AM +0200", "Eastern Standard Time", 7, ""),
    ],
)
def test_a_zone_that_is_guessed_is_told(date: str, zone: str, hour: int, why: str) -> None:
    when, unsure = moment(date, "", zone)
    assert when is not None and when.astimezone(UTC).hour == hour
    assert why in " ".join(unsure) and bool(why) == bool(unsure)


@pytest.mark.parametrize(
    ("date", "time", "hour", "why"),
    [
        ("2024-07-05 00:00:00", "09:05:00", 9, ""), ("7/14/2024 12:00:00 AM", "9:05 AM", 9, ""),
        ("2024-07-05T00:00:00Z", "09:05", 9, ""), ("2024-07-05", "1/1/1900 9:05:00 PM", 21, ""),
        ("2024-07-05", "9 AM", 9, ""), ("2024-07-05", "09.05.00", 9, ""),
        ("2024-07-05", "T09:05Z", 9, ""), ("2024-07-05", "90500", 9, ""),
        ("July 5, 2024 12:00:00 AM", "9 PM", 21, ""), ("July 5, 2024", "", 0, ""),
        ("2024-07-05", "unknown", 0, "a time that cannot be read: unknown"),
        ("July 5, 2024", "unknown", 0, "a time that cannot be read: unknown"),
        ("2024-07-05 10:00", "09:05", 10, "two times"), ("2024-07-05 10:00", "10:00", 10, ""),
    ],
)  # fmt: skip
def test_a_time_in_its_own_column(date: str, time: str, hour: int, why: str) -> None:
    when, unsure = moment(date, time, "UTC")
    assert when is not None and when.hour == hour
    assert why in " ".join(unsure) and bool(why) == bool(unsure)


def test_one_date_tells_the_order_of_its_column(tmp_path: Path) -> None:
    days = ["05/07/2024", "12/11/2024", "13/07/2024", "06/08/2024"]
    found = dated(
        tmp_path, *({"DATESENT": d, "TIMEZONE": "UTC", "FROM": "a@q.example"} for d in days)
    )
    assert [d[:10] for _, d in found] == ["2024-07-05", "2024-11-12", "2024-07-13", "2024-08-06"]
    assert [i.defects for i, _ in found] == [()] * 4


def test_an_order_that_nothing_tells_is_told(tmp_path: Path) -> None:
    days = ["05/07/2024", "07/07/2024", "05.07.2024"]
    found = dated(
        tmp_path, *({"DATESENT": d, "TIMEZONE": "UTC", "FROM": "a@q.example"} for d in days)
    )
    assert [d[:10] for _, d in found] == ["2024-05-07", "2024-07-07", "2024-07-05"]
    assert ["nothing tells" in " ".join(i.defects) for i, _ in found] == [True, False, False]


def test_dates_against_the_order_of_their_column_are_told(tmp_path: Path) -> None:
    days = ["13/07/2024", "07/14/2024", "05/07/2024"]
    found = dated(
        tmp_path, *({"DATESENT": d, "TIMEZONE": "UTC", "FROM": "a@q.example"} for d in days)
    )
    assert [d[:10] for _, d in found] == ["2024-07-13", "2024-07-14", "2024-07-05"]
    assert [bool(i.defects) for i, _ in found] == [False, True, True]


def test_rows_have_what_another_column_tells(tmp_path: Path) -> None:
    found = dated(
        tmp_path,
        {"FROM": "a@q.example", "DATERECEIVED": "2024-07-05 09:06", "TIMEZONE": "UTC"},
        {"AUTHOR": "Ada Quay", "DATELASTMODIFIED": "2024-02-03 10:00", "TIMEZONE": "UTC"},
        {"FROM": "a@q.example", "DATESENT": "0001-01-01T00:00:00", "DATERECEIVED": "2024-07-05Z"},
        {"FROM": "a@q.example", "CUSTODIAN": "Quay, Ada", "ALLCUSTODIANS": "Quay, Ada; Roe, Bo"},
    )
    assert [d for _, d in found[:3]] == ["2024-07-05 09:06", "2024-02-03 10:00", "2024-07-05 00:00"]
    assert "receipt" in found[0][0].defects[0] and "document's own" in found[1][0].defects[0]
    author = parse_message(found[1][0].data).sender
    assert author is not None and author.name == "Ada Quay"
    assert any("Roe, Bo" in d for d in found[3][0].defects)


@pytest.mark.parametrize("zone", ["05:30", "12", "A5"])
def test_a_zone_without_a_sign_is_not_known(zone: str) -> None:
    when, unsure = moment("2024-07-01", "10:30", zone)
    assert when == datetime(2024, 7, 1, 10, 30, tzinfo=UTC)
    assert unsure
