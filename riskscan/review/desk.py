"""The reviewer's desk: the open case, its decisions and queue, and what pages have in common."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection, func, select

import riskscan
from riskscan.case import schema
from riskscan.case.batch import pieces, put_one
from riskscan.case.decisions import Decisions, prepare
from riskscan.case.groups import present as grouped
from riskscan.case.location import Place, locate
from riskscan.case.open import writing
from riskscan.case.people import present
from riskscan.case.read import Case
from riskscan.review.advice import Told, advice
from riskscan.review.filters import FilterError, Filters, read_filters
from riskscan.review.learning import Learning
from riskscan.review.leasing import Leasing
from riskscan.review.overview import Overview
from riskscan.review.queue import Found, Queue
from riskscan.review.seal import Seal
from riskscan.review.validation import Samples, Validation
from riskscan.review.verifying import Verifying

SCOPES = {
    "thread": "All messages of the thread",
    "family": "The message and what is embedded in it",
    "same": "All messages with the very same text",
    "near": "All near-duplicates: messages whose own text is nearly the same",
}
"""What one decision can be made for at once, in words."""
_NUMBERED = {"who", "writer", "reader"}
_MOST_SAVED = 200
_LONGEST_NAME = 80
PATIENCE = 0.15
"""Seconds that a page waits for a search or the like; after that it says that it goes on."""


class Desk:
    """An open case on the page; one for all sessions. Raises CaseError when it cannot be opened.

    ``apart``: learn in a process of its own.
    """

    def __init__(self, place: Place, *, apart: bool = False) -> None:
        location = locate(place)
        prepare(location)
        self.case = Case(location)
        with self.case.connect() as connection:
            self.engine = connection.engine
        self.ledger = Decisions(location)
        self.queue = Queue(location, self.engine)
        self.overview = Overview(self.engine)
        self.leasing = Leasing(self.engine)
        self.learning = Learning(location, self.engine, self.queue, apart=apart)
        self.verifying = Verifying(self.case)
        self.seal = Seal()
        self._samples = Samples()
        self.location = location
        self.version = riskscan.__version__

    def warm(self) -> None:
        """Take in what was decided, for the first page; begin, in the background, with the rest.

        That is what takes long: the search index, counting people.
        """
        with self.case.connect() as connection:
            self.queue.verdicts.refresh(connection)
        # All that is there now stays: no page waits while the collector goes through it.
        gc.collect()
        gc.freeze()
        self.queue.index()
        self.overview.figures(self.queue.columns.serial)
        # What was decided since the last update, perhaps in another process.
        self.learning.wake()

    def close(self) -> None:
        """Let go of the case."""
        self.learning.close()
        self.leasing.close()
        self.verifying.close()
        self.queue.close()
        self.ledger.close()
        self.case.close()

    @property
    def name(self) -> str:
        return self.location.name

    # what pages begin with

    def refresh(self, connection: Connection) -> None:
        """Take in what was decided, scanned or learnt since, by whatever process."""
        self.queue.refresh(connection)
        self.learning.refresh(connection)

    def validation(self, connection: Connection) -> Validation:
        """The validation sample, as far as it is decided."""
        return self._samples.now(connection, self.queue.verdicts)

    def find(
        self, filters: Filters, reviewer: str, connection: Connection, *, wait: bool = False
    ) -> Found:
        """What filters leave for a reviewer; ``wait`` for a search however long it takes."""
        blind, sample = self.blind(reviewer, connection), self.validation(connection)
        patience = None if wait else PATIENCE
        return self.queue.find(filters, reviewer, blind, sample, patience=patience)

    def advice(self, connection: Connection) -> list[Told]:
        """What the stopping rules say."""
        return advice(connection, self.queue.verdicts)

    # people and entities by number

    def names(self, filters: Filters, connection: Connection) -> dict[int, str]:
        """The names of the people and entities that filters name by number."""
        wanted = [k for k in (filters.who, filters.writer, filters.reader) if k is not None]
        if not wanted or not present(connection):
            return {}
        table = schema.merged
        rows = connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(wanted)))
        return {key: name for key, name in rows}

    # saved searches

    def saved(self, connection: Connection) -> list[dict[str, Any]]:
        """The saved searches, by name."""
        table = schema.saved_searches
        rows = connection.execute(select(table).order_by(table.c.name)).mappings()
        return [dict(row) for row in rows]

    def save(self, name: str, filters: Filters, reviewer: str) -> None:
        """Save filters under a name; the same name again replaces what it meant.

        People and entities are saved by what stands for them: their numbers change with a scan.
        """
        name = " ".join(name.split())[:_LONGEST_NAME]
        if not name:
            raise FilterError("A saved search needs a name.")
        table = schema.saved_searches
        with writing(self.engine) as connection:
            connection.execute(table.delete().where(table.c.name == name))
            if len(self.saved(connection)) >= _MOST_SAVED:
                raise FilterError(f"There are {_MOST_SAVED} saved searches: remove one first.")
            told = filters.parameters()
            keys = {field: int(told[field]) for field in _NUMBERED if field in told}
            merged = schema.merged
            for field, key in keys.items():
                row = connection.execute(
                    select(merged.c.label, merged.c.anchor).where(merged.c.id == key)
                ).one_or_none()
                if row is None:
                    raise FilterError("One of these people is not in the case any more.")
                told[field] = f"{row.label} {row.anchor}"
            put_one(
                connection, table, name=name, query=urlencode(told), reviewer=reviewer, made=_now()
            )

    def recall(self, key: int) -> Filters | None:
        """The filters of a saved search, with the numbers that people have now.

        None when there is no such search. Raises FilterError when a person is not there any more.
        """
        table, merged = schema.saved_searches, schema.merged
        with self.case.connect() as connection:
            query = connection.execute(select(table.c.query).where(table.c.id == key)).scalar()
            if query is None:
                return None
            told = dict(parse_qsl(query))
            for field in _NUMBERED & told.keys():
                label, _, anchor = told[field].partition(" ")
                found = connection.execute(
                    select(merged.c.id).where(merged.c.label == label, merged.c.anchor == anchor)
                ).scalar()
                if found is None:
                    raise FilterError(f"'{anchor[:80]}' is not in the case any more.")
                told[field] = str(found)
        return read_filters(told)

    def forget(self, key: int) -> None:
        """Remove a saved search."""
        table = schema.saved_searches
        with writing(self.engine) as connection:
            connection.execute(table.delete().where(table.c.id == key))

    # second review

    def blind(self, reviewer: str, connection: Connection) -> frozenset[int]:
        """The messages drawn for the reviewer's second review."""
        table = schema.second_reviews
        rows = connection.execute(select(table.c.messages).where(table.c.reviewer == reviewer))
        return frozenset(key for messages in rows.scalars() for key in messages)

    def draw(self, reviewer: str, size: int, seed: int) -> int:
        """Draw messages that others have decided, at random, for a second review; how many.

        The same seed and the same decisions give the same sample.
        """
        import numpy as np

        with writing(self.engine) as connection:
            self.queue.verdicts.refresh(connection)
            taken = self.blind(reviewer, connection)
            mine = set(self.queue.verdicts.select("mine", reviewer))
            every = self.queue.verdicts.select("any", reviewer)
            pool = sorted(set(every) - mine - taken)
            drawn = np.random.default_rng(seed).permutation(len(pool))[:size]
            if len(drawn):
                put_one(
                    connection, schema.second_reviews, made=_now(), reviewer=reviewer, seed=seed,
                    messages=sorted(pool[i] for i in drawn),
                )  # fmt: skip
        return len(drawn)

    # verdicts to show

    def badges(
        self, ids: list[int], reviewer: str, blind: frozenset[int], validation: Validation
    ) -> dict[int, list[dict[str, Any]]]:
        """What has been decided on messages, as the reviewer may see it, by message."""
        made: dict[int, list[dict[str, Any]]] = {}
        for key in ids:
            held = self.queue.verdicts.of(key)
            if key in blind and reviewer not in held:
                continue
            made[key] = [
                {"reviewer": one.reviewer, "entry": one, "mine": one.reviewer == reviewer}
                for one in validation.visible(key, [held[name] for name in sorted(held)])
            ]
        return made

    def members(self, message: int, scope: str, connection: Connection) -> list[int]:
        """The messages of a scope (``SCOPES``) around a message, itself included.

        Those of a validation sample are left out: each is decided by itself, blind.
        """
        mail = schema.messages
        row = connection.execute(
            select(mail.c.thread_id, mail.c.text_hash, mail.c.parent_id).where(mail.c.id == message)
        ).one_or_none()
        if row is None:
            return []
        if scope == "thread" and row.thread_id:
            test = mail.c.thread_id == row.thread_id
        elif scope == "same":
            test = mail.c.text_hash == row.text_hash
        elif scope == "near" and grouped(connection):
            near = schema.near_duplicates
            own = select(near.c.near_group).where(near.c.message_id == message).scalar_subquery()
            test = mail.c.id.in_(select(near.c.message_id).where(near.c.near_group == own))
        elif scope == "family":
            top = row.parent_id or message
            test = (mail.c.id == top) | (mail.c.parent_id == top)
        else:
            return [message]
        rows = connection.execute(select(mail.c.id).where(test).order_by(mail.c.id)).scalars()
        found = list(rows) or [message]
        blind = self.validation(connection).blind
        return [key for key in found if key not in blind]

    def same(self, message: int, connection: Connection) -> int:
        """How many messages have the very text of a message, itself included."""
        mail = schema.messages
        own = select(mail.c.text_hash).where(mail.c.id == message).scalar_subquery()
        number = select(func.count()).select_from(mail).where(mail.c.text_hash == own)
        return int(connection.execute(number).scalar_one())

    def shown(self, ids: list[int], connection: Connection) -> dict[int, tuple[float | None, str]]:
        """Score and model of messages as the case has them now, by message."""
        mail, table = schema.messages, schema.models
        made: dict[int, tuple[float | None, str]] = {}
        for some in pieces(ids):
            rows = connection.execute(
                select(mail.c.id, mail.c.score, table.c.fingerprint)
                .join_from(mail, table, mail.c.model_id == table.c.id, isouter=True)
                .where(mail.c.id.in_(some))
            )
            made |= {key: (score, model or "") for key, score, model in rows}
        return made


def view_of(form: Mapping[str, list[str]]) -> Filters:
    """The filters of the page that a form was sent from. Raises FilterError."""
    return read_filters(dict(parse_qsl(form.get("view", [""])[0][:8_000])))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
