"""What proves that a blind sample is the one that was drawn: its hash, and a row of the chain.

A draw is told in the chain of decisions (``decisions.witness``), in the words made here, and so is
what was read past since. A sample that was changed, taken away, or drawn anew until it pleased
shows, as a changed decision does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, inspect, select

from riskscan.case import schema

_CAME_TO = "read past since sample"
WITNESS = "riskscan"
"""Who writes such rows of the chain."""


def list_hash(picks: Iterable[tuple[int, str]]) -> str:
    """SHA-256, in hex, of the sampled messages: lines "id stratum" in the order drawn."""
    listed = "\n".join(f"{message} {stratum}" for message, stratum in picks)
    return hashlib.sha256(listed.encode()).hexdigest()


def in_words(
    number: int, count: int, seed: int, confidence: float, frame: Mapping[str, int], sha256: str
) -> str:
    """What the chain says of a draw."""
    among = ", ".join(f"{size} {stratum}" for stratum, size in sorted(frame.items()))
    return (
        f"drew sample {number}: {count} messages of {among}; seed {seed}, confidence "
        f"{confidence:g}, list {sha256}"
    )


def come_to_in_words(connection: Connection, sample: int, number: int, upto: int) -> str:
    """What the chain says of what was read past since sample ``number``, whose id is ``sample``.

    ``upto``: the last update of the queue of which it speaks.
    """
    drawn, passed = schema.sampled, schema.passed
    reached = connection.execute(
        select(drawn.c.message_id, drawn.c.reached)
        .where(drawn.c.sample_id == sample, drawn.c.reached <= upto)
        .order_by(drawn.c.message_id)
    ).all()
    others: list[tuple[int, int]] = []
    if inspect(connection).has_table(passed.name):  # a case of an earlier riskscan has none
        past = connection.execute(
            select(passed.c.message_id, passed.c.learning_id)
            .where(passed.c.sample_id == sample, passed.c.learning_id <= upto)
            .order_by(passed.c.message_id)
        )
        others = [(message, learning) for message, learning in past]
    rows = [("sampled", *row) for row in reached] + [("other", *row) for row in others]
    listed = "\n".join(f"{kind} {message} {learning}" for kind, message, learning in rows)
    return (
        f"{_CAME_TO} {number} up to update {upto}: {len(reached)} sampled and {len(others)} other "
        f"messages, list {hashlib.sha256(listed.encode()).hexdigest()}"
    )


def witnessed(connection: Connection, beginning: str = "drew sample") -> list[str]:
    """What the chain says of draws (or other words at its ``beginning``), in order."""
    table = schema.decisions
    if not inspect(connection).has_table(table.name):
        return []
    rows = connection.execute(
        select(table.c.note)
        .where(table.c.kind == "undo", table.c.undoes.is_(None), table.c.reviewer == WITNESS)
        .order_by(table.c.seq)
    )
    return [note for note in rows.scalars() if note.startswith(beginning)]


def faults(connection: Connection) -> Iterator[str]:
    """What of the samples of a case is not as the chain says, a sentence each.

    Samples drawn before the chain told of draws (November 2026) are checked by their hash alone.
    """
    said = witnessed(connection)
    table, drawn = schema.samples, schema.sampled
    there = inspect(connection).has_table(table.name)
    rows = connection.execute(select(table).order_by(table.c.id)).all() if there else []
    if len(said) > len(rows):
        yield f"The chain tells of {len(said)} samples, and the case has {len(rows)}."
        return
    first = len(rows) - len(said)
    for place, row in enumerate(rows):
        picks = [
            (one.message_id, one.stratum)
            for one in connection.execute(
                select(drawn).where(drawn.c.sample_id == row.id).order_by(drawn.c.position)
            )
        ]
        changed = list_hash(picks) != row.sha256
        if place >= first:
            told = in_words(place + 1, len(picks), row.seed, row.confidence, row.frame, row.sha256)
            changed |= told != said[place - first]
        if changed:
            yield f"Sample {place + 1} is not the one that was drawn."
        told_of = witnessed(connection, f"{_CAME_TO} {place + 1} up to update ")
        if told_of:
            upto = int(told_of[-1].split(":")[0].split()[-1])
            if told_of[-1] != come_to_in_words(connection, row.id, place + 1, upto):
                yield f"What was read past since sample {place + 1} is not as it was noted."
