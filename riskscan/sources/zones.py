"""Time zones as load files name them: offsets, IANA names, names and labels of Windows, short ones.

Windows names stand for IANA's as in CLDR (supplemental/windowsZones.xml), which tzlocal carries.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from riskscan.mail.dates import parse_date

NO_ZONE = "date without time zone: taken as UTC"
_UTC = frozenset({"utc", "gmt", "z", "zulu", "ut", "coordinated universal time"})
_UTC_NAMES = frozenset({*_UTC, "greenwich mean time", "universal time", "utc time", "gmt time"})
_OFFSET = re.compile(r"\(?\s*(?:UTC|GMT)?\s*([+\-−–])\s*(\d{1,2})(?:[:.]?(\d{2}))?\s*\)?", re.I)
_LABEL = re.compile(r"\((?:UTC|GMT)\s*(?:([+\-−–])\s*(\d{1,2})[:.]?(\d{2})?)?\)\s*(.{1,200})", re.I)
_PLACES = re.compile(r"\s*\((?:us|u\.s\.|usa|united states)?\s*(?:&|and|,)?\s*(?:canada|mexico)?\)")
# What Windows shows for its zones where that names no city, and other usual names.
_NAMED = {
    "eastern time": "America/New_York", "us eastern time": "America/New_York",
    "central time": "America/Chicago", "us central time": "America/Chicago",
    "mountain time": "America/Denver", "us mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles", "us pacific time": "America/Los_Angeles",
    "atlantic time": "America/Halifax", "alaska": "America/Anchorage",
    "alaska time": "America/Anchorage", "hawaii": "Pacific/Honolulu",
    "hawaii time": "Pacific/Honolulu", "arizona": "America/Phoenix",
    "newfoundland": "America/St_Johns", "newfoundland time": "America/St_Johns",
    "indiana (east)": "America/Indiana/Indianapolis", "saskatchewan": "America/Regina",
    "central america": "America/Guatemala", "baja california": "America/Tijuana",
    "central european time": "Europe/Brussels", "eastern european time": "Europe/Athens",
    "western european time": "Europe/Lisbon", "israel": "Asia/Jerusalem",
    "israel time": "Asia/Jerusalem", "indian standard time": "Asia/Kolkata",
    "japan standard time": "Asia/Tokyo", "japan time": "Asia/Tokyo",
    "hong kong time": "Asia/Hong_Kong", "singapore time": "Asia/Singapore",
    "moscow time": "Europe/Moscow", "london time": "Europe/London", "uk time": "Europe/London",
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver",
    "pt": "America/Los_Angeles", "est/edt": "America/New_York", "cst/cdt": "America/Chicago",
    "mst/mdt": "America/Denver", "pst/pdt": "America/Los_Angeles", "est5edt": "America/New_York",
    "cst6cdt": "America/Chicago", "mst7mdt": "America/Denver", "pst8pdt": "America/Los_Angeles",
    "cet/cest": "Europe/Brussels", "gmt/bst": "Europe/London",
}  # fmt: skip
# Cities in the labels of Windows that IANA has no zone for.
_CITIES = {
    "abu dhabi": "Asia/Dubai", "beijing": "Asia/Shanghai", "bern": "Europe/Zurich",
    "brasilia": "America/Sao_Paulo", "chennai": "Asia/Kolkata", "edinburgh": "Europe/London",
    "hanoi": "Asia/Bangkok", "islamabad": "Asia/Karachi", "mumbai": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata", "osaka": "Asia/Tokyo", "pretoria": "Africa/Johannesburg",
    "st. petersburg": "Europe/Moscow",
}  # fmt: skip
# In a column for zones these name the place where the clocks hang, in summer too.
_WINTER = {
    "est": "America/New_York", "cst": "America/Chicago", "mst": "America/Denver",
    "pst": "America/Los_Angeles", "akst": "America/Anchorage", "cet": "Europe/Brussels",
    "mez": "Europe/Brussels", "eet": "Europe/Athens", "wet": "Europe/Lisbon",
    "aest": "Australia/Sydney",
}  # fmt: skip


class _Zone(NamedTuple):
    """``defect``: what is unsure of it; ``winter``: it names the time of winter, wherever."""

    zone: tzinfo
    defect: str = ""
    winter: bool = False


def in_zone(local: datetime, name: str, *, beside: bool = False) -> tuple[datetime, str]:
    """The instant of a clock in a zone that a load file names, and what is unsure of it.

    ``beside``: the name stands behind the clock and means just this moment ("EST" in July is
    winter time then). An unknown zone is taken for UTC. Raises OverflowError at the ends of time.
    """
    name = " ".join(name.split())[:200]
    if not name:
        return local.replace(tzinfo=UTC), NO_ZONE
    found = _known(name, beside)
    if found is None:
        return local.replace(tzinfo=UTC), f"time zone '{name[:80]}' is not known: taken as UTC"
    at = local.replace(tzinfo=found.zone)
    defect = found.defect
    if found.winter and at.dst():
        defect = f"time zone '{name}' on a day in summer: taken as {found.zone}, summer time"
    elif at.utcoffset() != at.replace(fold=1).utcoffset():
        defect = "the clocks were changed at this hour: the date may be an hour off"
    at.astimezone(UTC)
    return at, defect


@lru_cache(maxsize=1_000)
def _known(name: str, beside: bool) -> _Zone | None:
    folded = name.casefold()
    if folded in _UTC_NAMES:
        return _Zone(UTC)
    if match := _OFFSET.fullmatch(name):
        return _fixed(match[1], match[2], match[3])
    if match := _LABEL.fullmatch(name):
        return _labelled(match)
    if beside and (literal := _literal(name)):
        return literal
    if not beside and (zone := _iana(_WINTER.get(folded, ""))):
        return _Zone(zone, winter=True)
    if (zone := _named(folded)) or (zone := _iana(name.replace(" ", "_"))):
        return _Zone(zone)
    return _literal(name)


def _fixed(sign: str, hours: str, minutes: str | None) -> _Zone | None:
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if ahead >= timedelta(hours=24):
        return None
    return _Zone(timezone(ahead if sign == "+" else -ahead))


def _labelled(match: re.Match[str]) -> _Zone | None:
    """What Windows shows: "(UTC-05:00) Eastern Time (US & Canada)", with the offset of winter."""
    name = match[4].casefold().strip()
    fixed = _fixed(match[1] or "+", match[2] or "0", match[3])
    if fixed is None or (not match[2] and name in _UTC_NAMES):
        return fixed
    zone = _named(name) or _of_city(name)
    winter = fixed.zone.utcoffset(None)
    # Either half of the globe has its winter in one of these months.
    offsets = {datetime(2020, m, 1, tzinfo=zone).utcoffset() for m in (1, 7)} if zone else set()
    if zone is not None and winter in offsets:
        return _Zone(zone)
    defect = f"time zone '{match[0][:80]}': its offset is taken, without a summer time"
    return _Zone(fixed.zone, defect)


def _literal(name: str) -> _Zone | None:
    """A name that means one offset whatever the day ("EDT", "CEST"), as in Date fields."""
    at, defect = parse_date(f"2000-01-02 00:00:00 {name}")
    if at is None or "read as UTC" in defect:
        return None
    return _Zone(timezone(datetime(2000, 1, 2, tzinfo=UTC) - at))


def _iana(key: str) -> ZoneInfo | None:
    """The zone of this name; None where there is none, or the system has no zones at all."""
    if "/" not in key:
        return None
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        return None


def _named(folded: str) -> ZoneInfo | None:
    key = _windows().get(folded) or _NAMED.get(folded) or _NAMED.get(_PLACES.sub("", folded))
    return _iana(key or "")


def _of_city(folded: str) -> ZoneInfo | None:
    for city in folded.split(","):
        if key := _cities().get(city.strip()):
            return _iana(key)
    return None


@lru_cache(maxsize=1)
def _windows() -> dict[str, str]:
    from tzlocal.windows_tz import win_tz

    return {name.casefold(): key for name, key in win_tz.items()}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    from tzlocal.windows_tz import tz_win

    known = {k.rpartition("/")[2].replace("_", " ").casefold(): k for k in tz_win if "/" in k}
    return known | _CITIES
