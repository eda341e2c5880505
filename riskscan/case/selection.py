"""Which messages of a case an export takes, whole families each, and where their bytes lie."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    cast,
    column,
    inspect,
    or_,
    select,
    table,
)

from riskscan.case import schema
from riskscan.case.batch import pieces
from riskscan.case.custodians import further_custodians
from riskscan.case.groups import collapsed
from riskscan.case.location import CaseError

# The view of what reviewers hold to (schema.py).
_STANDING = table(
    "standing_decisions",
    column("message_id"), column("verdict"), column("hot"), column("privileged"),
)  # fmt: skip
_EMBEDDED = re.compile(r"/embedded (\d{1,9})\Z")


@dataclass(frozen=True, slots=True)
class Selection:
    """What an export is to hold; what is left empty does not narrow it.

    ``signals`` and ``custodians`` (see case/custodians.py too): one of them is enough.
    ``since`` is the first day or moment, ``until`` the first one that is out; both ISO 8601, UTC.
    ``decisions``: verdicts ("flag", "not", "unsure") or "hot", one of which a reviewer gave and
    holds to. ``privileged`` False withholds every family in which a reviewer calls a message
    privileged. ``collapse`` leaves out what others of the selection stand for: "near-duplicates"
    all but one of a group, "threads" what a message of the thread includes (docs/groups.md).
    """

    flagged: bool = False
    min_score: float | None = None
    signals: tuple[str, ...] = ()
    custodians: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    decisions: tuple[str, ...] = ()
    privileged: bool = True
    collapse: tuple[str, ...] = ()

    def tests(self, connection: Connection) -> list[Any]:
        """The conditions on rows of ``messages``."""
        mail, copies = schema.messages, schema.duplicates
        tests: list[Any] = []
        if self.flagged:
            tests.append(mail.c.flagged)
        if self.min_score is not None:
            tests.append(mail.c.score >= self.min_score)
        if self.signals:
            # A JSON list of names of a fixed list: what is quoted in its text is in it.
            told = cast(mail.c.signals, String)
            tests.append(or_(*(told.contains(f'"{s}"', autoescape=True) for s in self.signals)))
        if self.custodians:
            has_copy = select(copies.c.message_id).where(copies.c.custodian.in_(self.custodians))
            held = [mail.c.custodian.in_(self.custodians), mail.c.id.in_(has_copy)]
            if (pairs := further_custodians(connection)) is not None:
                named = pairs.subquery()
                again = select(named.c.id).where(named.c.custodian.in_(self.custodians))
                held.append(mail.c.id.in_(again))
            tests.append(or_(*held))
        if self.since:
            tests.append(mail.c.date >= self.since)
        if self.until:
            tests.append(mail.c.date < self.until)
        if self.decisions:
            said: list[ColumnElement[bool]] = [_STANDING.c.verdict.in_(self.decisions)]
            if "hot" in self.decisions:
                said.append(_STANDING.c.hot)
            decided = select(_STANDING.c.message_id).where(or_(*said))
            tests.append(mail.c.id.in_(decided))
        return tests


def selected(connection: Connection, selection: Selection) -> list[int]:
    """The messages that are selected themselves, worst first."""
    mail = schema.messages
    if selection.decisions and not _decided(connection):
        return []
    wanted = select(mail.c.id).where(*selection.tests(connection))
    rows = connection.execute(wanted.order_by(mail.c.score.desc().nulls_last(), mail.c.id))
    found = list(rows.scalars())
    if not selection.privileged:
        held = members(connection, withheld(connection))
        found = [key for key in found if key not in held]
    return _collapsed(connection, found, selection)


def _collapsed(connection: Connection, ids: list[int], selection: Selection) -> list[int]:
    if not selection.collapse:
        return ids
    return collapsed(
        connection,
        ids,
        near="near-duplicates" in selection.collapse,
        threads="threads" in selection.collapse,
    )


def families(connection: Connection, selection: Selection) -> list[int]:
    """The messages that stand alone of which one of the family is selected, in case order."""
    if selection.decisions and not _decided(connection):
        return []
    found = _tops(connection, selection.tests(connection))
    if not selection.privileged:
        # Before collapsing: what is withheld must not stand for what is not.
        held = withheld(connection)
        found = [key for key in found if key not in held]
    return _collapsed(connection, found, selection)


def stood_for(
    connection: Connection,
    selection: Selection,
    pick: Callable[[Connection, Selection], list[int]],
) -> int:
    """How many messages ``selection.collapse`` leaves out of what ``pick`` takes."""
    if not selection.collapse:
        return 0
    every = pick(connection, replace(selection, collapse=()))
    return len(every) - len(pick(connection, selection))


def chosen(connection: Connection, selection: Selection) -> tuple[list[int], int]:
    """``families``, and how many more were withheld as privileged."""
    found = families(connection, selection)
    return found, 0 if selection.privileged else len(held_back(connection, selection))


def held_back(connection: Connection, selection: Selection) -> list[int]:
    """The selected messages that stand alone whose families are withheld, in case order."""
    every = families(connection, replace(selection, privileged=True, collapse=()))
    held = withheld(connection)
    return [key for key in every if key in held]


def members(connection: Connection, tops: Collection[int]) -> dict[int, int]:
    """All messages of the families of ``tops``, each with the message that stands alone."""
    mail = schema.messages
    found = {key: key for key in tops}
    # Few messages are inside others, and what is around one was stored before it.
    inside = select(mail.c.id, mail.c.parent_id).where(mail.c.parent_id.is_not(None))
    for key, parent in connection.execute(inside.order_by(mail.c.id)):
        if parent in found:
            found[key] = found[parent]
    return found


def withheld(connection: Connection) -> set[int]:
    """The messages that stand alone in whose family a reviewer calls a message privileged.

    A copy of a privileged message inside another one is part of that one's family too.
    """
    if not _decided(connection):
        return set()
    mail, copies = schema.messages, schema.duplicates
    privileged = select(_STANDING.c.message_id).where(_STANDING.c.privileged)
    held = set(_tops(connection, [mail.c.id.in_(privileged)]))
    inside = connection.execute(
        select(copies.c.source_id, copies.c.place).where(
            copies.c.embedded, copies.c.message_id.in_(privileged)
        )
    ).all()
    for source, place in inside:
        outer = re.sub(r"(/embedded \d{1,9})+\Z", "", place)
        around = select(mail.c.id).where(mail.c.source_id == source, mail.c.place == outer)
        held.update(connection.execute(around).scalars())
    return held


def privileged_messages(connection: Connection) -> set[int]:
    """The messages that a reviewer calls privileged, and holds to it."""
    if not _decided(connection):
        return set()
    told = select(_STANDING.c.message_id).where(_STANDING.c.privileged).distinct()
    return set(connection.execute(told).scalars())


def decided_messages(connection: Connection) -> set[int]:
    """The messages on which a reviewer holds to a decision, whatever it is."""
    if not _decided(connection):
        return set()
    return set(connection.execute(select(_STANDING.c.message_id).distinct()).scalars())


def _decided(connection: Connection) -> bool:
    return bool(inspect(connection).has_table(schema.decisions.name))


def _tops(connection: Connection, tests: Sequence[Any]) -> list[int]:
    """The messages that stand alone around those that pass the tests, in case order."""
    mail = schema.messages
    chosen = select(mail.c.id, mail.c.parent_id).where(*tests).cte("up", recursive=True)
    above = select(mail.c.id, mail.c.parent_id).join_from(
        mail, chosen, mail.c.id == chosen.c.parent_id
    )
    chosen = chosen.union(above)
    top = select(chosen.c.id).where(chosen.c.parent_id.is_(None)).distinct().order_by(chosen.c.id)
    return list(connection.execute(top).scalars())


class Origin(NamedTuple):
    """Where a message was first met, and what its record leaves out."""

    id: int
    source_id: int
    place: str
    source: str
    unit_id: int
    export: str
    path: str
    kind: str
    raw_sha256: str
    in_reply_to: list[str]
    references: list[str]


def origins(connection: Connection, ids: Sequence[int]) -> Iterator[Origin]:
    """The origins of messages, by their numbers; ``ids`` must be in that order.

    Raises CaseError where a message is of no source of the case, or its source of no unit.
    """
    mail, source, unit = schema.messages, schema.sources, schema.units
    for some in pieces(ids):
        rows = connection.execute(
            select(
                mail.c.id, mail.c.source_id, mail.c.place, source.c.name, source.c.unit_id,
                unit.c.export, unit.c.path, unit.c.kind, mail.c.raw_sha256,
                mail.c.in_reply_to, mail.c.references,
            )
            .join_from(mail, source)
            .join(unit, source.c.unit_id == unit.c.id)
            .where(mail.c.id.in_(some))
            .order_by(mail.c.id)
        ).all()  # fmt: skip
        if lost := sorted(set(some) - {row.id for row in rows}):
            raise CaseError(
                f"Message {lost[0]} is of no source of the case: somebody changed its database "
                "(riskscan manifest tells how much of it), and where its bytes lie is not known."
            )
        yield from (Origin._make(row) for row in rows)


def embedded(connection: Connection, source_id: int, place: str) -> dict[int, int]:
    """The messages directly inside the one at ``place``: its n-th is message number ...

    One that repeats a message met before is that message.
    """
    mail, copies = schema.messages, schema.duplicates
    found: dict[int, int] = {}
    for rows_of, key in ((copies, copies.c.message_id), (mail, mail.c.id)):
        rows = connection.execute(
            select(rows_of.c.place, key).where(
                rows_of.c.source_id == source_id,
                rows_of.c.place > f"{place}/embedded ",
                rows_of.c.place < f"{place}/embedded :",
            )
        )
        for where, number in rows:
            inner = _EMBEDDED.fullmatch(where, len(place))
            if inner:
                found[int(inner[1])] = number
    return found
