"""The validation sample on the page: its messages are decided blind, in the order drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from riskscan.case import schema
from riskscan.case.decisions import Entry
from riskscan.learn.validate import last_sample
from riskscan.review.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class Validation:
    """The sample drawn last, as far as it is decided.

    ``upto``: the last row of the chain when it was drawn. ``blind``: the messages of which nobody
    is shown score, findings or earlier decisions: all of them, until the last is decided.
    """

    messages: tuple[int, ...] = ()
    upto: int = 0
    answered: frozenset[int] = frozenset()
    blind: frozenset[int] = field(default=frozenset())

    @property
    def left(self) -> int:
        return len(self.messages) - len(self.answered)

    def visible(self, message: int, entries: Sequence[Entry]) -> list[Entry]:
        """Of decisions on a message, those that may be shown: not those from before the sample."""
        if message not in self.blind:
            return list(entries)
        return [one for one in entries if one.seq > self.upto]


NONE_DRAWN = Validation()


class Samples:
    """Reads the last sample of a case, anew when another is drawn."""

    def __init__(self) -> None:
        self._last: tuple[int, tuple[int, ...], int] = (0, (), 0)

    def now(self, connection: Connection, verdicts: Verdicts) -> Validation:
        """The last sample by the decisions in ``verdicts``; an empty one when none was drawn."""
        key = connection.execute(select(func.max(schema.samples.c.id))).scalar() or 0
        known, messages, upto = self._last
        if key != known:
            sample = last_sample(connection)
            assert sample is not None
            messages, upto = tuple(m for m, _, _ in sample.messages), sample.upto
            self._last = (sample.id, messages, upto)
        answered = verdicts.since(messages, upto)
        blind = frozenset(messages) if len(answered) < len(messages) else frozenset[int]()
        return Validation(messages, upto, answered, blind)


def blinded(record: dict[str, Any]) -> dict[str, Any]:
    """A message without all that the detector said of it."""
    return {**record, "score": None, "flagged": False, "findings": [], "signals": []}
