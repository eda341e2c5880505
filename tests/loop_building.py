"""A case of invented messages with scores, whose right decisions are known."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from labelled_building import examples
from sqlalchemy import select

from riskscan.case import schema
from riskscan.case.decisions import Decision, Decisions
from riskscan.case.location import Place
from riskscan.case.open import open_case, writing
from riskscan.case.rows import Outcome, Parsed
from riskscan.mail.message import Message, Role, Segment


def build_case(place: Place, count: int = 120) -> dict[int, int]:
    """Write a case; returns the right flag of each message. Its scores know half of the truth."""
    made = examples(count)
    with open_case(place) as store:
        unit, _, _ = store.unit("/x.mbox", "/x.mbox", "mbox", 1, "a" * 64)
        outcomes = []
        for number, one in enumerate(made):
            subject, _, body = one.text.partition("\n\n")
            message = Message(
                message_id=f"<{number}@quay.example>", mih=f"mih{number}",
                content_hash=f"hash{number}", subject=subject, body=body,
                segments=[Segment(Role.AUTHORED, 0, len(body))],
            )  # fmt: skip
            outcomes.append(
                Outcome("x", "mboxrd", "nora", Parsed(f"{number}", "", "b" * 64, 9, message))
            )
        store.add_batch(unit, outcomes)
        mail = schema.messages
        with writing(store.engine) as database:
            for number, one in enumerate(made):
                score = 0.3 if one.flag and number % 12 == 0 else 0.01 + (number % 7) / 100
                own = mail.c.message_id == f"<{number}@quay.example>"
                database.execute(mail.update().where(own).values(score=score))
            rows = database.execute(select(mail.c.message_id, mail.c.id))
            ids = {name: key for name, key in rows}
    return {ids[f"<{number}@quay.example>"]: one.flag for number, one in enumerate(made)}


def decide(place: Place, messages: Iterable[int], truth: dict[int, int], who: str = "Ada") -> None:
    """Decide as is right."""
    with closing(Decisions(place)) as ledger:
        ledger.decide(who, [Decision(m, "flag" if truth[m] else "not") for m in messages])
