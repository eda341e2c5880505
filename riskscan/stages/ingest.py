"""Ingest: exports to parsed messages in the case, and the threads over all of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from riskscan.case import schema
from riskscan.case.store import Claimed, Outcome, Parsed, Store, Unread
from riskscan.engine import Bounds, Culprit, Engine
from riskscan.stages.progress import Progress
from riskscan.stages.rehash import hash_claimed

if TYPE_CHECKING:
    from riskscan.mail.thread import ThreadHeader
    from riskscan.sources import Claim, Event, Item, Limits, NotRead, Unit

# What parsing one message may take; what is in sight takes less than five seconds.
PARSE_BOUNDS = Bounds(seconds=60, memory=4 * 2**30)
_BATCH_MESSAGES = 256
_BATCH_BYTES = 8 * 2**20
_MAX_DEFECTS = 100


def ingest(
    store: Store,
    engine: Engine,
    exports: Sequence[Path],
    custodian: str | None,
    progress: Progress,
    limits: Limits,
) -> int:
    """Read all pending units into the case and assign threads; returns the messages read.

    ``limits``: how exports are read (case/settings.py).
    """
    from riskscan.sources.fetch import path_text

    units = list(_units(store, exports, limits))
    progress.start("reading", sum(unit.size for unit in units), "bytes")
    read = 0
    for unit in units:
        key, done, complete = store.unit(
            path_text(unit.export),
            path_text(unit.path),
            unit.kind,
            unit.size,
            unit.sha256(),
            unit.source,
        )
        told = 0
        if not complete:
            for outcomes, messages, size in _parsed(engine, unit, done, custodian):
                store.add_batch(key, outcomes)
                read += messages
                # What an archive unpacks to is not known before its end: never tell more than all.
                step = max(0, min(size, int(unit.size * 0.98) - told))
                told += step
                progress.advance(step, messages)
            store.finish_unit(key, unit.sha256())
        progress.advance(unit.size - told, 0)
    progress.finish()
    hash_claimed(store, inside=False)
    assign_threads(store)
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


def _parsed(
    engine: Engine, unit: Unit, done: int, custodian: str | None
) -> Iterator[tuple[list[Outcome], int, int]]:
    """Outcomes of the unit's events from ``done`` on, in batches; their messages and bytes."""
    from riskscan.sources import Item

    def batches() -> Iterator[tuple[list[Event], list[Item]]]:
        for events in _gather(unit.events(done)):
            yield events, [e for e in events if isinstance(e, Item)]

    for events, results in engine.map(parse_batch, batches(), size=_raw_size, bounds=PARSE_BOUNDS):
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
                    result if isinstance(result, Parsed) else _quarantined(event, result),
                )
            )
        items = [e for e in events if isinstance(e, Item)]
        yield outcomes, len(items), sum(len(e.data) for e in items)


def _gather(events: Iterable[Event]) -> Iterator[list[Event]]:
    batch: list[Event] = []
    size = 0
    for event in events:
        batch.append(event)
        size += len(getattr(event, "data", b""))
        if len(batch) >= _BATCH_MESSAGES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _raw_size(item: Item) -> int:
    return len(item.data)


def parse_batch(items: list[Item]) -> list[Parsed | str]:
    """Parse messages, in a worker; text says why one could not be."""
    return [_parse(item) for item in items]


def _parse(item: Item) -> Parsed | str:
    from riskscan.mail.parse import MailError, parse_message
    from riskscan.mail.post import parse_post

    try:
        message = (parse_post if item.medium == "chat" else parse_message)(item.data, _outlook)
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
    """Threads over the whole case: a new message may join two that were apart."""
    from riskscan.mail.thread import thread_ids

    mail = schema.messages
    with store.engine.connect() as connection:
        without = select(mail.c.id).where(mail.c.thread_id.is_(None)).limit(1)
        if connection.execute(without).scalar() is None:
            return
    threads = thread_ids(_thread_headers(store))
    with store.engine.connect() as connection:
        known = connection.execute(select(mail.c.id, mail.c.thread_id).order_by(mail.c.id))
        changed = [(key, threads[key]) for key, thread in known if thread != threads[key]]
    store.set_threads(changed)


def _thread_headers(store: Store) -> Iterator[ThreadHeader]:
    from riskscan.mail.thread import ThreadHeader

    mail, people = schema.messages, schema.recipients
    # The same few addresses stand in most messages: one object each, not one a message.
    shared: dict[str, str] = {}

    def one(address: str) -> str:
        address = address.casefold()
        return shared.setdefault(address, address)

    with store.engine.connect() as connection:
        grouped = groupby(
            connection.execute(
                select(people.c.message_id, people.c.address)
                .where(people.c.address != "")
                .order_by(people.c.message_id)
            ),
            itemgetter(0),
        )
        key, recipients = next(grouped, (-1, iter(())))
        for row in connection.execute(
            select(
                mail.c.id, mail.c.message_id, mail.c.references, mail.c.in_reply_to,
                mail.c.subject, mail.c.date, mail.c.sender_address, mail.c.conversation,
            ).order_by(mail.c.id)
        ):  # fmt: skip
            participants = {one(row.sender_address)} - {""}
            if key == row.id:
                participants.update(one(address) for _, address in recipients)
                key, recipients = next(grouped, (-1, iter(())))
            yield ThreadHeader(
                key=row.id,
                message_id=row.message_id,
                references=tuple(row.references),
                in_reply_to=tuple(row.in_reply_to),
                subject=row.subject,
                date=datetime.fromisoformat(row.date) if row.date else None,
                participants=tuple(sorted(participants)),
                conversation=row.conversation,
            )
