"""Leases: who has which messages before them, so that no two reviewers read the same ones.

A lease ends by itself: what a reviewer took who went away, or whose machine died, is free again. It
keeps nobody from deciding; it only says what to offer to whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import time

from sqlalchemy import Connection, Engine, insert, select, text

from riskscan.case import schema
from riskscan.case.batch import pieces
from riskscan.case.open import writing

SECONDS = 15 * 60.0
"""How long a message is kept for a reviewer who does nothing more."""

_TABLE = schema.leases


@dataclass(frozen=True, slots=True)
class Lease:
    """A message that a reviewer has before them, for so many more ``seconds``."""

    message: int
    reviewer: str
    seconds: float


def take(
    engine: Engine, reviewer: str, wanted: Sequence[int], size: int, *, seconds: float = SECONDS
) -> list[int]:
    """Keep the first ``size`` of ``wanted`` messages that no other has for a reviewer.

    Returns them in that order. What the reviewer had of these is kept for longer; what they had
    of others is free again. Writing transactions wait for each other (``open.writing``), so what
    one is given no other is.
    """
    with writing(engine) as connection:
        now = _now(connection)
        connection.execute(
            _TABLE.delete().where((_TABLE.c.until <= now) | (_TABLE.c.reviewer == reviewer))
        )
        taken: set[int] = set()
        for some in pieces(wanted):
            taken.update(
                connection.execute(
                    select(_TABLE.c.message_id).where(_TABLE.c.message_id.in_(some))
                ).scalars()
            )
        free = [key for key in dict.fromkeys(wanted) if key not in taken][:size]
        if free:
            connection.execute(
                insert(_TABLE),
                [{"message_id": k, "reviewer": reviewer, "until": now + seconds} for k in free],
            )
        return free


def give_back(engine: Engine, reviewer: str) -> None:
    """Free all that a reviewer has."""
    with writing(engine) as connection:
        connection.execute(_TABLE.delete().where(_TABLE.c.reviewer == reviewer))


def leased(connection: Connection) -> dict[int, Lease]:
    """The leases that have not ended, by message."""
    now = _now(connection)
    rows = connection.execute(select(_TABLE).where(_TABLE.c.until > now))
    return {r.message_id: Lease(r.message_id, r.reviewer, r.until - now) for r in rows}


def _now(connection: Connection) -> float:
    """Seconds since 1970 by one clock for all: that of the server, where there is one."""
    if connection.dialect.name == "postgresql":
        clock = text("SELECT extract(epoch FROM clock_timestamp())")
        return float(connection.execute(clock).scalar_one())
    return time()
