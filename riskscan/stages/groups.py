"""Grouping: near-duplicates over the whole case, and which messages of each thread say it all.

Made anew from texts and threads whenever these have changed, so a case that grew in several scans
has the groups of one that was made at once. Of a large case, processes of this machine read texts
and compare them, each from the case itself: to send them would cost more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection
from sqlalchemy import Engine as Database

from riskscan.case import groups as tables
from riskscan.case import schema
from riskscan.case.location import Location
from riskscan.case.open import sorting
from riskscan.case.store import Store
from riskscan.engine import Culprit, Engine
from riskscan.mail.inclusive import inclusions
from riskscan.mail.near import Near, grouped, sketch
from riskscan.mail.sketches import Sketched
from riskscan.mapped import Mapped
from riskscan.stages.progress import Progress

# Of a longer thread the messages of this many characters are compared with each other.
_BLOCK = 16_000_000
_AT_ONCE = 500
_ALONE = 10_000  # rows that are held
MANY = 20_000
"""Fewer messages are compared in less time than processes take to start."""

Row = tuple[Any, ...]
Portion = tuple[int, int, tables.Ids]
Threads = list[list[int]]


def group(store: Store, progress: Progress, engine: Engine | None = None) -> None:
    """Find the near-duplicates and inclusive messages of the case; put them in their tables.

    ``engine``: runs processes of this machine; None works in this one.
    """
    with sorting(store.engine) as connection:
        mark = tables.fingerprint(connection)
        if tables.grouped(connection) == mark:
            return
    tables.clear(store.engine)
    progress.start("grouping", 2, "steps")
    with sorting(store.engine) as connection:
        texts = tables.AuthoredTexts(connection, store.location.folder)
        ids = texts.ids
        readers = engine if engine is not None and len(ids.array) >= MANY else Engine(0)
        portions = texts.portions()
        sketched = _each(readers, store, connection, _sketched, portions)
        nears = grouped(sketched, place=store.location.folder)
        tables.add(store.engine, schema.near_duplicates, _near_rows(nears, ids))
    progress.advance(1, 0)
    with sorting(store.engine) as connection:
        judged = _inclusions(connection, readers, store)
        tables.add(store.engine, schema.inclusiveness, judged)
    progress.advance(1, 0)
    tables.finish(store.engine, mark)
    progress.finish()


def _near_rows(nears: Iterator[Near], ids: Mapped[np.int64]) -> Iterator[Row]:
    while some := list(islice(nears, _AT_ONCE)):
        own = ids.array[[near.key for near in some]].tolist()
        groups = ids.array[[near.principal for near in some]].tolist()
        ids.release()
        likeness = (round(near.similarity, 4) for near in some)
        yield from zip(own, groups, likeness, strict=True)


# processes that read the case


def _each(
    readers: Engine, store: Store, connection: Connection, work: Any, portions: Iterable[Any]
) -> Iterator[Any]:
    """What ``work`` makes of each portion, in order: here, or in processes that read the case.

    A portion whose process ends is worked off here.
    """
    if readers.workers == 0:
        yield from (work(connection, portion) for portion in portions)
        return
    place = store.location.local()
    batches = ((portion, [(place, work, portion)]) for portion in portions)
    for portion, (made,) in readers.map(_read_here, batches):
        yield work(connection, portion) if isinstance(made, Culprit) else made


def _read_here(parts: list[tuple[Location, Any, Any]]) -> list[Any]:
    """In a process of its own: do the work with a connection to the case."""
    made = []
    for place, work, portion in parts:
        with _opened(place).connect() as connection:
            made.append(work(connection, portion))
    return made


@lru_cache(maxsize=1)
def _opened(place: Location) -> Database:
    return place.connect()


def _sketched(connection: Connection, portion: Portion) -> Sketched:
    first, last, places = portion
    return sketch(tables.authored(connection, places, first, last))


def _judged(connection: Connection, threads: Threads) -> list[Row]:
    letters = {one.key: one for one in tables.letters(connection, [k for t in threads for k in t])}
    return [
        tables.inclusion_row(one)
        for thread in threads
        for one in inclusions([letters[key] for key in thread])
    ]


# inclusiveness


def _inclusions(connection: Connection, readers: Engine, store: Store) -> Iterator[Row]:
    """The rows of all messages: first those that are alone, then a thread after the other."""
    alone: list[Row] = []

    def compared() -> Iterator[Threads]:
        waiting: Threads = []
        number = characters = 0
        for ids, size in _blocks(connection):
            if len(ids) == 1:
                alone.append((ids[0], None, "alone", None, 0, 0, "[]"))
                if len(alone) < _ALONE:
                    continue
                ids, size = [], 0
            full = number + len(ids) > _AT_ONCE or characters + size > _BLOCK
            if not ids or (waiting and full):
                yield waiting
                waiting, number, characters = [], 0, 0
            if ids:
                waiting.append(ids)
            number, characters = number + len(ids), characters + size
        if waiting:
            yield waiting

    for rows in _each(readers, store, connection, _judged, compared()):
        yield from rows
        yield from alone
        alone.clear()
    yield from alone


def _blocks(connection: Connection) -> Iterator[tuple[list[int], int]]:
    """The messages that are compared with each other, and how many characters they have.

    Those of a thread, or, of a long one, of some millions of characters at once.
    """
    for thread, members in groupby(tables.thread_members(connection), itemgetter(1)):
        if not thread:
            yield from (([key], 0) for key, _, _ in members)
            continue
        ids, lengths = [], []
        for key, _, length in members:
            ids.append(key)
            lengths.append(length)
        if sum(lengths) > _BLOCK:
            # With attachments; only bodies are compared.
            lengths = tables.body_lengths(connection, ids)
        start = size = 0
        for end, length in enumerate(lengths):
            if end > start and size + length > _BLOCK:
                yield ids[start:end], size
                start, size = end, 0
            size += length
        yield ids[start:], size
