"""Flagged and all messages over time: which period fits, and the bars of the plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from riskscan.export.report_words import MONTHS, several

_BARS = 96
_LABELS = 8
_YEAR_LABELS = 12
_WIDEST = 10.0
# Mail has wrong dates. None further than this from the middle one is drawn; and this share at
# either end (one of _FEW messages) is left out if it would stretch the plot beyond _BARS months.
_YEARS = 30
_STRAY = 0.005
_FEW = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One period; x and width are per cent of the plot's width, heights per cent of a panel's."""

    number: int
    label: str
    messages: int
    flagged: int
    x: float
    width: float
    high_messages: float
    high_flagged: float

    @property
    def told(self) -> str:
        """The bar in words."""
        return f"{self.label}: {self.flagged:,} flagged of {several(self.messages, 'message')}"


@dataclass(frozen=True, slots=True)
class Tick:
    """A label below the plot; ``minor`` ones are left out on narrow screens."""

    label: str
    x: float
    minor: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """``outside``: messages and flagged ones whose date lies outside of the drawn periods."""

    unit: str
    bars: list[Bar]
    ticks: list[Tick]
    top_messages: int
    top_flagged: int
    outside: int
    outside_flagged: int
    numbers: dict[tuple[int, int, int], int]
    key: Callable[[date], tuple[int, int, int]]

    def bar_of(self, text: str | None) -> int | None:
        """The number of the bar in which a message of this date is, if it is drawn."""
        moment = _day(text)
        return self.numbers.get(self.key(moment)) if moment else None


def plot(days: Mapping[str, tuple[int, int]]) -> Plot | None:
    """The plot of ``days``: (messages, flagged) by ISO day. None when no message has a date."""
    dated = sorted((d, n, f) for text, (n, f) in days.items() if (d := _day(text)))
    if not dated:
        return None
    first, last = _range(dated)
    unit, key = _unit(first, last)
    keys = list(_keys(unit, key(first), key(last)))
    numbers = {one: i for i, one in enumerate(keys)}
    messages, flagged = [0] * len(keys), [0] * len(keys)
    outside = outside_flagged = 0
    for moment, some, found in dated:
        number = numbers.get(key(moment))
        if number is None:
            outside, outside_flagged = outside + some, outside_flagged + found
        else:
            messages[number] += some
            flagged[number] += found
    top, top_flagged = _ceiling(max(messages)), _ceiling(max(flagged))
    step = min(100 / len(keys), _WIDEST)
    bars = [
        Bar(
            i, _label(one, unit), messages[i], flagged[i], round(i * step, 3),
            round(step * 0.8, 3), _height(messages[i], top), _height(flagged[i], top_flagged),
        )
        for i, one in enumerate(keys)
    ]  # fmt: skip
    return Plot(
        unit, bars, _ticks(keys, unit, step), top, top_flagged, outside, outside_flagged,
        numbers, key,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _range(dated: list[tuple[date, int, int]]) -> tuple[date, date]:
    total = sum(n for _, n, _ in dated)
    middle = _quantile(dated, total // 2).year
    near = [one for one in dated if abs(one[0].year - middle) <= _YEARS]
    first, last = near[0][0], near[-1][0]
    if (last.year - first.year) * 12 + last.month - first.month < _BARS:
        return first, last
    stray = max(int(total * _STRAY), 1 if total >= _FEW else 0)
    first, last = _quantile(near, stray), _quantile(near[::-1], stray)
    return min(first, last), max(first, last)


def _quantile(dated: list[tuple[date, int, int]], stray: int) -> date:
    passed = 0
    for moment, some, _ in dated:
        passed += some
        if passed > stray:
            return moment
    return dated[-1][0]


Key = tuple[int, int, int]


def _unit(first: date, last: date) -> tuple[str, Callable[[date], Key]]:
    length = (last - first).days
    if length < 42:
        return "day", lambda d: (d.year, d.month, d.day)
    if length < 7 * 40:
        return "week", _monday
    if length < 31 * (_BARS - 1):
        return "month", lambda d: (d.year, d.month, 1)
    if length < 91 * (_BARS - 1):
        return "quarter", lambda d: (d.year, d.month - (d.month - 1) % 3, 1)
    return "year", lambda d: (d.year, 1, 1)


def _monday(moment: date) -> Key:
    found = date.fromordinal(max(moment.toordinal() - moment.weekday(), 1))
    return found.year, found.month, found.day


def _keys(unit: str, first: Key, last: Key) -> Iterator[Key]:
    """Every period from ``first`` to ``last``, empty ones too."""
    if unit == "year":
        yield from ((year, 1, 1) for year in range(first[0], last[0] + 1))
    elif unit in ("month", "quarter"):
        step = 1 if unit == "month" else 3
        for number in range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1], step):
            yield number // 12, number % 12 + 1, 1
    else:
        step = 7 if unit == "week" else 1
        for number in range(date(*first).toordinal(), date(*last).toordinal() + 1, step):
            moment = date.fromordinal(number)
            yield moment.year, moment.month, moment.day


def _label(key: Key, unit: str) -> str:
    year, month, number = key
    if unit == "year":
        return f"{year}"
    if unit == "month":
        return f"{MONTHS[month - 1]} {year}"
    if unit == "quarter":
        return f"{MONTHS[month - 1]} to {MONTHS[month + 1]} {year}"
    day = f"{number} {MONTHS[month - 1]} {year}"
    return f"week of {day}" if unit == "week" else day


def _ticks(keys: list[Key], unit: str, step: float) -> list[Tick]:
    if unit == "quarter" or (unit == "month" and len(keys) > 24):
        wanted = [(i, f"{k[0]}") for i, k in enumerate(keys) if k[1] == 1]
        wanted = wanted[:: -(-len(wanted) // _YEAR_LABELS)]
    else:
        every = -(-len(keys) // _LABELS)
        wanted = [
            (i, _label(keys[i], unit).removeprefix("week of ")) for i in range(0, len(keys), every)
        ]
    return [Tick(label, round(i * step, 3), n % 2 == 1) for n, (i, label) in enumerate(wanted)]


def _ceiling(value: int) -> int:
    """The next round number, for the top of an axis."""
    if value <= 5:
        return max(value, 1)
    scale: int = 10 ** (len(str(value)) - 1)
    for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10):
        if value <= factor * scale:
            return int(factor * scale)
    return value


def _height(value: int, top: int) -> float:
    """Per cent of the panel; one message is always seen."""
    return round(max(100 * value / top, 1.5), 2) if value else 0.0
