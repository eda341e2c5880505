"""Near-duplicates and inclusiveness in a case: what grouping reads, its rows, and reading them."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Column, Connection, Engine, Table, func, insert, inspect, select

from riskscan.case import schema
from riskscan.case.batch import pieces, put_rows
from riskscan.case.open import CaseError, writing
from riskscan.mail.inclusive import Inclusion, Letter
from riskscan.mail.message import Role, Segment
from riskscan.mapped import Mapped, release

_MAIL, _TEXTS, _FILES = schema.messages, schema.texts, schema.attachments
_COPIES = schema.duplicates
_NEAR, _INCLUSIVE, _MARK = schema.near_duplicates, schema.inclusiveness, schema.groupings
_EMBEDDED = re.compile(r"/embedded \d{1,9}\Z")
_ROWS = 10_000
_FETCHED = 200
# What a process sketches at once, in messages and characters.
_PORTION, _PORTION_CHARACTERS = 1_000, 2_000_000

Ids = npt.NDArray[np.int64]


def fingerprint(connection: Connection) -> str:
    """A hash of what grouping depends on: it has nothing to do while this stays the same."""
    digest = hashlib.sha256()
    rows = connection.execute(
        select(_MAIL.c.id, _MAIL.c.content_hash, _MAIL.c.thread_id)
        .order_by(_MAIL.c.id)
        .execution_options(yield_per=_ROWS)
    )
    for row in rows:
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def grouped(connection: Connection) -> str | None:
    """The fingerprint of what was grouped last."""
    return connection.execute(select(_MARK.c.fingerprint)).scalar()


def clear(engine: Engine) -> None:
    """Take out all rows of grouping, and that it was done."""
    with writing(engine) as connection:
        for table in (_MARK, _NEAR, _INCLUSIVE):
            connection.execute(table.delete())


def finish(engine: Engine, mark: str) -> None:
    """Note that what has this fingerprint is grouped."""
    with writing(engine) as connection:
        connection.execute(insert(_MARK).values(id=1, fingerprint=mark))


def add(engine: Engine, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Enter rows, some thousands a transaction, so that a reviewer's decision need not wait."""
    several, columns = iter(rows), table.columns.keys()
    while some := list(islice(several, _ROWS)):
        with writing(engine) as connection:
            put_rows(connection, table, columns, some)


class AuthoredTexts:
    """The authored text of each message with its place by date, as often as one goes through.

    ``ids`` are the messages by that place: the earliest first, those without date last.
    """

    def __init__(self, connection: Connection, place: Path | None = None) -> None:
        """``place``: a folder for a temporary file."""
        self._connection = connection
        number, last = connection.execute(
            select(func.count(), func.coalesce(func.max(_MAIL.c.id), 0))
        ).one()
        found = connection.execute(
            select(_MAIL.c.id)
            .order_by(_MAIL.c.date.is_(None), _MAIL.c.date, _MAIL.c.id)
            .execution_options(yield_per=_ROWS)
        ).scalars()
        self.ids: Mapped[np.int64] = Mapped(np.int64, (number,), place)
        self._places: Mapped[np.int32] = Mapped(np.int32, (last + 1,), place)
        self._places.array[:] = -1
        for start, some in zip(range(0, number, _ROWS), found.partitions(_ROWS), strict=True):
            ids = np.array(some, np.int64)
            self.ids.array[start : start + len(ids)] = ids
            self._places.array[ids] = np.arange(start, start + len(ids))
            release(self.ids, self._places)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        places = (place for _, _, some in self.portions() for place in some.tolist())
        return authored(self._connection, places)

    def portions(self) -> Iterator[tuple[int, int, Ids]]:
        """The same for others to read: first and last message, and the places of all between."""
        rows = self._connection.execute(
            select(_MAIL.c.id, _MAIL.c.text_length)
            .order_by(_MAIL.c.id)
            .execution_options(yield_per=_ROWS)
        )
        number = size = first = last = 0
        for key, length in rows:
            if number and (number >= _PORTION or size + length > _PORTION_CHARACTERS):
                yield first, last, self._between(first, last)
                number = size = 0
            if not number:
                first = key
            last = key
            number, size = number + 1, size + length
        if number:
            yield first, last, self._between(first, last)

    def _between(self, first: int, last: int) -> Ids:
        places = self._places.array[first : last + 1].astype(np.int64)
        self._places.release()
        return places[places >= 0]


