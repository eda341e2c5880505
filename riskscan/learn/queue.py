"""The loop over a case: what to read next, learnt anew from what was decided.

``Loop.update`` fits the correction of ``riskscan.learn.update`` to the standing decisions and
stores the ranking and the next batch in the case; ``ranking`` and ``next_batch`` read them. Each
batch is mostly the likeliest messages, and partly some drawn at random and some of which the model
is least sure, so that the unexpected is found too. A message of a blind sample stays unknown to the
learner until the queue comes to it by itself: so the sample tells what the queue would have found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, inspect, or_, select, update

import riskscan
from riskscan.case import schema
from riskscan.case.batch import pieces, put_one
from riskscan.case.decisions import Entry, current, current_of, prepare
from riskscan.case.location import Place
from riskscan.case.open import connect, writing
from riskscan.learn.features import Features
from riskscan.learn.reached import note_reached, tell_reached
from riskscan.learn.update import Learner
from riskscan.learn.words import gained
from riskscan.mail.message import Role

BATCH = 10
"""Decisions after which the first update is due; each further batch is a tenth larger (AutoTAR)."""
POOL = 100_000
"""Messages that are ranked anew; those that score lower keep their place behind them."""
QUEUED = 1_000
"""Messages that the stored queue holds."""
RANDOM, UNCERTAIN = 0.05, 0.05
_TABLES = (
    schema.learnings, schema.queued, schema.samples, schema.sampled, schema.passed,
)  # fmt: skip

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Queued:
    """A message to read; ``why``: "likely", "random", "uncertain"."""

    message: int
    probability: float
    why: str


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update came to; ``learnt`` are words with the weight that they gained or lost."""

    id: int
    decided: int
    flagged: int
    batch: int
    ranked: int
    learnt: tuple[tuple[str, float], ...]


def prepare_learning(place: Place) -> None:
    """Make the tables of the loop in a case that has none yet. Raises CaseError."""
    prepare(place)
    engine = connect(place)
    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
        if not there >= {table.name for table in _TABLES}:
            with writing(engine) as connection:
                schema.metadata.create_all(connection, tables=list(_TABLES))
    finally:
        engine.dispose()


def settled(entries: Iterable[Entry]) -> str:
    """One verdict out of what all reviewers say of a message: the majority's, or "unsure"."""
    verdicts = [one.verdict for one in entries]
    for verdict in ("flag", "not"):
        if verdicts.count(verdict) * 2 > len(verdicts):
            return verdict
    return "unsure"


def verdicts(entries: Iterable[Entry]) -> dict[int, str]:
    """The settled verdict of every decided message."""
    ordered = sorted(entries, key=lambda one: (one.message, one.seq))
    return {m: settled(some) for m, some in groupby(ordered, key=lambda one: one.message)}


def held_out(connection: Connection) -> set[int]:
    """Messages of the last blind sample that the queue has not reached: none is learnt from."""
    if not inspect(connection).has_table(schema.sampled.name):
        return set()
    table = schema.sampled
    last = select(func.max(schema.samples.c.id)).scalar_subquery()
    rows = connection.execute(
        select(table.c.message_id).where(
            table.c.sample_id == last, table.c.stratum == "undecided", table.c.reached.is_(None)
        )
    )
    return set(rows.scalars())


