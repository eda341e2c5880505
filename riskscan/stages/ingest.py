"""Ingest: exports to parsed messages in the case, and the threads over all of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import nsmallest
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, select

from riskscan.case import schema
from riskscan.case.custodians import add_custodian
from riskscan.case.prepared import Prepared, prepare
from riskscan.case.store import Claimed, Outcome, Parsed, Store, Unread
from riskscan.detect.description import Detector
from riskscan.engine import Bounds, Culprit, Engine
from riskscan.engine.engine import Spreading
from riskscan.paths import is_remote
from riskscan.stages.alarm import OutOfTime, time_bound
from riskscan.stages.progress import Progress
from riskscan.stages.rehash import hash_claimed
from riskscan.stages.shards import Rating, drop_shards, merge_shard, shard_unit, task_of

if TYPE_CHECKING:
    from riskscan.mail.thread import ThreadHeader
    from riskscan.sources import Claim, Event, Item, Limits, NotRead, Unit

# What parsing one message may take; the worst in sight, 64 MB, takes less than five seconds.
PARSE_BOUNDS = Bounds(seconds=60, memory=4 * 2**30)
# Each worker's part of a batch.
_BATCH_MESSAGES = 256
_BATCH_BYTES = 4 * 2**20
_MAX_DEFECTS = 100
_THREADS_AT_ONCE = 5_000


def ingest(
    store: Store,
    engine: Engine,
    exports: Sequence[Path],
    custodian: str | None,
    progress: Progress,
    limits: Limits,
    shards: str | None = None,
    detector: Detector | None = None,
) -> int:
    """Read all pending units into the case and assign threads; returns the messages read.

    ``limits``: how exports are read (case/settings.py). ``shards``: where the workers of a cluster
    write what they parse, when they read the exports themselves (shards.py); they score it then
    with ``detector``.
    """
    units = list(_units(store, exports, limits))
    progress.start("reading", sum(unit.size for unit in units), "bytes")
    if shards is not None and isinstance(engine, Spreading):
        # Workers have working folders of their own.
        shards = shards if is_remote(shards) else str(Path(shards).absolute())
        rating = Rating(store, engine, detector)
        read = _merge_units(store, engine, units, custodian, progress, shards, rating)
    else:
        read = sum(_read_unit(store, engine, unit, custodian, progress) for unit in units)
    progress.finish()
    hash_claimed(store, inside=False)
    assign_threads(store)
    return read


def _merge_units(
    store: Store,
    engine: Spreading,
    units: Sequence[Unit],
    custodian: str | None,
    progress: Progress,
    place: str,
    rating: Rating,
) -> int:
    """Merge units that workers read, in order; one that ended several of them is read here."""
    tasks = (task_of(store, unit, custodian, place, rating.place) for unit in units)
    read = 0
    for unit, done in zip(units, engine.spread(shard_unit, tasks), strict=True):
        if done is None:
            rating.end()
            read += _read_unit(store, engine, unit, custodian, progress)
            continue
        key, _, complete = _entered(store, unit, done.before, done.bytes)
        for shard in done.shards:
            messages = merge_shard(store, key, place, shard, rating.key)
            read += messages
            progress.advance(0, messages)
        if not complete:
            store.finish_unit(key, _after(unit, done.bytes, done.after))
        if custodian is not None:
            add_custodian(store.engine, key, custodian)
        drop_shards(place, done.shards)
        progress.advance(unit.size, 0)
    return read


def _entered(store: Store, unit: Unit, sha256: str, size: int) -> tuple[int, int, bool]:
    from riskscan.sources.fetch import path_text

    export, path = path_text(unit.export), path_text(unit.path)
    return store.unit(export, path, unit.kind, size, sha256, unit.source)


def _after(unit: Unit, hashed: int, sha256: str) -> str:
    """The hash of a unit after it was read; "" where it changed before its first hash.

    ``hashed`` is how many bytes that was of: others than were listed are not those that were found.
    """
    return sha256 if unit.size in (0, hashed) else ""


def _read_unit(
    store: Store, engine: Engine, unit: Unit, custodian: str | None, progress: Progress
) -> int:
    """Read a unit here and parse it in the engine's workers."""
    read = told = 0
    sha256, hashed = unit.digest()
    key, done, complete = _entered(store, unit, sha256, hashed)
    if not complete:
        for outcomes, messages, size in parsed(engine, unit, done, custodian):
            store.add_batch(key, outcomes)
            read += messages
            # What an archive unpacks to is not known before its end: never tell more than all.
            step = max(0, min(size, int(unit.size * 0.98) - told))
            told += step
            progress.advance(step, messages)
        store.finish_unit(key, _after(unit, hashed, unit.digest()[0]))
    if custodian is not None:
        add_custodian(store.engine, key, custodian)
    progress.advance(unit.size - told, 0)
    return read