def authored(
    connection: Connection, places: Iterable[int], first: int = 0, last: int | None = None
) -> Iterator[tuple[int, str]]:
    """The authored texts of messages from ``first`` to ``last`` (None: all), with their places."""
    statement = select(_TEXTS.c.body, _TEXTS.c.segments).order_by(_TEXTS.c.message_id)
    if last is not None:
        statement = statement.where(_TEXTS.c.message_id.between(first, last))
    rows = connection.execute(statement.execution_options(yield_per=_FETCHED))
    for place, (body, segments) in zip(places, rows, strict=True):
        yield (
            int(place),
            "\n".join(body[s:e] for role, s, e in segments if role == Role.AUTHORED),
        )


def body_lengths(connection: Connection, ids: Sequence[int]) -> list[int]:
    """The characters of the bodies of messages."""
    found: dict[int, int] = {}
    for some in pieces(ids):
        statement = select(_TEXTS.c.message_id, func.length(_TEXTS.c.body))
        rows = connection.execute(statement.where(_TEXTS.c.message_id.in_(some)))
        found.update((key, length) for key, length in rows)
    return [found[key] for key in ids]


def thread_members(connection: Connection) -> Iterator[tuple[int, str, int]]:
    """(message, thread, characters of all its text), thread by thread, the earliest first.

    Posts of a chat are given without thread: they do not quote each other whole.
    Those without date come first: such a message cannot be said to hold what was written before.
    """
    rows = connection.execute(
        select(_MAIL.c.id, _MAIL.c.thread_id, _MAIL.c.medium, _MAIL.c.text_length)
        .order_by(_MAIL.c.thread_id, _MAIL.c.date.is_not(None), _MAIL.c.date, _MAIL.c.id)
        .execution_options(yield_per=_ROWS)
    )
    for key, thread, medium, length in rows:
        yield key, "" if medium == "chat" or thread is None else thread, length


def letters(connection: Connection, ids: Sequence[int]) -> list[Letter]:
    """What inclusiveness compares of messages, in the order of ``ids``."""
    attached: dict[int, set[str]] = {key: set() for key in ids}
    found: dict[int, Letter] = {}
    for some in pieces(ids):
        files = select(_FILES.c.message_id, _FILES.c.sha256).where(_FILES.c.message_id.in_(some))
        inside = select(_MAIL.c.parent_id, _MAIL.c.content_hash).where(_MAIL.c.parent_id.in_(some))
        for statement in (files, inside):
            for key, digest in connection.execute(statement):
                attached[key].add(digest)
        rows = connection.execute(
            select(
                _MAIL.c.id, _MAIL.c.subject, _MAIL.c.sender_name, _MAIL.c.sender_address,
                _TEXTS.c.body, _TEXTS.c.segments,
            )
            .join_from(_MAIL, _TEXTS)
            .where(_MAIL.c.id.in_(some))
        )  # fmt: skip
        for row in rows:
            found[row.id] = Letter(
                row.id,
                row.body,
                [Segment(Role(role), start, end) for role, start, end in row.segments],
                row.subject,
                row.sender_name or row.sender_address.partition("@")[0],
                frozenset(attached[row.id]),
            )
    return [found[key] for key in ids]


def inclusion_row(one: Inclusion) -> tuple[Any, ...]:
    """A row of ``inclusiveness``."""
    added = json.dumps([list(span) for span in one.added])
    return (
        one.key, one.included_in, one.reason, one.nearest, one.words, one.added_words, added,
    )  # fmt: skip


def present(connection: Connection) -> bool:
    """Whether the case has been grouped."""
    return inspect(connection).has_table(_MARK.name) and grouped(connection) is not None


FIELDS = (
    "near_group", "near_similarity", "inclusive", "included_in", "inclusive_reason", "adds_to",
    "added_words", "added",
)  # fmt: skip


