"""Cases of invented mail whose people and companies the tests of merging are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from riskscan.case.location import Place
from riskscan.case.merged import find_merged, forms_of
from riskscan.case.store import (
    Finding,
    FoundEntity,
    Outcome,
    Parsed,
    Scored,
    connect,
    open_case,
)
from riskscan.mail.message import Address, Message, Role, Segment
from riskscan.stages.merging import merge
from riskscan.stages.progress import Silent

PEOPLE = {
    "jeff": Address("Jeffrey Marlow", "jeff.marlow@halden.example"),
    "nora": Address("Nora Quill", "nora.quill@halden.example"),
    "ben": Address("Ben Tarn", "ben@quayside.example"),
}


@dataclass
class Mail:
    """One invented message; ``entities`` are (text, label), marked where they first stand."""

    body: str = "Fine."
    sender: Address = PEOPLE["nora"]
    to: Sequence[Address] = (PEOPLE["ben"],)
    cc: Sequence[Address] = ()
    entities: Sequence[tuple[str, str]] = ()
    finding: str = ""
    subject: str = "crates"
    thread: str = ""
    roles: Sequence[tuple[Role, str]] = field(default_factory=list)

    def message(self, number: int) -> Message:
        """The parsed message; ``roles`` are further segments below the authored text."""
        body, segments = self.body, [Segment(Role.AUTHORED, 0, len(self.body))]
        for role, text in self.roles:
            segments.append(Segment(role, len(body), len(body) + len(text)))
            body += text
        return Message(
            message_id=f"<{number}@halden.example>", mih=f"m{number}", content_hash=f"c{number}",
            subject=self.subject, date=datetime(2024, 3, 1, tzinfo=UTC) + timedelta(days=number),
            date_header="", sender=self.sender, to=list(self.to), cc=list(self.cc), body=body,
            body_format="plain", segments=segments,
        )  # fmt: skip


def build(case: Place, mails: Sequence[Mail]) -> Any:
    """A case of these messages, numbered from 1, scored and merged."""
    with open_case(case) as store:
        unit, _, _ = store.unit("/x/box.mbox", "/x/box.mbox", "mbox", 1, "a" * 64)
        outcomes = [
            Outcome("box.mbox", "mboxrd", "nora", Parsed(f"{i}", "", "b" * 64, 9, m.message(i)))
            for i, m in enumerate(mails, 1)
        ]
        store.add_batch(unit, outcomes)
        store.finish_unit(unit, "a" * 64)
        store.set_threads((i, m.thread or f"t{i}") for i, m in enumerate(mails, 1))
        model = store.model("detector", "invented", "f", {"threshold": 0.3})
        store.add_scores(model, [_scored(i, m) for i, m in enumerate(mails, 1)])
        pipeline = store.model("entities", "invented", "f", {})
        store.add_entities(pipeline, [(i, _entities(m)) for i, m in enumerate(mails, 1)])
        merge(store, Silent())
    return case


def _scored(number: int, mail: Mail) -> Scored:
    if not mail.finding:
        return Scored(number, 0.05, False, (), ())
    start = mail.body.index(mail.finding)
    end = start + len(mail.finding)
    found = Finding("authored", None, start, end, mail.finding, "concealment", 0.9)
    return Scored(number, 0.9, True, ("concealment",), (found,))


def _entities(mail: Mail) -> list[FoundEntity]:
    made = []
    for text, label in mail.entities:
        start = mail.body.index(text)
        made.append(FoundEntity("authored", start, start + len(text), text, label))
    return made


def again(case: Place) -> None:
    """Merge the case once more, as every scan does."""
    with open_case(case) as store:
        merge(store, Silent())


def forms(case: Place, name: str) -> dict[str, set[str]]:
    """All forms of the one of that name, each with the rules that joined it."""
    engine = connect(case)
    try:
        (found,) = find_merged(engine, name)
        told: dict[str, set[str]] = {}
        for form in forms_of(engine, found["id"]):
            told.setdefault(form["form"], set()).add(form["rule"])
        return told
    finally:
        engine.dispose()


def rows(case: Place, statement: Any) -> list[Any]:
    """The rows of a query."""
    engine = connect(case)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]
    finally:
        engine.dispose()
