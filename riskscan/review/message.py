"""What the page of one message shows: marked text, headers, family, thread, copies, decisions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from riskscan.case import schema
from riskscan.case.query import read_query
from riskscan.case.read import Case, Record
from riskscan.case.search import hits
from riskscan.export.report_text import short
from riskscan.export.report_words import (
    ROLES,
    SHOWN_ROLE,
    attached,
    label_name,
    label_order,
    signal_name,
)
from riskscan.review.filters import Filters
from riskscan.review.marks import Mark, Piece, pieces_of

# A page holds so many characters of a segment; the rest is on pages of its own.
SHOWN = 40_000
_HIT_TEXT = 300_000
_THREAD = 30
_THREAD_TEXT = 3_000
_FILES = 60
_FILE_TEXT = 6_000
# Of people and subject, the head shows so much before the text; the rest unfolds.
_PEOPLE = 10
_PEOPLE_TEXT = 500
_SUBJECT = 240
_NAMES = 24
_COPIES = 30
_NOTED = 3
_FAMILY = 30
_ENTITIES = 1_500


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of the body: its role in words, its text marked, whether it is folded."""

    role: str
    name: str
    pieces: list[Piece]
    lines: int
    folded: bool
    rest: int
    end: int


def message_page(case: Case, record: Record, filters: Filters) -> dict[str, Any]:
    """All that the template of a message needs, but for decisions and neighbours."""
    found = _hits(record, filters)
    findings = [
        {**f, "name": signal_name(f["signal"]), "anchor": f"finding-{i}"}
        for i, f in enumerate(record["findings"])
    ]
    body = _marks(record, findings, "authored", found["body"])
    subject = _marks(record, findings, "subject", found["subject"])
    parts = [part for s in record["segments"] if (part := _part(record, s, body)) is not None]
    files = _files(record, findings, found["files"])
    cut = _cut(record["subject"])
    shown = {p.anchor for part in parts for p in part.pieces if p.anchor}
    shown |= {p.anchor for one in files for p in one["pieces"] if p.anchor}
    return {
        "record": record,
        "subject": pieces_of(record["subject"], 0, cut, subject),
        "subject_rest": pieces_of(record["subject"], cut, len(record["subject"]), subject),
        "findings": [{**f, "shown": f["anchor"] in shown} for f in findings],
        "parts_shown": parts,
        "people": [
            (kind, *_first_of(several))
            for kind in ("to", "cc", "bcc")
            if (several := [p for p in record["recipients"] if p["kind"] == kind])
        ],
        "files": files[:_FILES],
        "files_title": attached(files),
        "noted": _NOTED,
        "more_files": max(0, len(files) - _FILES),
        "entities": _entities(record),
        "copies": record["duplicates"][:_COPIES],
        "more_copies": max(0, len(record["duplicates"]) - _COPIES),
        "family": case.family(record["id"])[:_FAMILY],
        "thread": _thread(case, record),
        "model": _model(case, record["id"]),
    }


