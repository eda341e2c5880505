"""Who wrote to whom in flagged messages, drawn: names in a column, arcs beside it.

An arc diagram: labels stand in rows, so none can lie over another at any width, and it needs no
layout library. An arc on the right leads down from writer to reader, one on the left leads up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from riskscan.case.merged import around_findings, written_to

PEOPLE = 20
"""Names that are drawn; the rest are summed up."""
_ARCS = 60
_LISTED = 10
_SWEEPS = 12
# Units of the picture, which are pixels at its usual width.
_ROW, _TOP, _SPINE, _ZONE, _DOT = 26, 18, 262, 78, 4.5
_GROUPS = (
    ("Organisations", ("ORG",)),
    ("Authorities and courts", ("REGULATOR", "COURT")),
    ("Laws and rules", ("LAW",)),
    ("Sums", ("MONEY",)),
    ("Places", ("LOC",)),
)

Pair = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A name in the picture; ``y`` is the middle of its row."""

    name: str
    counsel: bool
    y: float
    told: str


@dataclass(frozen=True, slots=True)
class Arc:
    """Writer to reader: an SVG path, its arrow head, its width, and the same in words."""

    path: str
    head: str
    width: float
    told: str
    number: int


@dataclass(frozen=True, slots=True)
class Network:
    """The picture and what it leaves out."""

    nodes: list[Node]
    arcs: list[Arc]
    width: int
    height: int
    spine: int
    radius: float
    more_people: int
    more_pairs: int


@dataclass(frozen=True, slots=True)
class Around:
    """Who and what stands around the findings."""

    people: list[dict[str, Any]]
    more_people: int
    groups: list[tuple[str, list[dict[str, Any]], int]]
    network: Network | None
    hinted: int
    hinted_flagged: int


def around(engine: Engine) -> Around:
    """All that the report's part "Around the findings" shows."""
    rows, hinted, hinted_flagged = around_findings(engine)
    people = [row for row in rows if row["label"] in ("PERSON", "MAILBOX") and not row["alone"]]
    groups = []
    for title, labels in _GROUPS:
        some = [row for row in rows if row["label"] in labels]
        if some:
            groups.append((title, some[:_LISTED], max(0, len(some) - _LISTED)))
    return Around(
        people[:PEOPLE],
        max(0, len(people) - PEOPLE),
        groups,
        network(written_to(engine), {row["id"]: row for row in rows}),
        hinted,
        hinted_flagged,
    )


def network(pairs: Sequence[Pair], people: Mapping[int, dict[str, Any]]) -> Network | None:
    """The picture of ``pairs`` (writer, reader, number of messages); None when there are none."""
    # The strongest ties first: those between people of many flagged messages, among equals.
    ranked = sorted(
        pairs, key=lambda p: (-p[2], -people[p[0]]["flagged"] - people[p[1]]["flagged"], p)
    )
    shown: list[int] = []
    for pair in ranked:
        new = [person for person in pair[:2] if person not in shown]
        if len(shown) + len(new) <= PEOPLE:
            shown += new
    drawn = [p for p in ranked if p[0] in shown and p[1] in shown][:_ARCS]
    if not drawn:
        return None
    order = _order(shown, drawn)
    y = {person: _TOP + _ROW * place for place, person in enumerate(order)}
    arcs = [
        _arc(people[w]["name"], people[r]["name"], y[w], y[r], n, len(order)) for w, r, n in drawn
    ]
    return Network(
        [_node(people[person], y[person]) for person in order],
        arcs,
        _SPINE + _ZONE + 12,
        _TOP * 2 + _ROW * (len(order) - 1),
        _SPINE,
        _DOT,
        len({person for pair in pairs for person in pair[:2]}) - len(shown),
        len(pairs) - len(drawn),
    )


def _order(people: Sequence[int], pairs: Sequence[Pair]) -> list[int]:
    """The people so that those who write to each other stand close (barycentre sweeps)."""
    beside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for writer, reader, number in pairs:
        beside[writer].append((reader, number))
        beside[reader].append((writer, number))
    order = list(people)
    for _ in range(_SWEEPS):
        place = {person: i for i, person in enumerate(order)}

        def middle(person: int, place: Mapping[int, int] = place) -> float:
            total = sum(n for _, n in beside[person])
            around = sum(place[other] * n for other, n in beside[person])
            return (place[person] + around / total) / 2 if total else place[person]

        order.sort(key=lambda person: (middle(person), place[person]))
    return order


def _node(person: dict[str, Any], y: float) -> Node:
    told = (
        f"{person['name']}: takes part in {person['flagged']:,} flagged of "
        f"{person['messages']:,} messages"
    )
    return Node(person["name"], bool(person["counsel"]), y, told)


def _arc(writer: str, reader: str, start: float, end: float, number: int, rows: int) -> Arc:
    down = end > start
    side = 1 if down else -1
    share = abs(end - start) / (_ROW * max(1, rows - 1))
    wide = _ZONE * (0.16 + 0.84 * math.sqrt(share))
    high = abs(end - start) / 2
    edge = _SPINE + side * _DOT
    path = f"M{edge:g} {start:g}A{wide:.1f} {high:.1f} 0 0 1 {edge:g} {end:g}"
    head = f"M{edge:g} {end:g}l{side * 8} -4v8z"
    told = f"{writer} to {reader}: {number:,} flagged {'message' if number == 1 else 'messages'}"
    return Arc(path, head, round(1 + 1.1 * math.log2(number), 1), told, number)
