"""Who and what a case is about: what merging reads, corrections, and writing what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, and_, case, func, insert, inspect, select, union_all

import riskscan
from riskscan.case import schema
from riskscan.case.batch import put
from riskscan.case.escape import like, lower, part
from riskscan.case.open import writing

ORGANISATIONS = ("ORG", "REGULATOR", "COURT")
_ROWS = 20_000
_WRITTEN = 5_000  # rows at once
NEXT_TO = 12
"""Characters on each side of a mention that merging sees."""

_MAIL, _TO, _FOUND = schema.messages, schema.recipients, schema.entities


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity as the pipeline found it.

    ``around``: of one word of a person in authored text, the characters on both sides of it.
    """

    id: int
    label: str
    text: str
    around: tuple[str, str] | None = None


@dataclass(slots=True)
class Letter:
    """A message as merging sees it: ``people`` are (role, display name, address)."""

    id: int
    people: list[tuple[str, str, str]] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reviewer said: action "join", "split", "counsel" or "not counsel"."""

    action: str
    one: str
    other: str


def header_pairs(connection: Connection) -> Iterator[tuple[str, str, int, int]]:
    """(address in lower case, display name, number, first message) of all headers, sorted."""
    every = union_all(
        select(_MAIL.c.sender_address.label("a"), _MAIL.c.sender_name.label("n"), _MAIL.c.id),
        select(_TO.c.address, _TO.c.name, _TO.c.message_id),
    ).subquery()
    address = lower(every.c.a)
    rows = connection.execute(
        select(address, every.c.n, func.count(), func.min(every.c.id))
        .where(every.c.a != "")
        .group_by(address, every.c.n)
        .order_by(address, every.c.n)
        .execution_options(yield_per=_ROWS)
    )
    for row in rows:
        yield tuple(row)


def mention_texts(connection: Connection) -> Iterator[tuple[str, str, int, int]]:
    """(label, text, number, first message) of all entities, sorted."""
    rows = connection.execute(
        select(_FOUND.c.label, _FOUND.c.text, func.count(), func.min(_FOUND.c.message_id))
        .group_by(_FOUND.c.label, _FOUND.c.text)
        .order_by(_FOUND.c.label, _FOUND.c.text)
        .execution_options(yield_per=_ROWS)
    )
    for row in rows:
        yield tuple(row)


def correspondents(connection: Connection) -> Iterator[tuple[int, list[str]]]:
    """Number and addresses (lower case) of each message that has recipients, in order."""
    senders = connection.execute(
        select(_MAIL.c.id, lower(_MAIL.c.sender_address))
        .order_by(_MAIL.c.id)
        .execution_options(yield_per=_ROWS)
    )
    rows = connection.execute(
        select(_TO.c.message_id, lower(_TO.c.address))
        .where(_TO.c.address != "")
        .order_by(_TO.c.message_id, _TO.c.position)
        .execution_options(yield_per=_ROWS)
    )
    for message, some in groupby(rows, itemgetter(0)):
        own = next(address for key, address in senders if key == message)
        yield message, [*([own] if own else []), *(address for _, address in some)]


def threads(connection: Connection) -> Iterator[list[Letter]]:
    """All messages, a thread at a time."""
    order = (_MAIL.c.thread_id, _MAIL.c.id)
    heads = connection.execute(
        select(_MAIL.c.thread_id, _MAIL.c.id, _MAIL.c.sender_name, lower(_MAIL.c.sender_address))
        .order_by(*order)
        .execution_options(yield_per=_ROWS)
    )
    people = _by_message(
        connection.execute(
            select(_MAIL.c.id, _TO.c.kind, _TO.c.name, lower(_TO.c.address))
            .join_from(_MAIL, _TO)
            .order_by(*order, _TO.c.position)
            .execution_options(yield_per=_ROWS)
        )
    )
    mentions = _by_message(
        connection.execute(
            select(_MAIL.c.id, _FOUND.c.id, _FOUND.c.label, _FOUND.c.text, *_around())
            .join_from(_MAIL, _FOUND)
            .join(schema.texts, schema.texts.c.message_id == _MAIL.c.id)
            .order_by(*order, _FOUND.c.id)
            .execution_options(yield_per=_ROWS)
        )
    )
    for thread, rows in groupby(heads, itemgetter(0)):
        letters = []
        for _, key, name, address in rows:
            letter = Letter(key, [("from", name, address)] if name or address else [])
            letter.people += [tuple(row[1:]) for row in people(key)]
            letter.mentions = [_mention(*row[1:]) for row in mentions(key)]
            letters.append(letter)
            if thread is None:
                yield letters
                letters = []
        if letters:
            yield letters


def _around() -> tuple[Any, Any]:
    """Columns of what stands before and after one word of a person; nothing for all else."""
    body = schema.texts.c.body
    alone = and_(
        _FOUND.c.label == "PERSON",
        _FOUND.c.segment == "authored",
        _FOUND.c.text.not_like("% %"),
    )
    # Lengths of none where a text begins: what stands before it is "".
    start = case((_FOUND.c.start > NEXT_TO, _FOUND.c.start - NEXT_TO), else_=0)
    before = part(body, start + 1, _FOUND.c.start - start)
    after = part(body, _FOUND.c.end + 1, NEXT_TO)
    return case((alone, before), else_=None), case((alone, after), else_=None)


def _mention(key: int, label: str, text: str, before: str | None, after: str | None) -> Mention:
    return Mention(key, label, text, None if before is None else (before, after or ""))


def _by_message(rows: Iterable[Any]) -> Any:
    """A function that takes the rows of the next message, if they are those of ``key``."""
    groups = groupby(rows, itemgetter(0))
    waiting: list[Any] = []

    def take(key: int) -> Iterable[Any]:
        if not waiting:
            waiting.extend(next(groups, (None, ())))
        if waiting[0] != key:
            return ()
        some = list(waiting[1])
        waiting.clear()
        return some

    return take


def definitions(connection: Connection) -> Iterator[tuple[str, str, int]]:
    """(name, the text after it, message) where a bracket follows an organisation or a law."""
    bodies = schema.texts
    after = part(bodies.c.body, _FOUND.c.end + 1, 90)
    rows = connection.execute(
        select(_FOUND.c.label, _FOUND.c.text, after, _FOUND.c.message_id)
        .join_from(_FOUND, bodies, bodies.c.message_id == _FOUND.c.message_id)
        .where(
            _FOUND.c.segment == "authored",
            _FOUND.c.label.in_((*ORGANISATIONS, "LAW")),
            part(bodies.c.body, _FOUND.c.end + 1, 3).like("%(%"),
        )
        .order_by(_FOUND.c.message_id, _FOUND.c.id)
        .execution_options(yield_per=_ROWS)
    )
    for label, text, rest, message in rows:
        yield ("LAW " if label == "LAW" else "") + text, rest, message


def titles(connection: Connection) -> Iterator[tuple[str, str, int]]:
    """(name, the text after it, message) where "counsel" follows a person named in full."""
    bodies = schema.texts
    after = part(bodies.c.body, _FOUND.c.end + 1, 90)
    rows = connection.execute(
        select(_FOUND.c.text, after, _FOUND.c.message_id)
        .join_from(_FOUND, bodies, bodies.c.message_id == _FOUND.c.message_id)
        .where(
            _FOUND.c.segment == "authored",
            _FOUND.c.label == "PERSON",
            like(bodies.c.body, "%general%counsel%"),
            like(after, "%counsel%"),
        )
        .order_by(_FOUND.c.message_id, _FOUND.c.id)
        .execution_options(yield_per=_ROWS)
    )
    for row in rows:
        yield tuple(row)


# corrections


def standing_corrections(connection: Connection) -> list[Correction]:
    """All corrections that were not undone, oldest first."""
    return [Correction(action, one, other) for _, _, action, one, other in _standing(connection)]


def _standing(connection: Connection) -> list[tuple[int, int, str, str, str]]:
    table = schema.corrections
    if not present(connection):
        return []
    columns = table.c.id, table.c.batch, table.c.action, table.c.one, table.c.other
    rows = [tuple(row) for row in connection.execute(select(*columns).order_by(table.c.id))]
    undone = {int(row[3]) for row in rows if row[2] == "undo"}
    return [row for row in rows if row[2] != "undo" and row[0] not in undone]


def add_corrections(engine: Engine, made: Sequence[Correction]) -> int:
    """Note what a reviewer said, and return how much of it is new.

    Nothing is ever taken back but by a later correction. What has been said, and not otherwise
    since, is not noted again.
    """
    with writing(engine) as connection:
        standing = {(row[3], row[4]): row[2] for row in _standing(connection)}
        new = [one for one in made if standing.get((one.one, one.other)) != one.action]
        _note(connection, new)
    return len(new)


def undo_corrections(engine: Engine) -> list[Correction]:
    """Take back what the last command noted that was not undone, and return it."""
    with writing(engine) as connection:
        standing = _standing(connection)
        last = [row for row in standing if row[1] == standing[-1][1]]
        _note(connection, [Correction("undo", str(row[0]), "") for row in last])
    return [Correction(*row[2:]) for row in last]


def _note(connection: Connection, made: Sequence[Correction]) -> None:
    table = schema.corrections
    now = datetime.now(UTC).isoformat(timespec="seconds")
    last = connection.execute(select(func.coalesce(func.max(table.c.batch), 0))).scalar_one()
    rows = [
        {"batch": last + 1, "made": now, "action": c.action, "one": c.one, "other": c.other}
        for c in made
    ]
    put(connection, insert(table), rows)


# writing

_DERIVED = (
    schema.privilege_hints,
    schema.counsel,
    schema.appearances,
    schema.merged_mentions,
    schema.merged_forms,
    schema.merged,
)


def fingerprint(connection: Connection) -> str:
    """A hash of what merging depends on: it has nothing to do while this stays the same.

    Headers and texts of a message never change, and one pipeline finds the same entities in them.
    """
    said = schema.corrections
    read = select(
        _MAIL.c.id,
        _MAIL.c.raw_sha256,
        _MAIL.c.content_hash,
        _MAIL.c.thread_id,
        _MAIL.c.entity_model_id,
    )
    told = select(said.c.id, said.c.action, said.c.one, said.c.other)
    digest = hashlib.sha256(riskscan.__version__.encode())
    for query in (read.order_by(_MAIL.c.id), told.order_by(said.c.id)):
        for row in connection.execute(query.execution_options(yield_per=_ROWS)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def merged_last(connection: Connection) -> str | None:
    """The fingerprint of what was merged last."""
    return connection.execute(select(schema.mergings.c.fingerprint)).scalar()


def replace(engine: Engine, rows: dict[str, Iterable[dict[str, Any]]], mark: str) -> None:
    """Put new rows in place of all that was merged before, in one transaction.

    ``mark``: the fingerprint of what they were made of.
    """
    with writing(engine) as connection:
        connection.execute(schema.mergings.delete())
        connection.execute(insert(schema.mergings).values(id=1, fingerprint=mark))
        for table in _DERIVED:
            connection.execute(table.delete())
        for table in reversed(_DERIVED):
            batch: list[dict[str, Any]] = []
            for row in rows.get(table.name, ()):
                batch.append(row)
                if len(batch) >= _WRITTEN:
                    put(connection, insert(table), batch)
                    batch = []
            put(connection, insert(table), batch)


def present(connection: Connection) -> bool:
    """Whether the case has these tables: one of an earlier riskscan may not."""
    return bool(inspect(connection).has_table(schema.corrections.name))
