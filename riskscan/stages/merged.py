"""What merging came to: the people and things of a case, and the rows of the tables about them.

Rows are made as they are gone through, as often as one likes.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from riskscan.language.people import local_name, written
from riskscan.stages.mailboxes import Mailboxes
from riskscan.stages.sightings import AT_ONCE, RULES, Appearances, Sightings, between

_SCRATCH = "CREATE TABLE described (label TEXT, name BLOB, node INTEGER)"
# In this order rows are numbered from 1 on.
_RANKED = "CREATE TABLE ranked AS SELECT * FROM described ORDER BY label, name, node"
_DESCRIBED_AT_ONCE = 10_000
PEOPLE = ("PERSON", "MAILBOX")

Row = dict[str, Any]


class _Again:
    """Rows that are made anew each time that one goes through them."""

    def __init__(self, make: Callable[[], Iterator[Row]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Row]:
        return self._make()


class Merged:
    """Everybody and everything by id, once all is joined and has been seen."""

    def __init__(self, sightings: Sightings, boxes: Mailboxes) -> None:
        self._sightings, self._boxes = sightings, boxes
        self._joins, self._scratch = sightings.joins, sightings.scratch
        sightings.finish()
        self._groups = self._joins.roots()
        self._members = np.argsort(self._groups, kind="stable").astype(np.int32)
        self._starts = np.searchsorted(
            self._groups[self._members], np.arange(len(self._groups) + 1, dtype=np.int32)
        ).astype(np.int32)
        self._rank()
        self.appearances = Appearances(sightings.seen, self._ids)

    def tables(self) -> dict[str, Iterable[Row]]:
        """The rows of the tables."""
        return {
            "merged": _Again(self._merged_rows),
            "merged_forms": _Again(self._form_rows),
            "merged_mentions": _Again(self._mention_rows),
            "appearances": self.appearances,
        }

    # people, for who is counsel

    def person(self, form: int) -> int | None:
        """The id of the person or mailbox that a form means; None for a thing."""
        key = self._by_form[form]
        return key if self._are_people[key] else None

    def owner(self, address: str) -> int | None:
        """The id of whoever has an address; None for one that no header has."""
        form = self._joins.known(f"@{address}")
        return self.person(form) if form is not None and form < len(self._boxes) else None

    def people(self) -> Iterator[tuple[int, str]]:
        """(id, name) of all people and mailboxes."""
        return ((row["id"], row["name"]) for row in self._merged_rows() if row["label"] in PEOPLE)

    def name(self, key: int) -> str:
        """The name of whoever has this id."""
        found = self._scratch.execute("SELECT name FROM ranked WHERE rowid = ?", (key,)).fetchone()
        return _text(found[0])

    def domains(self, key: int) -> set[str]:
        """The registered domains of the addresses of a person."""
        (group,) = self._scratch.execute(
            "SELECT node FROM ranked WHERE rowid = ?", (key,)
        ).fetchone()
        return {self._boxes.domain(form) for form in self._addresses(group)}

    def heads(self) -> Iterator[tuple[int, str, str, int | None]]:
        """(id, kind, form, message) of the addresses of people, and the names beside them."""
        for form in range(len(self._boxes)):
            key = self.person(form)
            if key is not None:
                for _, _, message in self._why(form) or [("", "", None)]:
                    yield key, "address", self._boxes.address(form), message
                for beside in self._boxes.beside(form):
                    if beside.told:
                        yield key, "name", beside.text, beside.message

    def named(self) -> Iterator[tuple[int, str]]:
        """(id, how they are called) where texts name people."""
        for node, text, *_ in self._sightings.forms():
            key = self.person(node)
            if key is not None:
                yield key, text

    # ids

    def _rank(self) -> None:
        """Number everybody and everything by label and name."""
        self._scratch.execute("BEGIN")
        self._scratch.execute(_SCRATCH)
        rows: list[tuple[str, bytes, int]] = []
        for group, label in self._labelled():
            name = self._name(group).encode("utf-8", "surrogatepass")
            rows.append((label, name, group))
            if len(rows) >= _DESCRIBED_AT_ONCE:
                self._scratch.executemany("INSERT INTO described VALUES (?, ?, ?)", rows)
                rows = []
        self._scratch.executemany("INSERT INTO described VALUES (?, ?, ?)", rows)
        self._scratch.execute(_RANKED)
        self._scratch.execute("DROP TABLE described")
        self._scratch.execute("COMMIT")
        ids = np.zeros(len(self._groups) + 1, np.int32)
        people = bytearray(1)
        for key, label, node in self._scratch.execute("SELECT rowid, label, node FROM ranked"):
            ids[node] = key
            people.append(label in PEOPLE)
        self._are_people = people
        self._ids = ids[self._groups]
        self._by_form = array("i", self._ids.tobytes())

    def _labelled(self) -> Iterator[tuple[int, str]]:
        """(group, label) of all that was seen and all addresses."""
        boxes = self._boxes
        own = self._groups[: len(boxes)]
        people = np.bincount(own[boxes.owners], minlength=len(self._groups))
        addressed = np.zeros(len(self._groups), bool)
        addressed[own] = True
        for group, counted in self._sightings.labels(self._groups):
            if addressed[group]:
                counted["PERSON"] += int(people[group])
                counted["MAILBOX"] += 0
                addressed[group] = False
            yield group, min(counted, key=lambda one: (-counted[one], one != "MAILBOX", one))
        for group in np.flatnonzero(addressed).tolist():
            yield group, "PERSON" if people[group] else "MAILBOX"

    def _name(self, group: int) -> str:
        heads: Counter[str] = Counter()
        for form in self._addresses(group):
            for beside in self._boxes.beside(form):
                if beside.theirs:
                    heads[written(beside.text)] += beside.number
        if not heads:
            for node in self._forms(group):
                for text, number in self._sightings.written(node):
                    heads[_shown(text)] += number
        return _best(heads) or _spelled(self._joins.key(group))

    def _forms(self, group: int) -> list[int]:
        some: list[int] = self._members[self._starts[group] : self._starts[group + 1]].tolist()
        return some

    def _addresses(self, group: int) -> list[int]:
        return [form for form in self._forms(group) if form < len(self._boxes)]

    # rows

    def _merged_rows(self) -> Iterator[Row]:
        rows = self._scratch.execute("SELECT rowid, label, name, node FROM ranked ORDER BY rowid")
        for key, label, name, node in rows:
            anchor = self._joins.key(node)
            yield {
                "id": key, "label": label, "name": _text(name), "anchor": anchor,
                "alone": anchor.startswith("w:"),
            }  # fmt: skip

    def _why(self, form: int) -> list[tuple[str, str, int | None]]:
        return [
            (one.rule, readable(self._joins.key(one.one)), one.message)
            for one in self._joins.evidence(form)
        ]

    def _form_rows(self) -> Iterator[Row]:
        def row(node: int, kind: str, form: str, number: int, *joined: Any) -> Row:
            rule, other, message = joined
            return {
                "merged_id": self._by_form[node], "kind": kind, "form": form, "number": number,
                "rule": rule, "other": other, "message_id": message,
            }  # fmt: skip

        boxes = self._boxes
        for form in range(len(boxes)):
            address = boxes.address(form)
            for joined in self._why(form) or [("", "", None)]:
                yield row(form, "address", address, boxes.weights[form], *joined)
            for one in boxes.beside(form):
                if one.told:
                    yield row(
                        form, "name", one.text, one.number, "stands beside the address", address,
                        one.message,
                    )  # fmt: skip
        for node, text, rule, number, message in self._sightings.forms():
            own = [(RULES[rule], "", message)] if rule else self._why(node) or [("", "", message)]
            for reason, other, shown in own:
                yield row(node, "named", text, number, reason, other, shown or message)

    def _mention_rows(self) -> Iterator[Row]:
        mentions = self._sightings.mentions
        last = max((int(entities.max()) for entities, _, _ in mentions.parts()), default=-1)
        for low in range(0, last + 1, AT_ONCE):
            found = between(mentions, low, low + AT_ONCE)
            order = np.argsort(found[0], kind="stable")
            rows = (column[order].tolist() for column in (found[0], self._ids[found[1]], found[2]))
            for entity, key, rule in zip(*rows, strict=True):
                yield {"entity_id": entity, "merged_id": key, "rule": RULES[rule]}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _shown(text: str) -> str:
    """A form fit to be a name: what the pipeline left around it is taken off."""
    clean = "".join(c for c in text if c.isprintable()).strip(' ,;:!?()<>"“”-–*_|=')
    for ending in ("'s", "’s"):
        clean = clean.removesuffix(ending)
    return clean or text


def readable(key: str) -> str:
    """A form as a reader may see it."""
    if key.startswith("@"):
        return key[1:]
    return key[2:] if key[1:2] == ":" else key.partition(" ")[2]


def _spelled(anchor: str) -> str:
    """A name for an address that none stands beside."""
    name = local_name(anchor[1:]) if anchor.startswith("@") else None
    if name is not None and name.surname:
        return " ".join(w.capitalize() for w in (name.given, name.middle, name.surname) if w)
    return readable(anchor)


def _best(counted: Counter[str] | None) -> str:
    """The most frequent way to write a name; of equals the longest."""
    if not counted:
        return ""
    return min(counted, key=lambda text: (-counted[text], -len(text), text))
