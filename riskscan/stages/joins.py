"""Which forms are one: groups that keep why each form was joined, and what must stay apart."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from riskscan.stages.packed import Small
from riskscan.stages.texts import Texts


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why form ``one`` was joined to ``other``: a rule, and the message that shows it."""

    one: int
    other: int
    rule: str
    message: int | None


class Joins:
    """Forms numbered from 0 in the order in which they are met, and the groups that they make.

    Their keys lie in a file without a name in ``place``; in memory are 30 bytes a form, and 17 a
    join.
    """

    def __init__(self, place: Path | None = None) -> None:
        self._keys = Texts(place)
        self._parents = array("i")
        self._foes: dict[int, set[int]] = defaultdict(set)
        self._ones, self._others = array("i"), array("i")
        self._rules, self._messages = bytearray(), array("q")
        self._named_rules: list[str] = []
        self._by_other: tuple[array[int], array[int]] | None = None

    def __len__(self) -> int:
        return len(self._parents)

    def number(self, key: str) -> int:
        """The number of a form, entered when new."""
        number = self._keys.number(key)
        if number == len(self._parents):
            self._parents.append(number)
        return number

    def known(self, key: str) -> int | None:
        """The number of a form, if it has been met."""
        return self._keys.known(key)

    def key(self, form: int) -> str:
        """The key of a form."""
        return self._keys[form]

    def group(self, form: int) -> int:
        """The form that stands for the group of ``form``: the first met of it."""
        parents = self._parents
        while parents[form] != form:
            parents[form] = parents[parents[form]]
            form = parents[form]
        return form

    def keep_apart(self, one: int, other: int) -> None:
        """Never let ``one`` and ``other`` come into one group."""
        self._foes[self.group(one)].add(other)
        self._foes[self.group(other)].add(one)

    def apart(self, one: int, other: int) -> bool:
        """Whether the groups of two forms must stay apart."""
        first, second = self.group(one), self.group(other)
        if first not in self._foes:
            return False
        return any(self.group(foe) == second for foe in self._foes[first])

    def join(self, one: int, other: int, rule: str, message: int | None = None) -> bool:
        """Make the groups of two forms one and note why; False where they must stay apart."""
        first, second = sorted((self.group(one), self.group(other)))
        if first == second:
            return True
        if self.apart(first, second):
            return False
        self._parents[second] = first
        if second in self._foes:
            self._foes[first] |= self._foes.pop(second)
        self._note(one, other, rule, message)
        return True

    def _note(self, one: int, other: int, rule: str, message: int | None) -> None:
        if rule not in self._named_rules:
            self._named_rules.append(rule)
        self._ones.append(one)
        self._others.append(other)
        self._rules.append(self._named_rules.index(rule))
        self._messages.append(-1 if message is None else message)
        self._by_other = None

    def evidence(self, other: int) -> Iterator[Evidence]:
        """Why a form was joined to others, the first reason first."""
        if self._by_other is None:
            unsorted = np.array(self._others, np.int32)
            by = np.argsort(unsorted, kind="stable").astype(np.int32)
            self._by_other = array("i", unsorted[by].tobytes()), array("i", by.tobytes())
        others, order = self._by_other
        at = bisect_left(others, other)
        while at < len(others) and others[at] == other:
            join = order[at]
            message = self._messages[join]
            rule = self._named_rules[self._rules[join]]
            yield Evidence(self._ones[join], other, rule, None if message < 0 else message)
            at += 1

    def roots(self) -> Small:
        """The group of each form."""
        parents = np.array(self._parents, np.int32)
        while not np.array_equal(further := parents[parents], parents):
            parents = further
        return parents

    def groups(self, forms: Iterable[int]) -> set[int]:
        """The groups of several forms."""
        return {self.group(form) for form in forms}
