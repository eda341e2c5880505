"""What has been decided, in memory: by reviewer and message, kept up to date from the chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from threading import Lock

import numpy as np
from sqlalchemy import Connection, func, select

from riskscan.case import schema
from riskscan.case.batch import pieces
from riskscan.case.decisions import VERDICTS, Entry, current, current_of
from riskscan.learn.queue import settled
from riskscan.review.columns import Bools, Columns


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two reviewers agree on the messages that both decided; ``kappa`` is Cohen's."""

    one: str
    other: str
    both: int
    same: int
    kappa: float | None


class Verdicts:
    """The standing decisions of a case; ``version`` is the last row of the chain that is in."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[int, dict[str, Entry]] = {}
        self.version = -1
        self._settled: tuple[int, dict[int, str]] = (-1, {})

    def refresh(self, connection: Connection) -> None:
        """Take in what has been appended since, by whatever process."""
        table = schema.decisions
        with self._lock:
            last = connection.execute(select(func.coalesce(func.max(table.c.seq), 0))).scalar_one()
            if last == self.version:
                return
            if self.version < 0:
                self._put(current(connection))
            else:
                changed = connection.execute(
                    select(table.c.message_id).where(table.c.seq > self.version).distinct()
                )
                touched = list(changed.scalars())
                for message in touched:
                    self._held.pop(message, None)
                for some in pieces(touched):
                    self._put(current_of(connection, some))
            self.version = last

    def _put(self, entries: Iterable[Entry]) -> None:
        for one in entries:
            self._held.setdefault(one.message, {})[one.reviewer] = one

    def of(self, message: int) -> dict[str, Entry]:
        """What each reviewer has decided on a message."""
        with self._lock:
            return dict(self._held.get(message, {}))

    def since(self, messages: Iterable[int], seq: int) -> frozenset[int]:
        """Of these messages, those with a decision after a row of the chain."""
        with self._lock:
            return frozenset(
                key
                for key in messages
                if any(entry.seq > seq for entry in self._held.get(key, {}).values())
            )

    def settled(self) -> dict[int, str]:
        """One verdict for each message, the majority's or "unsure", in the order of deciding."""
        with self._lock:
            version, known = self._settled
            if version != self.version:
                held = sorted(
                    (min(e.seq for e in s.values()), m, s) for m, s in self._held.items() if s
                )
                known = {message: settled(some.values()) for _, message, some in held}
                self._settled = (self.version, known)
            return dict(known)

    def reviewers(self) -> list[str]:
        """Everybody who has decided something that stands."""
        with self._lock:
            return sorted({name for held in self._held.values() for name in held})

    def select(self, wanted: str, reviewer: str) -> list[int]:
        """The messages with decisions of a kind.

        ``wanted``: "any", "mine", a verdict (of anyone), "conflict", "privileged" or "hot".
        """
        with self._lock:
            return [m for m, held in self._held.items() if _is(wanted, held, reviewer)]

    def mask(self, columns: Columns, wanted: str, reviewer: str) -> Bools:
        """The rows of ``select``."""
        return columns.mask(np.array(self.select(wanted, reviewer), dtype=np.int64))

    def counts(self) -> dict[str, Counter[str]]:
        """By reviewer: how many messages got which verdict."""
        made: dict[str, Counter[str]] = {}
        with self._lock:
            for held in self._held.values():
                for name, entry in held.items():
                    made.setdefault(name, Counter())[entry.verdict] += 1
        return dict(sorted(made.items()))

    def agreements(self) -> list[Agreement]:
        """Every two reviewers who have decided on the same messages."""
        pairs: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
        with self._lock:
            for held in self._held.values():
                for one, other in combinations(sorted(held), 2):
                    both = (held[one].verdict, held[other].verdict)
                    pairs.setdefault((one, other), Counter())[both] += 1
        return [
            Agreement(*names, table.total(), sum(table[v, v] for v in VERDICTS), kappa(table))
            for names, table in sorted(pairs.items())
        ]


def _is(wanted: str, held: dict[str, Entry], reviewer: str) -> bool:
    if wanted == "any":
        return True
    if wanted == "mine":
        return reviewer in held
    if wanted == "conflict":
        return len({one.verdict for one in held.values()}) > 1
    if wanted == "privileged":
        return any(one.privileged for one in held.values())
    if wanted == "hot":
        return any(one.hot for one in held.values())
    return any(one.verdict == wanted for one in held.values())


def kappa(table: Counter[tuple[str, str]]) -> float | None:
    """Cohen's kappa of a table of pairs of verdicts; None where chance alone explains all.

    J. Cohen, "A coefficient of agreement for nominal scales", 1960.
    """
    total = table.total()
    if not total:
        return None
    same = sum(number for (one, other), number in table.items() if one == other) / total
    ones, others = Counter[str](), Counter[str]()
    for (one, other), number in table.items():
        ones[one] += number
        others[other] += number
    chance = sum(ones[verdict] * others[verdict] for verdict in ones) / total**2
    return None if chance == 1 else (same - chance) / (1 - chance)
