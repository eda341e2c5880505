"""A case of invented messages with scores, whose right decisions are known."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from labelled_building import examples

from riskscan.case.decisions import Decision, Decisions
from riskscan.case.open import DATABASE, open_case
from riskscan.case.rows import Outcome, Parsed
from riskscan.mail.message import Message, Role, Segment


def build_case(folder: Path, count: int = 120) -> dict[int, int]:
    """Write a case; returns the right flag of each message. Its scores know half of the truth."""
    made = examples(count)
    with open_case(folder) as store:
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
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        for number, one in enumerate(made):
            score = 0.3 if one.flag and number % 12 == 0 else 0.01 + (number % 7) / 100
            database.execute(
                "UPDATE messages SET score = ? WHERE message_id = ?",
                (score, f"<{number}@quay.example>"),
            )
        database.commit()
        ids = dict(database.execute("SELECT message_id, id FROM messages"))
    return {ids[f"<{number}@quay.example>"]: one.flag for number, one in enumerate(made)}


def decide(folder: Path, messages: Iterable[int], truth: dict[int, int], who: str = "Ada") -> None:
    """Decide as is right."""
    with closing(Decisions(folder)) as ledger:
        ledger.decide(who, [Decision(m, "flag" if truth[m] else "not") for m in messages])
