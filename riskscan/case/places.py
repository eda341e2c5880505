"""Where what was read of exports lies, by name: the look-ups that comparing claims needs."""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sqlalchemy import Connection, func, or_, select

from riskscan.case import schema

_NAMED = "*//"  # START*//NAME speaks of what is called NAME among what START* speaks of
_INSIDE = "!/"
_ENDINGS = re.compile(r"(?:\.(?:mbox|mbx|pst|zip|gz|\d{1,6})){0,4}\Z")
_MARK = re.compile(r"[\w-]{1,64}\Z")
_KEYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class File:
    """What the case knows of a file: size, SHA-256 ("" unknown)."""

    bytes: int
    sha256: str


class Places:
    """The names under which sources lie, for look-ups by a name or its start."""

    def __init__(self, connection: Connection, abouts: Iterable[str]) -> None:
        abouts = set(abouts)
        starts = {about.partition(_NAMED)[0] for about in abouts if _NAMED in about}
        self._starts = sorted(starts | {about[:-1] for about in abouts if about.endswith("*")})
        self._inside: dict[str, dict[str, str]] = {}
        self._boxes: dict[str, dict[str, int]] = {}
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
        self.files: dict[str, File] = {}
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
            self.files[whole] = File(size, sha256)
        self.lost.sort()
        self._companions.sort()
        for name, size, sha256 in connection.execute(
            select(unit.c.source, unit.c.bytes, unit.c.sha256).where(
                unit.c.id.in_(current), unit.c.kind.not_in(("maildir", "tree"))
            )
        ):
            self.files[name] = File(size, sha256)

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

    def box(self, about: str) -> int | None:
        """How many messages are in the mailboxes that ``START*//NAME*`` speaks of; None: no such.

        A mailbox is called NAME, or goes on with a mark and an ending: ``NAME-Xk29.mbox``.
        """
        start, _, name = about.partition(_NAMED)
        if (boxes := self._boxes.get(start)) is None:
            boxes = self._boxes[start] = defaultdict(int)
            for a, b in self._ranges(self.names, f"{start}*"):
                for at in range(a, b):
                    for called in _mailbox(_folded(_own(self.names[at]))):
                        boxes[called] += self._sums[at + 1] - self._sums[at]
        return boxes.get(_folded(name.removesuffix("*")))

    def file(self, about: str) -> str:
        """The whole name of the file that ``START*//NAME`` speaks of; "" where none is known.

        Single messages are not looked for: see ``named_files``.
        """
        start, _, name = about.partition(_NAMED)
        if (inside := self._inside.get(start)) is None:
            inside = self._inside[start] = {}
            every = sorted({*self.files, *self.names})
            for a, b in self._ranges(every, f"{start}*"):
                for whole in every[a:b]:
                    for one in (whole, *_archives(whole)):
                        inside.setdefault(_folded(_own(one)), one)
        return inside.get(_folded(name), "")

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


def is_named(about: str) -> bool:
    """Whether a claim speaks of what has a name among what has a start: ``START*//NAME``."""
    return _NAMED in about


def scope(about: str) -> str:
    """Where that is looked for: ``START*``."""
    return about.partition(_NAMED)[0] + "*"


def named_files(
    connection: Connection, places: Places, abouts: Iterable[str]
) -> dict[str, tuple[str, File | None]]:
    """What each ``START*//NAME`` speaks of: its whole name, and what the case knows of it."""
    found: dict[str, tuple[str, File | None]] = {}
    wanted: dict[str, dict[str, str]] = defaultdict(dict)
    for about in abouts:
        if whole := places.file(about):
            found[about] = whole, places.files.get(whole)
        else:
            start, _, name = about.partition(_NAMED)
            wanted[start][_folded(name)] = about
    mail, copies, source = schema.messages, schema.duplicates, schema.sources
    for start, names in wanted.items():
        keys = places.sources(f"{start}*")
        for at in range(0, len(keys), _KEYS_AT_ONCE):
            for table, alone in (
                (mail, mail.c.parent_id.is_(None)),
                (copies, copies.c.embedded.is_(False)),
            ):
                statement = (
                    select(source.c.name, table.c.place, table.c.raw_bytes, table.c.raw_sha256)
                    .join_from(table, source)
                    .where(table.c.source_id.in_(keys[at : at + _KEYS_AT_ONCE]), alone)
                )
                for where, place, size, sha256 in connection.execute(statement):
                    if known := names.get(_folded(_own(place))):
                        between = "" if where.endswith("/") else "/"
                        found.setdefault(known, (f"{where}{between}{place}", File(size, sha256)))
    return found


def _own(whole: str) -> str:
    """The last part of a source's name."""
    return whole.removesuffix(_INSIDE).rstrip("/").rpartition("/")[2]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _mailbox(called: str) -> Iterator[str]:
    """What a mailbox may be one of: its name without endings, and without a mark after a "-"."""
    called = _ENDINGS.sub("", called[-1000:])
    yield called
    at = called.rfind("-")
    while at > 0 and _MARK.match(called, at + 1):
        yield called[:at]
        at = called.rfind("-", 0, at)


def _archives(whole: str) -> Iterator[str]:
    """The archives that a source's name says are around it."""
    at = whole.find(_INSIDE)
    while at >= 0:
        yield whole[:at]
        at = whole.find(_INSIDE, at + 1)


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
