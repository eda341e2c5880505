"""The lines of a WhatsApp text export: their stamps, in the forms that phones of any country give.

iPhones write ``[31.12.23, 23:59:01] Name: text``, Androids ``12/31/23, 11:59 PM - Name: text``; the
order of day, month and year, the marks between and the clock are the phone's settings. WhatsApp
publishes no description: the forms here are those that parsers and users report
(https://faq.whatsapp.com/1180414079177245 tells how the export is made).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

# Marks of writing direction, which WhatsApp puts around names, numbers and its own words.
MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\ufeff"
# Half-days as phones name them (Unicode CLDR, day periods), without dots and blanks. Chinese has
# names of more parts of the day; the hours of noon are told from the hour.
_EARLIER = (
    "a", "am", "ص", "قظ", "pg", "sa", "öö", "de", "dop", "πμ", "проб", "לפנהצ", "पूर्वाह्न",
    "ก่อนเที่ยง", "午前", "오전", "凌晨", "清晨", "早上", "上午",
)  # fmt: skip
_LATER = (
    "p", "pm", "م", "بظ", "ptg", "ch", "ös", "du", "odp", "μμ", "слоб", "אחהצ", "अपराह्न",
    "หลังเที่ยง", "午後", "오후", "下午", "傍晚", "晚上",
)  # fmt: skip
_NOON = "中午"
_HALVES = dict.fromkeys(_EARLIER, False) | dict.fromkeys(_LATER, True)


def _halves() -> str:
    """A pattern of the names as they are written: blanks or dots between and after letters."""
    names = sorted({*_HALVES, _NOON} - {"a", "p"}, key=len, reverse=True)
    return "|".join(r"[\s\u202f\xa0.׳״'\"]{0,2}".join(map(re.escape, name)) for name in names)


_AFTER = re.compile(rf"[\s\u202f\xa0]{{0,3}}({_halves()})(?!\w)", re.I)
_BEHIND = re.compile(rf"(?<!\w)({_halves()})[\s\u202f\xa0]{{0,3}}\Z", re.I)


def half_day(before: str, after: str) -> bool | None:
    """Whether a clock's hours are those after noon, by what stands right beside it; or None."""
    found = _AFTER.match(after[:30]) or _BEHIND.search(before[-30:])
    return _HALVES.get(_UNWRITTEN.sub("", found[1].lower())) if found else None


_BLANK = r"[\s\u202f\xa0]"
_M = f"[{MARKS}]{{0,2}}"
_DATE = rf"(\d{{1,4}}){_M}([./-])[ ]?{_M}(\d{{1,2}}){_M}[./-][ ]?{_M}(\d{{1,4}}){_M}\.?(?: г\.)?"
_BETWEEN = rf"(?:[,،]?{_M}{_BLANK}{{1,2}}{_M}(?:klo |à |às |kl\. |at )?|[,،]){_M}"
_BEFORE = rf"(?:({_halves()})\.?{_BLANK}?)?"
_CLOCK = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?"
_HALF = rf"(?:{_BLANK}{{0,2}}{_M}((?:{_halves()})\.?){_M})?"
_STAMP = _DATE + _BETWEEN + _BEFORE + _CLOCK + _HALF
_LINE = re.compile(
    rf"[{MARKS}]{{0,4}}(?:\[[{MARKS}]{{0,2}}{_STAMP}\] ?|{_STAMP}{_BLANK}{_M}[-–] )", re.I
)
_SENDER = re.compile(rf"([{MARKS}~]{{0,4}}[^:\n]{{1,100}}?): ")
# WhatsApp's own lines quote what they tell of: "Ana changed the subject to ...".
_NO_NAME = re.compile('["“”„«»]')
# What else somebody wrote: without a blank behind the colon, which in WhatsApp's own lines is that
# of an address or a clock.
_TIGHT = re.compile(rf"([{MARKS}~]{{0,4}}[^:\n]{{1,100}}):(?!//)")
_TIGHT_WORDS = 5
_CLOCK_END = re.compile(r"(?<!\d)\d{1,2}\Z")
_NAME_MAX = 100
_OWN_MAX = 500  # characters: WhatsApp's own lines are shorter
_UNWRITTEN = re.compile(r"[\s\u202f\xa0.׳״'\"]")
# WhatsApp began in 2009; Thai phones count the years 543 further.
_YEARS, _BUDDHIST = range(2009, 2100), 543


