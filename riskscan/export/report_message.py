"""One flagged message as the report shows it: marked text, people, entities, family, thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from riskscan.case.groups import near_flagged
from riskscan.case.read import Case, Record
from riskscan.export.report_figures import thread_findings
from riskscan.export.report_groups import Standing, listed
from riskscan.export.report_text import Quotation, Run, Span, anchor_of, runs
from riskscan.export.report_words import SHOWN_ROLE, SIGNALS, attached, label_order

# What a section holds at most, so that no message makes the report unreadable or huge.
_AUTHORED = 12_000
_OTHER = 8_000
_LEAST = 600
_PARTS = 60
_FINDINGS = 40
_ATTACHMENT = 3_000
_ATTACHMENTS = 40
_PEOPLE = 60
_ENTITIES = 30
_FORMS = 4
_COPIES = 30
_THREAD = 40
_FAMILY = 20
_NEAR = 20
_FOLD_LINES = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A segment to show; ``folded`` ones open on a click. ``quotes``: whose words it repeats."""

    role: str
    runs: list[Run]
    lines: int
    folded: bool
    quotes: list[Record]


@dataclass(frozen=True, slots=True)
class Shortened:
    """A list cut to what is shown, and how many more there are."""

    shown: list[Any]
    more: int


def shorten(items: Sequence[Any], limit: int) -> Shortened:
    """At most ``limit`` of ``items``."""
    return Shortened(list(items[:limit]), max(0, len(items) - limit))


def message_view(
    record: Record, case: Case, engine: Engine, ranks: Mapping[int, int], standing: Standing
) -> dict[str, Any]:
    """What the message template shows of ``record``; ``ranks`` are the messages in the report.

    ``standing``: the messages that it stands for there.
    """
    key = record["id"]
    spans = [
        Span(f["start"], f["end"], "finding", f"m{key}-f{i}")
        for i, f in enumerate(record["findings"][:_FINDINGS])
    ]
    groups: dict[tuple[str, int | None], list[Span]] = {}
    for finding, span in zip(record["findings"], spans, strict=False):
        groups.setdefault((finding["segment"], finding["attachment"]), []).append(span)
    subject = record["subject"]
    others = thread_findings(engine, record["thread_id"], key) if record["thread_id"] else []
    subject_runs = runs(subject, 0, len(subject), groups.get(("subject", None), []), 400)
    parts, parts_left = _parts(record, groups.get(("authored", None), []), others)
    attachments = shorten(_attachments(record, groups), _ATTACHMENTS)
    shown = {
        run.anchor
        for several in (
            subject_runs,
            *(part.runs for part in parts),
            *(attachment["runs"] for attachment in attachments.shown),
        )
        for run in several
    }
    return {
        "record": record,
        "rank": ranks[key],
        "subject": subject_runs,
        "findings": list(_findings(record["findings"], spans, groups, shown)),
        "more_findings": max(0, len(record["findings"]) - _FINDINGS),
        "people": [
            (kind, shorten(several, _PEOPLE))
            for kind in ("to", "cc", "bcc")
            if (several := [p for p in record["recipients"] if p["kind"] == kind])
        ],
        "parts_shown": parts,
        "parts_left": parts_left,
        "attachments": attachments,
        "attachments_title": attached(record["attachments"]).capitalize(),
        "entities": _entities(record["entities"]),
        "copies": shorten(record["duplicates"], _COPIES),
        "family": shorten(case.family(key), _FAMILY),
        "thread": _thread(record, case),
        "near": shorten(_near(record, engine) if standing.near else [], _NEAR),
        "within": shorten(_within(engine, standing), _NEAR),
    }


def _findings(
    found: Sequence[Record],
    spans: Sequence[Span],
    groups: Mapping[tuple[str, int | None], Sequence[Span]],
    shown: set[str],
) -> Iterator[Record]:
    """The findings with the anchor of their mark, if it is shown; a signal is explained once."""
    explained: set[str] = set()
    for finding, span in zip(found, spans, strict=False):
        anchor = anchor_of(groups[finding["segment"], finding["attachment"]], span)
        signal = finding["signal"]
        yield {
            **finding,
            "anchor": anchor if anchor in shown else "",
            "explained": signal in SIGNALS and signal not in explained,
        }
        explained.add(signal)