class Loop:
    """The loop of the case at ``place``; holds the messages' features, so keep it while reviewing.

    Raises CaseError when there is no case, or it cannot be written to.
    """

    def __init__(self, place: Place, *, seed: int = 0) -> None:
        prepare_learning(place)
        self.seed = seed
        self._engine = connect(place)
        self._ids: Ints = np.zeros(0, np.int64)
        self._learner: Learner | None = None
        self._state: tuple[Any, ...] = ()

    def close(self) -> None:
        """Let go of the database file."""
        self._engine.dispose()

    def due(self) -> bool:
        """Whether so many decisions were made since the last update that another is worth it."""
        with self._engine.connect() as connection:
            upto, batch = _last(connection)
            table = schema.decisions
            new = set(
                connection.execute(
                    select(table.c.message_id).where(
                        table.c.seq > upto, or_(table.c.kind != "undo", table.c.undoes.is_not(None))
                    )
                ).scalars()
            )
            # Of the blind sample nothing is learnt.
            return len(new) >= batch and len(new - held_out(connection)) >= batch

    def update(self) -> Updated:
        """Learn from what is decided now, and store ranking and queue; a transaction at the end."""
        with writing(self._engine) as connection:
            note_reached(connection)
        with self._engine.connect() as connection:
            upto = connection.execute(select(func.max(schema.decisions.c.seq))).scalar() or 0
            said = verdicts(current(connection))
            hidden = held_out(connection)
            _, batch = _last(connection)
            number = connection.execute(select(func.count()).select_from(schema.learnings)).scalar()
            self._read(connection, said.keys() - hidden)
            model = connection.execute(_MODEL).scalar() or ""
        taught = {m: int(v == "flag") for m, v in said.items() if v != "unsure" and m not in hidden}
        assert self._learner is not None
        place = {m: i for i, m in enumerate(self._ids.tolist())}
        taught = {m: flag for m, flag in taught.items() if m in place}
        rows = np.array([place[m] for m in taught], np.int64)
        flags = np.array(list(taught.values()), np.int64)
        learnt = self._learner.learn(rows, flags, round_number=int(number or 0))
        with self._engine.connect() as connection:
            words = gained(connection, taught, learnt.weights)
            ids, probabilities = self._ranked(connection, learnt.probabilities)
            closed = _decided(connection) - hidden
        grown = batch + math.ceil(batch / 10)
        values = {
            "version": riskscan.__version__,
            "upto": upto,
            "decided": len(taught),
            "flagged": int(flags.sum()),
            "seed": self.seed,
            "model": model,
            "batch": grown,
            "learnt": [[word, round(weight, 3)] for word, weight in words],
            "messages": ids.astype("<i8").tobytes(),
            "probabilities": probabilities.astype("<f4").tobytes(),
        }
        open_ = ~np.isin(ids, np.array(sorted(closed), np.int64))
        rng = np.random.default_rng([self.seed, int(number or 0) + 1])
        picks = compose(probabilities, open_, QUEUED, rng)
        queue = [Queued(int(ids[i]), float(probabilities[i]), why) for i, why in picks]
        with writing(self._engine) as connection:
            made = _store(connection, values, queue, hidden)
        return Updated(made, len(taught), int(flags.sum()), grown, len(self._ids), tuple(words))

    def _read(self, connection: Connection, decided: Iterable[int]) -> None:
        """The pool: the best scores and whatever is decided, with their features; read once."""
        mail = schema.messages
        state = connection.execute(
            select(func.max(mail.c.id), func.count(mail.c.score), func.max(mail.c.model_id))
        ).one()
        wanted = set(decided)
        known = self._learner is not None and self._state == tuple(state)
        if known and wanted <= set(self._ids.tolist()):
            return
        best = connection.execute(
            select(mail.c.id).order_by(mail.c.score.desc().nulls_last(), mail.c.id).limit(POOL)
        )
        self._ids = np.array(sorted(wanted.union(best.scalars())), np.int64)
        scores = {m: s for m, s in connection.execute(select(mail.c.id, mail.c.score))}
        prior = np.array([scores[m] or 0.0 for m in self._ids.tolist()])
        features = Features(texts_of(connection, self._ids.tolist()))
        self._learner = Learner(features, prior, seed=self.seed)
        self._state = tuple(state)

    def _ranked(self, connection: Connection, probabilities: Floats) -> tuple[Ints, Floats]:
        """All messages of the case, likeliest first, and their probabilities."""
        mail, ids = schema.messages, self._ids
        inside = set(ids.tolist())
        rest = connection.execute(
            select(mail.c.id, mail.c.score).order_by(mail.c.score.desc().nulls_last(), mail.c.id)
        )
        behind = [(m, s or 0.0) for m, s in rest if m not in inside]
        floor = float(probabilities.min(initial=1.0))
        ids = np.concatenate([ids, np.array([m for m, _ in behind], np.int64)])
        probabilities = np.concatenate([probabilities, [min(s, floor) for _, s in behind]])
        order = np.argsort(-probabilities, kind="stable")
        return ids[order], probabilities[order]


def _store(
    connection: Connection, values: dict[str, Any], queue: Sequence[Queued], hidden: set[int]
) -> int:
    """Store ranking and queue, without what was decided meanwhile; returns the update's number.

    Short, as decisions wait for it: what takes long was done before.
    """
    table, said = schema.learnings, schema.decisions
    note_reached(connection)
    tell_reached(connection)
    # To the microsecond, as decisions are: what was decided before it had another queue.
    values["made"] = datetime.now(UTC).isoformat(timespec="microseconds")
    connection.execute(update(table).values(messages=None, probabilities=None))
    made = int(put_one(connection, table, **values))
    touched = select(said.c.message_id).where(said.c.seq > values["upto"]).distinct()
    late = {
        one.message
        for some in pieces(list(connection.execute(touched).scalars()))
        for one in current_of(connection, some)
    } - hidden
    connection.execute(delete(schema.queued))
    kept = [one for one in queue if one.message not in late]
    if kept:
        connection.execute(
            insert(schema.queued),
            [
                {
                    "position": n, "message_id": one.message, "learning_id": made,
                    "probability": one.probability, "why": one.why,
                }
                for n, one in enumerate(kept)
            ],
        )  # fmt: skip
    return made


