"""Quarantine: messages that could not be parsed, and how one leaves it when it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, select, update

from riskscan.case import schema
from riskscan.case.batch import Batch, pieces
from riskscan.case.open import writing
from riskscan.case.rows import Outcome


@dataclass(frozen=True, slots=True)
class Held:
    """A quarantined message: where its bytes are, their hash, why it could not be parsed.

    ``source`` and ``place`` as in ``sources.Item``; ``export`` and ``path`` name its unit.
    """

    id: int
    unit: int
    export: str
    path: str
    source: str
    place: str
    format: str
    custodian: str
    reason: str
    bytes: int
    sha256: str


def held(engine: Engine) -> list[Held]:
    """All that is in quarantine, in the order in which it was found."""
    lost, unit, source = schema.unread, schema.units, schema.sources
    statement = (
        select(
            lost.c.id,
            unit.c.id,
            unit.c.export,
            unit.c.path,
            source.c.name,
            lost.c.place,
            source.c.format,
            source.c.custodian,
            lost.c.reason,
            lost.c.bytes,
            lost.c.sha256,
        )
        .join_from(lost, source, lost.c.source_id == source.c.id)
        .join(unit, source.c.unit_id == unit.c.id)
        .where(lost.c.kind == "quarantined")
        .order_by(lost.c.id)
    )
    with engine.connect() as connection:
        return [Held(*row) for row in connection.execute(statement)]


def release(engine: Engine, freed: Sequence[tuple[Held, Outcome]]) -> None:
    """Move messages that now parse out of quarantine: stored, or duplicates, of the same source.

    One transaction: found = stored + duplicates + quarantined holds before and after.
    """
    with writing(engine) as connection:
        _delete(connection, [one.id for one, _ in freed])
        for unit in dict.fromkeys(one.unit for one, _ in freed):
            outcomes = [outcome for one, outcome in freed if one.unit == unit]
            Batch(connection, unit).add(outcomes, counted=True)


def set_reasons(engine: Engine, reasons: Sequence[tuple[int, str]]) -> None:
    """Note why messages still cannot be parsed, by ``Held.id``."""
    if not reasons:
        return
    table = schema.unread
    statement = update(table).where(table.c.id == bindparam("key")).values(reason=bindparam("new"))
    with writing(engine) as connection:
        connection.execute(statement, [{"key": key, "new": why} for key, why in reasons])


def _delete(connection: Connection, ids: Sequence[int]) -> None:
    table = schema.unread
    for some in pieces(ids):
        connection.execute(table.delete().where(table.c.id.in_(some)))
