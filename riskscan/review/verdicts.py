"""What has been decided, in memory: by reviewer and message, kept up to date from the chain."""

from __future__ import annotations

from collections import Counter, OrderedDict
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

_MASKS = 24


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
        # Kept up to date with each decision: a page must not go through all of them.
        self._counts: dict[str, Counter[str]] = {}
        self._pairs: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
        self._masks: OrderedDict[tuple[int, str, str], tuple[Columns, Bools]] = OrderedDict()
        # Message: the row that decided it first, and the verdict; in the order of these rows.
        self._settled: dict[int, tuple[int, str]] = {}
        self._in_order = True
        self._latest = 0
        self.version = -1

    def refresh(self, connection: Connection) -> None:
        """Take in what has been appended since, by whatever process."""
        table = schema.decisions
        with self._lock:
            last = connection.execute(select(func.coalesce(func.max(table.c.seq), 0))).scalar_one()
            if last == self.version:
                return
            if self.version < 0:
                self._put(current(connection))
                for message, held in self._held.items():
                    self._tally(held, 1)
                    self._settle(message)
            else:
                changed = connection.execute(
                    select(table.c.message_id).where(table.c.seq > self.version).distinct()
                )
                self._renew(connection, list(changed.scalars()))
            self.version = last

    def _renew(self, connection: Connection, touched: list[int]) -> None:
        for message in touched:
            self._tally(self._held.pop(message, {}), -1)
        for some in pieces(touched):
            self._put(current_of(connection, some))
        for message in touched:
            self._tally(self._held.get(message, {}), 1)
            self._settle(message)
        for (_, wanted, reviewer), (columns, mask) in self._masks.items():
            rows = columns.rows(touched)
            mask[rows] = [
                _is(wanted, self._held.get(message, {}), reviewer)
                for message in columns.ids[rows].tolist()
            ]

    def _put(self, entries: Iterable[Entry]) -> None:
        for one in entries:
            self._held.setdefault(one.message, {})[one.reviewer] = one

    def _tally(self, held: dict[str, Entry], by: int) -> None:
        for name, entry in held.items():
            self._counts.setdefault(name, Counter())[entry.verdict] += by
        for one, other in combinations(sorted(held), 2):
            both = (held[one].verdict, held[other].verdict)
            self._pairs.setdefault((one, other), Counter())[both] += by

    def _settle(self, message: int) -> None:
        held = self._held.get(message, {})
        first = min((entry.seq for entry in held.values()), default=0)
        if self._settled.get(message, (0, ""))[0] != first:
            # It moves to the end of the order.
            self._settled.pop(message, None)
            self._in_order &= not held or first > self._latest
            self._latest = max(self._latest, first)
        if held:
            self._settled[message] = first, settled(held.values())

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
            if not self._in_order:
                self._settled = dict(sorted(self._settled.items(), key=lambda one: one[1]))
                self._in_order = True
            return {message: verdict for message, (_, verdict) in self._settled.items()}

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
        key = (columns.serial, wanted, reviewer)
        with self._lock:
            if key not in self._masks:
                found = [m for m, held in self._held.items() if _is(wanted, held, reviewer)]
                self._masks[key] = columns, columns.mask(np.array(found, dtype=np.int64))
            self._masks.move_to_end(key)
            while len(self._masks) > _MASKS:
                self._masks.popitem(last=False)
            return self._masks[key][1].copy()

    def counts(self) -> dict[str, Counter[str]]:
        """By reviewer: how many messages got which verdict."""
        with self._lock:
            return {n: Counter(c) for n, c in sorted(self._counts.items()) if c.total()}

    def agreements(self) -> list[Agreement]:
        """Every two reviewers who have decided on the same messages."""
        with self._lock:
            return [
                Agreement(*names, table.total(), sum(table[v, v] for v in VERDICTS), kappa(table))
                for names, table in sorted(self._pairs.items())
                if table.total()
            ]


def _is(wanted: str, held: dict[str, Entry], reviewer: str) -> bool:
    if wanted == "any":
        return bool(held)
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
