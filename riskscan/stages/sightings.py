"""What merging saw: each mention and participant with the form that it means, and the tables' rows.

Kept in temporary files, some 20 bytes an entity and a participant; in memory is one entry a
distinct form.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from riskscan.case.people import Mention
from riskscan.language.people import local_name, parse_name, written
from riskscan.stages.joins import Joins
from riskscan.stages.mailboxes import Directory
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
_AT_ONCE, _READ = 1 << 21, 10_000
_BITS, _ROLE_BITS = 34, 3
_NONE = np.empty(0, np.int64)


class Sightings:
    """All that was seen in the threads of a case; forms are numbers of ``joins``."""

    def __init__(self, joins: Joins, place: Path | None = None) -> None:
        self.joins = joins
        self._mentions = Records("qib", place)
        self._seen = Records("iqb", place)
        self._forms: dict[tuple[int, str, int], list[int]] = {}
        self._labels: dict[int, Counter[str]] = defaultdict(Counter)

    def mention(self, message: int, mention: Mention, node: int, rule: int) -> None:
        """Enter that an entity means form ``node``, by the rule of this number."""
        self._mentions.add(mention.id, node, rule)
        self.see(node, message, "named")
        self.form(node, " ".join(mention.text.split()), rule, message, mention.label)

    def see(self, node: int, message: int, role: str) -> None:
        """Enter that a form stands in a message."""
        self._seen.add(node, message, _NUMBERS[role])

    def form(self, node: int, text: str, rule: int, message: int, label: str) -> None:
        """Enter one time that a form is written in this way."""
        known = self._forms.get((node, text, rule))
        if known is None:
            self._forms[node, text, rule] = [1, message]
        else:
            known[0] += 1
            known[1] = min(known[1], message)
        self._labels[node][label] += 1

    def rows(self, directory: Directory) -> dict[str, Any]:
        """The rows of the tables, once everything is joined; those of ``appearances`` as such."""
        number = len(self.joins.keys)
        groups = np.fromiter((self.joins.group(i) for i in range(number)), np.int64, number)
        described = self._described(directory, groups)
        order = sorted(described, key=lambda g: (described[g]["label"], described[g]["name"], g))
        ids = np.zeros(number + 1, np.int64)
        for key, group in enumerate(order, 1):
            described[group]["id"] = ids[group] = key
        return {
            "merged": [described[group] for group in order],
            "merged_forms": list(self._form_rows(directory, groups, ids)),
            "merged_mentions": self._mention_rows(groups, ids),
            "appearances": Appearances(self._seen, ids[groups]),
        }

    def _described(self, directory: Directory, groups: Any) -> dict[int, dict[str, Any]]:
        labels: dict[int, Counter[str]] = defaultdict(Counter)
        texts: dict[int, Counter[str]] = defaultdict(Counter)
        heads: dict[int, Counter[str]] = defaultdict(Counter)
        anchors: dict[int, str] = {}
        for (node, text, rule), (number, _) in self._forms.items():
            if rule in (0, 1):
                texts[int(groups[node])][_shown(text)] += number
        for node, some in self._labels.items():
            labels[int(groups[node])].update(some)
            anchors.setdefault(int(groups[node]), self.joins.keys[int(groups[node])])
        for address, form in directory.forms.items():
            group = int(groups[form])
            anchors.setdefault(group, f"@{address}")
            box = directory.boxes[address]
            for text, (number, _) in box.names.items():
                name = parse_name(text)
                if name in box.people or not (box.people or box.shared):
                    heads[group][written(text)] += number
            labels[group]["PERSON"] += len(box.people)
            labels[group]["MAILBOX"] += 0
        described = {}
        for group, anchor in anchors.items():
            label = min(labels[group], key=lambda one: (-labels[group][one], one != "MAILBOX", one))
            described[group] = {
                "id": 0,
                "label": label,
                "name": _best(heads.get(group) or texts.get(group)) or _spelled(anchor),
                "anchor": anchor,
                "alone": anchor.startswith("w:"),
            }
        return described

    def _form_rows(self, directory: Directory, groups: Any, ids: Any) -> Iterator[dict[str, Any]]:
        why: dict[int, list[tuple[str, str, int | None]]] = defaultdict(list)
        for one in self.joins.evidence:
            why[one.other].append((one.rule, readable(self.joins.keys[one.one]), one.message))

        def row(node: int, kind: str, form: str, number: int, *joined: Any) -> dict[str, Any]:
            rule, other, message = joined
            return {
                "merged_id": int(ids[groups[node]]), "kind": kind, "form": form, "number": number,
                "rule": rule, "other": other, "message_id": message,
            }  # fmt: skip

        for address, form in directory.forms.items():
            box = directory.boxes[address]
            number = sum(n for n, _ in box.names.values())
            for joined in why.get(form, [("", "", None)]):
                yield row(form, "address", address, number, *joined)
            for text, (times, message) in sorted(box.names.items()):
                if not box.shared or parse_name(text) is None:
                    yield row(
                        form, "name", text, times, "stands beside the address", address, message
                    )
        for (node, text, rule), (number, message) in sorted(self._forms.items()):
            own = why.get(node, [("", "", message)]) if not rule else [(RULES[rule], "", message)]
            for joined in own:
                yield row(node, "named", text, number, joined[0], joined[1], joined[2] or message)

    def _mention_rows(self, groups: Any, ids: Any) -> Iterator[dict[str, Any]]:
        merged = ids[groups]
        last = max((int(entities.max()) for entities, _, _ in self._mentions.parts()), default=-1)
        for low in range(0, last + 1, _AT_ONCE):
            found = _between(self._mentions, low, low + _AT_ONCE)
            order = np.argsort(found[0], kind="stable")
            rows = (column[order].tolist() for column in (found[0], merged[found[1]], found[2]))
            for entity, key, rule in zip(*rows, strict=True):
                yield {"entity_id": entity, "merged_id": key, "rule": RULES[rule]}


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
        part = np.cumsum(np.where(which, numbers, 0)) // _AT_ONCE
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
            merged = self._merged[nodes]
            here = (merged >= low) & (merged < high) & which[merged]
            numbers = (merged[here] - low) << _BITS | messages[here]
            found.append(np.unique(numbers << _ROLE_BITS | roles[here]))
        return np.unique(np.concatenate(found))


def _between(records: Records, low: int, high: int) -> list[Any]:
    """The columns of the records whose first number is from ``low`` to under ``high``."""
    found = []
    for columns in records.parts():
        here = (columns[0] >= low) & (columns[0] < high)
        if here.any():
            found.append([column[here] for column in columns])
    return [np.concatenate(column) for column in zip(*found, strict=True)] or [_NONE] * 3


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
