"""The figures of the report, counted by the database over the whole case.

Nothing here reads a body, so that a case of any size is counted in seconds and flat memory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from sqlalchemy import Engine, String, and_, case, cast, func, not_, select, union

from riskscan.case import schema
from riskscan.case.claims import Mismatch, compare
from riskscan.case.custodians import further_custodians, further_of
from riskscan.case.escape import lower, part
from riskscan.case.read import Case, Record
from riskscan.case.store import pieces
from riskscan.export.report_groups import Standing
from riskscan.export.report_words import SHOWN_ROLE

_WORDS = 4
_REASONS = 50
_SOURCES = 400
_LISTED = 300


@dataclass(frozen=True, slots=True)
class Tally:
    """Flagged and all unique messages of a custodian, a sender or a signal."""

    key: str
    name: str
    flagged: int
    messages: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A flagged message as the ranked table shows it; ``finding`` is its best telling one.

    ``near`` and ``within``: how many flagged near-duplicates, and messages of its thread that it
    includes, it stands for; ``best``: the highest score of all these.
    """

    id: int
    rank: int
    score: float
    date: str | None
    sender: str
    sender_key: str
    sender_name: str
    subject: str
    signals: tuple[str, ...]
    custodians: tuple[str, ...]
    finding: str
    segment: str
    near: int = 0
    within: int = 0
    best: float = 0.0
    state: str = ""


@dataclass(slots=True)
class Figures:
    """All that the report says of the case as a whole."""

    counts: dict[str, int]
    unique: int = 0
    days: dict[str, tuple[int, int]] = field(default_factory=dict)
    undated: int = 0
    undated_flagged: int = 0
    first: str | None = None
    last: str | None = None
    custodians: list[Tally] = field(default_factory=list)
    senders: list[Tally] = field(default_factory=list)
    sender_count: int = 0
    signals: list[Tally] = field(default_factory=list)
    ranked: list[Ranked] = field(default_factory=list)
    near: int = 0
    within: int = 0
    best: float | None = None
    exports: list[Record] = field(default_factory=list)
    unfinished: int = 0
    files: int = 0
    files_without_text: int = 0
    files_shown: int = 0
    noted: int = 0


def figures(
    case_: Case, engine: Engine, *, limit: int, senders: int, standing: Mapping[int, Standing]
) -> Figures:
    """Count the case; ``limit`` flagged messages are ranked and ``senders`` senders named.

    ``standing`` are the flagged messages to be listed, in order.
    """
    found = Figures(case_.counts())
    with engine.connect() as connection:
        _time(connection, found)
        _custodians(connection, found)
        _senders(connection, found, senders)
        _signals(connection, found)
        _exports(connection, found)
        found.ranked = _ranked(connection, list(standing.items())[:limit])
        found.near = sum(row.near for row in found.ranked)
        found.within = sum(row.within for row in found.ranked)
    return found


_MAIL = schema.messages
_FLAGGED = func.coalesce(func.sum(case((_MAIL.c.flagged, 1), else_=0)), 0)


def _time(connection: Any, found: Figures) -> None:
    day = func.substr(_MAIL.c.date, 1, 10)
    for text, messages, flagged in connection.execute(
        select(day, func.count(), _FLAGGED).group_by(day).order_by(day)
    ):
        found.unique += messages
        if text is None:
            found.undated, found.undated_flagged = messages, flagged
        else:
            found.days[text] = (messages, flagged)
    found.first, found.last, found.best = connection.execute(
        select(func.min(_MAIL.c.date), func.max(_MAIL.c.date), func.max(_MAIL.c.score))
    ).one()


def _custodians(connection: Any, found: Figures) -> None:
    copies = schema.duplicates
    pairs: list[Any] = [
        select(_MAIL.c.id, _MAIL.c.custodian), select(copies.c.message_id, copies.c.custodian)
    ]  # fmt: skip
    if (further := further_custodians(connection)) is not None:
        told = further.subquery()
        pairs.append(select(told.c.id, told.c.custodian))
    held = union(*pairs).subquery()
    rows = connection.execute(
        select(held.c.custodian, func.count().label("n"), _FLAGGED.label("f"))
        .join_from(held, _MAIL, _MAIL.c.id == held.c.id)
        .group_by(held.c.custodian)
    )
    found.custodians = sorted(
        (Tally(name, name, flagged, messages) for name, messages, flagged in rows),
        key=lambda t: (-t.flagged, t.name),
    )


