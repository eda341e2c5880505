"""Changes of a text: runs that get something else instead, and where its places have gone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """A run of a text and what stands there instead; of two that overlap the lower rank wins."""

    start: int
    end: int
    instead: str
    rank: int


@dataclass(slots=True)
class Changed:
    """A text after its changes, and where its places have gone."""

    text: str
    changes: list[Change] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _moved: list[int] = field(default_factory=list)

    def place(self, at: int) -> int:
        """Where the place ``at`` is now; one inside a changed run is its end."""
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return at
        one, moved = self.changes[index], self._moved[index]
        if at == one.start:
            return moved
        return moved + len(one.instead) + max(0, at - one.end)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a run is now; it covers whatever it has a part of."""
        index = bisect_right(self._starts, start) - 1
        if index >= 0 and start < self.changes[index].end:
            return self._moved[index], self.place(end)
        return self.place(start), self.place(end)


def changed(text: str, changes: Sequence[Change]) -> Changed:
    """``text`` with the changes made; runs that overlap become one, by the best rank."""
    joined: list[Change] = []
    for one in sorted(changes, key=lambda c: (c.start, -c.end, c.rank)):
        last = joined[-1] if joined else None
        if last is None or one.start >= last.end:
            joined.append(one)
            continue
        better = min(last, one, key=lambda c: (c.rank, c.start - c.end))
        joined[-1] = Change(last.start, max(last.end, one.end), better.instead, better.rank)
    out, done, length = [], 0, 0
    made = Changed("", joined)
    for one in joined:
        out += [text[done : one.start], one.instead]
        length += one.start - done
        made._starts.append(one.start)
        made._moved.append(length)
        length += len(one.instead)
        done = one.end
    made.text = "".join([*out, text[done:]])
    return made