def groups_of(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The fields of records that docs/groups.md explains, by message.

    All are None for a case that has not been grouped, the first two for a message that is like
    no other.
    """
    told: dict[int, dict[str, Any]] = {key: dict.fromkeys(FIELDS) for key in ids}
    if not present(connection):
        return told
    for some in pieces(ids):
        near = select(_NEAR).where(_NEAR.c.message_id.in_(some))
        for row in connection.execute(near):
            told[row.message_id]["near_group"] = row.near_group
            told[row.message_id]["near_similarity"] = row.similarity
        for row in connection.execute(select(_INCLUSIVE).where(_INCLUSIVE.c.message_id.in_(some))):
            told[row.message_id] |= {
                "inclusive": row.included_in is None,
                "included_in": row.included_in,
                "inclusive_reason": row.reason,
                "adds_to": row.nearest,
                "added_words": row.added_words,
                "added": [{"start": start, "end": end} for start, end in row.added],
            }
    return told


def collapsed(
    connection: Connection, ids: Sequence[int], *, near: bool = False, threads: bool = False
) -> list[int]:
    """Messages without those that others among them stand for, in the same order.

    ``near``: of a near-duplicate group, the first one stays, and each that has an attachment or an
    embedded message which no one before it has. ``threads``: a message goes that another one of
    them includes. Raises CaseError for a case that has not been grouped.
    """
    if not present(connection):
        raise CaseError("Nothing has been grouped in this case yet: scan it again.")
    kept = list(ids)
    if near:
        kept = _first_of_groups(connection, kept)
    if threads:
        # After the near-duplicates: what includes a message must itself be there to be read.
        within = _pairs(connection, kept, _INCLUSIVE.c.included_in)
        there = set(kept)
        kept = [k for k in kept if within.get(k) not in there]
    return kept


def _first_of_groups(connection: Connection, ids: Sequence[int]) -> list[int]:
    group = _pairs(connection, ids, _NEAR.c.near_group)
    inside = _inside(connection, [key for key in ids if key in group])
    kept = []
    there: dict[int, set[str]] = {}
    for key in ids:
        if key in group:
            own = inside.get(key, set())
            if group[key] in there and own <= there[group[key]]:
                continue
            there.setdefault(group[key], set()).update(own)
        kept.append(key)
    return kept


def _inside(connection: Connection, ids: Sequence[int]) -> dict[int, set[str]]:
    """What is in messages, by hash; a file whose bytes are not known is like no other."""
    found: dict[int, set[str]] = defaultdict(set)
    for some in pieces(ids):
        files = select(_FILES).where(_FILES.c.message_id.in_(some))
        for file in connection.execute(files):
            lost = file.unread and not file.bytes
            own = f"{file.message_id}/{file.position}" if lost else file.sha256
            found[file.message_id].add(own)
        mail = select(_MAIL.c.parent_id, _MAIL.c.content_hash).where(_MAIL.c.parent_id.in_(some))
        for key, digest in connection.execute(mail):
            found[key].add(digest)
    # Copies of messages that were met elsewhere, by where they are in what is around them.
    copies = select(_COPIES.c.source_id, _COPIES.c.place, _COPIES.c.content_hash)
    embedded: dict[tuple[int, str], list[str]] = defaultdict(list)
    for source, place, digest in connection.execute(copies.where(_COPIES.c.embedded)):
        embedded[source, _EMBEDDED.sub("", place)].append(digest)
    for some in pieces(ids) if embedded else ():
        places = select(_MAIL.c.id, _MAIL.c.source_id, _MAIL.c.place).where(_MAIL.c.id.in_(some))
        for key, source, place in connection.execute(places):
            found[key].update(embedded.get((source, place), ()))
    return found


def _pairs(connection: Connection, ids: Sequence[int], column: Column[int]) -> dict[int, int]:
    """What a column of a table says of messages, where it says something."""
    key = column.table.c.message_id
    found: dict[int, int] = {}
    for some in pieces(ids):
        statement = select(key, column).where(key.in_(some), column.is_not(None))
        found.update((message, other) for message, other in connection.execute(statement))
    return found


def flagged_groups(connection: Connection) -> dict[int, list[int]]:
    """Flagged messages, worst first, with the flagged near-duplicates that they stand for."""
    ranked = select(_MAIL.c.id).where(_MAIL.c.flagged).order_by(_MAIL.c.score.desc(), _MAIL.c.id)
    group: dict[int, int] = {}
    if present(connection):
        pairs = select(_NEAR.c.message_id, _NEAR.c.near_group).join_from(
            _NEAR, _MAIL, _NEAR.c.message_id == _MAIL.c.id
        )
        group = {k: own for k, own in connection.execute(pairs.where(_MAIL.c.flagged))}
    first: dict[int, int] = {}
    found: dict[int, list[int]] = {}
    for key in connection.execute(ranked).scalars():
        own = first.setdefault(group[key], key) if key in group else key
        if own == key:
            found[key] = []
        else:
            found[own].append(key)
    return found


def near_flagged(connection: Connection, message: int, group: int) -> list[dict[str, Any]]:
    """The other flagged messages of a near-duplicate group, worst first."""
    rows = connection.execute(
        select(
            _MAIL.c.id, _MAIL.c.date, _MAIL.c.sender_name, _MAIL.c.sender_address,
            _MAIL.c.subject, _MAIL.c.score, _NEAR.c.similarity,
        )
        .join_from(_NEAR, _MAIL, _NEAR.c.message_id == _MAIL.c.id)
        .where(_NEAR.c.near_group == group, _MAIL.c.flagged, _MAIL.c.id != message)
        .order_by(_MAIL.c.score.desc(), _MAIL.c.id)
    )  # fmt: skip
    return [dict(row) for row in rows.mappings()]
