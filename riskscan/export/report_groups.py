"""Which flagged messages the report lists, and which others each of them stands for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from riskscan.case import schema
from riskscan.case.batch import pieces
from riskscan.case.groups import flagged_groups, present
from riskscan.case.read import Record

COLLAPSE = ("near-duplicates",)
"""What the report does when nothing else is asked."""

_MAIL = schema.messages


@dataclass(slots=True)
class Standing:
    """The flagged messages that one stands for: ``near`` its near-duplicates, ``within`` what it
    includes of its thread; ``best`` is the highest score of them all and of its own."""

    best: float = 0.0
    near: list[int] = field(default_factory=list)
    within: list[int] = field(default_factory=list)


def stands_for(connection: Connection, collapse: Collection[str]) -> dict[int, Standing]:
    """The flagged messages that are listed, worst first, each with what it stands for.

    With "threads" a message is listed by the worst one that it stands for: what it includes is
    read with it.
    """
    flagged = select(_MAIL.c.id, _MAIL.c.score).where(_MAIL.c.flagged)
    ordered = flagged.order_by(_MAIL.c.score.desc(), _MAIL.c.id)
    scores: dict[int, float] = {key: score for key, score in connection.execute(ordered)}
    groups = (
        flagged_groups(connection) if "near-duplicates" in collapse else {key: [] for key in scores}
    )
    found = {key: Standing(scores[key], list(near)) for key, near in groups.items()}
    if "threads" in collapse and present(connection):
        for key, other in _included(connection, list(found)).items():
            if other in found:
                gone = found.pop(key)
                found[other].within += [key, *gone.near]
                found[other].best = max(found[other].best, gone.best)
    return dict(sorted(found.items(), key=lambda item: (-item[1].best, item[0])))


def _included(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    table = schema.inclusiveness
    found: dict[int, int] = {}
    for some in pieces(ids):
        rows = connection.execute(
            select(table.c.message_id, table.c.included_in).where(
                table.c.message_id.in_(some), table.c.included_in.is_not(None)
            )
        )
        found.update((key, other) for key, other in rows)
    return found


def listed(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Messages that another one stands for, as its section names them, worst first."""
    rows: list[Any] = []
    for some in pieces(ids):
        rows += connection.execute(
            select(
                _MAIL.c.id, _MAIL.c.date, _MAIL.c.sender_name, _MAIL.c.sender_address,
                _MAIL.c.subject, _MAIL.c.score,
            ).where(_MAIL.c.id.in_(some))
        ).mappings()  # fmt: skip
    return sorted((dict(row) for row in rows), key=lambda row: (-row["score"], row["id"]))
