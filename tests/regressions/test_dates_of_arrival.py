"""A message without a readable Date header had no date, whatever its carriers wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover
from riskscan.stages.ingest import parse_batch

ARRIVED = datetime(2020, 1, 7, 9, tzinfo=UTC)
TRACE = (
    "Received: from gate.example by quay.example id 1; Tue, 7 Jan 2020 10:00:00 +0100 (CET)\n"
    "Received: from ada.example by gate.example; Tue, 7 Jan 2020 08:59:00 +0000\n"
)
REST = "From: ada@quay.example\nSubject: lots\n\nThe crates are in.\n"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (TRACE, "no date header"),
        ("Date: some day\n" + TRACE, "date header cannot be read"),
        ("Received: by nobody id 9\n" + TRACE, "no date header"),
        ("Delivery-date: Tue, 7 Jan 2020 10:00:00 +0100\n", "no date header"),
        ("Resent-Date: Tue, 7 Jan 2020 10:00:00 +0100\n", "no date header"),
        ("X-OriginalArrivalTime: 07 Jan 2020 09:00:00.0123 (UTC) FILETIME=[A:B]\n", "no date"),
    ],
)
def test_the_carriers_tell_it(headers: str, said: str) -> None:
    message = parse_message((headers + REST).encode())
    assert message.date == ARRIVED
    assert message.defects[0].startswith(said)
    assert message.defects[1].startswith("the date is that of the ")


def test_its_own_date_comes_first_and_none_is_made_up() -> None:
    own = parse_message(f"Date: Mon, 6 Jan 2020 09:00:00 +0000\n{TRACE}{REST}".encode())
    assert (own.date, own.defects) == (datetime(2020, 1, 6, 9, tzinfo=UTC), [])
    first = parse_message(f"Received: by a; Thu, 1 Jan 1970 00:00:00 +0000\n{REST}".encode())
    assert first.date is None


def test_copies_that_arrived_at_other_times_are_the_same() -> None:
    one, other = (
        parse_message((trace + REST).encode()) for trace in (TRACE, TRACE.replace("10:00", "10:07"))
    )
    assert one.date != other.date
    assert one.content_hash == other.content_hash


@pytest.mark.parametrize(
    ("line", "zone"),
    [
        ("From 123@xxx Tue Jan 07 09:00:00 +0000 2020\n", True),
        ("From ada@quay.example Tue Jan  7 10:00:00 CET 2020\n", True),
        ("From - Tue Jan  7 09:00:00 2020\n", False),
        ("From ???@??? Tue Jan 07 09:00:00 2020\n", False),
    ],
)
def test_the_from_line_tells_it(tmp_path: Path, line: str, zone: bool) -> None:
    (tmp_path / "a.mbox").write_text(line + REST)
    (unit,) = discover([tmp_path / "a.mbox"])
    assert not isinstance(unit, NotRead)
    (parsed,) = parse_batch([event for event in unit.events() if isinstance(event, Item)])
    assert not isinstance(parsed, str)
    assert parsed.message.date == ARRIVED
    assert ("date without time zone: read as UTC" in parsed.message.defects) is not zone
    assert parse_message((line + REST).encode()).date == ARRIVED
