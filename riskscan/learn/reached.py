"""Which messages of a blind sample a review has come to: read past, in the order of the queue.

What the queue would have shown counts as read only where a reviewer went further down the same
queue: the message stands before one that is not of the sample and was decided while that queue was
in use, and everything between is decided. So what a review has come to depends on the order of the
queue and on where it stopped, never on which messages were drawn; and what is left of the sample is
a random sample of what is left of the case. Where nobody read on after the draw, nothing is come
to: also when all that is unread was drawn, and the queue has nothing else. The messages read past
that are not of the sample are noted with it. Others that were read since the draw were chosen
otherwise (by a search, say, which shows no sampled message), and the sample stands for them too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, insert, inspect, select, text, update

from riskscan.case import schema
from riskscan.case.decisions import witness
from riskscan.case.samples import come_to_in_words

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passed:
    """What was read past: messages of the last sample, and others; in the queue of ``learning``."""

    sampled: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    learning: int | None = None


def note_reached(connection: Connection) -> None:
    """Note what the present queue has come to, before another takes its place."""
    found = come_to(connection)
    if not found.others:
        return
    table, passed = schema.sampled, schema.passed
    last = connection.execute(select(func.max(schema.samples.c.id))).scalar_one()
    for message in found.sampled:
        connection.execute(
            update(table)
            .where(
                table.c.sample_id == last,
                table.c.message_id == message,
                table.c.reached.is_(None),
            )
            .values(reached=found.learning)
        )
    connection.execute(
        insert(passed),
        [
            {"sample_id": last, "message_id": message, "learning_id": found.learning}
            for message in found.others
        ],
    )


def tell_reached(connection: Connection) -> None:
    """Tell in the chain what was read past in the queue that another one now takes the place of."""
    if not _present(connection):
        return
    passed, samples = schema.passed, schema.samples
    last = connection.execute(select(func.max(samples.c.id))).scalar()
    upto = connection.execute(select(func.max(schema.learnings.c.id))).scalar()
    message = connection.execute(
        select(func.min(passed.c.message_id)).where(
            passed.c.sample_id == last, passed.c.learning_id == upto
        )
    ).scalar()
    if message is not None and last is not None and upto is not None:
        number = connection.execute(select(func.count()).select_from(samples)).scalar_one()
        witness(connection, message, come_to_in_words(connection, last, number, upto))


def come_to(connection: Connection) -> Passed:
    """What was read past in the present queue since the draw, and is not noted yet."""
    if not _present(connection):
        return Passed()
    samples, learnings, said = schema.samples, schema.learnings, schema.decisions
    sample = connection.execute(
        select(samples.c.id, samples.c.upto).order_by(samples.c.id.desc()).limit(1)
    ).one_or_none()
    queue = connection.execute(
        select(learnings.c.id, learnings.c.upto, learnings.c.made)
        .order_by(learnings.c.id.desc())
        .limit(1)
    ).one_or_none()
    if sample is None or queue is None:
        return Passed()
    drawn, waiting = _drawn(connection, sample.id)
    since = connection.execute(
        select(said.c.message_id, said.c.seq, said.c.made).where(
            said.c.seq > sample.upto, said.c.kind != "undo"
        )
    ).all()
    new = {row.message_id for row in since} - drawn
    start = max(sample.upto, queue.upto)
    here = {row.message_id for row in since if row.seq > start and row.made >= queue.made} - drawn
    # Who changes a former decision has not read on.
    here -= set(connection.execute(select(said.c.message_id).where(said.c.seq <= start)).scalars())
    if not here:
        return Passed(learning=queue.id)
    order = _order(connection)
    standing = connection.execute(text("SELECT DISTINCT message_id FROM standing_decisions"))
    read = np.isin(order, _ints(standing.scalars()))
    apart = np.isin(order, _ints(drawn))
    left = np.flatnonzero(~read & ~apart)
    order = order[: left[0]] if len(left) else order
    past = np.flatnonzero(np.isin(order, _ints(here)))
    if not len(past):
        return Passed(learning=queue.id)
    order = order[: past[-1] + 1]
    table = schema.passed
    noted = connection.execute(select(table.c.message_id).where(table.c.sample_id == sample.id))
    others = new - set(noted.scalars())
    return Passed(
        tuple(order[np.isin(order, _ints(waiting))].tolist()),
        tuple(order[np.isin(order, _ints(others))].tolist()),
        queue.id,
    )


def passed_since(connection: Connection, sample: int) -> tuple[set[int], set[int]]:
    """Messages of ``sample``, and others, that were read past in the queue since it was drawn.

    Versions up to 0.1.0 noted sampled ones alone, and some that merely stood first: their notes do
    not count.
    """
    table, passed = schema.sampled, schema.passed
    if not inspect(connection).has_table(passed.name):
        return set(), set()
    noted = connection.execute(select(passed).where(passed.c.sample_id == sample)).all()
    first = min((row.learning_id for row in noted), default=None)
    reached = connection.execute(
        select(table.c.message_id, table.c.reached).where(
            table.c.sample_id == sample, table.c.reached.is_not(None)
        )
    )
    now = come_to(connection)
    return (
        {r.message_id for r in reached if first is not None and r.reached >= first}
        | set(now.sampled),
        {row.message_id for row in noted} | set(now.others),
    )


def _present(connection: Connection) -> bool:
    there = inspect(connection)
    tables = (schema.samples, schema.learnings, schema.decisions, schema.passed)
    return all(there.has_table(one.name) for one in tables)


def _drawn(connection: Connection, sample: int) -> tuple[set[int], set[int]]:
    """All messages of a sample, and those undecided when drawn that are not noted yet."""
    table = schema.sampled
    rows = connection.execute(select(table).where(table.c.sample_id == sample)).all()
    waiting = {r.message_id for r in rows if r.stratum == "undecided" and r.reached is None}
    return {row.message_id for row in rows}, waiting


def _order(connection: Connection) -> Ints:
    """All messages as they are read: the stored queue, then the others, likeliest first."""
    table, queued = schema.learnings, schema.queued
    blob = connection.execute(select(table.c.messages).order_by(table.c.id.desc()).limit(1))
    ranked = np.frombuffer(blob.scalar_one() or b"", "<i8").astype(np.int64)
    first = connection.execute(select(queued.c.message_id).order_by(queued.c.position))
    queue = np.fromiter(first.scalars(), np.int64)
    return np.concatenate([queue, ranked[~np.isin(ranked, queue)]])


def _ints(numbers: Iterable[int]) -> Ints:
    return np.fromiter(numbers, np.int64)
