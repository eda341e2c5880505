"""Figures of the whole case that take a while: people, who wrote to whom, organisations.

They are counted in the background, once, and again when a scan has changed the case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from sqlalchemy import Connection, Engine, text

from riskscan.case.merged import counsel_reasons
from riskscan.case.people import present

MOST = 200
_PEOPLE = ("PERSON", "MAILBOX")
_NAMES = ("ORG", "REGULATOR", "COURT", "LAW", "CASE")

_RANKED = """
WITH seen AS (
  SELECT a.merged_id, count(DISTINCT a.message_id) AS messages,
    count(DISTINCT CASE WHEN a.role = 'from' THEN a.message_id END) AS wrote,
    count(DISTINCT CASE WHEN a.role IN ('to', 'cc', 'bcc') THEN a.message_id END) AS received,
    count(DISTINCT CASE WHEN m.flagged THEN a.message_id END) AS flagged
  FROM appearances a JOIN messages m ON m.id = a.message_id GROUP BY a.merged_id
)
SELECT g.id, g.label, g.name, s.messages, s.wrote, s.received, s.flagged
FROM merged g JOIN seen s ON s.merged_id = g.id
"""
_PAIRS = """
SELECT a.merged_id AS writer, b.merged_id AS reader, count(DISTINCT a.message_id) AS messages,
  count(DISTINCT CASE WHEN m.flagged THEN a.message_id END) AS flagged
FROM appearances a JOIN appearances b ON b.message_id = a.message_id
JOIN messages m ON m.id = a.message_id
WHERE a.role = 'from' AND b.role IN ('to', 'cc', 'bcc') AND a.merged_id <> b.merged_id
GROUP BY a.merged_id, b.merged_id ORDER BY flagged DESC, messages DESC, writer, reader LIMIT :most
"""


@dataclass(slots=True)
class Figures:
    """People and names, most flagged first, and pairs of writer and recipient."""

    people: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    more_people: int = 0
    more_names: int = 0


class Overview:
    """The figures of a case; None while they are counted for the first time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._serial = 0
        self._figures: Figures | None = None

    def figures(self, serial: int) -> Figures | None:
        """The figures; ``serial`` is that of the columns, another one has them counted anew."""
        with self._lock:
            if serial != self._serial:
                self._serial = serial
                Thread(target=self._count, daemon=True).start()
            return self._figures

    def _count(self) -> None:
        with self._engine.connect() as connection:
            made = count(connection)
        with self._lock:
            self._figures = made


def count(connection: Connection) -> Figures:
    """Count people, names and pairs of a case."""
    if not present(connection):
        return Figures()
    reasons = counsel_reasons(connection)
    ranked = [
        {**row, "counsel": reasons.get(row["id"])}
        for row in connection.execute(text(_RANKED)).mappings()
    ]
    ranked.sort(key=lambda r: (-r["flagged"], -r["messages"], r["name"], r["id"]))
    people = [r for r in ranked if r["label"] in _PEOPLE]
    names = [r for r in ranked if r["label"] in _NAMES]
    known = {row["id"]: row["name"] for row in ranked}
    pairs = [
        {**row, "from": known.get(row["writer"], ""), "to": known.get(row["reader"], "")}
        for row in connection.execute(text(_PAIRS), {"most": MOST}).mappings()
    ]
    return Figures(
        people[:MOST], names[:MOST], pairs, max(0, len(people) - MOST), max(0, len(names) - MOST)
    )
