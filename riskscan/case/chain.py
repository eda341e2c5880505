"""The hash chain of the decisions: what a row's hash is of, and whether the chain holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect, select, text, update

from riskscan.case import samples, schema
from riskscan.case.database import mark

START = "0" * 64
"""What the first row has as the hash of the one before it."""

_HASHED = tuple(c.name for c in schema.decisions.c if c.name != "sha256")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the chain does not hold; ``seq`` is the row it shows at, ``kind`` a word for machines."""

    seq: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What ``verify`` found: rows, hash of the last one, faults (none: the chain holds)."""

    rows: int
    head: str
    faults: tuple[Fault, ...]


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 of a row's columns but ``sha256``, as the database holds them, in canonical JSON.

    Keys sorted, no spaces, UTF-8; booleans as 0 and 1, ``signals`` as the text that is stored.
    """
    told = {name: int(v) if isinstance(v := row[name], bool) else v for name in _HASHED}
    written = json.dumps(
        told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr
    )
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def verify(connection: Connection, *, head: str = "") -> Verified:
    """Follow the chain from its start and name each row that is changed, missing or moved.

    ``head``: a hash noted earlier, which must be of a row that is still in the chain; this finds
    a chain that was written anew from some row on, which no chain can tell by itself.
    """
    if not inspect(connection).has_table(schema.decisions.name):
        faults = [Fault(0, "missing", "There are no decisions in the case.")] if head else []
        return Verified(0, START, tuple(faults))
    table = schema.decisions
    rows = [
        dict(row)
        for row in connection.execute(
            text(f"SELECT {', '.join(c.name for c in table.c)} FROM decisions ORDER BY seq")
        ).mappings()
    ]
    owner = {row["sha256"]: row["seq"] for row in rows}
    faults = list(_unguarded(connection))
    seq, previous = 0, START
    for row in rows:
        faults += _row_faults(row, seq, previous, owner)
        seq, previous = row["seq"], row["sha256"]
    if (used := last_number(connection)) > seq:
        faults.append(_missing(seq, used + 1))
    faults += _strangers(connection)
    faults += [Fault(0, "sample", reason) for reason in samples.faults(connection)]
    if head and head != START and head not in owner:
        faults.append(Fault(seq, "head", f"No row has the hash {head} that was noted earlier."))
    return Verified(len(rows), previous, tuple(faults))


def last_number(connection: Connection) -> int:
    """The last number of a row that was ever given, also when that row was taken away."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(select(mark.c.decided)).scalar_one())
    used = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'decisions'")
    return int(connection.execute(used).scalar_one())


def set_last_number(connection: Connection, number: int) -> None:
    """Note the last number given; SQLite does so by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(update(mark).values(decided=number))


def _row_faults(
    row: Mapping[str, Any], seq: int, previous: str, owner: Mapping[str, int]
) -> Iterator[Fault]:
    own = row["seq"]
    if own != seq + 1:
        yield _missing(seq, own)
    if row_hash(row) != row["sha256"]:
        yield Fault(own, "changed", f"Row {own} was changed: its hash is not that of its content.")
    if row["previous"] != previous:
        other = owner.get(row["previous"])
        if other is not None:
            yield Fault(own, "moved", f"Row {own} was moved: it was written after row {other}.")
        elif own == seq + 1:
            before = f"row {seq}" if seq else "the start"
            yield Fault(own, "unlinked", f"Row {own} does not follow {before} as it now is.")


def _missing(before: int, after: int) -> Fault:
    first, last = before + 1, after - 1
    rows = f"Row {first} is" if first == last else f"Rows {first} to {last} are"
    return Fault(first, "missing", f"{rows} missing.")


def _unguarded(connection: Connection) -> Iterator[Fault]:
    """Triggers that do not refuse changes as they did when they were made, and added ones."""
    dialect = connection.dialect.name
    statement = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
        "AND lower(tbl_name) = 'decisions'"
    )
    if dialect == "postgresql":
        # With what its function does, which may be replaced as well.
        statement = (
            "SELECT tgname, pg_get_triggerdef(t.oid, true) || ' ' || p.prosrc "
            "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE tgrelid = to_regclass('decisions') AND tgenabled IN ('O', 'A') "
            "AND NOT tgisinternal"
        )
    there = {name: " ".join(sql.split()) for name, sql in connection.execute(text(statement))}
    for guard, sql in schema.refusals(dialect).items():
        if guard not in there:
            yield Fault(0, "unguarded", f"The trigger {guard}, which refuses changes, is gone.")
        elif there.pop(guard) != sql:
            reason = f"The trigger {guard}, which refuses changes, is another one than it was."
            yield Fault(0, "unguarded", reason)
    for stranger in sorted(set(there) - set(schema.GUARDS)):
        yield Fault(0, "unguarded", f"The trigger {stranger} on decisions is not riskscan's.")


def _strangers(connection: Connection) -> Iterator[Fault]:
    """Decisions whose message is not, or not any more, what was decided on."""
    said, mail = schema.decisions, schema.messages
    rows = connection.execute(
        select(said.c.seq, said.c.message_id)
        .join_from(said, mail, mail.c.id == said.c.message_id, isouter=True)
        .where(mail.c.content_hash.is_distinct_from(said.c.content_hash))
        .order_by(said.c.seq)
    )
    for seq, message in rows:
        reason = f"Row {seq} was decided on a message {message} with other content."
        yield Fault(seq, "message", reason)
