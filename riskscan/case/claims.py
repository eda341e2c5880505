"""What exports say of themselves, compared with what was read of them."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from typing import Any, Literal

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, exists, func, or_, select

from riskscan.case import schema
from riskscan.case.batch import put

HASHES = ("md5", "sha1", "sha256")
FILES = (*HASHES, "bytes", "file")
"""Kinds of claims that speak of one file; "file" that it is there."""
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

    def differs(self, result: str, found: str, reason: str) -> Mismatch:
        return Mismatch(result, self.source, self.about, self.kind, self.expected, found, reason)


@dataclass(frozen=True, slots=True)
class _File:
    """What the case knows of a file: size, SHA-256 ("" unknown)."""

    bytes: int
    sha256: str


class _Places:
    """The names under which sources lie, for look-ups by a name or its start."""

    def __init__(self, connection: Connection, abouts: Iterable[str]) -> None:
        self._starts = sorted({about[:-1] for about in abouts if about.endswith("*")})
        unit, source, lost = schema.units, schema.sources, schema.unread
        # Of a file that was read again after a change, the last reading counts.
        current = select(func.max(unit.c.id)).group_by(unit.c.path).scalar_subquery()
        rows = connection.execute(
            select(source.c.name, source.c.id, source.c.found)
            .where(source.c.unit_id.in_(current))
            .order_by(source.c.id)
        )
        ordered = sorted(tuple(row) for row in rows)
        self.names = [name for name, _, _ in ordered]
        self._ids = [key for _, key, _ in ordered]
        self._sums = [0, *accumulate(found for _, _, found in ordered)]
        self.files: dict[str, _File] = {}
        self.lost: list[str] = []
        self._companions: list[str] = []
        for name, place, size, sha256, kind in connection.execute(
            select(lost.c.source, lost.c.place, lost.c.bytes, lost.c.sha256, lost.c.kind).where(
                or_(lost.c.unit_id.is_(None), lost.c.unit_id.in_(current))
            )
        ):
            whole = f"{name}{'' if name.endswith('/') else '/'}{place}" if place else name
            self.lost.append(whole)
            if kind == "companion":
                self._companions.append(whole)
            self.files[whole] = _File(size, sha256)
        self.lost.sort()
        self._companions.sort()
        for name, size, sha256 in connection.execute(
            select(unit.c.source, unit.c.bytes, unit.c.sha256).where(
                unit.c.id.in_(current), unit.c.kind.not_in(("maildir", "tree"))
            )
        ):
            self.files[name] = _File(size, sha256)

    def messages(self, about: str) -> int:
        """How many messages were found in the sources at ``about``."""
        return sum(self._sums[b] - self._sums[a] for a, b in self._ranges(self.names, about))

    def sources(self, about: str) -> list[int]:
        """The keys of the sources at ``about``."""
        return [key for a, b in self._ranges(self.names, about) for key in self._ids[a:b]]

    def unread(self, about: str) -> int:
        """How many files or parts at ``about`` were not read."""
        return sum(b - a for a, b in self._ranges(self.lost, about))

    def companions(self, about: str) -> int:
        """How many things at ``about`` are known to be no messages, as contacts are."""
        return sum(b - a for a, b in self._ranges(self._companions, about))

    def holds(self, about: str) -> bool:
        """Whether anything was found at ``about``."""
        return bool(about in self.files or self.sources(about) or self.unread(about))

    def folders(self, about: str) -> Iterator[tuple[int, str]]:
        """Sources that may hold the single message ``about`` as a file, and its place there."""
        folder, _, name = about.rpartition("/")
        for own in (folder, folder + "/"):
            at = bisect_left(self.names, own)
            while at < len(self.names) and self.names[at] == own:
                yield self._ids[at], name
                at += 1

    def _ranges(self, names: Sequence[str], about: str) -> list[tuple[int, int]]:
        """Where in sorted ``names`` is what ``about`` speaks of."""
        if not about.endswith("*"):
            return _ranges(names, about)
        start = about[:-1]
        at, end = _starting(names, start)
        ranges = []
        for longer in _longer(self._starts, start):
            a, b = _starting(names, longer)
            ranges.append((at, a))
            at = b
        return [*ranges, (at, end)]


def _starting(names: Sequence[str], start: str) -> tuple[int, int]:
    """Where in sorted ``names`` those with this start are."""
    return bisect_left(names, start), bisect_left(names, start + chr(sys.maxunicode))


def _longer(starts: Sequence[str], start: str) -> Iterator[str]:
    """The starts, of these in order, that go on in the same folder; none inside another."""
    last = ""
    a, b = _starting(starts, start)
    for other in starts[a:b]:
        inside = bool(last) and other.startswith(last)
        if other != start and "/" not in other[len(start) :] and not inside:
            last = other
            yield other


def _ranges(names: Sequence[str], about: str) -> list[tuple[int, int]]:
    """Where in sorted ``names`` are ``about`` itself and all that lies in it."""
    if about.endswith("/"):
        # The last character of the prefix, one on: all that starts with the prefix lies between.
        starts = [(about, about[:-1] + "0")]
    else:
        starts = [(about, about + "\0"), (about + "!/", about + "!0"), (about + "/", about + "0")]
    return [(bisect_left(names, a), bisect_left(names, b)) for a, b in starts]


def compare(connection: Connection) -> Compared:
    """Compare all claims of a case with what was read; leaves the case as it is."""
    compared = Compared()
    claims = _claims(connection)
    if not claims:
        return compared
    places = _Places(connection, (claim.about for claim in claims))
    by_id = [c for c in claims if c.kind == "message id"]
    by_file = [c for c in claims if c.kind in FILES]
    there = _message_ids(connection, places, by_id)
    files = _message_files(connection, places, by_file)
    answer: Answer
    for claim in claims:
        if claim.kind in ("messages", "items"):
            answer = _count(places, claim)
        elif claim.kind == "message id":
            answer = True if claim.id in there else _missing(claim)
        elif claim.kind in FILES:
            answer = _file(places, claim, files.get(claim.id))
        else:
            answer = None
        if answer is None:
            compared.unchecked[claim.kind] += 1
        elif answer is True:
            compared.matched[claim.kind] += 1
        else:
            compared.differing.append(answer)
    return compared


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


def _count(places: _Places, claim: _Claim) -> Answer:
    told = claim.expected.replace(",", "").strip()
    if not (told.isascii() and told.isdecimal() and len(told) < 19):
        return claim.differs("unreadable", "", f"'{claim.expected}' is no number of messages")
    found = places.messages(claim.about)
    if found == int(told):
        return True
    reason = f"{int(told):,} {claim.kind} are claimed, {found:,} were found"
    if claim.kind == "items":
        others = places.companions(claim.about)
        if found < int(told) <= found + others:
            return True
        reason = f"{int(told):,} items are claimed, {found:,} messages and {others:,} others found"
    if unread := places.unread(claim.about):
        reason += f"; {unread:,} files or parts were not read or hold no mail"
    elif not places.holds(claim.about):
        reason = f"{int(told):,} {claim.kind} are claimed, and nothing of that name was found"
    return claim.differs("count differs", str(found), reason)


def _missing(claim: _Claim) -> Mismatch:
    return claim.differs("missing", "", "no message with this Message-ID was found there")


def _file(places: _Places, claim: _Claim, message: _File | None) -> Answer:
    known = places.files.get(claim.about) or message
    if claim.kind == "file" and (known is not None or places.holds(claim.about)):
        return True
    found = claim.actual or ""
    if not found and known is not None:
        found = {"bytes": str(known.bytes), "sha256": known.sha256}.get(claim.kind, "")
    if not found:
        if known is not None or places.holds(claim.about):
            return None
        return claim.differs("not there", "", "a file of this name was not found")
    if found == claim.expected.strip().lower():
        return True
    result = "size differs" if claim.kind == "bytes" else "hash differs"
    return claim.differs(result, found, f"the {claim.kind} of what was read is {found}")


def _message_ids(
    connection: Connection, places: _Places, claims: Sequence[_Claim]
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
    connection: Connection, places: _Places, claims: Sequence[_Claim]
) -> dict[int, _File]:
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
        if claim.about not in places.files
        for key, place in places.folders(claim.about)
    ]
    found: dict[int, _File] = {}
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
                found[claim] = _File(size, sha256)
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