def _senders(connection: Any, found: Figures, limit: int) -> None:
    address = lower(_MAIL.c.sender_address)
    counted = (
        select(
            address.label("address"),
            func.max(_MAIL.c.sender_name).label("name"),
            func.count().label("n"),
            _FLAGGED.label("f"),
        )
        .group_by(address)
        .subquery()
    )
    rows = connection.execute(
        select(counted.c.address, counted.c.name, counted.c.f, counted.c.n)
        .where(counted.c.f > 0)
        .order_by(counted.c.f.desc(), counted.c.address)
        .limit(limit)
    )
    found.senders = [Tally(*row) for row in rows]
    found.sender_count = connection.execute(
        select(func.count()).select_from(counted).where(counted.c.f > 0)
    ).scalar_one()


def _signals(connection: Any, found: Figures) -> None:
    seen: Counter[str] = Counter()
    rows = connection.execute(select(_MAIL.c.signals).where(_MAIL.c.flagged))
    for (signals,) in rows:
        seen.update(set(signals or []))
    flagged = found.counts["flagged"]
    found.signals = [
        Tally(signal, signal, n, flagged)
        for signal, n in sorted(seen.items(), key=lambda item: (-item[1], item[0]))
    ]


def _exports(connection: Any, found: Figures) -> None:
    units, files = schema.units, schema.attachments
    rows = connection.execute(
        select(
            units.c.export,
            func.count().label("units"),
            func.sum(units.c.bytes).label("bytes"),
        )
        .group_by(units.c.export)
        .order_by(func.min(units.c.id))
    )
    found.exports = [{**row, "name": PurePath(row["export"]).name} for row in rows.mappings()]
    found.unfinished = connection.execute(
        select(func.count()).select_from(units).where(not_(units.c.done))
    ).scalar_one()
    inside = files.c.role == SHOWN_ROLE
    found.files, found.files_without_text = connection.execute(
        select(
            func.count(), func.coalesce(func.sum(case((files.c.text == "", 1), else_=0)), 0)
        ).where(not_(inside))
    ).one()
    found.files_shown = connection.execute(
        select(func.count()).select_from(files).where(inside)
    ).scalar_one()
    # JSON as text, written by json.dumps.
    found.noted = connection.execute(
        select(func.count()).select_from(_MAIL).where(cast(_MAIL.c.defects, String) != "[]")
    ).scalar_one()


def _ranked(connection: Any, standing: Sequence[tuple[int, Standing]]) -> list[Ranked]:
    stands_for = dict(standing)
    order = {key: place for place, key in enumerate(stands_for)}
    found = connection.execute(
        select(
            _MAIL.c.id, _MAIL.c.score, _MAIL.c.date, _MAIL.c.sender_address,
            lower(_MAIL.c.sender_address).label("sender_key"), _MAIL.c.sender_name,
            _MAIL.c.subject, _MAIL.c.signals, _MAIL.c.custodian, _MAIL.c.state,
        )
        .where(_MAIL.c.id.in_(order))
    ).all()  # fmt: skip
    rows = sorted(found, key=lambda row: order[row.id])
    ids = [row.id for row in rows]
    best: dict[int, tuple[str, str]] = {}
    held: dict[int, list[str]] = defaultdict(list)
    table, copies = schema.findings, schema.duplicates
    for some in pieces(ids):
        for key, text, segment in connection.execute(
            select(table.c.message_id, part(table.c.text, 1, 2000), table.c.segment)
            .where(table.c.message_id.in_(some))
            .order_by(table.c.score.desc(), table.c.id)
        ):
            # "Today," says nothing in a list: the best sentence of some words stands for the rest.
            if key not in best or len(best[key][0].split()) < _WORDS <= len(text.split()):
                best[key] = (text, segment)
        for key, custodian in connection.execute(
            select(copies.c.message_id, copies.c.custodian)
            .where(copies.c.message_id.in_(some))
            .distinct()
            .order_by(copies.c.custodian)
        ):
            held[key].append(custodian)
    for key, several in further_of(connection, ids).items():
        held[key] += several
    return [
        Ranked(
            row.id, rank, row.score, row.date, row.sender_address, row.sender_key,
            row.sender_name, row.subject, tuple(row.signals or []),
            tuple(dict.fromkeys([row.custodian, *held[row.id]])), *best.get(row.id, ("", "")),
            len(stands_for[row.id].near), len(stands_for[row.id].within), stands_for[row.id].best,
            row.state,
        )
        for rank, row in enumerate(rows, 1)
    ]  # fmt: skip


