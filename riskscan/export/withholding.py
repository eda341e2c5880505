"""What a production holds back as privileged: slip sheets, and what else may tell of it.

A family is withheld whole when a reviewer calls one message of it privileged: a message's native
file holds all that is attached to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import Connection, select

from riskscan.case import schema
from riskscan.case.batch import pieces
from riskscan.case.groups import present as grouped
from riskscan.case.people import present as merged
from riskscan.case.read import Record
from riskscan.case.selection import (
    Selection,
    decided_messages,
    families,
    held_back,
    members,
    stood_for,
)
from riskscan.export.family import WITHHELD, Document
from riskscan.export.quotations import quoting

Mode = Literal["withhold", "placeholder", "include"]
SLIP = "Withheld as privileged"
FAMILY_SLIP = "Withheld with its family, of which a document is privileged"
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """The messages that stand alone of a production, in order: ``ids`` are all that get numbers,
    ``sheets`` those of them that get slip sheets, ``left_out`` those that get nothing;
    ``stood_for`` counts those for which others stand (docs/groups.md)."""

    ids: list[int]
    sheets: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()
    stood_for: int = 0

    @property
    def held(self) -> frozenset[int]:
        """All that is withheld."""
        return self.sheets | self.left_out


def plan(connection: Connection, selection: Selection, mode: Mode) -> Plan:
    """What is produced, and what is held back, of a selection (its ``privileged`` is not asked)."""
    selection = replace(selection, privileged=mode == "include")
    ids = families(connection, selection)
    left = stood_for(connection, selection, families)
    if mode == "include":
        return Plan(ids, stood_for=left)
    held = frozenset(held_back(connection, selection))
    if mode == "placeholder":
        return Plan(sorted({*ids, *held}), sheets=held, stood_for=left)
    return Plan(ids, left_out=held, stood_for=left)


def slip_sheets(family: Sequence[Document], privileged: Collection[int]) -> list[Document]:
    """A family with nothing in it but its structure: no text, no native, no names, no dates."""
    return [
        Document(
            _blank(one.record), "", "", SLIP if one.record["id"] in privileged else FAMILY_SLIP,
            None, WITHHELD, one.parent, one.is_mail,
        )
        for one in family
    ]  # fmt: skip


def _blank(record: Record) -> Record:
    empty = {key: type(value)() for key, value in record.items() if isinstance(value, (str, list))}
    custodians = {"id": record["id"], "custodians": record["custodians"]}
    return dict.fromkeys(record) | empty | custodians


@dataclass(slots=True)
class Echoes:
    """Produced messages that stand alone and may tell of what is withheld, by what they share.

    ``numbers`` gets the control numbers of these as they are given.
    """

    near: set[int] = field(default_factory=set)
    quoting: set[int] = field(default_factory=set)
    files: set[int] = field(default_factory=set)
    hinted: set[int] = field(default_factory=set)
    numbers: dict[int, str] = field(default_factory=dict)

    def note(self, top: int, number: str) -> None:
        """Remember the number of a message, when it is one of these."""
        if top in self.near or top in self.quoting or top in self.files or top in self.hinted:
            self.numbers[top] = number

    def sentences(self) -> Iterator[str]:
        """What a person should look at before anything leaves the house."""
        told = (
            (
                self.quoting,
                "quoting or holding the text of a withheld document, or much of it",
            ),
            (self.near, "near-duplicates of a withheld message, not called privileged themselves"),
            (self.files, "with an attachment that a withheld family has too"),
            (self.hinted, "hinted as privileged, and nobody has decided on them"),
        )
        for tops, what in told:
            if tops:
                families = "family" if len(tops) == 1 else "families"
                yield f"Look at {len(tops):,} produced {families}, {what}: {self._named(tops)}"

    def _named(self, tops: Iterable[int]) -> str:
        numbers = [self.numbers.get(top, f"message {top}") for top in sorted(tops)]
        more = f" and {len(numbers) - _NAMED:,} more" if len(numbers) > _NAMED else ""
        return ", ".join(numbers[:_NAMED]) + more


def echoes(connection: Connection, produced: Collection[int], held: Collection[int]) -> Echoes:
    """Which of the produced messages share something with what is withheld, or hint at privilege.

    Near-duplicates are those that grouping found. A paraphrase, or a sentence quoted by itself,
    is not seen.
    """
    out = members(connection, produced)
    back = members(connection, held)
    found = Echoes()
    if merged(connection):
        hints = set(connection.execute(select(schema.privilege_hints.c.message_id)).scalars())
        undecided = hints - decided_messages(connection)
        found.hinted = {out[key] for key in undecided if key in out}
    if not back:
        return found
    if grouped(connection):
        near = schema.near_duplicates
        found.near = _sharing(connection, near.c.message_id, near.c.near_group, out, back)
    found.quoting = {out[key] for key in quoting(connection, out, back)}
    files = schema.attachments
    found.files = _sharing(connection, files.c.message_id, files.c.sha256, out, back)
    return found


def _sharing(
    connection: Connection,
    key: Any,
    value: Any,
    out: Mapping[int, int],
    back: Mapping[int, int],
) -> set[int]:
    """Produced messages with a value that a withheld one has."""
    values: set[Any] = set()
    for some in pieces(sorted(back)):
        values.update(connection.execute(select(value).where(key.in_(some))).scalars())
    found: set[int] = set()
    for some in pieces(sorted(values)):
        rows = connection.execute(select(key).where(value.in_(some))).scalars()
        found.update(out[message] for message in rows if message in out)
    return found
