"""Cases with invented mail that the report's tests are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from riskscan.case.store import (
    Finding,
    FoundEntity,
    Outcome,
    Parsed,
    Scored,
    Store,
    Unread,
    open_case,
)
from riskscan.mail.message import Address, Message, Role, Segment

THRESHOLD = 0.3


def message(number: int, body: str, **fields: object) -> Message:
    """An invented message whose body is authored from end to end."""
    made = Message(
        message_id=f"<{number}@north.example>",
        mih=f"mih{number}",
        content_hash=f"content{number}",
        subject=f"Ledger {number}",
        date=datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(days=number % 300),
        date_header="Mon, 1 Jan 2024 09:00:00 +0000",
        sender=Address("Ada Quill", "ada@north.example"),
        to=[Address("Bo Reed", "bo@north.example")],
        body=body,
        body_format="plain",
        segments=[Segment(Role.AUTHORED, 0, len(body))],
    )
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def build(
    case: Path,
    messages: Sequence[Message],
    findings: dict[int, Sequence[Finding]],
    *,
    unread: Sequence[Unread] = (),
    custodian: str = "ada",
    source: str = "box.mbox",
    entities: dict[int, Sequence[FoundEntity]] | None = None,
) -> None:
    """A scanned case: the n-th message (from 1) is flagged when it has findings."""
    with open_case(case) as store:
        run = store.start_run("scan", {})
        unit, _, _ = store.unit("/exports/box.mbox", "/exports/box.mbox", "mbox", 1000, "a" * 64)
        outcomes = [
            Outcome(source, "mboxrd", custodian, Parsed(f"offset {i}", "", "b" * 64, 9, one))
            for i, one in enumerate(messages)
        ]
        outcomes += [Outcome(one.source, "mboxrd", custodian, one) for one in unread]
        store.add_batch(unit, outcomes)
        store.finish_unit(unit, "a" * 64)
        store.set_threads((i, f"t{i}") for i in range(1, len(messages) + 1))
        add_scores(store, len(messages), findings)
        if entities:
            model = store.model("entities", "entities", "f", {})
            store.add_entities(model, list(entities.items()))
        store.finish_run(run, {})


def add_scores(store: Store, count: int, findings: dict[int, Sequence[Finding]]) -> None:
    """Score messages 1 to ``count``: high and falling with findings, 0.05 without."""
    model = store.model("detector", "invented", "f", {"threshold": THRESHOLD})
    scored = []
    for i in range(1, count + 1):
        found = tuple(findings.get(i, ()))
        signals = tuple(dict.fromkeys(f.signal for f in found))
        scored.append(Scored(i, 0.9 - i / 10_000 if found else 0.05, bool(found), signals, found))
    if scored:
        store.add_scores(model, scored)


def finding(
    text: str,
    sentence: str,
    signal: str = "concealment",
    *,
    segment: str = "authored",
    attachment: int | None = None,
    score: float = 0.9,
) -> Finding:
    """The finding that ``sentence`` is in ``text``."""
    start = text.index(sentence)
    return Finding(segment, attachment, start, start + len(sentence), sentence, signal, score)
