"""The rows of one batch of outcomes: who is new, who is a duplicate, what is quarantined."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Table, TableClause, func, insert, select, update

from riskscan.case import schema
from riskscan.case.database import copy_rows
from riskscan.case.escape import escape
from riskscan.case.prepared import COLUMNS, Prepared, prepare
from riskscan.case.rows import Claimed, Outcome, Parsed, Unread

# Bound variables of one statement; SQLite's own limit was 999 for long.
_SQL_VARIABLES = 500
# What a batch brings, in the order in which it is inserted.
_BROUGHT = {
    "messages": (
        "id", "source_id", "parent_id", "custodian", *COLUMNS,
        "model_id", "score", "flagged", "signals",
    ),
    "texts": ("message_id", "body", "segments"),
    "recipients": ("message_id", "position", "kind", "name", "address"),
    "attachments": (
        "message_id", "position", "name", "content_type", "bytes", "sha256", "text", "unread",
        "role",
    ),
    "identities": ("hash", "message_id"),
    "duplicates": (
        "message_id", "source_id", "place", "embedded", "custodian", "folder", "own_message_id",
        "content_hash", "same_content", "raw_sha256", "raw_bytes", "state",
    ),
    "unread": ("unit_id", "source_id", "kind", "source", "place", "reason", "bytes", "sha256"),
    "claims": ("unit_id", "source", "about", "kind", "expected"),
    "findings": (
        "message_id", "segment", "attachment", "start", "end", "text", "signal", "score",
    ),
}  # fmt: skip

Known = Mapping[str, tuple[int, str] | None]
"""Of hashes that were looked up: the message that the case has under each and its content hash."""


def pieces(ids: Sequence[Any], most: int = _SQL_VARIABLES) -> Iterator[Sequence[Any]]:
    """``ids`` in runs short enough for one SQL statement, of ``most`` at most."""
    for start in range(0, len(ids), most):
        yield ids[start : start + most]


def put(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of equal keys; see ``put_rows``."""
    if rows:
        columns = tuple(rows[0])
        put_rows(connection, statement.table, columns, list(map(itemgetter(*columns), rows)))


def put_rows(
    connection: Connection, table: TableClause, columns: Sequence[str], rows: Sequence[Any]
) -> None:
    """Insert rows, tuples of several columns; JSON columns hold text.

    They pass SQLAlchemy by: handling each costs it more than SQLite. Rows of a table with ``id``
    that have none are numbered on from the last one that is there, so that what was deleted or
    rolled back leaves no gap.
    """
    if not rows:
        return
    if "id" in table.c and "id" not in columns:
        columns = ("id", *columns)
        rows = [(number, *some) for number, some in enumerate(rows, _after_last(connection, table))]
    if connection.dialect.name == "postgresql":
        copy_rows(connection, table.name, columns, rows)
    else:
        connection.exec_driver_sql(_insertion(table.name, tuple(columns)), rows)


@lru_cache(maxsize=100)
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})'


