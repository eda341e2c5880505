"""Reading who and what a case is about: rankings, forms and evidence, who wrote to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, literal, select, union_all

from riskscan.case import schema
from riskscan.case.batch import pieces
from riskscan.case.escape import lower
from riskscan.case.open import CaseError
from riskscan.case.people import present

_MAIL, _TO, _FOUND = schema.messages, schema.recipients, schema.entities

NEAR = 300
"""Characters from a finding within which an entity stands near it: a sentence or two."""


UNRANKED = ("DATE", "EMAIL", "URL", "IP", "PHONE", "ACCOUNT")
"""Labels that a ranking without a label leaves out: they say little of who and what."""


RANKED = (
    "id", "label", "name", "alone", "messages", "flagged", "first", "last", "wrote", "received",
    "named", "counsel",
)  # fmt: skip
"""What a ranking tells of each."""


def ranking(
    engine: Engine, *, label: str | None = None, near_findings: bool = False
) -> list[dict[str, Any]]:
    """Who and what a case is about, most flagged messages first; without ``UNRANKED`` labels.

    Each with id, label, name, ``alone`` (a first name or surname that fits several or nobody),
    ``messages`` and ``flagged`` (their numbers), ``first`` and ``last`` (dates), ``wrote``,
    ``received`` and ``named`` (numbers of messages), ``counsel`` (why, or ""). ``near_findings``:
    only those that wrote or received a flagged message, or are named within ``NEAR`` characters
    of a finding of one.
    """
    table, seen = schema.merged, schema.appearances
    with engine.connect() as connection:
        if not present(connection):
            return []
        flagged = func.count(seen.c.message_id.distinct()).filter(_MAIL.c.flagged)

        def role(*roles: str) -> Any:
            return func.count(seen.c.message_id.distinct()).filter(seen.c.role.in_(roles))

        statement = (
            select(
                table.c.id, table.c.label, table.c.name, table.c.alone,
                func.count(seen.c.message_id.distinct()).label("messages"),
                flagged.label("flagged"),
                func.min(_MAIL.c.date).label("first"), func.max(_MAIL.c.date).label("last"),
                role("from").label("wrote"), role("to", "cc", "bcc").label("received"),
                role("named").label("named"),
            )
            .join_from(table, seen, seen.c.merged_id == table.c.id)
            .join(_MAIL, _MAIL.c.id == seen.c.message_id)
            .group_by(table.c.id)
        )  # fmt: skip
        if label is not None:
            statement = statement.where(table.c.label == label)
        else:
            statement = statement.where(table.c.label.not_in(UNRANKED))
        if near_findings:
            statement = statement.where(table.c.id.in_(_near()))
        rows = [dict(row) for row in connection.execute(statement).mappings()]
        reasons = counsel_reasons(connection)
    for row in rows:
        row["counsel"] = reasons.get(row["id"], "")
    return sorted(rows, key=lambda r: (-r["flagged"], -r["messages"], r["name"], r["id"]))


def _near() -> Any:
    """Ids of what stands near the findings of flagged messages, and who wrote or got these."""
    seen, links, sentences = schema.appearances, schema.merged_mentions, schema.findings
    named = (
        select(links.c.merged_id)
        .join_from(sentences, _MAIL, _MAIL.c.id == sentences.c.message_id)
        .join(_FOUND, _FOUND.c.message_id == _MAIL.c.id)
        .join(links, links.c.entity_id == _FOUND.c.id)
        .where(
            _MAIL.c.flagged,
            sentences.c.attachment.is_(None),
            sentences.c.segment == _FOUND.c.segment,
            _FOUND.c.start < sentences.c.end + NEAR,
            _FOUND.c.end > sentences.c.start - NEAR,
        )
    )
    people = (
        select(seen.c.merged_id)
        .join_from(seen, _MAIL, _MAIL.c.id == seen.c.message_id)
        .where(_MAIL.c.flagged, seen.c.role != "named")
    )
    return named.union(people)


def counsel_reasons(connection: Connection) -> dict[int, str]:
    """Why those who are counsel are, in words, by their number."""
    table = schema.counsel
    reasons: dict[int, list[str]] = defaultdict(list)
    for key, reason in connection.execute(
        select(table.c.merged_id, table.c.reason).order_by(table.c.id)
    ):
        reasons[key].append(reason)
    return {key: "; ".join(some) for key, some in reasons.items()}


def find_merged(engine: Engine, name: str) -> list[dict[str, Any]]:
    """Those that bear ``name`` or have it as a form, an address included; case does not matter."""
    table, forms = schema.merged, schema.merged_forms
    wanted = " ".join(name.split()).lower()
    with engine.connect() as connection:
        if not present(connection):
            raise CaseError("Nothing has been merged in this case yet: scan it again.")
        ids = set(
            connection.execute(select(table.c.id).where(lower(table.c.name) == wanted)).scalars()
        )
        by_form = connection.execute(
            select(forms.c.merged_id, forms.c.kind).where(lower(forms.c.form) == wanted).distinct()
        ).all()
        # A first name is a form of many; those who bear it as their name or address come first.
        ids |= {key for key, kind in by_form if kind != "named" or not ids}
        rows = connection.execute(select(table).where(table.c.id.in_(sorted(ids))))
        return [dict(row) for row in rows.mappings()]


def forms_of(engine: Engine, merged: int) -> list[dict[str, Any]]:
    """The forms of one: kind, form, number, and by which rule and message it was joined to what."""
    table = schema.merged_forms
    with engine.connect() as connection:
        rows = connection.execute(
            select(
                table.c.kind, table.c.form, table.c.number, table.c.rule, table.c.other,
                table.c.message_id,
            )
            .where(table.c.merged_id == merged)
            .order_by(table.c.kind, table.c.number.desc(), table.c.form, table.c.id)
        ).mappings()  # fmt: skip
        return [dict(row) for row in rows]


def _lower(address: str) -> str:
    """As the database does it: letters of ASCII only."""
    return address.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Known:
    """What has been merged of some messages: ids by entity and by address, names by id, hints."""

    mentions: dict[int, int]
    addresses: dict[str, int]
    names: dict[int, str]
    hints: dict[int, list[dict[str, Any]]]

    def told(self, record: dict[str, Any], entities: Sequence[int]) -> dict[str, Any]:
        """The record of a message with who its people and entities are; ``entities``: their ids."""
        for key, one in zip(entities, record["entities"], strict=True):
            self._tell(one, self.mentions.get(key))
        for person in record["recipients"]:
            self._tell(person, self.addresses.get(_lower(person["address"])))
        sender: dict[str, Any] = {}
        self._tell(sender, self.addresses.get(_lower(record["sender"])))
        record["sender_merged_id"] = sender["merged_id"]
        record["sender_merged_name"] = sender["merged_name"]
        record["privilege_hints"] = [
            {
                "rule": hint["rule"],
                "reason": hint["reason"],
                "role": hint["role"],
                "merged_id": hint["merged_id"],
                "merged_name": self.names.get(hint["merged_id"]),
            }
            for hint in self.hints.get(record["id"], ())
        ]
        return record

    def _tell(self, one: dict[str, Any], key: int | None) -> None:
        one["merged_id"] = key
        one["merged_name"] = None if key is None else self.names[key]


def known_of(connection: Connection, ids: Sequence[int]) -> Known:
    """What has been merged of these messages."""
    known = Known({}, {}, {}, defaultdict(list))
    if not present(connection):
        return known
    links, forms, table = schema.merged_mentions, schema.merged_forms, schema.merged
    hints = schema.privilege_hints

    def pairs(statement: Any) -> Any:
        return list(map(tuple, connection.execute(statement)))

    for some in pieces(ids):
        known.mentions.update(
            pairs(
                select(links.c.entity_id, links.c.merged_id)
                .join_from(_FOUND, links, links.c.entity_id == _FOUND.c.id)
                .where(_FOUND.c.message_id.in_(some))
            )
        )
        own = union_all(
            select(lower(_MAIL.c.sender_address).label("a")).where(_MAIL.c.id.in_(some)),
            select(lower(_TO.c.address)).where(_TO.c.message_id.in_(some)),
        ).subquery()
        known.addresses.update(
            pairs(
                select(forms.c.form, forms.c.merged_id).where(
                    forms.c.kind == "address", forms.c.form.in_(select(own.c.a))
                )
            )
        )
        statement = select(hints).where(hints.c.message_id.in_(some)).order_by(hints.c.id)
        for row in connection.execute(statement).mappings():
            known.hints[row["message_id"]].append(dict(row))
    for some in pieces(sorted({*known.mentions.values(), *known.addresses.values()})):
        known.names.update(pairs(select(table.c.id, table.c.name).where(table.c.id.in_(some))))
    return known


def written_to(engine: Engine) -> list[tuple[int, int, int]]:
    """(writer, recipient, number of flagged messages) of people, as merged ids, most first."""
    seen = schema.appearances
    with engine.connect() as connection:
        if not present(connection):
            return []
        sent, got = seen.alias(), seen.alias()
        pairs = (
            select(sent.c.merged_id.label("w"), got.c.merged_id.label("r"), _MAIL.c.id.label("m"))
            .join_from(_MAIL, sent, sent.c.message_id == _MAIL.c.id)
            .join(got, got.c.message_id == _MAIL.c.id)
            .where(
                _MAIL.c.flagged, sent.c.role == "from", got.c.role.in_(("to", "cc", "bcc")),
                sent.c.merged_id != got.c.merged_id,
            )
            .distinct()
            .subquery()
        )  # fmt: skip
        number = func.count(literal(1))
        rows = connection.execute(
            select(pairs.c.w, pairs.c.r, number)
            .group_by(pairs.c.w, pairs.c.r)
            .order_by(number.desc(), pairs.c.w, pairs.c.r)
        )
        return [tuple(row) for row in rows]


def around_findings(engine: Engine) -> tuple[list[dict[str, Any]], int, int]:
    """The ranking near findings, and how many messages, and flagged ones, have a privilege hint."""
    rows = ranking(engine, near_findings=True)
    hints = schema.privilege_hints
    with engine.connect() as connection:
        if not present(connection):
            return rows, 0, 0
        number = func.count(hints.c.message_id.distinct())
        hinted, flagged = connection.execute(
            select(number, number.filter(_MAIL.c.flagged)).join_from(hints, _MAIL)
        ).one()
    return rows, int(hinted), int(flagged)
