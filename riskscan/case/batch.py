"""The rows of one batch of outcomes: who is new, who is a duplicate, what is quarantined."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Table, TableClause, func, insert, select, update

from riskscan.case import schema
from riskscan.case.database import copy_rows
from riskscan.case.rows import Claimed, Outcome, Parsed, Unread
from riskscan.mail.message import Message, Role

# Bound variables of one statement; SQLite's own limit was 999 for long.
_SQL_VARIABLES = 500
_TABLES = (
    "messages",
    "texts",
    "recipients",
    "attachments",
    "identities",
    "duplicates",
    "unread",
    "claims",
)


def pieces(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """``ids`` in runs short enough for one SQL statement."""
    for start in range(0, len(ids), _SQL_VARIABLES):
        yield ids[start : start + _SQL_VARIABLES]


def put(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of equal keys; JSON columns hold text.

    SQLAlchemy writes the SQL, but the rows pass it by: handling each costs it more than SQLite.
    Rows of a table with ``id`` that have none are numbered on from the last one that is there, so
    that what was deleted or rolled back leaves no gap.
    """
    if not rows:
        return
    table, columns = statement.table, list(rows[0])
    values: list[tuple[Any, ...]] = list(map(itemgetter(*columns), rows))
    if "id" in table.c and "id" not in columns:
        columns = ["id", *columns]
        values = [
            (number, *some) for number, some in enumerate(values, _after_last(connection, table))
        ]
    if connection.dialect.name == "postgresql":
        copy_rows(connection, table.name, columns, values)
        return
    compiled = statement.compile(dialect=connection.dialect, column_keys=columns)
    order = compiled.positiontup or []
    if order != columns:
        values = list(map(itemgetter(*map(columns.index, order)), values))
    connection.exec_driver_sql(str(compiled), values)


def _after_last(connection: Connection, table: TableClause) -> int:
    last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return 1 + int(last)


def put_one(connection: Connection, table: Table, **values: Any) -> int:
    """Insert one row, numbered on from the last, and return its id."""
    number = _after_last(connection, table)
    connection.execute(insert(table).values(id=number, **values))
    return number


