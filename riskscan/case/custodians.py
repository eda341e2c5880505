"""Whose a message is beside its own custodian and those of its copies.

An export that is read already is not read again under another name (--custodian): the name is kept
for the unit, and holds for all messages and copies in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Engine, inspect, select, union_all

from riskscan.case import schema
from riskscan.case.batch import pieces, put_one
from riskscan.case.open import writing


def add_custodian(engine: Engine, unit: int, custodian: str) -> None:
    """Note that all of a unit was scanned under this name, where the case does not tell so."""
    source, table = schema.sources, schema.unit_custodians
    other = select(source.c.id).where(source.c.unit_id == unit, source.c.custodian != custodian)
    known = select(table.c.id).where(table.c.unit_id == unit, table.c.custodian == custodian)
    with engine.connect() as connection:
        if connection.execute(other.limit(1)).first() is None:
            return
        if connection.execute(known).first() is not None:
            return
    with writing(engine) as connection:
        put_one(connection, table, unit_id=unit, custodian=custodian)


def further_custodians(connection: Connection) -> CompoundSelect[Any] | None:
    """The further custodians of messages: ``id``, ``custodian``, and ``number`` to order them by.

    A pair may come more than once. None where no message has any.
    """
    table, source = schema.unit_custodians, schema.sources
    if not inspect(connection).has_table(table.name):
        return None  # a case of an earlier riskscan
    if connection.execute(select(table.c.id).limit(1)).first() is None:
        return None
    mail, copies = schema.messages, schema.duplicates
    several = [
        select(key.label("id"), table.c.custodian, table.c.id.label("number"))
        .join_from(rows, source, rows.c.source_id == source.c.id)
        .join(table, table.c.unit_id == source.c.unit_id)
        for rows, key in ((mail, mail.c.id), (copies, copies.c.message_id))
    ]
    return union_all(*several)


def further_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """The further custodians of these messages, in the order in which they were given."""
    found: dict[int, list[str]] = defaultdict(list)
    pairs = further_custodians(connection)
    if pairs is None:
        return found
    told = pairs.subquery()
    for some in pieces(ids):
        statement = select(told).where(told.c.id.in_(some)).distinct().order_by(told.c.number)
        for key, custodian, _ in connection.execute(statement):
            found[key].append(custodian)
    return found


def further_by_unit(connection: Connection) -> dict[int, list[str]]:
    """The names under which each unit was scanned again."""
    table = schema.unit_custodians
    found: dict[int, list[str]] = defaultdict(list)
    if inspect(connection).has_table(table.name):
        rows = connection.execute(select(table.c.unit_id, table.c.custodian).order_by(table.c.id))
        for unit, custodian in rows:
            found[unit].append(custodian)
    return found
