"""Writing a case: committing batches of each stage.

Every public write is one transaction that carries its own bookkeeping, so a process killed at any
moment leaves a case from which the scan goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, insert, or_, select, update

import riskscan
from riskscan.case import schema
from riskscan.case.batch import Batch, Known, change_rows, known, pieces, put, put_one
from riskscan.case.location import Location
from riskscan.case.open import CaseError, connect, open_case, writing
from riskscan.case.rows import Claimed, Finding, FoundEntity, Outcome, Parsed, Scored, Unread

__all__ = [
    "CaseError",
    "Claimed",
    "Finding",
    "FoundEntity",
    "Outcome",
    "Parsed",
    "Scored",
    "Store",
    "Unread",
    "connect",
    "open_case",
    "pieces",
]

_AT_ONCE = 10_000
# How the readers say that a file which another one names was not there, or could not be opened.
_OUT_OF_REACH = ("%: not there", "%cannot be opened: %")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _drop_mended(connection: Connection, unit: int) -> None:
    """Take back that files were out of reach when a unit was read in another state than now.

    ``unit`` is read to its end: what is out of reach today is told as its own. What was read in
    part keeps what was said of it, for those bytes are gone.
    """
    units, told = schema.units, schema.unread
    own = select(units.c.path, units.c.kind).where(units.c.id == unit).subquery()
    others = (
        select(units.c.id)
        .join(own, and_(units.c.path == own.c.path, units.c.kind == own.c.kind))
        .where(units.c.id != unit)
    )
    connection.execute(
        told.delete().where(
            told.c.unit_id.in_(others),
            told.c.kind == "not read",
            told.c.sha256 == "",
            or_(*(told.c.reason.like(words) for words in _OUT_OF_REACH)),
        )
    )


class Store:
    """The writing side of an open case; get one from ``open_case``."""

    def __init__(self, engine: Engine, location: Location) -> None:
        self.engine = engine
        self.location = location

    # runs

    def start_run(self, command: str, settings: dict[str, Any]) -> int:
        """Note that a command begins; returns the run's id."""
        with writing(self.engine) as connection:
            return put_one(
                connection,
                schema.runs,
                command=command,
                version=riskscan.__version__,
                settings=settings,
                started=_now(),
            )

    def finish_run(self, run: int, summary: dict[str, Any]) -> None:
        """Note how a run ended."""
        with writing(self.engine) as connection:
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
        with writing(self.engine) as connection:
            known = connection.execute(
                select(table.c.id).where(table.c.kind == kind, table.c.fingerprint == key)
            ).scalar()
            if known is not None:
                return int(known)
            return put_one(
                connection, table, kind=kind, name=name, fingerprint=key, settings=settings
            )

    # ingest

    def unit(
        self, export: str, path: str, kind: str, size: int, sha256: str, source: str = ""
    ) -> tuple[int, int, bool]:
        """Id, events already stored and whether done, of the unit at ``path`` with these bytes.

        ``source`` is its path relative to the export's parent, as in ``sources.Unit``.
        """
        table = schema.units
        with writing(self.engine) as connection:
            known = connection.execute(
                select(table.c.id, table.c.events_done, table.c.done).where(
                    table.c.path == path, table.c.sha256 == sha256
                )
            ).one_or_none()
            if known is not None:
                if known[2]:
                    _drop_mended(connection, int(known[0]))
                return int(known[0]), int(known[1]), bool(known[2])
            made = put_one(
                connection,
                table,
                export=export,
                path=path,
                kind=kind,
                bytes=size,
                sha256=sha256,
                source=source,
                events_done=0,
                done=False,
            )
            return made, 0, False

    def finish_unit(self, unit: int, sha256_after: str) -> None:
        """Note that a unit was read to its end and what its bytes hash to afterwards."""
        with writing(self.engine) as connection:
            connection.execute(
                update(schema.units)
                .where(schema.units.c.id == unit)
                .values(done=True, sha256_after=sha256_after)
            )
            _drop_mended(connection, unit)

    def set_unread(self, export: str, unread: Sequence[Unread]) -> None:
        """Enter the files of an export that are in no unit, in place of what was said before.

        A file that could not be read then may have been mended since.
        """
        table = schema.unread
        columns = [c for c in table.c if c.name not in ("id", "unit_id", "source_id")]
        rows = [{"export": export, **asdict(one)} for one in unread]
        with writing(self.engine) as connection:
            before = select(*columns).where(table.c.export == export).order_by(table.c.id)
            if [dict(row) for row in connection.execute(before).mappings()] != rows:
                connection.execute(table.delete().where(table.c.export == export))
                put(connection, insert(table), rows)

    def known(self, hashes: Collection[str]) -> dict[str, tuple[int, str] | None]:
        """Which of the hashes the case has: see ``case.batch.Known``."""
        with self.engine.connect() as connection:
            return known(connection, hashes)

    def add_batch(
        self,
        unit: int,
        outcomes: Sequence[Outcome],
        start: int | None = None,
        looked_up: Known | None = None,
        model: int | None = None,
    ) -> bool:
        """Store the next events of a unit: messages, duplicates, quarantine, and the position.

        ``start`` is the number of events before them, where they may come twice: what the case
        has already changes nothing and gives False. Raises ValueError when some are missing.
        ``looked_up``: what ``known`` told of their hashes; nothing was stored since. ``model``: the
        id of the model by which messages are rated that come with what it says of them.
        """
        with writing(self.engine) as connection:
            if start is not None:
                table = schema.units
                done = select(table.c.events_done).where(table.c.id == unit)
                at = int(connection.execute(done).scalar_one())
                if at >= start + len(outcomes):
                    return False
                if at != start:
                    raise ValueError(f"events {at} to {start} of a unit are missing")
            Batch(connection, unit, model).add(outcomes, looked_up=looked_up)
            connection.execute(
                update(schema.units)
                .where(schema.units.c.id == unit)
                .values(events_done=schema.units.c.events_done + len(outcomes))
            )
        return True

    def set_claimed(self, hashes: Iterable[tuple[int, str]]) -> None:
        """Enter what the files that claims speak of hash to, by claim."""
        statement = (
            update(schema.claims)
            .where(schema.claims.c.id == bindparam("key"))
            .values(actual=bindparam("hash"))
        )
        rows = ({"key": key, "hash": value} for key, value in hashes)
        with writing(self.engine) as connection:
            while some := list(islice(rows, _AT_ONCE)):
                connection.execute(statement, some)

    def set_threads(self, threads: Iterable[tuple[int, str]]) -> None:
        """Set the thread id of each message that has changed."""
        rows = ((thread, key) for key, thread in threads)
        with writing(self.engine) as connection:
            while some := list(islice(rows, _AT_ONCE)):
                change_rows(connection, schema.messages, ("thread_id",), some)

    # score

    def add_scores(self, model: int, scored: Sequence[Scored]) -> None:
        """Store scores and findings of messages, in place of what an earlier model said."""
        if not scored:
            return
        ids = [one.message for one in scored]
        with writing(self.engine) as connection:
            for some in pieces(ids):
                connection.execute(
                    schema.findings.delete().where(schema.findings.c.message_id.in_(some))
                )
            change_rows(
                connection,
                schema.messages,
                ("model_id", "score", "flagged", "signals"),
                [
                    (model, one.score, one.flagged, json.dumps(one.signals), one.message)
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
            put(connection, insert(schema.findings), rows)

    # entities

    def add_entities(self, model: int, found: Sequence[tuple[int, Sequence[FoundEntity]]]) -> None:
        """Store the entities of messages, in place of what an earlier model said."""
        ids = [message for message, _ in found]
        with writing(self.engine) as connection:
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
            put(connection, insert(schema.entities), rows)