def _units(store: Store, exports: Sequence[Path], limits: Limits) -> Iterator[Unit]:
    """The units of all exports; what is in no unit goes into the case at once."""
    from riskscan.sources import NotRead, discover
    from riskscan.sources.fetch import path_text

    given = sorted({Path(os.path.abspath(e)) for e in exports})  # noqa: PTH100 (links stay)
    for export in given:
        if any(other in export.parents for other in given):
            continue
        unread: list[Unread] = []
        for found in discover([export], limits):
            if isinstance(found, NotRead):
                unread.append(_unread(found))
            else:
                yield found
        store.set_unread(path_text(export), unread)


def parsed(
    engine: Engine, unit: Unit, done: int, custodian: str | None
) -> Iterator[tuple[list[Outcome], int, int]]:
    """Outcomes of the unit's events from ``done`` on; their messages and bytes.

    They come in pieces of a batch. What was read and has not come is never more than a batch (for
    each worker 256 messages or 4 MiB) and a message: a killed scan loses no more.
    """
    from riskscan.sources import Item

    share, pieces = max(1, engine.workers), engine.in_flight + 1
    number, size = share * _BATCH_MESSAGES // pieces, share * _BATCH_BYTES // pieces

    def batches() -> Iterator[tuple[list[Event], list[Item]]]:
        for events in _gather(unit.events(done), number, size):
            yield events, [e for e in events if isinstance(e, Item)]

    for events, results in engine.map(
        prepare_batch, batches(), _raw_size, PARSE_BOUNDS, size * engine.in_flight
    ):
        following = iter(results)
        outcomes: list[Outcome] = []
        for event in events:
            if not isinstance(event, Item):
                outcomes.append(Outcome(event.source, "", "", _told(event)))
                continue
            result = next(following)
            outcomes.append(
                Outcome(
                    event.source,
                    event.format,
                    custodian or event.custodian,
                    result if isinstance(result, Prepared) else _quarantined(event, result),
                    event.lost,
                )
            )
        items = [e for e in events if isinstance(e, Item)]
        yield outcomes, len(items), sum(len(e.data) for e in items)


def _gather(events: Iterable[Event], number: int, most: int) -> Iterator[list[Event]]:
    from riskscan.sources import Item

    batch: list[Event] = []
    size = 0
    for event in events:
        batch.append(event)
        size += _raw_size(event) if isinstance(event, Item) else 0
        if len(batch) >= number or size >= most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _raw_size(item: Item) -> int:
    texts = item.told.texts if item.told is not None else ()
    return len(item.data) + sum(len(one.text) for one in texts)


def prepare_batch(items: list[Item]) -> list[Prepared | str]:
    """Parse messages into the rows of a case, in a worker; text says why one could not be."""
    return [prepare(one) if isinstance(one, Parsed) else one for one in map(_parse, items)]


def parse_batch(items: list[Item]) -> list[Parsed | str]:
    """Parse messages, in a worker; text says why one could not be."""
    return [_parse(item) for item in items]


def _parse(item: Item) -> Parsed | str:
    from riskscan.mail.parse import MailError, parse_message
    from riskscan.mail.post import parse_post
    from riskscan.mail.told import add_told

    try:
        with time_bound(PARSE_BOUNDS.seconds):
            if item.medium == "chat":
                message = parse_post(item.data, _outlook)
            else:
                message = parse_message(item.data, _outlook, item.from_line.encode("latin-1"))
            if item.told is not None:
                add_told(message, item.told)
            message.state = item.state
    except OutOfTime:
        return f"it took more than {PARSE_BOUNDS.seconds:g} seconds of processor time"
    except MailError as error:
        return str(error)
    except MemoryError:
        return "the parser needs more memory than it may take"
    except Exception as error:
        # Promise 1: a fault of ours must not take the scan, nor the message, with it.
        return f"the parser failed: {type(error).__name__}: {error}"
    if item.defects:
        message.defects = [*item.defects, *message.defects][:_MAX_DEFECTS]
    digest, size = as_found(item)
    return Parsed(item.place, item.folder, digest, size, message, item.medium, item.conversation)


def _outlook(data: bytes) -> tuple[bytes, list[str]]:
    """Mail of an Outlook message (.msg, TNEF) that is attached to another; raises ValueError."""
    from riskscan.sources.mapi import no_mail, to_mail
    from riskscan.sources.msg import read_msg_bytes
    from riskscan.sources.tnef import MAGIC, read_tnef_bytes

    try:
        if data.startswith(MAGIC):
            message = read_tnef_bytes(data)
            return to_mail(message), message.repaired
        message = read_msg_bytes(data)
        if what := no_mail(message):
            raise ValueError(what)
        return to_mail(message), message.repaired
    except Exception as error:
        # As in _parse: the message around it must not be lost with it.
        raise ValueError(str(error) or type(error).__name__) from error