@dataclass(slots=True, frozen=True)
class Stamp:
    """The stamp of a line: three numbers of a date as they stand, and the time of day."""

    first: int
    second: int
    third: int
    mark: str
    year_first: bool
    half_day: bool
    bracket: bool
    hour: int
    minute: int
    seconds: int  # 0 where none are given
    to_the_second: bool
    end: int

    def moment(self, day_first: bool) -> datetime | None:
        """What the clock showed, without zone; None when there is no such day or time.

        A year before WhatsApp is one of another calendar.
        """
        if self.year_first:
            year, month, day = self.first, self.second, self.third
        else:
            day, month = self.first, self.second
            if not day_first:
                day, month = month, day
            year = self.third
        year += 2000 if year < 100 else 0
        if year - _BUDDHIST in _YEARS:
            year -= _BUDDHIST
        if year not in _YEARS:
            return None
        try:
            return datetime(
                year, month, day,
                self.hour, self.minute, self.seconds,
            )  # fmt: skip
        except ValueError:
            return None


def stamp(line: str) -> Stamp | None:
    """The stamp that a line starts with, or None: the line goes on with the post before it."""
    match = _LINE.match(line)
    if match is None:
        return None
    bracket = match[1] is not None
    groups = match.groups()[:9] if bracket else match.groups()[9:]
    first, mark, second, third, before, hour, minute, seconds, after = groups
    half = _UNWRITTEN.sub("", (before or after or "").lower())
    hours = int(hour)
    if hours > 12:
        half = ""
    elif half:
        later = hours not in (10, 11) if half == _NOON else _HALVES[half]
        hours = hours % 12 + (12 if later else 0)
    return Stamp(
        first=int(first), second=int(second), third=int(third), mark=mark,
        year_first=len(first) == 4, half_day=bool(half), bracket=bracket,
        hour=hours, minute=int(minute), seconds=int(seconds or 0),
        to_the_second=seconds is not None, end=match.end(),
    )  # fmt: skip


def sender(rest: str) -> tuple[str, str]:
    """Name and text of what follows a stamp; no name where WhatsApp itself speaks."""
    match = _SENDER.match(rest)
    if match is None and rest.rstrip("\r\n").endswith(":") and len(rest) < 100:
        match = re.fullmatch(r"([^:\n]{1,100}):\s*", rest)
    if match is None or _NO_NAME.search(match[1]):
        return "", rest
    name = match[1].translate(dict.fromkeys(map(ord, MARKS))).strip(" ~\xa0\u202f").strip()
    return (name, rest[match.end() :]) if name else ("", rest)


def speaker(rest: str, known: Container[str]) -> tuple[str | None, str]:
    """As ``sender``, but also of lines of an odd form: nobody's words are left out.

    The name is "" where WhatsApp itself speaks, None where somebody does who is not named.
    ``known`` are names of the chat: behind one of them ``2:50`` is no clock.
    """
    name, text = sender(rest)
    if name:
        return name, text
    bare = rest.lstrip(MARKS + " \xa0\u202f~")
    if bare.startswith(":"):
        return (None, bare[1:]) if bare[1:].strip(MARKS + " \r\n") else ("", rest)
    tight = _TIGHT.match(rest)
    if tight and not _NO_NAME.search(tight[1]):
        clock = _CLOCK_END.search(tight[1]) and rest[tight.end() : tight.end() + 2].isdigit()
        name = tight[1].translate(dict.fromkeys(map(ord, MARKS))).strip(" ~\xa0\u202f").strip()
        if name and (name in known or (not clock and _may_be_name(name.split()))):
            return name, rest[tight.end() :]
    line = rest.partition("\n")[0]
    named, mark, _ = line.partition(": ")
    long_name = mark and len(named) > _NAME_MAX and not _NO_NAME.search(named)
    return (None, rest) if long_name or len(line) > _OWN_MAX else ("", rest)


def _may_be_name(words: Sequence[str]) -> bool:
    """Whether words before a colon may be a name: WhatsApp's own may end with a colon, too."""
    several = len(words) <= _TIGHT_WORDS and not words[-1][0].islower()
    return len(words) == 1 or several


def day_first(stamps: Sequence[Stamp]) -> tuple[bool, bool]:
    """Whether the day stands before the month in a file's dates, and whether the file shows it.

    A number above 12 tells; else the order in which the dates do not run backwards, as a chat
    does not. Where both orders fit, dots and a 24-hour clock are taken for day first, a 12-hour
    clock with slashes for the United States' month first.
    """
    dated = [s for s in stamps if not s.year_first]
    if not dated:
        return True, True
    days = sum(s.first > 12 >= s.second for s in dated)
    months = sum(s.second > 12 >= s.first for s in dated)
    if days or months:
        return days >= months, True
    back = {order: _backwards(s.moment(order) for s in dated) for order in (True, False)}
    if back[True] != back[False]:
        return back[True] < back[False], True
    american = dated[0].half_day and dated[0].mark == "/"
    return not american, all(s.first == s.second for s in dated)


def _backwards(moments: Iterable[datetime | None]) -> int:
    last: datetime | None = None
    steps = 0
    for moment in moments:
        if moment is None:
            continue
        steps += last is not None and moment.date() < last.date()
        last = moment
    return steps
