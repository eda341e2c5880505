"""Afternoons were mornings, unknown zones UTC without a word, and months of more languages none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskscan.mail.dates import parse_date


def test_an_afternoon_is_one() -> None:
    found, defect = parse_date("Sun, 25 Aug 2002 09:21:44 PM")
    assert found == datetime(2002, 8, 25, 21, 21, 44, tzinfo=UTC)
    assert defect == "date without time zone: read as UTC"


@pytest.mark.parametrize("zone", ["IST", "A", "+9999", "Quay Time"])
def test_an_unknown_zone_is_told(zone: str) -> None:
    found, defect = parse_date(f"Mon, 6 Jan 2020 09:15:00 {zone}")
    assert found == datetime(2020, 1, 6, 9, 15, tzinfo=UTC)
    assert defect == "date with an unknown time zone: read as UTC"


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("lun., 6 janv.", 1), ("lun, 6 gen", 1), ("pon, 6 sty", 1), ("Пн, 6 янв", 1),
        ("Paz, 6 Şub", 2), ("ma, 6 mrt", 3), ("ons, 6 maj", 5), ("mer, 6 mag", 5), ("Ср, 6 май", 5),
        ("sam, 6 juin", 6), ("sab, 6 giu", 6), ("lun, 6 juil.", 7), ("lun, 6 lug", 7),
        ("jeu, 6 août", 8), ("mar, 6 ott", 10),
    ],
)  # fmt: skip
def test_months_of_many_languages(words: str, month: int) -> None:
    assert parse_date(f"{words} 2020 09:15:00 +0000")[0] == datetime(
        2020, month, 6, 9, 15, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "words", ["2020年1月6日 18:15:00 +0900", "2020년 1월 6일 (월) 18:15 +0900"]
)
def test_dates_as_written_in_the_east(words: str) -> None:
    assert parse_date(words)[0] == datetime(2020, 1, 6, 9, 15, tzinfo=UTC)


def test_a_month_of_two_languages_is_not_guessed() -> None:
    assert parse_date("6 lis 2020 09:15:00 +0000") == (None, "date header cannot be read")
