"""The timeline: messages a week (or month, when there are many), flagged ones marked, as SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from riskscan.export.report_words import MONTHS
from riskscan.review.columns import NO_DAY, Ints
from riskscan.review.queue import Found

_EPOCH = date(1970, 1, 1)
_FIRST, _LAST = date(1970, 1, 1).toordinal(), date(2100, 1, 1).toordinal()
_MOST_BARS = 160
_MOST_TICKS = 8
# Months between two dates below the bars.
_ROUND = (1, 2, 3, 6, 12, 24, 60, 120, 240)
WIDTH, HEIGHT, BASE = 960, 222, 196


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of time: its first and last day, numbers, and where it is drawn."""

    since: str
    until: str
    label: str
    messages: int
    flagged: int
    decided: int
    x: float
    width: float
    height: float
    flagged_height: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars, the ticks below them as (x, text), and what has no usable date.

    ``before`` and ``after``: messages that lie so far off that the rest would be a thin line.
    """

    unit: str
    bars: list[Bar]
    ticks: list[tuple[float, str]]
    highest: int
    undated: int
    before: int = 0
    after: int = 0
    day_before: str = ""
    day_after: str = ""


def timeline(found: Found) -> Timeline:
    """The messages that filters leave, over time."""
    columns = found.columns
    rows = np.concatenate((found.open, found.decided))
    days = columns.day[rows]
    first, last = (day - _EPOCH.toordinal() for day in (_FIRST, _LAST))
    dated = (days != NO_DAY) & (days >= first) & (days < last)
    undated = int(len(rows) - dated.sum())
    # From here on by day: there are far fewer of them than messages.
    every = np.bincount(days[dated] - first, minlength=last - first)
    if not every.any():
        return Timeline("week", [], [], 0, undated)
    low, high = _middle(every)
    before, after = int(every[:low].sum()), int(every[high + 1 :].sum())
    low, high = low + first, high + first
    starts, unit = _starts(_day(low), _day(high))
    edges = np.array([s.toordinal() - _EPOCH.toordinal() - low for s in starts])

    def of(chosen: Ints) -> Ints:
        """How many of these days lie in each bar."""
        number = np.bincount(
            chosen[(chosen >= low) & (chosen <= high)] - low, minlength=high - low + 1
        )
        total = np.concatenate(([0], np.cumsum(number)))
        at: Ints = np.diff(total[np.clip(edges, 0, len(number))])
        return at

    size = len(starts) - 1
    messages = of(days[dated])
    flagged = of(days[dated & columns.flagged[rows]])
    decided = of(columns.day[found.decided])
    highest = int(messages.max())
    step = WIDTH / size
    bars = [
        Bar(
            starts[i].isoformat(), (starts[i + 1] - timedelta(days=1)).isoformat(),
            _label(starts[i], unit), int(messages[i]), int(flagged[i]), int(decided[i]),
            round(i * step + step * 0.1, 2), round(max(step * 0.8, 1), 2),
            _scaled(int(messages[i]), highest), _scaled(int(flagged[i]), highest),
        )
        for i in range(size)
        if messages[i]
    ]  # fmt: skip
    ticks = _ticks(starts[:-1], step, unit)
    return Timeline(
        unit, bars, ticks, highest, undated, before, after,
        _day(low - 1).isoformat(), _day(high + 1).isoformat(),
    )  # fmt: skip


def _middle(every: Ints) -> tuple[int, int]:
    """The first and last day to draw: all of them, unless a few wrong dates stretch the line.

    ``every``: the number of messages of each day. One message in 500 is left out at each end where
    that makes the line half as long.
    """
    some = np.flatnonzero(every)
    low, high = int(some[0]), int(some[-1])
    upto = np.cumsum(every)
    last = int(upto[-1]) - 1
    cut = round(last / 500)
    near, far = np.searchsorted(upto, (cut, last - cut), side="right").tolist()
    return (near, far) if 2 * (far - near + 7) < high - low else (low, high)


def _starts(first: date, last: date) -> tuple[list[date], str]:
    """The first days of all weeks, months, quarters or years, one more than there are bars."""
    start = first - timedelta(days=first.weekday())
    if (last - start).days // 7 < _MOST_BARS:
        count = (last - start).days // 7 + 2
        return [start + timedelta(weeks=i) for i in range(count)], "week"
    for months, unit in ((1, "month"), (3, "quarter"), (12, "year")):
        begin = (first.year * 12 + first.month - 1) // months * months
        end = last.year * 12 + last.month - 1
        if unit == "year" or (end - begin) // months < _MOST_BARS:
            break
    marks = range(begin, end + months + 1, months)
    return [date(m // 12, m % 12 + 1, 1) for m in marks], unit


def _label(start: date, unit: str) -> str:
    month = MONTHS[start.month - 1]
    end = MONTHS[(start.month + 1) % 12]
    return {
        "week": f"week of {start.day} {month} {start.year}",
        "month": f"{month} {start.year}",
        "quarter": f"{month} to {end} {start.year}",
        "year": str(start.year),
    }[unit]


def _ticks(starts: list[date], step: float, unit: str) -> list[tuple[float, str]]:
    """At most eight dates below the bars: round ones, never two of the same text."""
    if unit == "week":
        chosen = list(range(0, len(starts), -(-len(starts) // _MOST_TICKS)))
        told = [f"{s.day} {MONTHS[s.month - 1]} {s.year}" for s in starts]
    else:
        months = [s.year * 12 + s.month - 1 for s in starts]
        every = next(m for m in _ROUND if sum(not n % m for n in months) <= _MOST_TICKS)
        chosen = [i for i, number in enumerate(months) if not number % every]
        told = [str(s.year) if every >= 12 else f"{MONTHS[s.month - 1]} {s.year}" for s in starts]
    return [(round(i * step, 2), told[i]) for i in chosen if (i + 0.5) * step < WIDTH - 40]


def _scaled(number: int, highest: int) -> float:
    """The height of a bar: square root, so that a quiet week is seen beside a loud one."""
    if not number:
        return 0.0
    return round(max(2.0, math.sqrt(number / highest) * BASE), 2)


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)