def _cut(subject: str) -> int:
    """Where a long subject is folded: between words, if there are any."""
    if len(subject) <= _SUBJECT:
        return len(subject)
    at = subject.rfind(" ", _SUBJECT // 2, _SUBJECT)
    return _SUBJECT if at < 0 else at + 1


def _first_of(people: list[Record]) -> tuple[list[Record], list[Record]]:
    """The first ten people, fewer if their names are long, and the rest of them."""
    number = length = 0
    for number, one in enumerate(people[:_PEOPLE]):
        length += len(one["name"]) + len(one["address"])
        if number and length > _PEOPLE_TEXT:
            break
    else:
        number += 1
    return people[:number], people[number:]


def _hits(record: Record, filters: Filters) -> dict[str, list[tuple[int, int]]]:
    query = read_query(filters.q) if filters.q else None
    nothing: dict[str, list[tuple[int, int]]] = {"subject": [], "body": [], "files": []}
    if query is None:
        return nothing
    texts = {"subject": record["subject"], "body": record["body"][:_HIT_TEXT]}
    texts["files"] = "\n".join(a["text"][:_FILE_TEXT] for a in record["attachments"][:_FILES])
    return {**nothing, **hits(query, [texts])[0]}


def _marks(
    record: Record, findings: list[Record], segment: str, found: list[tuple[int, int]]
) -> list[Mark]:
    kind = "finding" if record["flagged"] else "weak"
    made = [
        Mark(f["start"], f["end"], kind, f["name"], f["anchor"])
        for f in findings
        if f["segment"] == segment
    ]
    made += [
        Mark(e["start"], e["end"], "entity", _entity_title(e), merged=e["merged_id"])
        for e in record["entities"][:_ENTITIES]
        if e["segment"] == segment
    ]
    return made + [Mark(start, end, "hit") for start, end in found]


def _entity_title(entity: Record) -> str:
    named = entity["merged_name"]
    kind = label_name(entity["label"])
    return f"{kind}: {named}" if named and named != entity["text"] else kind


def _part(record: Record, segment: Record, marks: list[Mark]) -> Part | None:
    start, end = segment["start"], segment["end"]
    role, text = str(segment["role"]), str(record["body"])
    while start < end and text[start] == "\n":
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return None
    cut = min(end, start + SHOWN)
    folded = role != "authored"
    pieces = pieces_of(text, start, cut, marks)
    lines = text.count("\n", start, end) + 1
    name = ROLES.get(role) or role
    return Part(role, name, pieces, lines, folded, end - cut, cut)


def _files(
    record: Record, findings: list[Record], found: list[tuple[int, int]]
) -> list[dict[str, Any]]:
    made, offset = [], 0
    kind = "finding" if record["flagged"] else "weak"
    for number, one in enumerate(record["attachments"]):
        text = one["text"][:_FILE_TEXT]
        marks = [
            Mark(f["start"], f["end"], kind, f["name"], f["anchor"])
            for f in findings
            if f["attachment"] == number
        ]
        if number < _FILES:
            marks += [
                Mark(s - offset, e - offset, "hit")
                for s, e in found
                if s >= offset and e <= offset + len(text)
            ]
            offset += len(text) + 1
        rest = len(one["text"]) - len(text)
        pieces = pieces_of(text, 0, len(text), marks)
        made.append(
            {**one, "number": number, "pieces": pieces, "marked": bool(marks), "rest": rest}
        )
    # What the text shows anyway comes last.
    return sorted(made, key=lambda one: (not one["marked"], one["role"] == SHOWN_ROLE))


def _entities(record: Record) -> list[tuple[str, list[tuple[str, int | None, int]], int]]:
    """By label: (name, number of the one it is, mentions), the most mentioned first."""
    groups: dict[str, Counter[tuple[str, int | None]]] = {}
    for one in record["entities"]:
        name = short(one["merged_name"] or one["text"], 60)
        groups.setdefault(one["label"], Counter())[name, one["merged_id"]] += 1
    made = []
    for label in sorted(groups, key=label_order):
        ranked = groups[label].most_common()
        told = [(name, merged, number) for (name, merged), number in ranked]
        made.append((label_name(label), told[:_NAMES], max(0, len(told) - _NAMES)))
    return made


def _thread(case: Case, record: Record) -> dict[str, Any]:
    """The thread by date around this message, each with the beginning of what was written."""
    everything = case.thread(record["thread_id"]) if record["thread_id"] else []
    if len(everything) < 2:
        return {"messages": [], "before": 0, "after": 0, "length": len(everything)}
    here = next((i for i, m in enumerate(everything) if m["id"] == record["id"]), 0)
    first = max(0, min(here - _THREAD // 2, len(everything) - _THREAD))
    shown = everything[first : first + _THREAD]
    texts = _authored(case, [m["id"] for m in shown if m["id"] != record["id"]])
    for one in shown:
        text = texts.get(one["id"], "")
        one["text"] = pieces_of(text, 0, min(len(text), _THREAD_TEXT), [])
        one["rest"] = max(0, len(text) - _THREAD_TEXT)
        one["line"] = short(text, 110)
    after = len(everything) - first - len(shown)
    return {"messages": shown, "before": first, "after": after, "length": len(everything)}


def _authored(case: Case, ids: list[int]) -> dict[int, str]:
    table = schema.texts
    with case.connect() as connection:
        rows = connection.execute(
            select(table.c.message_id, table.c.body, table.c.segments).where(
                table.c.message_id.in_(ids)
            )
        ).all()
    return {
        key: "\n".join(body[s:e].strip("\n") for role, s, e in segments if role == "authored")
        for key, body, segments in rows
    }


def _model(case: Case, message: int) -> dict[str, str]:
    """Name and fingerprint of the model that scored a message; empty when none has."""
    mail, table = schema.messages, schema.models
    with case.connect() as connection:
        row = connection.execute(
            select(table.c.name, table.c.fingerprint)
            .join_from(mail, table, mail.c.model_id == table.c.id)
            .where(mail.c.id == message)
        ).one_or_none()
    return {"name": "", "fingerprint": ""} if row is None else dict(row._mapping)