def as_found(item: Item) -> tuple[str, int]:
    """Hash and size of an item's bytes as they stand in the export."""
    if item.native_sha256:
        return item.native_sha256, item.native_size
    return hashlib.sha256(item.data).hexdigest(), len(item.data)


def _quarantined(item: Item, result: str | Culprit) -> Unread:
    reason = result.reason if isinstance(result, Culprit) else result
    digest, size = as_found(item)
    return Unread("quarantined", item.place, reason, size, digest, item.source)


def _told(event: NotRead | Claim) -> Unread | Claimed:
    from riskscan.sources import Claim

    if isinstance(event, Claim):
        return Claimed(event.source, event.about, event.kind, event.expected)
    return _unread(event)


def _unread(found: NotRead) -> Unread:
    kind = "not read" if found.lost else "companion"
    return Unread(kind, found.place, found.reason, found.size, found.sha256, found.source)


def assign_threads(store: Store) -> None:
    """Threads over the whole case: a new message may join two that were apart.

    A message without thread is the mark that there is work left, so those that have one already are
    set first.
    """
    from riskscan.mail.thread import Threads

    mail = schema.messages
    first = select(mail.c.id).limit(1)
    with store.engine.connect() as connection:
        if connection.execute(first.where(mail.c.thread_id.is_(None))).scalar() is None:
            return
        grown = connection.execute(first.where(mail.c.thread_id.is_not(None))).scalar() is not None
    with Threads(_thread_headers(store)) as threads:
        for new in (False, True) if grown else (True,):
            changed: list[tuple[int, str]] = []
            for (key, known), (_, thread) in zip(_known_threads(store), threads, strict=True):
                if known != thread and (known is None) == new:
                    changed.append((key, thread))
                if len(changed) >= _THREADS_AT_ONCE:
                    store.set_threads(changed)
                    changed = []
            store.set_threads(changed)


def _known_threads(store: Store) -> Iterator[tuple[int, str | None]]:
    """The thread of each message as it stands; a page a transaction, so that others may write."""
    mail = schema.messages
    statement = select(mail.c.id, mail.c.thread_id).order_by(mail.c.id).limit(_THREADS_AT_ONCE)
    last = 0
    while True:
        with store.engine.connect() as connection:
            rows = connection.execute(statement.where(mail.c.id > last)).all()
        if not rows:
            return
        last = rows[-1].id
        yield from ((key, thread) for key, thread in rows)


def _thread_headers(store: Store) -> Iterator[ThreadHeader]:
    from riskscan.mail.thread import MAX_REFERENCES, ThreadHeader

    mail, people, copies = schema.messages, schema.recipients, schema.duplicates
    with store.engine.connect() as connection:
        addresses = _Beside(connection, people.c.message_id, people.c.address)
        names = _Beside(connection, copies.c.message_id, copies.c.own_message_id)
        for row in connection.execute(
            select(
                mail.c.id, mail.c.message_id, mail.c.references, mail.c.in_reply_to,
                mail.c.subject, mail.c.date, mail.c.sender_address, mail.c.conversation,
                mail.c.medium,
            )
            .order_by(mail.c.id)
            .execution_options(yield_per=_THREADS_AT_ONCE)
        ):  # fmt: skip
            senders = {row.sender_address.casefold()} - {""}
            yield ThreadHeader(
                key=row.id,
                message_id=row.message_id,
                references=tuple(row.references),
                in_reply_to=tuple(row.in_reply_to),
                # Posts of one title are no answers to each other.
                subject="" if row.medium == "chat" else row.subject,
                date=datetime.fromisoformat(row.date) if row.date else None,
                participants=senders.union(a.casefold() for a in addresses.of(row.id)),
                conversation=row.conversation,
                copies=nsmallest(MAX_REFERENCES, names.of(row.id)),
            )


class _Beside:
    """What another table has of each message, read along with the messages: in their order."""

    def __init__(self, connection: Connection, key: Column[int], value: Column[str]) -> None:
        statement = select(key, value).where(value != "").order_by(key)
        rows = connection.execute(statement.execution_options(yield_per=_THREADS_AT_ONCE))
        self._grouped = groupby(rows, itemgetter(0))
        self._next = next(self._grouped, None)

    def of(self, message: int) -> Iterator[str]:
        """The values of a message that comes after those that were asked for before."""
        while self._next is not None and self._next[0] < message:
            self._next = next(self._grouped, None)
        if self._next is not None and self._next[0] == message:
            yield from (value for _, value in self._next[1])
