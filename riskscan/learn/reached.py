"""Which messages of a blind sample a review has come to: read past, in the order of the queue.

What the queue would have shown counts as read only where a reviewer went further down the same
queue: the message stands before one that is not of the sample and was decided while that queue was
in use, and everything between is decided. So what a review has come to depends on the order of the
queue and on where it stopped, never on which messages were drawn; and what is left of the sample is
a random sample of what is left of the case. Where nobody read on after the draw, nothing is come
to: also when all that is unread was drawn, and the queue has nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, inspect, select, text, update

from riskscan.case import schema

Ints = NDArray[np.int64]


def note_reached(connection: Connection) -> None:
    """Note what the present queue has come to, before another takes its place."""
    found, learning = come_to(connection)
    table = schema.sampled
    last = select(func.max(schema.samples.c.id)).scalar_subquery()
    for message in found:
        connection.execute(
            update(table)
            .where(
                table.c.sample_id == last,
                table.c.message_id == message,
                table.c.reached.is_(None),
            )
            .values(reached=learning)
        )


def come_to(connection: Connection) -> tuple[list[int], int | None]:
    """Messages of the last sample, not noted yet, that were read past; and in which learning."""
    if not _present(connection):
        return [], None
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
        return [], None
    drawn, waiting = _drawn(connection, sample.id)
    since = connection.execute(
        select(said.c.message_id)
        .where(
            said.c.seq > max(sample.upto, queue.upto),
            said.c.made >= queue.made,
            said.c.kind != "undo",
        )
        .distinct()
    )
    on = set(since.scalars()) - drawn
    if not waiting or not on:
        return [], queue.id
    order = _order(connection)
    standing = connection.execute(text("SELECT DISTINCT message_id FROM standing_decisions"))
    read = np.isin(order, _ints(standing.scalars()))
    apart = np.isin(order, _ints(drawn))
    left = np.flatnonzero(~read & ~apart)
    order = order[: left[0]] if len(left) else order
    past = np.flatnonzero(np.isin(order, _ints(on)))
    if not len(past):
        return [], queue.id
    order = order[: past[-1]]
    return order[np.isin(order, _ints(waiting))].tolist(), queue.id


def borne_out(connection: Connection, sample: int, upto: int) -> set[int]:
    """Messages of ``sample`` noted as come to, in queues in which somebody read on after the draw.

    Versions up to 0.1.0 also noted what merely stood first; such notes do not count.
    """
    table, learnings, said = schema.sampled, schema.learnings, schema.decisions
    noted = defaultdict[int, set[int]](set)
    for row in connection.execute(
        select(table.c.message_id, table.c.reached).where(
            table.c.sample_id == sample, table.c.reached.is_not(None)
        )
    ):
        noted[row.reached].add(row.message_id)
    if not noted:
        return set()
    drawn, _ = _drawn(connection, sample)
    later = connection.execute(
        select(said.c.made, said.c.message_id).where(said.c.seq > upto, said.c.kind != "undo")
    )
    on = sorted(row.made for row in later if row.message_id not in drawn)
    made = {
        row.id: row.made for row in connection.execute(select(learnings.c.id, learnings.c.made))
    }
    ends = dict(zip(sorted(made), [made[one] for one in sorted(made)][1:], strict=False))
    kept = set[int]()
    for learning, messages in noted.items():
        first, end = made[learning], ends.get(learning, "~")
        if any(first <= when <= end for when in on):
            kept |= messages
    return kept


def _present(connection: Connection) -> bool:
    there = inspect(connection)
    tables = (schema.samples, schema.learnings, schema.decisions)
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
