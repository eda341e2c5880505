"""The queue: which messages, in which order, what comes next."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock, Thread
from time import monotonic
from typing import Literal

import numpy as np
from sqlalchemy import Connection, Engine, func, select, text

from riskscan.case import schema
from riskscan.case.location import Location
from riskscan.case.people import present
from riskscan.case.query import read_query
from riskscan.case.search import Search
from riskscan.review.collapse import standing
from riskscan.review.columns import NO_DAY, Bools, Columns, Ints, load
from riskscan.review.filters import Filters
from riskscan.review.validation import NONE_DRAWN, Validation
from riskscan.review.verdicts import Verdicts

_KEPT = 48
_LOOKERS = 2
_REFRESH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that filters leave, undecided ones (``open``) and decided ones each in order.

    ``hidden``: how many more there are that others stand for. ``looking``: the search is not done
    yet; there are no rows.
    """

    columns: Columns
    rank: Ints
    open: Ints
    decided: Ints
    order: str = "worst"
    hidden: int = 0
    looking: bool = False

    @property
    def number(self) -> int:
        return len(self.open) + len(self.decided)

    def page(self, after: str, size: int) -> tuple[list[int], str]:
        """Messages after a mark ("" for the first), and the mark for the next page, "" at the end.

        A mark names a message and its part, so that what is decided meanwhile shifts nothing.
        """
        rows = np.concatenate((self.open, self.decided))
        start = 0
        if after:
            part, row = after[0], self.columns.rows([int(after[1:])])
            if len(row):
                some = self.open if part == "u" else self.decided
                start = int(np.searchsorted(self.rank[some], self.rank[row[0]], side="right"))
                start += 0 if part == "u" else len(self.open)
        taken = rows[start : start + size]
        mark = ""
        if start + size < len(rows):
            part = "u" if start + size <= len(self.open) else "d"
            mark = f"{part}{self.columns.ids[taken[-1]]}"
        return [int(key) for key in self.columns.ids[taken]], mark

    def beside(self, message: int, step: int) -> int | None:
        """The neighbour of a message in the order, decided or not; None at the end."""
        row = self.columns.rows([message])
        if not len(row):
            return None
        own, near = self.rank[row[0]], list[int]()
        for rows in (self.open, self.decided):
            ranks = self.rank[rows]
            at = int(np.searchsorted(ranks, own, side="left" if step < 0 else "right"))
            at += -1 if step < 0 else 0
            if 0 <= at < len(rows):
                near.append(int(rows[at]))
        if not near:
            return None
        choose = max if step < 0 else min
        return int(self.columns.ids[choose(near, key=lambda row: self.rank[row])])

    def next_open(self, message: int) -> int | None:
        """The next undecided message after one, from the start again at the end."""
        if not len(self.open):
            return None
        row = self.columns.rows([message])
        ranks = self.rank[self.open]
        at = int(np.searchsorted(ranks, self.rank[row[0]], side="right")) if len(row) else 0
        for key in (self.open[at % len(self.open)], self.open[0]):
            found = int(self.columns.ids[key])
            if found != message:
                return found
        return None

    def upcoming(self, message: int, most: int, *, own: bool = False) -> list[int]:
        """The next undecided messages after one, from the start again at the end.

        ``own``: the message itself first, if it is undecided.
        """
        row = self.columns.rows([message])
        side: Literal["left", "right"] = "left" if own else "right"
        ranks = self.rank[self.open]
        at = int(np.searchsorted(ranks, self.rank[row[0]], side=side)) if len(row) else 0
        rows = np.concatenate((self.open[at : at + most + 1], self.open[: min(at, most + 1)]))
        keys = self.columns.ids[rows].tolist()
        return [key for key in keys if own or key != message][:most]


