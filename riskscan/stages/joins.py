"""Which forms are one: groups that keep why each form was joined, and what must stay apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why form ``one`` was joined to ``other``: a rule, and the message that shows it."""

    one: int
    other: int
    rule: str
    message: int | None


class Joins:
    """Forms numbered from 0 in the order in which they are met, and the groups that they make."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.evidence: list[Evidence] = []
        self._numbers: dict[str, int] = {}
        self._parents: list[int] = []
        self._foes: dict[int, set[int]] = defaultdict(set)

    def number(self, key: str) -> int:
        """The number of a form, entered when new."""
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = len(self.keys)
            self.keys.append(key)
            self._parents.append(known)
        return known

    def known(self, key: str) -> int | None:
        """The number of a form, if it has been met."""
        return self._numbers.get(key)

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
        self.evidence.append(Evidence(one, other, rule, message))
        return True

    def groups(self, forms: Iterable[int]) -> set[int]:
        """The groups of several forms."""
        return {self.group(form) for form in forms}
