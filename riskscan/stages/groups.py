"""Grouping: near-duplicates over the whole case, and which messages of each thread say it all.

Made anew from texts and threads whenever these have changed, so a case that grew in several scans
has the groups of one that was made at once. It runs in this process: a worker's share would cost
more to send than to compute.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection

from riskscan.case import groups as tables
from riskscan.case import schema
from riskscan.case.store import Store
from riskscan.mail.inclusive import Inclusion, inclusions
from riskscan.mail.near import near_groups
from riskscan.stages.progress import Progress

# Of a longer thread the messages of this many characters are compared with each other.
_BLOCK = 16_000_000
_AT_ONCE = 500


def group(store: Store, progress: Progress) -> None:
    """Find the near-duplicates and inclusive messages of the case; put them in their tables."""
    engine = store.engine
    with engine.connect() as connection:
        mark = tables.fingerprint(connection)
        if tables.grouped(connection) == mark:
            return
    tables.clear(engine)
    progress.start("grouping", 2, "steps")
    with engine.connect() as connection:
        texts = tables.AuthoredTexts(connection)
        ids = texts.ids
        rows = (
            {
                "message_id": int(ids[near.key]),
                "near_group": int(ids[near.principal]),
                "similarity": round(near.similarity, 4),
            }
            for near in near_groups(texts, place=store.location.folder)
        )
        tables.add(engine, schema.near_duplicates, rows)
    progress.advance(1, 0)
    with engine.connect() as connection:
        judged = (tables.inclusion_row(one) for one in _inclusions(connection))
        tables.add(engine, schema.inclusiveness, judged)
    progress.advance(1, 0)
    tables.finish(engine, mark)
    progress.finish()


def _inclusions(connection: Connection) -> Iterator[Inclusion]:
    """All messages, a thread after the other."""
    waiting: list[list[int]] = []
    number = characters = 0
    for thread, members in groupby(tables.thread_members(connection), itemgetter(1)):
        for block in _blocks(members):
            ids, size = block
            if len(ids) == 1 or not thread:
                yield from (Inclusion(key, "alone") for key in ids)
                continue
            if waiting and (number + len(ids) > _AT_ONCE or characters + size > _BLOCK):
                yield from _judged(connection, waiting)
                waiting, number, characters = [], 0, 0
            waiting.append(ids)
            number, characters = number + len(ids), characters + size
    yield from _judged(connection, waiting)


def _blocks(members: Iterator[tuple[int, str, int]]) -> Iterator[tuple[list[int], int]]:
    """The messages of a thread, some millions of characters at once, and how many these are."""
    ids: list[int] = []
    size = 0
    for key, _, length in members:
        if ids and size + length > _BLOCK:
            yield ids, size
            ids, size = [], 0
        ids.append(key)
        size += length
    yield ids, size


def _judged(connection: Connection, threads: list[list[int]]) -> Iterator[Inclusion]:
    letters = {one.key: one for one in tables.letters(connection, [k for t in threads for k in t])}
    for thread in threads:
        yield from inclusions([letters[key] for key in thread])
