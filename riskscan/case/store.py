"""Writing a case: opening it, and committing batches of each stage.

Every public write is one transaction that carries its own bookkeeping, so a process killed at any
moment leaves a case from which the scan goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    create_engine,
    event,
    exc,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

import riskscan
from riskscan.case import schema
from riskscan.mail.message import Message, Role

DATABASE = "case.sqlite"
_SQL_VARIABLES = 500


class CaseError(Exception):
    """A case cannot be opened or used; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A message read from a source at ``place``; ``raw`` figures are of its bytes as found."""

    place: str
    folder: str
    raw_sha256: str
    raw_bytes: int
    message: Message


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not become a message. ``kind``: quarantined, not read, or companion."""

    kind: str
    place: str
    reason: str
    bytes: int
    sha256: str
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One event of a unit, in the order it was read; ``source`` names format and custodian."""

    source: str
    format: str
    custodian: str
    result: Parsed | Unread


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence with a signal. Offsets are into the body, subject or attachment text."""

    segment: str
    attachment: int | None
    start: int
    end: int
    text: str
    signal: str
    score: float


@dataclass(frozen=True, slots=True)
class Scored:
    """What the score stage says of one message."""

    message: int
    score: float
    flagged: bool
    signals: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """An entity; ``segment`` is "subject" or "authored", offsets are into subject or body."""

    segment: str
    start: int
    end: int
    text: str
    label: str


