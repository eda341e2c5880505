"""The manifest: what was found in every source, whether the sums are right, what was not read.

docs/manifest.md describes the document for machines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, and_, case, func, literal_column, select

import riskscan
from riskscan.case import schema
from riskscan.case.claims import Compared, compare
from riskscan.case.custodians import further_by_unit

Record = dict[str, Any]
# How a message ended up; the three after "found" add up to it.
FIGURES = (
    "found",
    "stored",
    "duplicates",
    "quarantined",
    "embedded",
    "empty",
    "not_read",
    "companions",
)
# How the readers of chats begin the reason of a post that was deleted, text and all.
_DELETED = "a deleted post"


def manifest(engine: Engine) -> Record:
    """The whole manifest of a case as one document, see docs/manifest.md.

    Figures are counted from the rows of the case, not taken from what a scan said of itself.
    """
    with engine.connect() as connection:
        sources = source_rows(connection)
        unread = _unread(connection)
        units = _units(connection, sources, unread)
        compared = compare(connection)
        astray = _astray(connection)
    known = {unit["id"] for unit in units}
    outside = [row for row in unread if row["unit"] not in known]
    totals = {name: sum(unit[name] for unit in units) for name in FIGURES}
    totals["not_read"] += _count(outside, "not read")
    totals["companions"] += _count(outside, "companion")
    wrong = [row for row in sources if not row["adds_up"]]
    return {
        "manifest": 1,
        "riskscan": riskscan.__version__,
        "schema": schema.SCHEMA_VERSION,
        "totals": totals,
        "astray": astray,
        "adds_up": not (wrong or astray),
        "complete": not (wrong or astray) and _complete(totals, units, compared),
        "units": units,
        "sources": sources,
        "unread": unread,
        "deleted_posts": _deleted_posts(unread),
        "claims": compared.document(),
    }


def _astray(connection: Connection) -> int:
    """Rows of messages, copies and quarantined messages that are of no source of the case, and of
    sources, files not read and claims that are of no unit."""
    source = schema.sources
    known = select(source.c.id).join_from(source, schema.units)
    units = select(schema.units.c.id)
    unread = schema.unread
    lost = unread.c.source_id.is_(None) | unread.c.source_id.not_in(known)
    # A file of no unit has NULL, of which "not in" is true when the case has no unit at all.
    told = and_(unread.c.kind != "quarantined", unread.c.unit_id.is_not(None))
    counted = [
        select(func.count()).where(table.c.source_id.not_in(known))
        for table in (schema.messages, schema.duplicates)
    ]
    counted.append(select(func.count()).where(unread.c.kind == "quarantined", lost))
    counted.append(select(func.count()).where(told, unread.c.unit_id.not_in(units)))
    counted += [
        select(func.count()).where(table.c.unit_id.not_in(units))
        for table in (source, schema.claims)
    ]
    return sum(int(connection.execute(one).scalar_one()) for one in counted)


def _complete(totals: Record, units: Iterable[Record], compared: Compared) -> bool:
    read = all(unit["done"] and not unit["changed"] for unit in units)
    return read and not (totals["quarantined"] or totals["not_read"] or compared.differing)


def _count(unread: Iterable[Record], kind: str) -> int:
    return sum(row["kind"] == kind for row in unread)


def _deleted_posts(unread: Iterable[Record]) -> list[Record]:
    """How many posts each source says were deleted, whose text it does not hold any more."""
    counts = Counter(
        (row["unit"], row["source"]) for row in unread if row["reason"].startswith(_DELETED)
    )
    return [
        {"unit": unit, "source": source, "posts": number}
        for (unit, source), number in counts.items()
    ]


def source_rows(connection: Connection) -> list[Record]:
    """One dictionary a source: its unit, bytes, hashes and figures, and whether they add up.

    ``not_read`` and ``companions`` count what is told of the source itself (the end of an mbox
    that is cut off), not the other files of its unit.
    """
    source, unit = schema.sources, schema.units
    statement = select(
        source.c.id,
        source.c.name.label("source"),
        source.c.format,
        source.c.custodian,
        source.c.unit_id,
        unit.c.path,
        unit.c.kind.label("unit"),
        unit.c.bytes,
        unit.c.sha256,
        unit.c.sha256_after,
        unit.c.done,
        source.c.found,
    ).join_from(source, unit)
    rows = [dict(row) for row in connection.execute(statement.order_by(source.c.id)).mappings()]
    tallies = _tallies(connection)
    named = _unread_by_name(connection)
    further = further_by_unit(connection)
    for row in rows:
        key = row.pop("id")
        several = further.get(row["unit_id"], ())
        row["further_custodians"] = [one for one in several if one != row["custodian"]]
        for name in ("stored", "duplicates", "quarantined", "embedded", "empty"):
            row[name] = tallies[name].get(key, 0)
        # Of the custodians that one source may have, the first is told of it.
        told = named.pop((row.pop("unit_id"), row["source"]), {})
        row["not_read"] = told.get("not read", 0)
        row["companions"] = told.get("companion", 0)
        row["adds_up"] = row["found"] == row["stored"] + row["duplicates"] + row["quarantined"]
    return rows


def _tallies(connection: Connection) -> dict[str, dict[int, int]]:
    """For each figure, its number for each source that has any."""
    mail, copies, lost, texts = (
        schema.messages,
        schema.duplicates,
        schema.unread,
        schema.texts,
    )

    def tally(statement: Any) -> dict[int, int]:
        return {key: int(number) for key, number in connection.execute(statement)}

    def count(table: Any, *tests: Any) -> dict[int, int]:
        return tally(
            select(table.c.source_id, func.count()).where(*tests).group_by(table.c.source_id)
        )

    inner = count(mail, mail.c.parent_id.is_not(None))
    for key, number in count(copies, copies.c.embedded).items():
        inner[key] = inner.get(key, 0) + number
    # Written out, not bound, for SQLite to take the partial index; "+" is for it to take no other,
    # which would look into every text.
    bodiless = (
        select(mail.c.source_id, func.count())
        .join_from(texts, mail)
        .where(texts.c.body == literal_column("''"), literal_column("+messages.parent_id IS NULL"))
        .group_by(mail.c.source_id)
    )
    return {
        "stored": count(mail, mail.c.parent_id.is_(None)),
        "duplicates": count(copies, copies.c.embedded.is_(False)),
        "quarantined": count(lost, lost.c.kind == "quarantined", lost.c.source_id.is_not(None)),
        "embedded": inner,
        "empty": tally(bodiless),
    }


def _unread_by_name(connection: Connection) -> dict[tuple[int, str], dict[str, int]]:
    """How many were not read, or left, by unit and by the name of the source itself."""
    table, source = schema.unread, schema.sources
    at = and_(source.c.unit_id == table.c.unit_id, source.c.name == table.c.source)
    statement = (
        select(table.c.unit_id, table.c.source, table.c.kind, func.count(table.c.id.distinct()))
        .join_from(table, source, at)
        .where(table.c.kind != "quarantined")
        .group_by(table.c.unit_id, table.c.source, table.c.kind)
    )
    found: dict[tuple[int, str], dict[str, int]] = {}
    for unit, name, kind, number in connection.execute(statement):
        found.setdefault((unit, name), {})[kind] = number
    return found


def _unread(connection: Connection) -> list[Record]:
    """What did not become a message, with the number of its unit (None: a file in none)."""
    table = schema.unread
    statement = select(
        table.c.id,
        table.c.unit_id.label("unit"),
        table.c.kind,
        table.c.source,
        table.c.place,
        table.c.reason,
        table.c.bytes,
        table.c.sha256,
    ).order_by(table.c.source, table.c.id)
    return [dict(row) for row in connection.execute(statement).mappings()]


def _units(connection: Connection, sources: Iterable[Record], unread: Any) -> list[Record]:
    """One dictionary a unit: where it is, its hashes, and the sums over its sources."""
    table = schema.units
    after = table.c.sha256_after
    statement = select(
        table.c.id,
        table.c.export,
        table.c.path,
        table.c.source,
        table.c.kind,
        table.c.bytes,
        table.c.sha256,
        after,
        table.c.done,
        case((after.is_(None), False), else_=after != table.c.sha256).label("changed"),
    ).order_by(table.c.id)
    units = [dict(row) for row in connection.execute(statement).mappings()]
    at = {}
    for unit in units:
        unit |= dict.fromkeys(FIGURES, 0)
        unit["changed"] = bool(unit["changed"])
        at[unit["path"], unit["sha256"]] = at[unit["id"]] = unit
    for row in sources:
        unit = at[row["path"], row["sha256"]]
        for name in FIGURES[:6]:
            unit[name] += row[name]
    for row in unread:
        if row["unit"] in at and row["kind"] != "quarantined":
            at[row["unit"]]["not_read" if row["kind"] == "not read" else "companions"] += 1
    return units
