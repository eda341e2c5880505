"""The rows of the queue: a message in three lines, with the words that matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from riskscan.case import schema
from riskscan.case.escape import part
from riskscan.case.query import read_query
from riskscan.case.search import hits
from riskscan.export.report_words import state_mark
from riskscan.review.columns import Columns
from riskscan.review.filters import Filters
from riskscan.review.marks import Mark, Piece, excerpt

_EXCERPT = 200
_SEARCHED = 60_000


def queue_rows(
    connection: Connection,
    ids: Sequence[int],
    filters: Filters,
    columns: Columns,
    blind: frozenset[int] = frozenset(),
) -> list[dict[str, Any]]:
    """What the queue shows of messages, in this order; of ``blind`` ones only what was written."""
    mail, bodies, copies = schema.messages, schema.texts, schema.duplicates
    number = (
        select(func.count())
        .where(copies.c.message_id == mail.c.id)
        .correlate(mail)
        .scalar_subquery()
    )
    found = connection.execute(
        select(
            mail.c.id, mail.c.date, mail.c.sender_name, mail.c.sender_address, mail.c.subject,
            mail.c.score, mail.c.flagged, mail.c.signals, mail.c.medium, mail.c.folder,
            mail.c.state, number.label("copies"), part(bodies.c.body, 1, _SEARCHED).label("body"),
            bodies.c.segments,
        )
        .join_from(mail, bodies)
        .where(mail.c.id.in_(ids))
    ).mappings()  # fmt: skip
    rows = {row["id"]: {**row, "blind": row["id"] in blind} for row in found}
    for row in rows.values():
        if row["blind"]:
            row |= {"score": None, "flagged": False, "signals": []}
    alike = columns.alike([key for key in ids if key not in blind])
    best = _best_findings(connection, [key for key in ids if key not in blind])
    ordered = [rows[key] for key in ids if key in rows]
    query = read_query(filters.q) if filters.q else None
    spans: list[dict[str, list[tuple[int, int]]]] = [{} for _ in ordered]
    if query is not None:
        spans = hits(query, [{"subject": r["subject"], "body": r["body"]} for r in ordered])
    changed = _states_of_copies(connection, ids)
    for row, where in zip(ordered, spans, strict=True):
        row["mark"] = state_mark(row["state"])
        row["copy_marks"] = [m for m in changed.get(row["id"], ()) if m != row["mark"]]
        row["alike"] = alike.get(row["id"], 0)
        row["title"] = _subject(row["subject"], where.get("subject", []))
        row["elsewhere"] = _elsewhere(row, where) if query is not None else ""
        row["excerpt"] = _excerpt(row, best.get(row["id"], []), where.get("body", []))
    return ordered


def _states_of_copies(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """What became of copies of messages, as marks."""
    copies = schema.duplicates
    rows = connection.execute(
        select(copies.c.message_id, copies.c.state)
        .where(copies.c.message_id.in_(ids), copies.c.state != "")
        .order_by(copies.c.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for key, state in rows:
        if (mark := state_mark(state)) not in found[key]:
            found[key].append(mark)
    return found


def _elsewhere(row: dict[str, Any], where: dict[str, list[tuple[int, int]]]) -> str:
    """Where the words sought are, if not in what the row can show."""
    if where.get("subject") or where.get("body"):
        return ""
    long = len(row["body"]) == _SEARCHED
    return "its people, attachments or further down" if long else "its people or attachments"


def _subject(subject: str, found: list[tuple[int, int]]) -> list[Piece]:
    return excerpt(subject, [Mark(s, e, "hit") for s, e in found], 160)


def _excerpt(row: dict[str, Any], findings: list[Any], found: list[tuple[int, int]]) -> list[Piece]:
    """The text around the first hit, else around the best finding, else how it begins."""
    body = row["body"]
    kind = "finding" if row["flagged"] else "weak"
    told = [Mark(s, e, "hit") for s, e in found if e <= len(body)]
    for one in findings:
        if one.segment == "authored" and one.end <= len(body):
            told.append(Mark(one.start, one.end, kind))
        elif not told and one.segment == "attachment":
            return excerpt(one.text, [Mark(0, len(one.text), kind)], _EXCERPT)
    if told:
        return excerpt(body, told, _EXCERPT)
    own = next((s for role, s, _ in row["segments"] if role == "authored"), 0)
    return excerpt(body[own : own + 2 * _EXCERPT].lstrip(), [], _EXCERPT)


def _best_findings(connection: Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    table = schema.findings
    rows = connection.execute(
        select(table.c.message_id, table.c.segment, table.c.start, table.c.end, table.c.text)
        .where(table.c.message_id.in_(ids))
        .order_by(table.c.score.desc(), table.c.id)
    )
    best: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        if not best[row.message_id]:
            best[row.message_id].append(row)
    return best
