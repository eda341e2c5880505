"""Texts with marks on them: findings, entities and hits of the search, which may overlap.

Offsets are those of the stored text; each piece is made harmless when it is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from riskscan.export.report_text import plain

_KINDS = ("finding", "weak", "entity", "hit")
_CONTEXT = 70


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters to mark, and ``title``, which says why.

    ``kind``: "finding", "weak" (one of a message that is not flagged), "entity" or "hit".
    """

    start: int
    end: int
    kind: str
    title: str = ""
    anchor: str = ""
    merged: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text and the marks on it, as classes; ``anchor`` where a finding begins."""

    text: str
    classes: str = ""
    title: str = ""
    anchor: str = ""
    merged: int | None = None


def pieces_of(text: str, start: int, end: int, marks: Iterable[Mark]) -> list[Piece]:
    """Characters ``start`` to ``end`` of ``text``, cut where a mark begins or ends."""
    inside = [m for m in marks if m.start < end and m.end > start and m.end > m.start]
    edges = {start, end}
    opened: dict[int, list[Mark]] = {}
    for mark in inside:
        first = max(mark.start, start)
        edges |= {first, min(mark.end, end)}
        opened.setdefault(first, []).append(mark)
    made: list[Piece] = []
    active: list[Mark] = []
    cuts = sorted(edges)
    for first, last in pairwise(cuts):
        active = [m for m in active if m.end > first] + opened.get(first, [])
        kinds = {m.kind for m in active}
        titles = dict.fromkeys(m.title for m in active if m.title)
        made.append(
            Piece(
                plain(text[first:last]),
                " ".join(kind for kind in _KINDS if kind in kinds),
                "; ".join(titles),
                next((m.anchor for m in active if m.anchor and m.start == first), ""),
                next((m.merged for m in active if m.merged is not None), None),
            )
        )
    return [piece for piece in made if piece.text]


def excerpt(text: str, marks: list[Mark], size: int) -> list[Piece]:
    """About ``size`` characters around the first mark, on one line; marks that overlap merged."""
    if not text.strip():
        return []
    first = marks[0].start if marks else 0
    start = max(0, min(first - _CONTEXT, len(text) - size))
    while 0 < start < first and not text[start - 1].isspace():
        start += 1
    end = min(len(text), start + size)
    line = "".join(" " if c.isspace() else c for c in text[start:end])
    shifted = [Mark(m.start - start, m.end - start, m.kind) for m in marks]
    made = pieces_of(line, 0, len(line), shifted)
    lead = [Piece("… ")] if start else []
    return lead + made + ([Piece(" …")] if end < len(text) else [])
