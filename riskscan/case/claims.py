"""What exports say of themselves, compared with what was read of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, exists, func, select

from riskscan.case import schema
from riskscan.case.batch import put
from riskscan.case.places import File, Places, is_named, named_files, scope

HASHES = ("md5", "sha1", "sha256")
FILES = (*HASHES, "bytes", "file")
"""Kinds of claims that speak of one file; "file" that it is there."""
_IDS = ("message id", "message name")
_SUMS = ("message hashes", "message sizes", "rows")
"""Kinds of claims that tell how many there are that riskscan does not compare."""
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A claim that what was read does not bear out.

    ``result``: ``missing`` (a Message-ID), ``count differs``, ``size differs``, ``hash differs``,
    ``not there`` (a file), ``unreadable`` (a claim that makes no sense). ``found`` is the figure
    that was found, as text.
    """

    result: str
    source: str
    about: str
    kind: str
    expected: str
    found: str
    reason: str

    @property
    def absent(self) -> bool:
        """Whether it is a message or file that was not found."""
        return self.result in ("missing", "not there")


Answer = Mismatch | Literal[True] | None
"""True: the claim holds. None: it was not checked."""


@dataclass(slots=True)
class Compared:
    """All claims of a case, told apart by how they compare; counts are by kind of claim."""

    matched: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)
    differing: list[Mismatch] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The comparison for machines."""
        return {
            "matched": dict(sorted(self.matched.items())),
            "unchecked": dict(sorted(self.unchecked.items())),
            "mismatches": [asdict(one) for one in self.differing],
        }


@dataclass(frozen=True, slots=True)
class _Claim:
    id: int
    source: str
    about: str
    kind: str
    expected: str
    actual: str | None

    @property
    def figure(self) -> int:
        """The number that is claimed; -1 where it is none."""
        told = self.expected.replace(",", "").strip()
        number = told.isascii() and told.isdecimal() and len(told) < 19
        return int(told) if number else -1

    def differs(self, result: str, found: str, reason: str) -> Mismatch:
        return Mismatch(result, self.source, self.about, self.kind, self.expected, found, reason)


def compare(connection: Connection) -> Compared:
    """Compare all claims of a case with what was read; leaves the case as it is."""
    compared = Compared()
    claims = _claims(connection)
    if not claims:
        return compared
    comparison = _Comparison(connection, claims)
    for claim in claims:
        answer = comparison.answer(claim)
        if answer is None:
            compared.unchecked[claim.kind] += claim.figure if claim.kind in _SUMS else 1
        elif answer is True:
            compared.matched[claim.kind] += 1
        else:
            compared.differing.append(answer)
    return compared


class _Comparison:
    """What all claims are held against, looked up once for all of them."""

    def __init__(self, connection: Connection, claims: Sequence[_Claim]) -> None:
        self._places = places = Places(connection, (claim.about for claim in claims))
        by_file = [c for c in claims if c.kind in FILES]
        named = {c.about for c in by_file if is_named(c.about)}
        self._named = named_files(connection, places, named)
        self._files = _message_files(connection, places, by_file)
        self._ids = _message_ids(connection, places, [c for c in claims if c.kind in _IDS])
        # Only where some of a list's names are found is it known that its names are such.
        self._named_by_id = {c.source for c in claims if c.id in self._ids}
        self._chat = {c.about for c in claims if c.kind == "conversations"}
        boxes = (c for c in claims if c.kind == "account messages")
        self._boxed = {c.source for c in boxes if places.box(c.about) is not None}

    def answer(self, claim: _Claim) -> Answer:
        """Whether a claim holds."""
        if claim.kind in ("messages", "items"):
            answer = _count(self._places, claim)
            return None if claim.about in self._chat and _counted_otherwise(answer) else answer
        if claim.kind == "conversations":
            return self._conversations(claim)
        if claim.kind == "account messages":
            return self._account(claim)
        if claim.kind in _IDS:
            if claim.id in self._ids:
                return True
            certain = claim.kind == "message id" or claim.source in self._named_by_id
            return _missing(claim) if certain else None
        if claim.kind in FILES:
            if is_named(claim.about):
                whole, known = self._named.get(claim.about, ("", None))
                return _file(claim, known, there=bool(whole))
            known = self._places.files.get(claim.about) or self._files.get(claim.id)
            return _file(claim, known, there=known is not None or self._places.holds(claim.about))
        return None

    def _conversations(self, claim: _Claim) -> Answer:
        """One that several people were in may be there more than once."""
        answer = _count(self._places, claim)
        if isinstance(answer, Mismatch) and answer.found.isdecimal():
            return None if int(answer.found) > claim.figure else answer
        return answer

    def _account(self, claim: _Claim) -> Answer:
        if claim.figure < 0:
            return _unreadable(claim)
        found = self._places.box(claim.about)
        if (found or 0) == claim.figure:
            return True
        if scope(claim.about) in self._chat or claim.source not in self._boxed:
            return None
        reason = f"{claim.figure:,} messages of this account are claimed, {found or 0:,} were found"
        if found is None:
            reason = f"{claim.figure:,} messages of this account are claimed, it has no mailbox"
        return claim.differs("count differs", str(found or 0), reason)


def _counted_otherwise(answer: Answer) -> bool:
    """Whether a count differs as that of posts does from that of conversations."""
    return isinstance(answer, Mismatch) and answer.found.isdecimal() and int(answer.found) > 0


def _claims(connection: Connection) -> list[_Claim]:
    table, unit = schema.claims, schema.units
    current = select(func.max(unit.c.id)).group_by(unit.c.path).scalar_subquery()
    statement = (
        select(table, unit.c.source.label("own"))
        .join_from(table, unit)
        .where(unit.c.id.in_(current))
        .order_by(table.c.id)
    )
    return [
        _Claim(row.id, row.source, row.about or row.own, row.kind, row.expected, row.actual)
        for row in connection.execute(statement)
    ]


def _count(places: Places, claim: _Claim) -> Answer:
    told = claim.figure
    if told < 0:
        return _unreadable(claim)
    found = places.messages(claim.about)
    if found == told:
        return True
    reason = f"{told:,} {claim.kind} are claimed, {found:,} were found"
    if claim.kind == "items":
        others = places.companions(claim.about)
        if found < told <= found + others:
            return True
        reason = f"{told:,} items are claimed, {found:,} messages and {others:,} others found"
    if unread := places.unread(claim.about):
        what = "file or part was" if unread == 1 else "files or parts were"
        reason += f"; {unread:,} {what} not read, or without mail"
    elif not places.holds(claim.about):
        reason = f"{told:,} {claim.kind} are claimed, and nothing of that name was found"
    return claim.differs("count differs", str(found), reason)


def _unreadable(claim: _Claim) -> Mismatch:
    return claim.differs("unreadable", "", f"'{claim.expected}' is no number of messages")


def _missing(claim: _Claim) -> Mismatch:
    return claim.differs("missing", "", "no message with this Message-ID was found there")


def _file(claim: _Claim, known: File | None, *, there: bool) -> Answer:
    """Whether a claim of a file holds; ``there``: it was found, whatever is known of it."""
    if claim.kind == "file" and there:
        return True
    found = claim.actual or ""
    if not found and known is not None:
        found = {"bytes": str(known.bytes), "sha256": known.sha256}.get(claim.kind, "")
    if not found:
        if there:
            return None
        return claim.differs("not there", "", "a file of this name was not found")
    if found == claim.expected.strip().lower():
        return True
    result = "size differs" if claim.kind == "bytes" else "hash differs"
    return claim.differs(result, found, f"the {claim.kind} of what was read is {found}")


def _message_ids(
    connection: Connection, places: Places, claims: Sequence[_Claim]
) -> frozenset[int]:
    """Which of the claims of a Message-ID hold."""
    if not claims:
        return frozenset()
    wanted = Table(
        "claimed_ids",
        MetaData(),
        Column("claim", Integer, primary_key=True),
        Column("scope", Integer),
        Column("bare", Text),
        Column("full", Text),
        prefixes=["TEMPORARY"],
    )
    scopes = Table(
        "claimed_scopes",
        MetaData(),
        Column("scope", Integer, primary_key=True),
        Column("source", Integer, primary_key=True),
        prefixes=["TEMPORARY"],
        sqlite_with_rowid=False,
    )
    number: dict[str, int] = {}
    rows = []
    for claim in claims:
        bare = claim.expected.strip().removeprefix("<").removesuffix(">")
        scope = number.setdefault(claim.about, len(number))
        rows.append({"claim": claim.id, "scope": scope, "bare": bare, "full": f"<{bare}>"})
    inside = [
        {"scope": scope, "source": key}
        for about, scope in number.items()
        for key in places.sources(about)
    ]
    found: set[int] = set()
    with _temporary(connection, (wanted, rows), (scopes, inside)):
        for table, name in (
            (schema.messages, schema.messages.c.message_id),
            (schema.duplicates, schema.duplicates.c.own_message_id),
        ):
            # Nested, so that SQLite looks up each claim's id, and then where those few are.
            in_scope = exists().where(
                scopes.c.scope == wanted.c.scope, scopes.c.source == table.c.source_id
            )
            for form in (wanted.c.full, wanted.c.bare):
                there = exists().where(name == form, in_scope.correlate(wanted, table))
                found.update(
                    connection.execute(
                        select(wanted.c.claim).where(there.correlate(wanted))
                    ).scalars()
                )
    return frozenset(found)


def _message_files(
    connection: Connection, places: Places, claims: Sequence[_Claim]
) -> dict[int, File]:
    """What the case knows of the messages that are files of their own, by claim."""
    wanted = Table(
        "claimed_files",
        MetaData(),
        Column("claim", Integer),
        Column("source", Integer),
        Column("place", Text),
        prefixes=["TEMPORARY"],
    )
    rows = [
        {"claim": claim.id, "source": key, "place": place}
        for claim in claims
        if claim.about not in places.files and not is_named(claim.about)
        for key, place in places.folders(claim.about)
    ]
    found: dict[int, File] = {}
    if not rows:
        return found
    mail, copies = schema.messages, schema.duplicates
    with _temporary(connection, (wanted, rows)):
        for table, alone in (
            (copies, copies.c.embedded.is_(False)),
            (mail, mail.c.parent_id.is_(None)),
        ):
            key = (
                select(func.min(table.c.id))
                .where(table.c.source_id == wanted.c.source, table.c.place == wanted.c.place, alone)
                .correlate(wanted)
                .scalar_subquery()
            )
            keys = select(wanted.c.claim, key.label("key")).subquery()
            for claim, size, sha256 in connection.execute(
                select(keys.c.claim, table.c.raw_bytes, table.c.raw_sha256).join_from(
                    keys, table, table.c.id == keys.c.key
                )
            ):
                found[claim] = File(size, sha256)
    return found


@contextmanager
def _temporary(
    connection: Connection, *tables: tuple[Table, list[dict[str, Any]]]
) -> Iterator[None]:
    """Tables of this connection alone, filled with rows and dropped again."""
    for table, rows in tables:
        table.create(connection)
        for start in range(0, len(rows), _AT_ONCE):
            put(connection, table.insert(), rows[start : start + _AT_ONCE])
    try:
        yield
    finally:
        for table, _ in tables:
            table.drop(connection)