def thread_findings(engine: Engine, thread_id: str, but: int) -> list[Any]:
    """Findings of the other flagged messages of a thread, with who wrote them, oldest first."""
    table = schema.findings
    with engine.connect() as connection:
        return list(
            connection.execute(
                select(
                    _MAIL.c.id, _MAIL.c.date, _MAIL.c.sender_name, _MAIL.c.sender_address,
                    table.c.text,
                )
                .join_from(table, _MAIL, table.c.message_id == _MAIL.c.id)
                .where(
                    _MAIL.c.thread_id == thread_id, _MAIL.c.flagged, _MAIL.c.id != but,
                    table.c.segment == "authored",
                )
                .order_by(_MAIL.c.date.is_(None), _MAIL.c.date, table.c.id)
                .limit(200)
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the report's last part lists; every list is cut, with the whole number beside it."""

    sources: list[Record]
    source_count: int
    total: Record
    reasons: list[Record]
    unread: list[Record]
    companions: list[Record]
    differing: list[Record]
    changed: list[Record]
    claims: list[Mismatch]
    claim_count: int


def accounts(case_: Case, engine: Engine) -> Accounts:
    """The manifest, what was not read and why, and what differs from what was expected."""
    rows = case_.manifest()
    total = {k: sum(r[k] for r in rows) for k in ("found", "stored", "duplicates", "quarantined")}
    odd = [r for r in rows[_SOURCES:] if r["quarantined"] or not r["adds_up"] or _altered(r)]
    lost, copies, units = schema.unread, schema.duplicates, schema.units
    with engine.connect() as connection:
        # Figures first: what is missing may be very long.
        wrong = sorted(compare(connection).differing, key=lambda one: one.absent)

        def listed(statement: Any, limit: int = _LISTED) -> list[Record]:
            return [dict(r) for r in connection.execute(statement.limit(limit)).mappings()]

        bad = lost.c.kind != "companion"
        columns = (
            lost.c.kind, lost.c.source, lost.c.place, lost.c.reason, lost.c.bytes, lost.c.sha256,
        )  # fmt: skip
        return Accounts(
            sources=rows[:_SOURCES] + odd[:_LISTED],
            source_count=len(rows),
            total=total,
            reasons=listed(
                select(lost.c.kind, lost.c.reason, func.count().label("n"))
                .where(bad)
                .group_by(lost.c.kind, lost.c.reason)
                .order_by(func.count().desc(), lost.c.reason),
                _REASONS,
            ),
            unread=listed(
                select(*columns).where(bad).order_by(lost.c.kind.desc(), lost.c.source, lost.c.id)
            ),
            companions=listed(
                select(
                    lost.c.reason,
                    func.count().label("n"),
                    func.min(lost.c.source).label("source"),
                )
                .where(not_(bad))
                .group_by(lost.c.reason)
                .order_by(func.count().desc(), lost.c.reason),
                _REASONS,
            ),
            differing=listed(
                select(
                    copies.c.message_id, copies.c.own_message_id, copies.c.custodian,
                    copies.c.place, schema.sources.c.name.label("source"), _MAIL.c.subject,
                )
                .join_from(copies, _MAIL, copies.c.message_id == _MAIL.c.id)
                .join(schema.sources, copies.c.source_id == schema.sources.c.id)
                .where(copies.c.same_content.is_(False))
                .order_by(_MAIL.c.flagged.desc(), copies.c.id)
            ),
            changed=listed(
                select(units.c.path, units.c.bytes, units.c.sha256, units.c.sha256_after).where(
                    and_(
                        units.c.sha256_after.is_not(None),
                        units.c.sha256_after != units.c.sha256,
                    )
                )
            ),
            claims=wrong[:_LISTED],
            claim_count=len(wrong),
        )  # fmt: skip


def _altered(row: Record) -> bool:
    return row["sha256_after"] is not None and row["sha256_after"] != row["sha256"]
