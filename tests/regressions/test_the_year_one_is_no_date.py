"""The year 0001 of a database that has no date was read as 2001."""

from __future__ import annotations

import pytest

from riskscan.sources.moments import moment


@pytest.mark.parametrize("date", ["1/1/0001 12:00:00 AM", "01/01/0001", "0001-01-01", "01/01/1601"])
def test_it_is_none(date: str) -> None:
    assert moment(date, "", "") == (None, [])


def test_years_of_two_figures_are() -> None:
    when, _ = moment("1/2/01", "10:00", "UTC")
    assert when is not None and when.year == 2001
