"""Joins addresses of one person: those of one domain with one name, an address that spells a name
of its domain ("jroe@"), and equal names at two domains that write to the same people.

A name that fits several is joined to none.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator

import numpy as np

from riskscan.language.people import PersonName, compatible, initial_and_surname, local_name
from riskscan.stages.mailboxes import FREE_MAIL, Mailboxes, unambiguous
from riskscan.stages.packed import Lists, Small, digest

CLOSE = 12  # a message to more people says nothing of who knows whom
_MOST_STRANGERS = 30
_COMMON = 2  # correspondents that two addresses of one name must have in common
_TRUNCATED = 6
_FEW = 3  # of more than one that fits, none is taken
_AT_ONCE = 10_000
_RECENT = 100_000
_SCRATCH = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-8192",
    "CREATE TABLE met (person INTEGER, other INTEGER)",
)


class Directory:
    """Joins the addresses of ``boxes``; call the methods in the order in which they stand here."""

    def __init__(self, boxes: Mailboxes) -> None:
        self.boxes = boxes
        self.joins = boxes.joins

    def join_domains(self) -> None:
        """Join addresses of one domain that have one name."""
        boxes, buckets = self.boxes, Lists()
        for form in range(len(boxes)):
            rows = boxes.rows(form)
            domain = boxes.domain(form) if rows else ""
            if domain not in FREE_MAIL:
                for row in rows:
                    surname = boxes.names[int(boxes.named[row])].surname
                    buckets.add(digest(domain, surname), row)
        for some in buckets.several():
            bucket: dict[PersonName, list[int]] = {}
            for row in some:
                name = boxes.names[int(boxes.named[row])]
                bucket.setdefault(name, []).append(int(boxes.owners[row]))
            for one, other in unambiguous(list(bucket)):
                for form in bucket[other]:
                    self.joins.join(bucket[one][0], form, "same name, same domain")

    def join_spelled(self) -> None:
        """Join addresses that spell the initial and surname of one person of their domain."""
        boxes = self.boxes
        asking, cut = array("i"), set[str]()  # domains where a common name may be cut short
        for form in range(len(boxes)):
            if boxes.nameless(form):
                address = boxes.address(form)
                own = local_name(address)
                if own is not None and own.alone and boxes.domain(form) not in FREE_MAIL:
                    asking.append(form)
                    if "/cn=" in address and len(own.alone) >= _TRUNCATED:
                        cut.add(boxes.domain(form))
        spelled = _Spelled(boxes, cut)
        for form in asking:
            address, domain = boxes.address(form), boxes.domain(form)
            own = local_name(address)
            assert own is not None
            fitting = spelled.of(domain, own.alone)
            if not fitting and "/cn=" in address and len(own.alone) >= _TRUNCATED:
                fitting = spelled.beginning(domain, own.alone)
            if len(fitting) == 1:
                # A group stands for the first of its addresses.
                self.joins.join(next(iter(fitting)), form, "initial and surname in the address")

    def join_strangers(self, messages: Iterable[tuple[int, list[int]]]) -> None:
        """Join equal names of different domains that share correspondents.

        ``messages``: number and the addresses, as forms, of each; gone through if needed.
        """
        boxes = self.boxes
        home = self.joins.roots()[: len(boxes)]
        several = list(self._strangers(home))
        if not several:
            return
        wanted = bytearray(len(boxes))
        for _, some in several:
            for group in some:
                wanted[group] = 1
        met = _Met(messages, array("i", home.tobytes()), wanted)
        last = np.zeros(len(boxes), np.int32)
        np.maximum.at(last, home, np.arange(len(boxes), dtype=np.int32))
        names = boxes.names
        for _, groups in sorted(
            several, key=lambda one: (names[one[0]].given, names[one[0]].surname)
        ):
            known = {group: met.of(group) for group in groups}
            for i, one in enumerate(groups):
                for other in groups[i + 1 :]:
                    if len(known[one] & known[other]) >= _COMMON and self._agree(one, other):
                        self.joins.join(
                            int(last[one]), int(last[other]), "same name, same correspondents"
                        )
        met.close()

    def _strangers(self, home: Small) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Groups with one full name in several domains, with the number of such a name."""
        boxes, named = self.boxes, Lists()
        for form in range(len(boxes)):
            for row in boxes.rows(form)[:1]:
                name = boxes.names[int(boxes.named[row])]
                if len(name.given) > 1:
                    named.add(digest(name.given, name.surname), row)
        for rows in named.several():
            groups = sorted({int(home[boxes.owners[row]]) for row in rows})
            if 1 < len(groups) <= _MOST_STRANGERS:
                yield int(boxes.named[rows[0]]), tuple(groups)

    def _full_name(self, number: int) -> tuple[str, str]:
        name = self.boxes.names[number]
        return name.given, name.surname

    def _agree(self, one: int, other: int) -> bool:
        mine, theirs = self.boxes.people(one), self.boxes.people(other)
        return all(compatible(a, b) for a in mine for b in theirs)


