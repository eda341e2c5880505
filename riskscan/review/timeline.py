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
WIDTH, HEIGHT = 960, 242
_BASE, _TOP = 216, 24


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
    dated = (days != NO_DAY) & (days >= _FIRST - _EPOCH.toordinal())
    dated &= days < _LAST - _EPOCH.toordinal()
    undated = int(len(rows) - dated.sum())
    done = np.arange(len(rows)) >= len(found.open)
    rows, days, done = rows[dated], days[dated], done[dated]
    if not len(rows):
        return Timeline("week", [], [], 0, undated)
    low, high = _middle(days)
    before, after = int((days < low).sum()), int((days > high).sum())
    near = (days >= low) & (days <= high)
    rows, days, done = rows[near], days[near], done[near]
    starts, unit = _starts(_day(low), _day(high))
    edges = np.array([s.toordinal() - _EPOCH.toordinal() for s in starts])
    at = np.searchsorted(edges, days, side="right") - 1
    size = len(starts) - 1
    messages = np.bincount(at, minlength=size)[:size]
    flagged = np.bincount(at[columns.flagged[rows]], minlength=size)[:size]
    decided = np.bincount(at[done], minlength=size)[:size]
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


def _middle(days: Ints) -> tuple[int, int]:
    """The first and last day to draw: all of them, unless a few wrong dates stretch the line.

    One message in 500 is left out at each end where that makes the line half as long.
    """
    low, high = int(days.min()), int(days.max())
    inner = np.quantile(days, (0.002, 0.998), method="nearest")
    near, far = int(inner[0]), int(inner[1])
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
    """Some eight dates below the bars, never two of the same text."""
    every = max(1, -(-len(starts) // 8))
    made: list[tuple[float, str]] = []
    for i in range(0, len(starts), every):
        start = starts[i]
        month = f"{MONTHS[start.month - 1]} {start.year}"
        told = {"week": f"{start.day} {month}", "year": str(start.year)}.get(unit, month)
        if (i + 0.5) * step < WIDTH - 40:
            made.append((round(i * step, 2), told))
    return made


def _scaled(number: int, highest: int) -> float:
    """The height of a bar: square root, so that a quiet week is seen beside a loud one."""
    if not number:
        return 0.0
    return round(max(2.0, math.sqrt(number / highest) * (_BASE - _TOP)), 2)


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)
