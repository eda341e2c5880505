"""A zone of four digits without its sign was dropped, where other readers take it for one east."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("Fri, 02 Aug 2024 23:30:00 0530", 18),
        ("Fri, 02 Aug 2024 23:30:00 2024", 23),
        ("Fri, 02 Aug 2024 23:30:00 01800", 23),
    ],
)
def test_it_is_east(date: str, hour: int) -> None:
    message = parse_message(f"From: a@b.example\nDate: {date}\n\nHi\n".encode())
    assert message.date is not None
    assert (message.date.day, message.date.hour) == (2, hour)