class _Spelled:
    """Groups by the spellings of their people's names, domain by domain.

    ``cut``: the domains in which ``beginning`` is asked.
    """

    def __init__(self, boxes: Mailboxes, cut: set[str]) -> None:
        self._boxes = boxes
        self._home = boxes.joins.roots()[: len(boxes)]
        self._whole, self._begun = Lists(), Lists()
        for form in range(len(boxes)):
            rows = boxes.rows(form)
            domain = boxes.domain(form) if rows else ""
            for row in rows if domain not in FREE_MAIL else ():
                for spelling in self._spellings(row):
                    self._whole.add(digest(domain, spelling), int(self._home[form]))
                    if domain in cut:
                        self._begun.add(digest(domain, spelling[:_TRUNCATED]), row)

    def _spellings(self, row: int) -> set[str]:
        name = self._boxes.names[int(self._boxes.named[row])]
        return {initial_and_surname(name), name.given + name.surname}

    def of(self, domain: str, spelling: str) -> set[int]:
        """The groups with this spelling."""
        return set(self._whole.of(digest(domain, spelling)))

    def beginning(self, domain: str, prefix: str) -> set[int]:
        """The groups with the first few spellings that begin with ``prefix``."""
        found: dict[str, set[int]] = {}
        for row in self._begun.of(digest(domain, prefix[:_TRUNCATED])):
            for spelling in self._spellings(row):
                if spelling.startswith(prefix):
                    group = int(self._home[self._boxes.owners[row]])
                    found.setdefault(spelling, set()).add(group)
        return set().union(*(found[spelling] for spelling in sorted(found)[:_FEW]))


class _Met:
    """Whom some people wrote to or heard from, in a temporary database."""

    def __init__(
        self, messages: Iterable[tuple[int, list[int]]], home: array[int], wanted: bytearray
    ) -> None:
        self._scratch = sqlite3.connect("", isolation_level=None)
        for statement in _SCRATCH:
            self._scratch.execute(statement)
        self._scratch.execute("BEGIN")
        rows: list[tuple[int, int]] = []
        recent: set[tuple[int, int]] = set()  # what is there already says nothing new
        for _, forms in messages:
            if len(forms) > CLOSE:
                continue
            present = {home[form] for form in forms}
            for person in present:
                if not wanted[person]:
                    continue
                for other in present:
                    if other != person and (person, other) not in recent:
                        recent.add((person, other))
                        rows.append((person, other))
            if len(rows) >= _AT_ONCE:
                self._enter(rows)
            if len(recent) >= _RECENT:
                recent.clear()
        self._enter(rows)
        self._scratch.execute("CREATE INDEX met_person ON met (person, other)")
        self._scratch.execute("COMMIT")

    def _enter(self, rows: list[tuple[int, int]]) -> None:
        self._scratch.executemany("INSERT INTO met VALUES (?, ?)", rows)
        rows.clear()

    def of(self, person: int) -> set[int]:
        """Whom this one met."""
        rows = self._scratch.execute("SELECT DISTINCT other FROM met WHERE person = ?", (person,))
        return {other for (other,) in rows}

    def close(self) -> None:
        """Give back the temporary database."""
        self._scratch.close()