_MODEL = (
    select(schema.models.c.fingerprint)
    .join_from(schema.messages, schema.models, schema.messages.c.model_id == schema.models.c.id)
    .order_by(schema.models.c.id.desc())
    .limit(1)
)


def _decided(connection: Connection) -> set[int]:
    """Messages with a decision that stands."""
    return {one.message for one in current(connection)}


def _last(connection: Connection) -> tuple[int, int]:
    """Up to which decision the last learning went, and after how many more the next is due."""
    table = schema.learnings
    row = connection.execute(
        select(table.c.upto, table.c.batch).order_by(table.c.id.desc()).limit(1)
    ).one_or_none()
    return (row.upto, row.batch) if row else (0, BATCH)


def compose(
    probabilities: Floats, open_: NDArray[np.bool_], size: int, rng: np.random.Generator
) -> list[tuple[int, str]]:
    """A queue of ``size`` of the ``open_`` rows: which, and why, mixed evenly.

    Nine in ten are the likeliest, in order; one in twenty is drawn at random from all others, one
    in twenty is the next nearest to a probability of one half.
    """
    rows = np.flatnonzero(open_)
    size = min(size, len(rows))
    if not size:
        return []
    order = rows[np.argsort(-probabilities[rows], kind="stable")]
    drawn, unsure = round(size * RANDOM), round(size * UNCERTAIN)
    likely = order[: size - drawn - unsure]
    rest = order[len(likely) :]
    near = rest[np.argsort(np.abs(probabilities[rest] - 0.5), kind="stable")][:unsure]
    rest = np.setdiff1d(rest, near)
    random = rng.choice(rest, min(drawn, len(rest)), replace=False)
    marked = [
        ((place + 0.5) / len(some), why, int(row))
        for some, why in ((likely, "likely"), (random, "random"), (near, "uncertain"))
        for place, row in enumerate(some)
    ]
    return [(row, why) for _, why, row in sorted(marked)]


def next_batch(place: Place, size: int) -> list[Queued]:
    """The next ``size`` undecided messages of the stored queue.

    It passes over those of the blind sample, which are decided apart, and notes which of them the
    queue has come to so far. Empty before the first update, and when the queue is read to its end.
    """
    prepare_learning(place)
    engine = connect(place)
    try:
        with writing(engine) as connection:
            note_reached(connection)
            apart = _decided(connection) | held_out(connection)
            batch = list[Queued]()
            rows = connection.execute(select(schema.queued).order_by(schema.queued.c.position))
            for row in rows:
                if len(batch) >= size:
                    break
                if row.message_id not in apart:
                    batch.append(Queued(row.message_id, row.probability, row.why))
            return batch
    finally:
        engine.dispose()


def ranking_arrays(connection: Connection) -> tuple[Ints, Floats] | None:
    """Ids of all messages, likeliest first, and their probabilities; None before any update."""
    if not inspect(connection).has_table(schema.learnings.name):
        return None
    table = schema.learnings
    row = connection.execute(
        select(table.c.messages, table.c.probabilities).order_by(table.c.id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    ids = np.frombuffer(row.messages, "<i8").astype(np.int64)
    return ids, np.frombuffer(row.probabilities, "<f4").astype(np.float64)


def reasons(connection: Connection, messages: Sequence[int]) -> dict[int, Queued]:
    """Those of some messages (a page of them) that are in the stored queue, and why."""
    table = schema.queued
    rows = connection.execute(
        select(table.c.message_id, table.c.probability, table.c.why).where(
            table.c.message_id.in_(messages)
        )
    )
    return {row.message_id: Queued(*row) for row in rows}


def ranking(connection: Connection) -> Iterator[tuple[int, float, str]]:
    """Every message once: the queue first, then the others, likeliest first, with ``why`` ""."""
    arrays = ranking_arrays(connection)
    if arrays is None:
        return
    table = schema.queued
    rows = connection.execute(
        select(table.c.message_id, table.c.probability, table.c.why).order_by(table.c.position)
    )
    first = [tuple(row) for row in rows]
    yield from first
    seen = {message for message, _, _ in first}
    for message, probability in zip(*(a.tolist() for a in arrays), strict=True):
        if message not in seen:
            yield message, probability, ""


def texts_of(connection: Connection, ids: Sequence[int]) -> Iterator[str]:
    """Subject, blank line and authored text of these messages, in order, without attachments."""
    mail, bodies = schema.messages, schema.texts
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        rows = connection.execute(
            select(mail.c.id, mail.c.subject, bodies.c.body, bodies.c.segments)
            .join_from(mail, bodies)
            .where(mail.c.id.in_(some))
        )
        found = {}
        for row in rows:
            parts = (row.body[a:b] for role, a, b in row.segments if role == Role.AUTHORED)
            found[row.id] = f"{row.subject}\n\n" + "\n\n".join(parts)
        yield from (found[m] for m in some)