def connect(folder: Path, *, create: bool) -> Engine:
    """SQLAlchemy engine of the case in ``folder``.

    Raises CaseError when there is none (``create`` False), when the folder belongs to something
    else, or when it was written by another version of the schema.
    """
    database = folder / DATABASE
    if not database.is_file():
        if not create:
            raise CaseError(f"There is no riskscan case in '{folder}'.")
        if folder.exists() and not folder.is_dir():
            raise CaseError(f"'{folder}' is a file: name a folder for the case.")
        if folder.is_dir() and any(folder.iterdir()):
            raise CaseError(
                f"The folder '{folder}' holds other files and no riskscan case: name a new folder."
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CaseError(
                f"The case folder '{folder}' cannot be made: {error.strerror}."
            ) from error
    engine = create_engine(f"sqlite:///{database}", connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        # WAL: readers (show, review) go on while a scan writes, and a kill leaves a valid file.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA cache_size=-65536")

    try:
        with engine.begin() as connection:
            _claim(connection, folder)
    except exc.DatabaseError as error:
        raise CaseError(f"'{database}' cannot be used as a riskscan case: {error.orig}.") from error
    return engine


def _claim(connection: Connection, folder: Path) -> None:
    found = connection.exec_driver_sql("PRAGMA application_id").scalar()
    version = connection.exec_driver_sql("PRAGMA user_version").scalar()
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    if not tables:
        schema.metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA application_id={schema.APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version={schema.SCHEMA_VERSION}")
    elif found != schema.APPLICATION_ID:
        raise CaseError(f"'{folder / DATABASE}' is a database of another program.")
    elif version != schema.SCHEMA_VERSION:
        raise CaseError(
            f"The case in '{folder}' has schema version {version}; this riskscan reads "
            f"version {schema.SCHEMA_VERSION}."
        )


@contextmanager
def open_case(folder: Path) -> Iterator[Store]:
    """The case in ``folder`` for writing, made when absent; one writer at a time.

    Raises CaseError (see ``connect``), also while another process writes to it.
    """
    engine = connect(folder, create=True)
    lock = FileLock(folder / "writer.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        engine.dispose()
        raise CaseError(f"Another riskscan is writing to the case in '{folder}'.") from error
    try:
        yield Store(engine, folder)
    finally:
        lock.release()
        engine.dispose()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Store:
    """The writing side of an open case; get one from ``open_case``."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder

    # runs

    def start_run(self, command: str, settings: dict[str, Any]) -> int:
        """Note that a command begins; returns the run's id."""
        with self.engine.begin() as connection:
            return int(
                connection.execute(
                    insert(schema.runs).values(
                        command=command,
                        version=riskscan.__version__,
                        settings=settings,
                        started=_now(),
                    )
                ).inserted_primary_key[0]
            )

    def finish_run(self, run: int, summary: dict[str, Any]) -> None:
        """Note how a run ended."""
        with self.engine.begin() as connection:
            connection.execute(
                update(schema.runs)
                .where(schema.runs.c.id == run)
                .values(finished=_now(), summary=summary)
            )

    def model(self, kind: str, name: str, fingerprint: str, settings: dict[str, Any]) -> int:
        """The id of a model with this fingerprint and settings, entered when new."""
        key = hashlib.sha256(
            (fingerprint + json.dumps(settings, sort_keys=True)).encode()
        ).hexdigest()
        table = schema.models
        with self.engine.begin() as connection:
            known = connection.execute(
                select(table.c.id).where(table.c.kind == kind, table.c.fingerprint == key)
            ).scalar()
            if known is not None:
                return int(known)
            return int(
                connection.execute(
                    insert(table).values(kind=kind, name=name, fingerprint=key, settings=settings)
                ).inserted_primary_key[0]
            )

    # ingest

    def unit(
        self, export: str, path: str, kind: str, size: int, sha256: str
    ) -> tuple[int, int, bool]:
        """Id, events already stored and whether done, of the unit at ``path`` with these bytes."""
        table = schema.units
        with self.engine.begin() as connection:
            known = connection.execute(
                select(table.c.id, table.c.events_done, table.c.done).where(
                    table.c.path == path, table.c.sha256 == sha256
                )
            ).one_or_none()
            if known is not None:
                return int(known[0]), int(known[1]), bool(known[2])
            made = connection.execute(
                insert(table).values(
                    export=export,
                    path=path,
                    kind=kind,
                    bytes=size,
                    sha256=sha256,
                    events_done=0,
                    done=False,
                )
            )
            return int(made.inserted_primary_key[0]), 0, False

    def finish_unit(self, unit: int, sha256_after: str) -> None:
        """Note that a unit was read to its end and what its bytes hash to afterwards."""
        with self.engine.begin() as connection:
            connection.execute(
                update(schema.units)
                .where(schema.units.c.id == unit)
                .values(done=True, sha256_after=sha256_after)
            )

    def add_unread(self, unread: Unread) -> None:
        """Enter a file that belongs to no unit; entering it again changes nothing."""
        with self.engine.begin() as connection:
            connection.execute(
                sqlite_insert(schema.unread)
                .values(
                    kind=unread.kind,
                    source=unread.source,
                    place=unread.place,
                    reason=unread.reason,
                    bytes=unread.bytes,
                    sha256=unread.sha256,
                )
                .on_conflict_do_nothing()
            )

    def add_batch(self, unit: int, outcomes: Sequence[Outcome]) -> None:
        """Store the next events of a unit: messages, duplicates, quarantine, and the position."""
        with self.engine.begin() as connection:
            _Batch(connection, unit).add(outcomes)
            connection.execute(
                update(schema.units)
                .where(schema.units.c.id == unit)
                .values(events_done=schema.units.c.events_done + len(outcomes))
            )

    def set_threads(self, threads: Iterable[tuple[int, str]]) -> None:
        """Set the thread id of each message that has changed."""
        statement = (
            update(schema.messages)
            .where(schema.messages.c.id == bindparam("key"))
            .values(thread_id=bindparam("thread"))
        )
        rows = [{"key": key, "thread": thread} for key, thread in threads]
        if rows:
            with self.engine.begin() as connection:
                connection.execute(statement, rows)

    # score

    def add_scores(self, model: int, scored: Sequence[Scored]) -> None:
        """Store scores and findings of messages, in place of what an earlier model said."""
        ids = [one.message for one in scored]
        with self.engine.begin() as connection:
            for some in pieces(ids):
                connection.execute(
                    schema.findings.delete().where(schema.findings.c.message_id.in_(some))
                )
            connection.execute(
                update(schema.messages)
                .where(schema.messages.c.id == bindparam("key"))
                .values(
                    model_id=model,
                    score=bindparam("new_score"),
                    flagged=bindparam("new_flagged"),
                    signals=bindparam("new_signals"),
                ),
                [
                    {
                        "key": one.message,
                        "new_score": one.score,
                        "new_flagged": one.flagged,
                        "new_signals": list(one.signals),
                    }
                    for one in scored
                ],
            )
            rows = [
                {
                    "message_id": one.message,
                    "segment": finding.segment,
                    "attachment": finding.attachment,
                    "start": finding.start,
                    "end": finding.end,
                    "text": finding.text,
                    "signal": finding.signal,
                    "score": finding.score,
                }
                for one in scored
                for finding in one.findings
            ]
            if rows:
                connection.execute(insert(schema.findings), rows)

    # entities

    def add_entities(self, model: int, found: Sequence[tuple[int, Sequence[FoundEntity]]]) -> None:
        """Store the entities of messages, in place of what an earlier model said."""
        ids = [message for message, _ in found]
        with self.engine.begin() as connection:
            for some in pieces(ids):
                connection.execute(
                    schema.entities.delete().where(schema.entities.c.message_id.in_(some))
                )
                connection.execute(
                    update(schema.messages)
                    .where(schema.messages.c.id.in_(some))
                    .values(entity_model_id=model)
                )
            rows = [
                {
                    "message_id": message,
                    "segment": one.segment,
                    "start": one.start,
                    "end": one.end,
                    "text": one.text,
                    "label": one.label,
                }
                for message, entities in found
                for one in entities
            ]
            if rows:
                connection.execute(insert(schema.entities), rows)


def pieces(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """``ids`` in runs short enough for one SQL statement."""
    for start in range(0, len(ids), _SQL_VARIABLES):
        yield ids[start : start + _SQL_VARIABLES]


class _Batch:
    """The rows of one batch of outcomes; knows the identities that the batch itself brings."""

    def __init__(self, connection: Connection, unit: int) -> None:
        self.connection = connection
        self.unit = unit
        self.known: dict[str, int] = {}
        self.content: dict[int, str] = {}
        self.sources: dict[tuple[str, str, str], int] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in (
                "messages",
                "recipients",
                "attachments",
                "identities",
                "duplicates",
                "unread",
            )
        }
        self.next_id = 1 + int(
            connection.execute(
                select(func.coalesce(func.max(schema.messages.c.id), 0))
            ).scalar_one()
        )

    def add(self, outcomes: Sequence[Outcome]) -> None:
        self._look_up(outcomes)
        found: dict[int, int] = {}
        for outcome in outcomes:
            result = outcome.result
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
            if rows:
                statement = sqlite_insert(schema.metadata.tables[name])
                if name == "unread":
                    statement = statement.on_conflict_do_nothing()
                self.connection.execute(statement, rows)
        for source, count in found.items():
            self.connection.execute(
                update(schema.sources)
                .where(schema.sources.c.id == source)
                .values(found=schema.sources.c.found + count)
            )

    def _look_up(self, outcomes: Sequence[Outcome]) -> None:
        hashes: set[str] = set()
        todo = [o.result.message for o in outcomes if isinstance(o.result, Parsed)]
        while todo:
            message = todo.pop()
            hashes.update(h for h in (message.mih, message.content_hash) if h)
            todo.extend(message.embedded)
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
                known = self.connection.execute(
                    insert(table).values(
                        unit_id=self.unit,
                        name=outcome.source,
                        format=outcome.format,
                        custodian=outcome.custodian,
                        found=0,
                    )
                ).inserted_primary_key[0]
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
                "in_reply_to": message.in_reply_to,
                "references": message.references,
                "body": message.body,
                "body_format": message.body_format,
                "segments": [[str(s.role), s.start, s.end] for s in message.segments],
                "defects": message.defects,
                "text_hash": text_hash(message),
            }
        )
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
                }
            )


def text_hash(message: Message) -> str:
    """SHA-256 of all that the score stage reads of a message; equal texts are scored once."""
    pieces = [message.subject]
    pieces += [message.body[s.start : s.end] for s in message.segments if s.role is Role.AUTHORED]
    pieces.append("")
    pieces += [a.text for a in message.attachments if a.text]
    return hashlib.sha256(json.dumps(pieces).encode()).hexdigest()
