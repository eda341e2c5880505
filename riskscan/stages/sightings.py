"""What merging saw: each mention and participant with the form that it means, and the tables' rows.

Kept in arrays: some 20 bytes an entity and a participant, and one entry a distinct form.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from riskscan.case.people import Mention
from riskscan.language.people import local_name, parse_name, written
from riskscan.stages.joins import Joins
from riskscan.stages.mailboxes import Directory

ROLES = ("from", "to", "cc", "bcc", "named")
RULES = (
    "", "named in full, takes part", "named in full in the message", "takes part in the message",
    "takes part in the thread",
)  # fmt: skip
"""Why a mention means somebody; the first: its form always does."""


class Sightings:
    """All that was seen in the threads of a case; forms are numbers of ``joins``."""

    def __init__(self, joins: Joins) -> None:
        self.joins = joins
        self._entities, self._nodes, self._rules = array("q"), array("q"), array("b")
        self._seen_nodes, self._seen_messages = array("q"), array("q")
        self._seen_roles = array("b")
        self._forms: dict[tuple[int, str, int], list[int]] = {}
        self._labels: dict[int, Counter[str]] = defaultdict(Counter)

    def mention(self, message: int, mention: Mention, node: int, rule: int) -> None:
        """Enter that an entity means form ``node``, by the rule of this number."""
        self._entities.append(mention.id)
        self._nodes.append(node)
        self._rules.append(rule)
        self.see(node, message, "named")
        self.form(node, " ".join(mention.text.split()), rule, message, mention.label)

    def see(self, node: int, message: int, role: str) -> None:
        """Enter that a form stands in a message."""
        self._seen_nodes.append(node)
        self._seen_messages.append(message)
        self._seen_roles.append(ROLES.index(role))

    def form(self, node: int, text: str, rule: int, message: int, label: str) -> None:
        """Enter one time that a form is written in this way."""
        known = self._forms.get((node, text, rule))
        if known is None:
            self._forms[node, text, rule] = [1, message]
        else:
            known[0] += 1
            known[1] = min(known[1], message)
        self._labels[node][label] += 1

    def rows(self, directory: Directory) -> dict[str, Iterable[dict[str, Any]]]:
        """The rows of the tables, once everything is joined."""
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
            "appearances": Appearances(self._appearances(groups, ids)),
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
        entities = np.frombuffer(self._entities, np.int64)
        merged = ids[groups[np.frombuffer(self._nodes, np.int64)]]
        rules = np.frombuffer(self._rules, np.int8)
        for i in np.argsort(entities, kind="stable").tolist():
            yield {
                "entity_id": int(entities[i]),
                "merged_id": int(merged[i]),
                "rule": RULES[rules[i]],
            }

    def _appearances(self, groups: Any, ids: Any) -> Any:
        merged = ids[groups[np.frombuffer(self._seen_nodes, np.int64)]]
        messages = np.frombuffer(self._seen_messages, np.int64)
        roles = np.frombuffer(self._seen_roles, np.int8).astype(np.int64)
        return np.unique(np.stack([merged, messages, roles], axis=1), axis=0)


class Appearances:
    """The rows of ``appearances``, made as they are gone through, as often as one likes."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for key, message, role in map(np.ndarray.tolist, self._table):
            yield {"merged_id": key, "message_id": message, "role": ROLES[role]}


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