class Batch:
    """The rows of one batch of outcomes; knows the identities that the batch itself brings."""

    def __init__(self, connection: Connection, unit: int) -> None:
        self.connection = connection
        self.unit = unit
        self.known: dict[str, int] = {}
        self.content: dict[int, str] = {}
        self.sources: dict[tuple[str, str, str], int] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _TABLES}
        self.next_id = 1 + int(
            connection.execute(
                select(func.coalesce(func.max(schema.messages.c.id), 0))
            ).scalar_one()
        )

    def add(self, outcomes: Sequence[Outcome], *, counted: bool = False) -> None:
        """Insert all rows that the outcomes bring.

        ``counted``: the sources' ``found`` has these messages already (they were quarantined).
        """
        self._look_up(outcomes)
        found: dict[int, int] = {}
        for outcome in outcomes:
            result = outcome.result
            if isinstance(result, Claimed):
                self.rows["claims"].append({"unit_id": self.unit, **asdict(result)})
                continue
            if isinstance(result, Unread) and result.kind != "quarantined":
                self._unread(result, None)
                continue
            source = self._source(outcome)
            found[source] = found.get(source, 0) + 1
            if isinstance(result, Unread):
                self._unread(result, source)
            else:
                self._message(outcome, result, result.message, source, result.place, None)
        for name, rows in self.rows.items():
            put(self.connection, insert(schema.metadata.tables[name]), rows)
        for source, count in found.items() if not counted else ():
            self.connection.execute(
                update(schema.sources)
                .where(schema.sources.c.id == source)
                .values(found=schema.sources.c.found + count)
            )

    def _look_up(self, outcomes: Sequence[Outcome]) -> None:
        hashes: set[str] = set()
        waiting = [o.result.message for o in outcomes if isinstance(o.result, Parsed)]
        while waiting:
            message = waiting.pop()
            hashes.update(h for h in (message.mih, message.content_hash) if h)
            waiting.extend(message.embedded)
        table = schema.identities
        for some in pieces(sorted(hashes)):
            rows = self.connection.execute(
                select(table.c.hash, table.c.message_id, schema.messages.c.content_hash)
                .join_from(table, schema.messages)
                .where(table.c.hash.in_(some))
            )
            for key, message_id, content in rows:
                self.known[key] = message_id
                self.content[message_id] = content

    def _source(self, outcome: Outcome) -> int:
        key = (outcome.source, outcome.format, outcome.custodian)
        if key not in self.sources:
            table = schema.sources
            known = self.connection.execute(
                select(table.c.id).where(
                    table.c.unit_id == self.unit,
                    table.c.name == outcome.source,
                    table.c.custodian == outcome.custodian,
                )
            ).scalar()
            if known is None:
                known = put_one(
                    self.connection,
                    table,
                    unit_id=self.unit,
                    name=outcome.source,
                    format=outcome.format,
                    custodian=outcome.custodian,
                    found=0,
                )
            self.sources[key] = int(known)
        return self.sources[key]

    def _unread(self, unread: Unread, source: int | None) -> None:
        self.rows["unread"].append(
            {
                "unit_id": self.unit,
                "source_id": source,
                "kind": unread.kind,
                "source": unread.source,
                "place": unread.place,
                "reason": unread.reason,
                "bytes": unread.bytes,
                "sha256": unread.sha256,
            }
        )

    def _message(
        self,
        outcome: Outcome,
        parsed: Parsed,
        message: Message,
        source: int,
        place: str,
        parent: int | None,
    ) -> None:
        matches = [self.known[h] for h in (message.mih, message.content_hash) if h in self.known]
        if matches:
            key = min(matches)
            same = self.content[key] == message.content_hash
            self.rows["duplicates"].append(
                {
                    "message_id": key,
                    "source_id": source,
                    "place": place,
                    "embedded": parent is not None,
                    "custodian": outcome.custodian,
                    "folder": parsed.folder or message.folder,
                    "own_message_id": message.message_id,
                    "content_hash": message.content_hash,
                    "same_content": same,
                    "raw_sha256": parsed.raw_sha256,
                    "raw_bytes": parsed.raw_bytes,
                }
            )
        else:
            key = self.next_id
            self.next_id += 1
            self.content[key] = message.content_hash
            self._new(key, outcome, parsed, message, source, place, parent)
        for one in (message.mih, message.content_hash):
            if one and one not in self.known:
                self.known[one] = key
                self.rows["identities"].append({"hash": one, "message_id": key})
        for number, embedded in enumerate(message.embedded, 1):
            self._message(outcome, parsed, embedded, source, f"{place}/embedded {number}", key)

    def _new(
        self,
        key: int,
        outcome: Outcome,
        parsed: Parsed,
        message: Message,
        source: int,
        place: str,
        parent: int | None,
    ) -> None:
        sender = message.sender
        self.rows["messages"].append(
            {
                "id": key,
                "source_id": source,
                "place": place,
                "parent_id": parent,
                "custodian": outcome.custodian,
                "folder": parsed.folder or message.folder,
                "medium": parsed.medium,
                "conversation": parsed.conversation,
                "message_id": message.message_id,
                "mih": message.mih,
                "content_hash": message.content_hash,
                "raw_sha256": parsed.raw_sha256,
                "raw_bytes": parsed.raw_bytes,
                "date": message.date.isoformat() if message.date else None,
                "date_header": message.date_header,
                "sender_name": sender.name if sender else "",
                "sender_address": sender.address if sender else "",
                "subject": message.subject,
                "in_reply_to": json.dumps(message.in_reply_to),
                "references": json.dumps(message.references),
                "body_format": message.body_format,
                "defects": json.dumps(message.defects),
                "text_hash": text_hash(message),
                "text_length": len(message.subject)
                + len(message.body)
                + sum(len(a.text) for a in message.attachments),
            }
        )
        segments = json.dumps([[str(s.role), s.start, s.end] for s in message.segments])
        self.rows["texts"].append({"message_id": key, "body": message.body, "segments": segments})
        position = 0
        for kind, people in (("to", message.to), ("cc", message.cc), ("bcc", message.bcc)):
            for person in people:
                self.rows["recipients"].append(
                    {
                        "message_id": key,
                        "position": position,
                        "kind": kind,
                        "name": person.name,
                        "address": person.address,
                    }
                )
                position += 1
        for number, attachment in enumerate(message.attachments):
            self.rows["attachments"].append(
                {
                    "message_id": key,
                    "position": number,
                    "name": attachment.name,
                    "content_type": attachment.content_type,
                    "bytes": attachment.size,
                    "sha256": attachment.sha256,
                    "text": attachment.text,
                    "unread": attachment.unread,
                }
            )


def text_hash(message: Message) -> str:
    """SHA-256 of all that the score stage reads of a message; equal texts are scored once."""
    pieces = [message.subject]
    pieces += [message.body[s.start : s.end] for s in message.segments if s.role is Role.AUTHORED]
    pieces.append("")
    pieces += [a.text for a in message.attachments if a.text]
    return hashlib.sha256(json.dumps(pieces).encode()).hexdigest()
