"""When a row of a load file is from: its columns for date, time and zone, as vendors write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import date as date_of
from typing import NamedTuple

from riskscan.mail.dates import parse_date
from riskscan.sources.columnnames import DATES
from riskscan.sources.fields import BadRow, Dated, Note, Row
from riskscan.sources.zones import in_zone

_YMD = re.compile(r"(\d{4})(?:[-/.]?(\d{2})[-/.]?(\d{2})|[-/.](\d{1,2})[-/.](\d{1,2}))(?=\D|\Z)")
_PARTS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d{2})(?=\D|\Z)")
_UNIX = re.compile(r"(\d{9,10}|\d{12,13})(?:\.\d{1,9})?\Z")
_CLOCK = re.compile(
    r"T?(\d{1,2})[:.h]?(\d{2})(?:[:.]?(\d{2}))?(?:[.,]\d{1,9})?"
    r"(?:\s*([AaPp])(?:\.?[Mm]\.?)?(?![A-Za-z]))?"
)
_HOUR = re.compile(r"(\d{1,2})()()\s*([AaPp])\.?[Mm]\.?(?![A-Za-z])")
_MIDNIGHT = re.compile(r"\b(?:12:00(?::00)?\s*AM|0?0:00(?::00)?)(?![:\w])", re.I)
_YEAR_ZERO = re.compile(r"[^\W\d_]{3,12}\.?[-\s,]+(?:\d{1,2},?[-\s]+)?000\d(?!\d)")
_AHEAD_ROWS = 5_000
_WRITTEN_MAX = 300  # characters
_AHEAD_SIZE = 32 * 2**20  # characters


class Order(NamedTuple):
    """Whether the day stands first in dates of two small numbers (None: unknown), and what is
    unsure of that.
    """

    day_first: bool | None = None
    unsure: str = ""


_UNTOLD = Order(None, "nothing tells whether day or month is first: the month is taken")


Orders = tuple[tuple[str, bool, bool], ...]


class DayOrder:
    """Whether the day stands before the month in the dates of one file, column by column.

    A date with a first number above 12 tells that it does, one with such a second number that
    it does not; one of them is enough for all the column.

    ``told``: what a look at all rows of the file told, as the property has it; without it rows
    are read ahead.
    """

    def __init__(self, told: Orders | None = None) -> None:
        self._whole = told is not None
        self._found = {name: first for name, first, _ in told or ()}
        self._mixed = {name for name, _, mixed in told or () if mixed}

    @property
    def told(self) -> Orders:
        """What is known: columns, whether the day is first there, whether there is both."""
        return tuple((name, first, name in self._mixed) for name, first in self._found.items())

    def see(self, row: Row) -> None:
        """Take in the dates of a row."""
        for one in row.dated or [Dated(name, name, row.get(name)) for name in DATES]:
            match = _PARTS.match(one.value.strip())
            if match is None or match[2] == ".":
                continue
            first, second = int(match[1]) > 12, int(match[3]) > 12
            if first != second and self._found.setdefault(one.column, first) != first:
                self._mixed.add(one.column)

    def of(self, row: Row, field: str) -> Order:
        """The order in the column that a field of a row is from.

        Another column tells it where this one does not.
        """
        name = row.column(field)
        found = self._found.get(name)
        if name in self._mixed:
            return Order(found, "the dates of this column are in several orders")
        if found is not None:
            return Order(found)
        others = set(self._found.values())
        if len(others) != 1:
            return _UNTOLD
        return Order(others.pop(), "day and month are taken in the order of another column")

    def ahead(self, rows: Iterator[Row | BadRow | Note]) -> Iterator[Row | BadRow | Note]:
        """The rows; read ahead (bounded) until one tells the order, where none did before."""
        if self._whole:
            yield from rows
            return
        waiting: list[Row | BadRow | Note] = []
        size = 0
        broken: Exception | None = None
        try:
            used: set[str] = set()
            while len(waiting) < _AHEAD_ROWS and size < _AHEAD_SIZE:
                if used and used <= self._found.keys():
                    break
                if (row := next(rows, None)) is None:
                    break
                waiting.append(row)
                if isinstance(row, Row):
                    self.see(row)
                    used.update([row.column("date")] if row.get("date") else [])
                    size += sum(map(len, row.values.values()))
        except Exception as error:
            broken = error  # raised below, behind what was read before it
        yield from waiting
        if broken is not None:
            raise broken
        for row in rows:
            if isinstance(row, Row):
                self.see(row)
            yield row


def moment(
    date: str, time: str, zone: str, order: Order = _UNTOLD
) -> tuple[datetime | None, list[str]]:
    """The instant that the columns for date, time and time zone tell, and what is unsure of it.

    None when they tell none. Of a date of two small numbers ``order`` says which is the day; where
    it does not, that is the second, as US vendors write it, unless dots part them. A number of
    nine digits or more is Unix time in seconds, from twelve digits on in milliseconds.
    """
    date, time, zone = date.strip()[:100], time.strip()[:100], zone.strip()[:100]
    if unix := _UNIX.match(date):
        return datetime.fromtimestamp(int(unix[1]) / (1 if len(unix[1]) < 12 else 1000), UTC), []
    try:
        found = _numbers(date, time, zone, order) or _words(date, time, zone)
    except (ValueError, OverflowError):
        return None, []
    return (None, []) if found[0] is not None and _is_none(found[0]) else found


def _is_none(when: datetime) -> bool:
    """Whether programs write this where they have no date.

    Databases have the years 1 and 1601 or the first day of 1900, .NET
    9999 too, Outlook 4501.
    """
    return not 1900 <= when.year < 2300 or when.date() == date_of(1900, 1, 1)


def _numbers(date: str, time: str, zone: str, order: Order) -> tuple[datetime, list[str]] | None:
    """A date in figures; None for any other. Raises ValueError where there is no such day."""
    defects: list[str] = []
    if match := _YMD.match(date):
        year, month, day = int(match[1]), int(match[2] or match[4]), int(match[3] or match[5])
    elif match := _PARTS.match(date):
        year = int(match[4])
        if len(match[4]) == 2:
            year += 2000 if year < 50 else 1900  # RFC 5322 section 4.3
        month, day, unsure = _ordered(int(match[1]), int(match[3]), match[2], order)
        defects += [f"{unsure}: {match[0]}"] if unsure else []
    else:
        return None
    clock, after = _clock(date[match.end() :].lstrip("T, "), time, defects)
    local = datetime(year, month, day, *clock)
    when, unsure = in_zone(local, after or zone, beside=bool(after))
    return when, [*defects, *([unsure] if unsure else [])]


def _clock(behind: str, time: str, defects: list[str]) -> tuple[tuple[int, int, int], str]:
    """Hour, minute and second, and what follows them, of what stands behind a date or of a time.

    A column of dates that was written with a clock has midnight there.
    """
    time = _without_date(time)
    own, other = _read_clock(behind), _read_clock(time)
    for shown, read in ((behind, own), (time, other)):
        if shown and read is None:
            defects.append(f"a time that cannot be read: {shown}")
    if own and other and any(own[0]) and any(other[0]) and own != other:
        defects.append(f"two times are told: {behind} is taken, not {time}")
    if other and not (own and any(own[0])):
        return other[0], other[1] or (own[1] if own else "")
    return own or ((0, 0, 0), "")


def _without_date(time: str) -> str:
    """A time without the date that some databases write before it."""
    date = _YMD.match(time) or _PARTS.match(time)
    behind = time[date.end() :].lstrip("T, ") if date else ""
    return behind or time


def _read_clock(text: str) -> tuple[tuple[int, int, int], str] | None:
    if len(text) == 5 and text.isdecimal():
        text = f"0{text}"
    clock = _CLOCK.match(text) or _HOUR.match(text)
    if clock is None:
        return None
    hour, minute, second = (int(clock[i] or 0) for i in (1, 2, 3))
    if clock[4]:
        hour = hour % 12 + (12 if clock[4] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return (hour, minute, second), text[clock.end() :].strip()


def _ordered(first: int, second: int, mark: str, order: Order) -> tuple[int, int, str]:
    """Month and day of two numbers, and what is unsure of that."""
    if mark == "." or first > 12 or second > 12:
        swapped = first > 12 or (mark == "." and second <= 12)
        month, day = (second, first) if swapped else (first, second)
        other = mark != "." and order.day_first not in (None, swapped)
        return month, day, "a date in another order than others of its column" if other else ""
    unsure = order.unsure if first != second else ""
    return (second, first, unsure) if order.day_first else (first, second, unsure)


def _words(date: str, time: str, zone: str) -> tuple[datetime | None, list[str]]:
    """A date with a month's name, or of any other form that mail has."""
    defects: list[str] = []
    if clock := _read_clock(_without_date(time)):
        hour, minute, second = clock[0]
        time = f"{hour:02}:{minute:02}:{second:02} {clock[1]}"
        date = _MIDNIGHT.sub("", date)
    elif time:
        defects = [f"a time that cannot be read: {time}"]
        time = ""
    if not date.strip() or _YEAR_ZERO.search(date):
        return None, []
    shown = f"{date} {time}".strip()
    if not time and parse_date(shown)[0] is None:
        shown = f"{date} 00:00:00"
    # One that has a zone of its own is the same whatever zone follows.
    plain, _ = parse_date(f"{shown} +0000")
    moved, _ = parse_date(f"{shown} +0500")
    if plain is None or moved is None or plain - moved != timedelta(hours=5):
        return parse_date(shown)[0], defects
    when, unsure = in_zone(plain.replace(tzinfo=None), zone)
    return when, [*defects, *([unsure] if unsure else [])]


_INSTEAD = (
    ("date", "time", ""),
    ("received", "received time", "no date of sending is told: the date is that of receipt"),
    ("modified", "modified time", "no date of sending is told: the date is the document's own"),
)


def written(row: Row) -> str:
    """The date of a row as it is written there, with the columns for time and zone; "" for none."""
    for date, time, _ in _INSTEAD:
        if row.get(date):
            return " ".join(filter(None, map(row.get, (date, time, "zone"))))[:_WRITTEN_MAX]
    return ""


def sent(row: Row, order: DayOrder) -> tuple[datetime | None, list[str]]:
    """When a row was sent, else received, else made, and what is unsure of that."""
    unread = ""
    for date, time, instead in _INSTEAD:
        shown = f"{row.get(date)} {row.get(time)}".strip()
        if not row.get(date):
            continue
        when, unsure = moment(row.get(date), row.get(time), row.get("zone"), order.of(row, date))
        if when is not None:
            return when, [*([unread] if unread else []), *([instead] if instead else []), *unsure]
        unread = unread or f"a date that cannot be read: {shown[:100]}"
    return None, [unread] if unread else []
