"""Attachments whose text could not be read: how many, why, and which, worst message first."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from riskscan.case import schema
from riskscan.case.read import Record

_KINDS = 20
_LISTED = 200
_FIGURES = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True, slots=True)
class UnreadAttachments:
    """``kinds`` are (reason in short, number), the most frequent first; ``listed`` some of all."""

    total: int
    kinds: list[tuple[str, int]]
    listed: list[Record]


def unread_attachments(engine: Engine) -> UnreadAttachments:
    """Count and list the attachments that have a reason why not all of them could be read."""
    files, mail = schema.attachments, schema.messages
    without = files.c.unread != ""
    kinds: Counter[str] = Counter()
    with engine.connect() as connection:
        for reason, number in connection.execute(
            select(files.c.unread, func.count()).where(without).group_by(files.c.unread)
        ):
            kinds[kind_of_reason(reason)] += number
        listed = connection.execute(
            select(
                files.c.name, files.c.bytes, files.c.sha256, files.c.unread, files.c.role,
                files.c.message_id, mail.c.subject,
            )
            .join_from(files, mail)
            .where(without)
            .order_by(mail.c.score.desc().nulls_last(), mail.c.id, files.c.position)
            .limit(_LISTED)
        ).mappings()  # fmt: skip
        rows = [dict(row) for row in listed]
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    return UnreadAttachments(sum(kinds.values()), ordered[:_KINDS], rows)


def kind_of_reason(reason: str) -> str:
    """A reason without what is particular to one file: "damaged", "cut after … characters"."""
    if reason.startswith("damaged"):
        return "damaged"
    return _FIGURES.sub("…", reason)