def _parts(record: Record, spans: Sequence[Span], others: Sequence[Any]) -> tuple[list[Part], int]:
    body, segments = record["body"], record["segments"]
    kept = [
        s
        for i, s in enumerate(segments)
        if body[s["start"] : min(s["end"], s["start"] + 2_000)].strip()
        and (i < _PARTS or any(s["start"] <= span.start < s["end"] for span in spans))
    ]
    lengths = Counter[bool]()
    for s in kept:
        lengths[s["role"] == "authored"] += s["end"] - s["start"]
    made = []
    for s in kept:
        authored = s["role"] == "authored"
        start, end = s["start"], s["end"]
        share = min(1.0, (_AUTHORED if authored else _OTHER) / max(1, lengths[authored]))
        limit = max(_LEAST, int(share * (end - start)))
        marks, quotes = (list(spans), []) if authored else _quoted(record, start, end, others)
        lines = body.count("\n", start, end) + 1
        folded = s["role"] in ("quoted", "forwarded") or (not authored and lines > _FOLD_LINES)
        made.append(Part(s["role"], runs(body, start, end, marks, limit), lines, folded, quotes))
    return made, len(segments) - len(kept)


def _quoted(
    record: Record, start: int, end: int, others: Sequence[Any]
) -> tuple[list[Span], list[Record]]:
    """Sentences of other flagged messages in a quotation: where, and who wrote them."""
    if not others:
        return [], []
    quotation = Quotation(record["body"], start, end)
    spans, writers = [], dict[int, Record]()
    for other in others:
        place = quotation.find(other.text)
        if place is None:
            continue
        spans.append(Span(*place, "quoted", ""))
        writers.setdefault(
            other.id,
            {
                "id": other.id,
                "date": other.date,
                "name": other.sender_name or other.sender_address,
                "text": other.text,
            },
        )
    return spans, list(writers.values())


def _attachments(
    record: Record, groups: Mapping[tuple[str, int | None], Sequence[Span]]
) -> list[dict[str, Any]]:
    shown = []
    for number, attachment in enumerate(record["attachments"]):
        spans = groups.get(("attachment", number), [])
        text = attachment["text"]
        excerpt = runs(text, 0, len(text), spans, _ATTACHMENT) if spans else []
        shown.append({**attachment, "runs": excerpt, "read": bool(text), "marked": bool(spans)})
    # Those with a finding first: a cut list must not hide one.
    # What the text shows anyway comes last.
    return sorted(shown, key=lambda a: (not a["marked"], a["role"] == SHOWN_ROLE))


def _entities(found: Sequence[Record]) -> list[tuple[str, Shortened]]:
    """By label: (name, other forms in this message, number), the most frequent first."""
    groups: dict[str, dict[str, Counter[str]]] = {}
    for one in found:
        text = " ".join(one["text"].split())
        if text:
            named = groups.setdefault(one["label"], {})
            named.setdefault(one["merged_name"] or text, Counter())[text] += 1
    return [
        (label, shorten(_counted(groups[label]), _ENTITIES))
        for label in sorted(groups, key=label_order)
    ]


def _counted(named: Mapping[str, Counter[str]]) -> list[tuple[str, list[str], int]]:
    rows = [
        (name, [form for form in sorted(forms) if form.lower() != name.lower()][:_FORMS],
         forms.total())
        for name, forms in named.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row[2])


def _near(record: Record, engine: Engine) -> list[Record]:
    """The flagged near-duplicates that the report shows by this message alone."""
    if record["near_group"] is None:
        return []
    with engine.connect() as connection:
        return near_flagged(connection, record["id"], record["near_group"])


def _within(engine: Engine, standing: Standing) -> list[Record]:
    """The flagged messages of the thread that this one includes, and their near-duplicates."""
    with engine.connect() as connection:
        return listed(connection, standing.within)


def _thread(record: Record, case: Case) -> dict[str, Any]:
    """The thread by date, cut around this message and its flagged ones when it is long."""
    everything = case.thread(record["thread_id"]) if record["thread_id"] else []
    if len(everything) < 2:
        return {"messages": [], "left_out": 0, "length": len(everything)}
    here = next((i for i, m in enumerate(everything) if m["id"] == record["id"]), 0)
    by_need = sorted(
        range(len(everything)),
        key=lambda i: (i != here, not everything[i]["flagged"], abs(i - here)),
    )
    kept = sorted(by_need[:_THREAD])
    return {
        "messages": [everything[i] for i in kept],
        "left_out": len(everything) - len(kept),
        "length": len(everything),
    }
