"""What merging saw: each mention and participant with the form that it means.

Kept in temporary files: some 20 bytes an entity and a participant, a row of a database a form and
way to write it. In memory are the ways to write forms that were met last.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from riskscan.case.people import Mention
from riskscan.stages.joins import Joins
from riskscan.stages.packed import Counted, Small
from riskscan.stages.records import Records

ROLES = ("from", "to", "cc", "bcc", "named")
RULES = (
    "", "named in full, takes part", "named in full in the message", "takes part in the message",
    "takes part in the thread", "signs the message", "is greeted in the message",
    "named in full before", "the only one of that surname", "the one whom the sender writes with",
)  # fmt: skip
"""Why a mention means somebody; the first: its form always does."""
_NUMBERS = {role: number for number, role in enumerate(ROLES)}
# Rows that are sorted at once, and what a row is packed in: 26 bits for whom, 34 for the message.
AT_ONCE, _READ = 1 << 19, 10_000
_BITS, _ROLE_BITS = 34, 3
_NONE = np.empty(0, np.int64)
_HELD = 20_000  # ways to write forms
_LABEL_BITS = 8
_SCRATCH = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-8192",
    "CREATE TABLE forms (node INTEGER, text BLOB, rule INTEGER, number INTEGER, message INTEGER,"
    " PRIMARY KEY (node, text, rule)) WITHOUT ROWID",
)
_COUNT = (
    "INSERT INTO forms VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " number = number + excluded.number, message = min(message, excluded.message)"
)


class Sightings:
    """All that was seen in the threads of a case; forms are numbers of ``joins``."""

    def __init__(self, joins: Joins, place: Path | None = None) -> None:
        self.joins = joins
        self.mentions = Records("qib", place)
        self.seen = Records("iqb", place)
        self.scratch = sqlite3.connect("", isolation_level=None)
        for statement in _SCRATCH:
            self.scratch.execute(statement)
        self._forms: dict[tuple[int, bytes, int], list[int]] = {}
        self._labels = Counted()
        self._named_labels: dict[str, int] = {}

    def mention(self, message: int, mention: Mention, node: int, rule: int) -> None:
        """Enter that an entity means form ``node``, by the rule of this number."""
        self.mentions.add(mention.id, node, rule)
        self.see(node, message, "named")
        self.form(node, " ".join(mention.text.split()), rule, message, mention.label)

    def see(self, node: int, message: int, role: str) -> None:
        """Enter that a form stands in a message."""
        self.seen.add(node, message, _NUMBERS[role])

    def form(self, node: int, text: str, rule: int, message: int, label: str) -> None:
        """Enter one time that a form is written in this way."""
        key = (node, text.encode("utf-8", "surrogatepass"), rule)
        known = self._forms.get(key)
        if known is None:
            if len(self._forms) >= _HELD:
                self._write()
            self._forms[key] = [1, message]
        else:
            known[0] += 1
            known[1] = min(known[1], message)
        number = self._named_labels.setdefault(label, len(self._named_labels))
        self._labels.add(node << _LABEL_BITS | number)

    def finish(self) -> None:
        """Call it after the last entry, before anything is read."""
        self._write()

    def _write(self) -> None:
        rows = sorted((*key, *counted) for key, counted in self._forms.items())
        self.scratch.execute("BEGIN")
        self.scratch.executemany(_COUNT, rows)
        self.scratch.execute("COMMIT")
        self._forms.clear()

    def forms(self) -> Iterator[tuple[int, str, int, int, int]]:
        """(form, how it is written, rule, number, first message), sorted."""
        rows = self.scratch.execute(
            "SELECT node, text, rule, number, message FROM forms ORDER BY node, text, rule"
        )
        for node, text, *numbers in rows:
            yield (node, text.decode("utf-8", "surrogatepass"), *numbers)

    def written(self, node: int) -> Iterator[tuple[str, int]]:
        """How a form is written where it means itself or is named in full, and how often."""
        rows = self.scratch.execute(
            "SELECT text, number FROM forms WHERE node = ? AND rule < 2", (node,)
        )
        return ((text.decode("utf-8", "surrogatepass"), number) for text, number in rows)

    def labels(self, groups: Small) -> Iterator[tuple[int, Counter[str]]]:
        """How often each label was given to the forms of a group, for all that have one."""
        names = list(self._named_labels)
        packed, times = self._labels.sorted()
        of, label = groups[packed >> _LABEL_BITS], packed & ((1 << _LABEL_BITS) - 1)
        order = np.lexsort((label, of))
        rows = zip(of[order].tolist(), label[order].tolist(), times[order].tolist(), strict=True)
        for group, some in groupby(rows, itemgetter(0)):
            counted: Counter[str] = Counter()
            for _, number, many in some:
                counted[names[number]] += many
            yield group, counted


class Appearances:
    """The rows of ``appearances``, made as they are gone through, as often as one likes.

    ``merged``: the id of whom each form means.
    """

    def __init__(self, seen: Records, merged: Any) -> None:
        self._seen, self._merged = seen, merged
        self._size = int(merged.max(initial=0)) + 1

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._sorted(np.ones(self._size, bool))

    def of(self, wanted: Collection[int]) -> Iterator[dict[str, Any]]:
        """The rows of some ids, in the same order."""
        which = np.zeros(self._size, bool)
        which[list(wanted)] = True
        return self._sorted(which)

    def _sorted(self, which: Any) -> Iterator[dict[str, Any]]:
        """The rows of the ids that are marked, some ids at once."""
        numbers = np.zeros(self._size, np.int64)
        for nodes, _, _ in self._seen.parts():
            numbers += np.bincount(self._merged[nodes], minlength=self._size)
        part = np.cumsum(np.where(which, numbers, 0)) // AT_ONCE
        bounds = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), self._size]
        for low, high in pairwise(bounds):
            packed = self._packed(low, high, which)
            for at in range(0, len(packed), _READ):
                some = packed[at : at + _READ]
                messages = (some >> _ROLE_BITS) & ((1 << _BITS) - 1)
                yield from (
                    {"merged_id": key, "message_id": message, "role": ROLES[role]}
                    for key, message, role in zip(
                        ((some >> (_BITS + _ROLE_BITS)) + low).tolist(),
                        messages.tolist(),
                        (some & ((1 << _ROLE_BITS) - 1)).tolist(),
                        strict=True,
                    )
                )

    def _packed(self, low: int, high: int, which: Any) -> Any:
        """The rows of the ids from ``low`` to under ``high``, sorted, a number each."""
        found = [_NONE]
        for nodes, messages, roles in self._seen.parts():
            merged = self._merged[nodes].astype(np.int64)
            here = (merged >= low) & (merged < high) & which[merged]
            numbers = (merged[here] - low) << _BITS | messages[here]
            found.append(_distinct(numbers << _ROLE_BITS | roles[here]))
        return _distinct(np.concatenate(found))


def _distinct(numbers: Any) -> Any:
    """The numbers, sorted, each once; the array that is given is sorted, too."""
    numbers.sort()
    new = np.ones(len(numbers), bool)
    new[1:] = numbers[1:] != numbers[:-1]
    return numbers[new]


def between(records: Records, low: int, high: int) -> list[Any]:
    """The columns of the records whose first number is from ``low`` to under ``high``."""
    found = []
    for columns in records.parts():
        here = (columns[0] >= low) & (columns[0] < high)
        if here.any():
            found.append([column[here] for column in columns])
    return [np.concatenate(column) for column in zip(*found, strict=True)] or [_NONE] * 3
