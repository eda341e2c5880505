"""Date headers to UTC: RFC 5322, its obsolete forms, and the slips that real mail has."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from riskscan.mail.headers import parse_mail_date

# Time zone names beyond RFC 5322's, in minutes east of UTC; ambiguous ones are left out (and so
# read as UTC, with a defect).
_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "BST": 60, "MET": 60, "MEST": 120,
    "MEZ": 60, "MESZ": 120, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "MSK": 180,
    "MSD": 240, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360,
    "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480,
    "HST": -600, "NST": -210, "NDT": -150,
    "GREENWICH STANDARD TIME": 0, "EASTERN STANDARD TIME": -300, "EASTERN DAYLIGHT TIME": -240,
    "CENTRAL STANDARD TIME": -360, "CENTRAL DAYLIGHT TIME": -300,
    "MOUNTAIN STANDARD TIME": -420, "MOUNTAIN DAYLIGHT TIME": -360,
    "PACIFIC STANDARD TIME": -480, "PACIFIC DAYLIGHT TIME": -420,
}  # fmt: skip
# By their first letters, small and without accents. What is one month in one language and another
# in the next (Polish and Croatian "lip" and "lis") is left out.
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan ene gen ian sty oca янв", "feb fev lut sub фев", "mar maa mrz mrt мар",
         "apr abr avr kwi nis апр", "may mai mei mag maj маи мая", "jun juin giu iun cze haz июн",
         "jul juil lug iul tem июл", "aug ago aou agu sie авг", "sep set wrz eyl сен",
         "oct okt out ott paz eki окт", "nov noi kas ноя", "dec dez dic gru ara дек"), 1
    )
    for name in names.split()
}  # fmt: skip
_ENRON = re.compile(
    r"[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)([0-5]\d)"
    r"(?: \([A-Z]{1,5}\))?",
    re.ASCII,
)
_TIME = r"(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2})(?:[.,]\d{1,9})?)?\s*([AaPp]\.?[Mm]\.?)?"
_ORDINAL = r"(?:st|nd|rd|th)?"
_DAY_FIRST = re.compile(
    r"(\d{1,2})"
    + _ORDINAL
    + r"[-\s./]+([^\W\d_]{3,12})\.?[-\s.,/]+(\d{2,4})[\s,]+(?:at\s+)?"
    + _TIME
)
_MONTH_FIRST = re.compile(
    r"([^\W\d_]{3,12})\.?\s+(\d{1,2})" + _ORDINAL + r",?\s+(\d{4}|\d{2})[\s,]+(?:at\s+)?" + _TIME
)
_ASCTIME = re.compile(r"([^\W\d_]{3})\s+(\d{1,2})\s+" + _TIME + r"\s+(?:([A-Z]{2,5})\s+)?(\d{4})")
_EAST = re.compile(  # as Chinese, Japanese and Korean programs write
    r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]"
    r"\s{0,4}(?:[(（]?\w{1,3}[)）]?\s{1,4})?" + _TIME
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T\s]+(?:[A-Za-z]{3},?\s+)?" + _TIME)
_BASIC = re.compile(  # ISO 8601 without marks
    r"(?<!\d)([12]\d{3})([01]\d)([0-3]\d)[T ]?([0-2]\d)([0-5]\d)([0-6]\d)?(?!\d)()", re.ASCII
)
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})[\s,]+" + _TIME)
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})[\s,]+" + _TIME)
_DATE_ONLY = re.compile(r"(\d{1,2})[-\s]+([^\W\d_]{3,12})[-\s,]+(\d{4})$")
_OFFSET = re.compile(
    r"(?:GMT|UTC)?\s*\+?([+-])\s*(?:(\d{1,2}):?(\d{2})|(\d{1,2}))(?![\d:])|([A-Z][A-Za-z ]{0,30})"
)
_UNSIGNED = re.compile(r"(0\d|1[0-4])([0-5]\d)(?!\S)", re.ASCII)  # "0530", as others read it: east


def parse_date(header: str) -> tuple[datetime | None, str]:
    """The instant of a Date header, in UTC to the second, and a defect when it was mended.

    None when there is no such day or time. Years of two digits follow RFC 5322 section 4.3
    (below 50 is 20xx). A missing or unknown zone is read as UTC, with a defect. An instant in the
    far past or future is kept: mail clocks are wrong, and that is evidence too.
    """
    header = header[:400]
    if match := _ENRON.fullmatch(header):  # what nearly all mail has: skip the slow parser
        day, month, year, hour, minute, second, sign, zone_hour, zone_minute = match.groups()
        number = _MONTHS.get(month.lower())
        if number and hour < "24":
            offset = int(zone_hour) * 60 + int(zone_minute)
            made = _make(
                int(year), number, int(day), int(hour), int(minute), int(second),
                -offset if sign == "-" else offset,
            )  # fmt: skip
            if made and made.year >= 1900:
                return made, ""
    if not header.strip():
        return None, ""
    strict = parse_mail_date(header)
    if strict.value is not None:
        # mail-parser takes a zone that it does not know, and "PM", for UTC: know more of them.
        words = header.split("(", 1)[0].split()
        if not (words and words[-1].isalpha()):
            return strict.value.replace(microsecond=0), ""
    mended, zone, rest = _lenient(" ".join(header.split()))
    if mended is not None and mended.year < 1900:
        mended = None  # older than telegraphy: no date
    if mended is None and strict.value is None:
        return None, "date header cannot be read"
    if not zone:
        unknown = "with an unknown time zone" if rest else "without time zone"
        return mended or strict.value, f"date {unknown}: read as UTC"
    return mended or strict.value, "" if strict.value is not None else "date header mended"


def _month(name: str) -> int:
    """The number of a month by its name in one of some languages, 0 for none."""
    plain = unicodedata.normalize("NFD", name.lower()).replace("ı", "i")
    plain = "".join([c for c in plain if not unicodedata.combining(c)])
    return _MONTHS.get(plain[:3], 0) or _MONTHS.get(plain[:4], 0)


def _lenient(text: str) -> tuple[datetime | None, bool, str]:
    """The instant, whether a time zone was found for it, and what stands behind the time."""
    if match := _ISO.search(text) or _BASIC.search(text) or _EAST.search(text):
        year, month, day = (int(g) for g in match.groups()[:3])
        clock = match.groups()[3:7]
    elif match := _DAY_FIRST.search(text):
        day, year = int(match.group(1)), _year(match.group(3))
        month = _month(match.group(2))
        clock = match.groups()[3:7]
    elif match := _MONTH_FIRST.search(text):
        day, year = int(match.group(2)), _year(match.group(3))
        month = _month(match.group(1))
        clock = match.groups()[3:7]
    elif match := _ASCTIME.search(text):
        day, year = int(match.group(2)), int(match.group(8))
        month = _month(match.group(1))
        clock = match.groups()[2:6]
        if match.group(7):
            text = text[: match.end()] + " " + match.group(7)
    elif match := _US.search(text):
        month, day, year = int(match.group(1)), int(match.group(2)), _year(match.group(3))
        if month > 12 and day <= 12:
            month, day = day, month
        clock = match.groups()[3:7]
    elif match := _DOTTED.search(text):  # as Germans and Russians write
        day, month, year = int(match.group(1)), int(match.group(2)), _year(match.group(3))
        clock = match.groups()[3:7]
    elif match := _DATE_ONLY.search(text):
        day, year = int(match.group(1)), int(match.group(3))
        month = _month(match.group(2))
        clock = (None,) * 4
    else:
        return None, False, ""
    rest = text[match.end() :].strip()
    offset = _offset(rest)
    return _clock(year, month, day, clock, offset or 0), offset is not None, rest


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if 100 <= year < 200 else year  # "102", "0102": not ready for 2000


def _offset(zone: str) -> int | None:
    """Minutes east of UTC, or None when the text does not begin with a zone that is known."""
    zone = zone.lstrip('"')
    if bare := _UNSIGNED.match(zone):
        return int(bare.group(1)) * 60 + int(bare.group(2))
    match = _OFFSET.match(zone)
    if not match:
        return None
    if match.group(1):
        minutes = int(match.group(2) or match.group(4)) * 60 + int(match.group(3) or 0)
        if minutes > 24 * 60:
            return None
        return -minutes if match.group(1) == "-" else minutes
    name = match.group(5).upper().strip().removeprefix("US ")
    return _ZONES.get(name, _ZONES.get(name.split()[0]))


def _clock(
    year: int, month: int, day: int, clock: tuple[str | None, ...], offset: int
) -> datetime | None:
    hour, minute, second = int(clock[0] or 0), int(clock[1] or 0), int(clock[2] or 0)
    half = (clock[3] or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    return _make(year, month, day, hour, minute, second, offset)


def _make(
    year: int, month: int, day: int, hour: int, minute: int, second: int, offset: int
) -> datetime | None:
    """An instant in UTC from local parts; 24:00 and leap seconds roll over; None if impossible."""
    if (hour, minute, second) == (24, 0, 0):
        roll = timedelta(days=1)
        hour = 0
    elif second == 60:
        roll = timedelta(seconds=1)
        second = 59
    else:
        roll = timedelta()
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return local + roll - timedelta(minutes=offset)
    except (ValueError, OverflowError):
        return None