def change_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Set columns of rows: tuples of their new values and, last, the id; JSON columns hold text."""
    if not rows:
        return
    postgresql = connection.dialect.name == "postgresql"
    mark = "%s" if postgresql else "?"
    news = ", ".join(f'"{name}" = {mark}' for name in columns)
    if postgresql:
        rows = [tuple(escape(v) if isinstance(v, str) else v for v in row) for row in rows]
    connection.exec_driver_sql(f'UPDATE "{table.name}" SET {news} WHERE id = {mark}', rows)


def _after_last(connection: Connection, table: TableClause) -> int:
    last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return 1 + int(last)


def put_one(connection: Connection, table: Table, **values: Any) -> int:
    """Insert one row, numbered on from the last, and return its id."""
    number = _after_last(connection, table)
    connection.execute(insert(table).values(id=number, **values))
    return number


_KNOWN = (
    "SELECT i.hash, i.message_id, m.content_hash FROM {asked} "
    "JOIN messages AS m ON m.id = i.message_id"
)
# All hashes are one variable, and none is handled by SQLAlchemy.
_KNOWN_SQLITE = _KNOWN.format(
    asked="json_each(?) AS asked CROSS JOIN identities AS i ON i.hash = asked.value"
)
_KNOWN_POSTGRESQL = _KNOWN.format(asked="identities AS i") + " WHERE i.hash = ANY(%s)"


def known(connection: Connection, hashes: Collection[str]) -> dict[str, tuple[int, str] | None]:
    """Which of the hashes a case has: see ``Known``."""
    told: dict[str, tuple[int, str] | None] = dict.fromkeys(hashes)
    # In the order of the index.
    asked = sorted(told)
    if connection.dialect.name == "postgresql":
        rows = connection.exec_driver_sql(_KNOWN_POSTGRESQL, (asked,))
    else:
        rows = connection.exec_driver_sql(_KNOWN_SQLITE, (json.dumps(asked),))
    told.update((key, (message, content)) for key, message, content in rows)
    return told


class Batch:
    """The rows of one batch of outcomes; knows the identities that the batch itself brings.

    ``model``: the id of the model that rated the messages which come with what it said of them.
    """

    def __init__(self, connection: Connection, unit: int, model: int | None = None) -> None:
        self.connection = connection
        self.unit = unit
        self.model = model
        self.known: dict[str, int] = {}
        self.content: dict[int, str] = {}
        self.sources: dict[tuple[str, str, str], int] = {}
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _BROUGHT}
        self.next_id = self.first_id = 1 + int(
            connection.execute(
                select(func.coalesce(func.max(schema.messages.c.id), 0))
            ).scalar_one()
        )
        self.renamed: set[int] = set()

    def add(
        self, outcomes: Sequence[Outcome], *, counted: bool = False, looked_up: Known | None = None
    ) -> None:
        """Insert all rows that the outcomes bring.

        ``counted``: the sources' ``found`` has these messages already (they were quarantined).
        ``looked_up``: what ``known`` told of hashes of theirs just now.
        """
        results = [
            prepare(o.result) if isinstance(o.result, Parsed) else o.result for o in outcomes
        ]
        self._look_up((one for one in results if isinstance(one, Prepared)), looked_up or {})
        found: dict[int, int] = {}
        for outcome, result in zip(outcomes, results, strict=True):
            if isinstance(result, Claimed):
                self.rows["claims"].append((self.unit, *asdict(result).values()))
                continue
            if isinstance(result, Unread) and result.kind != "quarantined":
                self._unread(result, None)
                continue
            source = self._source(outcome)
            found[source] = found.get(source, 0) + 1
            if outcome.lost:
                lost = Unread("not read", result.place, outcome.lost, 0, "", outcome.source)
                self._unread(lost, None)
            if isinstance(result, Unread):
                self._unread(result, source)
            else:
                self._message(result, outcome.custodian, source, None)
        self.rows["identities"].sort()
        for name, rows in self.rows.items():
            put_rows(self.connection, schema.metadata.tables[name], _BROUGHT[name], rows)
        # Threads must be told anew where others may name a message by a copy's id.
        mail = schema.messages
        for some in pieces(sorted(self.renamed)):
            self.connection.execute(
                update(mail)
                .where(mail.c.id.in_(some), mail.c.thread_id.is_not(None))
                .values(thread_id=None)
            )
        for source, count in found.items() if not counted else ():
            self.connection.execute(
                update(schema.sources)
                .where(schema.sources.c.id == source)
                .values(found=schema.sources.c.found + count)
            )

    def _look_up(self, messages: Iterable[Prepared], told: Known) -> None:
        hashes = {h for message in messages for one in message.family() for h in one.hashes}
        for some in (told, known(self.connection, hashes - told.keys())):
            for key, has in some.items():
                if has is not None:
                    self.known[key], self.content[has[0]] = has[0], has[1]

    def _source(self, outcome: Outcome) -> int:
        key = (outcome.source, outcome.format, outcome.custodian)
        if key not in self.sources:
            table = schema.sources
            there = self.connection.execute(
                select(table.c.id).where(
                    table.c.unit_id == self.unit,
                    table.c.name == outcome.source,
                    table.c.custodian == outcome.custodian,
                )
            ).scalar()
            if there is None:
                there = put_one(
                    self.connection,
                    table,
                    unit_id=self.unit,
                    name=outcome.source,
                    format=outcome.format,
                    custodian=outcome.custodian,
                    found=0,
                )
            self.sources[key] = int(there)
        return self.sources[key]

    def _unread(self, unread: Unread, source: int | None) -> None:
        self.rows["unread"].append(
            (
                self.unit, source, unread.kind, unread.source, unread.place, unread.reason,
                unread.bytes, unread.sha256,
            )
        )  # fmt: skip

    def _message(self, one: Prepared, custodian: str, source: int, parent: int | None) -> None:
        key = next((self.known[own] for own in one.hashes if own in self.known), None)
        if key is not None:
            self.rows["duplicates"].append(
                (
                    key, source, one.place, parent is not None, custodian, one.folder,
                    one.message_id, one.content_hash, self.content[key] == one.content_hash,
                    one.raw_sha256, one.raw_bytes, one.state,
                )
            )  # fmt: skip
            if key < self.first_id and any(own not in self.known for own in one.hashes):
                self.renamed.add(key)
        else:
            key = self.next_id
            self.next_id += 1
            self.content[key] = one.content_hash
            self._new(key, one, custodian, source, parent)
        for own in one.hashes:
            if own not in self.known:
                self.known[own] = key
                self.rows["identities"].append((own, key))
        for embedded in one.embedded:
            self._message(embedded, custodian, source, key)

    def _new(
        self, key: int, one: Prepared, custodian: str, source: int, parent: int | None
    ) -> None:
        rows, rated = self.rows, one.rated if self.model is not None else None
        told = (self.model, *rated[:3]) if rated else (None, None, None, None)
        rows["messages"].append((key, source, parent, custodian, *one[: len(COLUMNS)], *told))
        rows["texts"].append((key, one.body, one.segments))
        rows["recipients"] += [(key, *recipient) for recipient in one.recipients]
        rows["attachments"] += [(key, *file) for file in one.files]
        if rated:
            rows["findings"] += [(key, *finding) for finding in rated.findings]
