"""The columns of a case that filters and orders need, in memory, so that no page scans the case.

Some 30 bytes a message. Columns are read anew when a scan or another model has changed the case.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from riskscan.case.custodians import further_custodians
from riskscan.case.groups import present as grouped

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

ORDERS = ("learnt", "worst", "newest", "oldest")
NO_DAY = -(2**31)
_ROWS = 20_000


@dataclass(slots=True)
class Columns:
    """One row a unique message, ascending by number; ``day``: days since 1970-01-01.

    ``near``: the row of the message that its near-duplicate group is like; ``within``: that of the
    message that includes it; -1 where there is none.
    """

    ids: Ints
    score: Floats
    flagged: Bools
    day: Ints
    signals: dict[str, Bools]
    custodians: dict[str, Ints]
    near: Ints
    within: Ints
    orders: dict[str, Ints] = field(default_factory=dict)
    ranks: dict[str, Ints] = field(default_factory=dict)
    serial: int = field(default_factory=count(1).__next__)

    @property
    def grouped(self) -> bool:
        """Whether there is anything to collapse."""
        return bool((self.near >= 0).any() or (self.within >= 0).any())

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, messages: Any) -> Ints:
        """The rows of messages by their numbers; unknown ones are left out."""
        wanted = np.asarray(messages, dtype=np.int64)
        if not len(self.ids) or not len(wanted):
            return np.empty(0, dtype=np.int64)
        at: Ints = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        known: Ints = at[self.ids[at] == wanted]
        return known

    def mask(self, messages: Any) -> Bools:
        """Which rows are of these messages."""
        made = np.zeros(len(self.ids), dtype=np.bool_)
        made[self.rows(messages)] = True
        return made

    def alike(self, messages: Sequence[int]) -> dict[int, int]:
        """How many near-duplicates messages have, themselves not counted; only those with some."""
        rows = self.rows(messages)
        rows = rows[self.near[rows] >= 0]
        groups, place = np.unique(self.near[rows], return_inverse=True)
        members = self.near[np.isin(self.near, groups)]
        sizes = np.bincount(np.searchsorted(groups, members), minlength=len(groups))
        return {
            int(self.ids[row]): int(sizes[at]) - 1
            for row, at in zip(rows, place, strict=True)
            if sizes[at] > 1
        }

    def set_order(self, name: str, order: Ints) -> None:
        """Give an order of rows a name."""
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        self.orders[name], self.ranks[name] = order, rank


def load(engine: Engine) -> Columns:
    """Read the columns of a case."""
    ids, score, flagged, day = array("q"), array("d"), array("b"), array("q")
    signals: dict[str, list[int]] = defaultdict(list)
    custodians: dict[str, list[int]] = defaultdict(list)
    for row, (key, value, flag, date_text, named, custodian) in enumerate(
        _read(
            engine,
            "SELECT id, score, flagged, date, CAST(signals AS TEXT), custodian FROM messages "
            "ORDER BY id",
        )
    ):
        ids.append(key)
        score.append(float("nan") if value is None else value)
        flagged.append(1 if flag else 0)
        day.append(_day((date_text or "")[:10]))
        custodians[custodian].append(row)
        for signal in _signals(named or "[]"):
            signals[signal].append(row)
    made = Columns(
        np.array(ids, dtype=np.int64),
        np.array(score, dtype=np.float64),
        np.array(flagged, dtype=np.bool_),
        np.array(day, dtype=np.int64),
        {name: _mask(rows, len(ids)) for name, rows in signals.items()},
        {},
        np.full(len(ids), -1, dtype=np.int64),
        np.full(len(ids), -1, dtype=np.int64),
    )
    copies: dict[str, list[int]] = defaultdict(list)
    for custodian, key in _read(engine, "SELECT DISTINCT custodian, message_id FROM duplicates"):
        copies[custodian].append(key)
    with engine.connect().execution_options(yield_per=_ROWS) as connection:
        if (pairs := further_custodians(connection)) is not None:
            for key, custodian, _ in connection.execute(pairs):
                copies[custodian].append(key)
    for name in sorted({*custodians, *copies}):
        own = np.array(custodians.get(name, ()), dtype=np.int64)
        made.custodians[name] = np.union1d(own, made.rows(copies.get(name, ())))
    _group(made, engine)
    _order(made)
    return made


def _group(columns: Columns, engine: Engine) -> None:
    with engine.connect() as connection:
        if not grouped(connection):
            return
    for into, statement in (
        (columns.near, "SELECT message_id, near_group FROM near_duplicates"),
        (
            columns.within,
            "SELECT message_id, included_in FROM inclusiveness WHERE included_in IS NOT NULL",
        ),
    ):
        pairs = np.array(list(_read(engine, statement)), dtype=np.int64).reshape(-1, 2)
        known = np.isin(pairs, columns.ids).all(axis=1)
        into[columns.rows(pairs[known, 0])] = columns.rows(pairs[known, 1])


def _order(columns: Columns) -> None:
    number = np.arange(len(columns))
    score = np.where(np.isnan(columns.score), -1.0, columns.score)
    columns.set_order("worst", np.lexsort((number, -score)))
    undated = columns.day == NO_DAY
    columns.set_order("oldest", np.lexsort((number, columns.day, undated)))
    columns.set_order("newest", np.lexsort((-number, -columns.day, undated)))


def _read(engine: Engine, statement: str) -> Iterator[tuple[Any, ...]]:
    """Rows as the driver gives them: half a million pass here at once."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(yield_per=_ROWS) as server:
            yield from map(tuple, server.exec_driver_sql(statement))
        return
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows


def _mask(rows: list[int], size: int) -> Bools:
    made = np.zeros(size, dtype=np.bool_)
    made[rows] = True
    return made


@lru_cache(maxsize=65_536)
def _day(text: str) -> int:
    try:
        return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return NO_DAY


@lru_cache(maxsize=4_096)
def _signals(text: str) -> tuple[str, ...]:
    named = json.loads(text)
    return tuple(named) if isinstance(named, list) else ()
