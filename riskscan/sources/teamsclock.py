"""When a post was written, as pages made of Teams chats show it: whole dates with a time only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from riskscan.sources.chat import instant

TEXT_MAX = 80  # characters
_TIME = r"(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d{1,9})?\s{0,3}([AaPp]\.?[Mm]\.?)?"
_ZONE = r"\s{0,3}\(?(Z|UTC|GMT|(?:UTC|GMT)?[+-]\d\d:?\d\d)?\)?"
_END = _TIME + _ZONE + r"\Z"
_DAY = r"\A(?:[^\W\d_]{2,12}\.?,?\s{1,3})?"
_GAP = r",?\s{1,3}(?:at\s{1,3}|um\s{1,3}|à\s{1,3})?"
_YEAR_FIRST = re.compile(r"\A(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:T|\s{1,3})" + _END)
_DAY_FIRST = re.compile(_DAY + r"(\d{1,2})\.?\s([^\W\d_]{3,12})\.?,?\s(\d{4})" + _GAP + _END)
_MONTH_FIRST = re.compile(_DAY + r"([^\W\d_]{3,12})\.?\s(\d{1,2}),?\s(\d{4})" + _GAP + _END)
_NUMBERS = re.compile(_DAY + r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})" + _GAP + _END)
_UNIX = re.compile(r"\d{10}(?:\d{3})?\Z")
_MONTHS = {
    name: number
    for number, several in enumerate(
        ("jan ene gen", "feb fév fev", "mar mär mrz maa", "apr abr avr", "may mai mei mag",
         "jun juin giu", "jul juil lug", "aug ago aoû", "sep set", "oct okt out ott", "nov",
         "dec dez dic déc"), 1
    )
    for name in several.split()
}  # fmt: skip


@dataclass(slots=True, frozen=True)
class Clock:
    """A date and time as shown. ``first`` and ``second`` are day and month where ``numbers``, in
    an order that the whole page must tell; else month and day.
    """

    year: int
    first: int
    second: int
    rest: tuple[int, int, int]
    zone: timezone | None
    numbers: bool = False
    half: bool = False  # with AM or PM

    def moment(self, day_first: bool) -> datetime | None:
        """The moment, without a zone where none is shown; None where there is no such day."""
        month, day = self.first, self.second
        if self.numbers and day_first:
            month, day = day, month
        try:
            return datetime(self.year, month, day, *self.rest, tzinfo=self.zone)
        except ValueError:
            return None


def clock(text: str, *, unix: bool = False) -> Clock | None:
    """The date and time that a text is, and nothing besides; None for any other text.

    ``unix`` allows a Unix time, in seconds or milliseconds.
    """
    text = " ".join(text.split()).strip("[]() |·•,")
    if not 10 <= len(text) <= TEXT_MAX or not any(c.isdigit() for c in text):
        return None
    if unix and _UNIX.match(text):
        return _of(instant(int(text) / (1000 if len(text) > 10 else 1)))
    if found := _YEAR_FIRST.match(text):
        return _made(int(found[1]), int(found[2]), int(found[3]), found.groups()[3:])
    if found := _DAY_FIRST.match(text):
        return _made(int(found[3]), _month(found[2]), int(found[1]), found.groups()[3:])
    if found := _MONTH_FIRST.match(text):
        return _made(int(found[3]), _month(found[1]), int(found[2]), found.groups()[3:])
    if found := _NUMBERS.match(text):
        made = _made(int(found[4]), int(found[1]), int(found[3]), found.groups()[4:], True)
        if made is not None and found[2] != "/" and not made.half:
            # 2.3.2024 and 2-3-2024 are written where the day comes first.
            return Clock(made.year, made.second, made.first, made.rest, made.zone)
        return made
    return None


def day_first(clocks: Iterable[Clock]) -> tuple[bool, bool]:
    """Whether days stand before months in a page's numbers, and whether the numbers tell that."""
    half = False
    for one in clocks:
        if one.numbers:
            if one.first > 12:
                return True, True
            if one.second > 12:
                return False, True
            half = half or one.half
    return not half, False


def _made(
    year: int, first: int, second: int, rest: tuple[str | None, ...], numbers: bool = False
) -> Clock | None:
    hour, minute, seconds = int(rest[0] or 0), int(rest[1] or 0), int(rest[2] or 0)
    half, zone = (rest[3] or "").upper(), rest[4]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("P") else 0)
    made = Clock(year, first, second, (hour, minute, seconds), _zone(zone), numbers, bool(half))
    return made if made.moment(True) or made.moment(False) else None


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    digits = "".join(c for c in text if c.isdigit())
    if not digits:
        return UTC
    off = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-off if "-" in text else off) if off < timedelta(hours=24) else None


def _month(name: str) -> int:
    folded = name.casefold()
    return _MONTHS.get(folded[:4]) or _MONTHS.get(folded[:3], 0)


def _of(at: datetime | None) -> Clock | None:
    if at is None:
        return None
    return Clock(at.year, at.month, at.day, (at.hour, at.minute, at.second), UTC)
