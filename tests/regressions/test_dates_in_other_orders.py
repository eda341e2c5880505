"""Dates with two-figure years behind the day, with dots, with ordinals and without marks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskscan.mail.dates import parse_date


@pytest.mark.parametrize(
    "header",
    [
        "Fri, Nov 01 02 13:50:58",
        "Nov 1, 02 01:50:58 PM",
        "01.11.2002 13:50:58",
        "1.11.02 14:50:58 +0100",
        "Fri, 1st Nov 2002 13:50:58 +0000",
        "November 1st, 2002 13:50:58 GMT",
        "20021101T135058Z",
        "20021101T145058+0100",
        "Fri Nov  1 13:50:58 2002",
        "Fri Nov 01 13:50:58 EST 2002 ",
    ],
)
def test_the_instant_is_read(header: str) -> None:
    east = 5 if "EST" in header else 0
    assert parse_date(header)[0] == datetime(2002, 11, 1, 13 + east, 50, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    "header", ["32.11.2002 13:50", "20021301T135058Z", "Nov 01 02", "99.99.99"]
)
def test_what_is_no_date_stays_none(header: str) -> None:
    assert parse_date(header)[0] is None