class Queue:
    """The messages of an open case, filtered and ordered in memory."""

    def __init__(self, location: Location, engine: Engine) -> None:
        self.engine = engine
        self.search = Search(location, engine)
        self.verdicts = Verdicts()
        self.columns = load(engine)
        self.learning = 0
        self._learnt: Ints | None = None
        self._lists: OrderedDict[Hashable, Bools] = OrderedDict()
        self._looks: dict[Hashable, Future[Bools]] = {}
        self._lookers = ThreadPoolExecutor(_LOOKERS, "search")
        self._lock = Lock()
        # Apart from the other lock: ordering takes long, and no page waits for it.
        self._ordering = Lock()
        self._stamp = self._state()
        self._loaded = monotonic()
        self._busy = False
        self._closing = False

    def close(self) -> None:
        """Stop reading in the background, and let go of the index."""
        self._closing = True
        self._lookers.shutdown(cancel_futures=True)
        self.search.close()

    # what changes under way

    def _state(self) -> tuple[object, ...]:
        with self.engine.connect() as connection:
            row = connection.execute(
                text(
                    "SELECT (SELECT max(id) FROM messages), (SELECT max(id) FROM models), "
                    "(SELECT count(*) FROM runs), (SELECT max(finished) FROM runs)"
                )
            ).one()
            # People get other numbers with each correction.
            corrected = (
                connection.execute(select(func.max(schema.corrections.c.id))).scalar()
                if present(connection)
                else None
            )
        return (*row, corrected)

    def refresh(self, connection: Connection) -> None:
        """Take in new decisions; and, in the background, what a scan has changed."""
        self.verdicts.refresh(connection)
        if monotonic() - self._loaded < _REFRESH_SECONDS or self._busy:
            return
        self._loaded = monotonic()
        state = self._state()
        if state != self._stamp:
            self._busy = True
            Thread(target=self._reload, args=(state,), daemon=True).start()

    def _reload(self, state: tuple[object, ...]) -> None:
        try:
            columns = load(self.engine)
            with self._ordering:
                self.columns, self._stamp = self._ordered(columns), state
            with self._lock:
                self._lists.clear()
            self.search.extend()
            with self._lock:
                self._lists.clear()
        finally:
            self._loaded = monotonic()
            self._busy = False

    def set_learnt(self, learning: int, messages: Ints) -> None:
        """Order the queue by ``messages``, as the update of this number ranks them."""
        with self._ordering:
            self._learnt = messages
            self.columns = self._ordered(self.columns)
            self.learning = learning

    def _ordered(self, columns: Columns) -> Columns:
        """The columns with what was learnt as an order; what is not ranked yet comes last."""
        if self._learnt is None:
            return columns
        rows = columns.rows(self._learnt)
        known = np.zeros(len(columns), dtype=np.bool_)
        known[rows] = True
        worst = columns.orders["worst"]
        # A copy: a page that is being made keeps the order that it began with.
        made = replace(columns, orders=dict(columns.orders), ranks=dict(columns.ranks))
        made.set_order("learnt", np.concatenate((rows, worst[~known[worst]])))
        return made

    def index(self) -> None:
        """Take the whole case into the search index, in the background."""
        Thread(target=self._index, daemon=True).start()

    def _index(self) -> None:
        self.search.extend(lambda _: self._stop_if_closing())
        with self._lock:
            self._lists.clear()

    def _stop_if_closing(self) -> None:
        if self._closing:
            raise SystemExit

    def unsearched(self) -> int:
        """How many messages the search index does not know yet."""
        columns = self.columns
        at = np.searchsorted(columns.ids, self.search.upto, side="right")
        return len(columns) - int(at)

    # finding

    def find(
        self,
        filters: Filters,
        reviewer: str,
        blind: frozenset[int] = frozenset(),
        validation: Validation = NONE_DRAWN,
        *,
        patience: float | None = None,
    ) -> Found:
        """What ``filters`` leave. ``blind``: the reviewer's second review.

        Messages of a validation sample that is still to be decided are found in it alone. A search
        that takes longer than ``patience`` goes on in the background.
        """
        columns = self.columns
        name = filters.order or "learnt"
        name = name if name in columns.orders else "worst"
        try:
            keep = self._kept(columns, filters, patience)
        except TimeoutError:
            nothing = np.empty(0, dtype=np.int64)
            return Found(columns, columns.ranks[name], nothing, nothing, name, looking=True)
        if filters.decided == "sample":
            return _sample(columns, keep, validation)
        if validation.blind:
            keep &= ~columns.mask(sorted(validation.blind))
        wanted = filters.decided
        keep &= self._said(columns, wanted, reviewer, blind)
        whose = "mine" if wanted in ("mine-no", "second") else "any"
        done = self.verdicts.mask(columns, whose, reviewer)
        order = columns.orders[name]
        chosen = order[keep[order]]
        decided = done[chosen]
        open_, closed = chosen[~decided], chosen[decided]
        hidden = 0
        if filters.collapse:
            # What is decided stands for what is not: who has read it has read the others.
            stays = standing(columns, np.concatenate((closed, open_)), filters.collapse)
            hidden = int((~stays[0 if wanted not in ("no", "mine-no") else len(closed) :]).sum())
            closed, open_ = closed[stays[: len(closed)]], open_[stays[len(closed) :]]
        if wanted in ("no", "mine-no"):
            closed = closed[:0]
        return Found(columns, columns.ranks[name], open_, closed, name, hidden)

    def _said(self, columns: Columns, wanted: str, reviewer: str, blind: frozenset[int]) -> Bools:
        """The rows that are decided as wanted; open or not is told apart later."""
        if wanted == "second":
            return columns.mask(sorted(blind))
        if wanted in ("", "no", "mine-no"):
            return np.ones(len(columns), dtype=np.bool_)
        rows = self.verdicts.mask(columns, wanted, reviewer)
        if wanted not in ("any", "mine") and blind:
            # What the first reviewers said stays hidden from the second.
            rows &= self.verdicts.mask(columns, "mine", reviewer) | ~columns.mask(sorted(blind))
        return rows

    def _kept(self, columns: Columns, filters: Filters, patience: float | None) -> Bools:
        keep = np.ones(len(columns), dtype=np.bool_)
        if filters.custodian:
            rows = columns.custodians.get(filters.custodian)
            own = np.zeros(len(columns), dtype=np.bool_)
            if rows is not None:
                own[rows] = True
            keep &= own
        if filters.signal:
            keep &= columns.signals.get(filters.signal, np.zeros(len(columns), dtype=np.bool_))
        if filters.low is not None:
            keep &= columns.score >= filters.low
        if filters.high is not None:
            keep &= columns.score <= filters.high
        if filters.since:
            keep &= columns.day >= _days(filters.since)
        if filters.until:
            keep &= (columns.day <= _days(filters.until)) & (columns.day != NO_DAY)
        if filters.q:
            keep &= self._words(columns, filters.q, patience)
        if filters.people:
            keep &= self._words(columns, f"people:({filters.people})", patience)
        if filters.who is not None:
            keep &= self._appearing(columns, filters.who, ())
        if filters.writer is not None:
            keep &= self._appearing(columns, filters.writer, ("from",))
        if filters.reader is not None:
            keep &= self._appearing(columns, filters.reader, ("to", "cc", "bcc"))
        return keep

    def _words(self, columns: Columns, typed: str, patience: float | None) -> Bools:
        """The rows that words find. Raises TimeoutError when that takes longer than ``patience``.

        While the index grows, a search that takes long answers with what it found last.
        """
        upto = self.search.upto
        last, current = (columns.serial, "q", typed), (columns.serial, "q", typed, upto)

        def look() -> Bools:
            query = read_query(typed)
            made = columns.mask([] if query is None else self.search.find(query))
            for key in (last, current):
                self._remember(key, made)
            return made

        known = self._known(current)
        if known is not None:
            return known
        with self._lock:
            if current not in self._looks:
                self._looks[current] = self._lookers.submit(look)
            future = self._looks[current]
        try:
            return future.result(patience)
        except TimeoutError:
            known = self._known(last)
            if known is None:
                raise
            return known
        finally:
            if future.done():
                with self._lock:
                    self._looks.pop(current, None)

    def _appearing(self, columns: Columns, key: int, roles: tuple[str, ...]) -> Bools:
        def look() -> Bools:
            table = schema.appearances
            statement = select(table.c.message_id).where(table.c.merged_id == key)
            if roles:
                statement = statement.where(table.c.role.in_(roles))
            with self.engine.connect() as connection:
                if not present(connection):
                    return columns.mask([])
                return columns.mask(list(connection.execute(statement).scalars()))

        return self._remembered((columns.serial, "who", key, roles), look)

    def _remembered(self, key: Hashable, look: Callable[[], Bools]) -> Bools:
        known = self._known(key)
        if known is None:
            known = look()
            self._remember(key, known)
        return known

    def _known(self, key: Hashable) -> Bools | None:
        with self._lock:
            if key in self._lists:
                self._lists.move_to_end(key)
            return self._lists.get(key)

    def _remember(self, key: Hashable, made: Bools) -> None:
        with self._lock:
            self._lists[key] = made
            while len(self._lists) > _KEPT:
                self._lists.popitem(last=False)


def _sample(columns: Columns, keep: Bools, validation: Validation) -> Found:
    """The validation sample, in the order drawn."""
    rows = columns.rows(validation.messages)
    rank = np.full(len(columns), len(rows), dtype=np.int64)
    rank[rows] = np.arange(len(rows))
    chosen = rows[keep[rows]]
    done = columns.mask(sorted(validation.answered))[chosen]
    return Found(columns, rank, chosen[~done], chosen[done], "sample")


def _days(text_date: str) -> int:
    return int(np.datetime64(text_date, "D").astype(np.int64))
