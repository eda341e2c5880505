"""The people of a case as its headers tell them: who fits a name, who is called by a word.

Made once the addresses have been joined. Arrays hold what is asked for; names lie on disk.
"""

from __future__ import annotations

from array import array

import numpy as np

from riskscan.language.people import PersonName, compatible
from riskscan.stages.mailboxes import Mailboxes
from riskscan.stages.packed import Counted, Lists, Numbers, Small, digest

_MOST_FITTING = 50
_MOST_NAMESAKES = 1_000  # people of one surname with whom a name is compared but for equality
_RECENT = 1 << 13
_LOW = 2**32 - 1

Words = frozenset[str]


class People:
    """The groups of addresses that have a name, by the form that stands for each.

    ``met``: pairs of addresses, packed in one number, that wrote to each other, and how often.
    """

    def __init__(self, boxes: Mailboxes, met: Counted) -> None:
        self._boxes, self._joins, self._names = boxes, boxes.joins, boxes.names
        home = self._joins.roots()[: len(boxes)]
        self._members = np.argsort(home, kind="stable").astype(np.int32)
        self._homes = home[self._members]
        weights = np.frombuffer(boxes.weights, np.int64) if boxes.weights else None
        self._weights = np.bincount(home, weights).astype(np.int64)
        # Each name of a group once.
        pairs = np.unique(home[boxes.owners].astype(np.int64) << 32 | boxes.named)
        self._groups, self._named = (pairs >> 32).astype(np.int32), (pairs & _LOW).astype(np.int32)
        self._by_surname = Lists()
        for pair, name in enumerate(self._named):
            self._by_surname.add(digest(self._names[int(name)].surname), pair)
        self._pairs, self._times = _between_groups(met, home)
        self._entered = array("i")  # by form: one name more than its number
        self._words: dict[int, Words] = {}
        self._fitting: dict[PersonName, list[int]] = {}

    def weight(self, group: int) -> int:
        """In how many headers an address of the group stands with a name."""
        return int(self._weights[group])

    def homes(self, group: int) -> set[str]:
        """The domains of the addresses of a group."""
        start, end = np.searchsorted(self._homes, [group, group + 1])
        return {self._boxes.domain(int(form)) for form in self._members[start:end]}

    def names(self, group: int) -> list[PersonName]:
        """The names of a group, as headers have them."""
        start, end = np.searchsorted(self._groups, [group, group + 1])
        return [self._names[int(name)] for name in self._named[start:end]]

    def words(self, group: int) -> Words | None:
        """What may stand for whoever the group is; None for a group without a name."""
        known = self._words.get(group)
        if known is None:
            names = self.names(group)
            if not names and group < len(self._entered) and self._entered[group]:
                names = [self._names[self._entered[group] - 1]]
            if not names:
                return None
            if len(self._words) >= _RECENT:
                self._words.clear()
            known = self._words[group] = frozenset[str]().union(*(name.words for name in names))
        return known

    def enter(self, group: int, name: PersonName) -> None:
        """Enter a person named in full, unless the group has a name."""
        if self.words(group) is None:
            missing = group + 1 - len(self._entered)
            if missing > 0:
                self._entered.extend([0] * (missing + len(self._entered) // 8))
            self._entered[group] = self._names.number(name) + 1

    def surnamed(self, surname: str) -> set[int]:
        """The groups that have a name with this surname."""
        return {int(self._groups[pair]) for pair in self._by_surname.of(digest(surname))}

    def fit(self, name: PersonName) -> list[int]:
        """The groups that a full name fits."""
        known = self._fitting.get(name)
        if known is None:
            if len(self._fitting) >= _RECENT:
                self._fitting.clear()
            known = self._fitting[name] = self._fit(name)
        return known

    def _fit(self, name: PersonName) -> list[int]:
        pairs = np.array(self._by_surname.of(digest(name.surname)), np.int32)
        number = self._names.known(name)
        named = self._named[pairs]
        exact = [] if number is None else np.unique(self._groups[pairs[named == number]]).tolist()
        known = exact
        if len(pairs) <= _MOST_NAMESAKES:
            fitting = [n for n in set(named.tolist()) if compatible(name, self._names[n])]
            known = np.unique(self._groups[pairs[np.isin(named, fitting)]]).tolist()
        return (exact if len(exact) == 1 else known)[:_MOST_FITTING]

    def letters(self, group: int) -> dict[int, int]:
        """With which groups one wrote, and how often."""
        start, end = np.searchsorted(self._pairs, [group << 32, (group + 1) << 32])
        others = (self._pairs[start:end] & _LOW).tolist()
        return dict(zip(others, self._times[start:end].tolist(), strict=True))


def _between_groups(met: Counted, home: Small) -> tuple[Numbers, Small]:
    """What was counted of forms, of their groups."""
    pairs, times = met.sorted()
    pairs = home[pairs >> 32].astype(np.int64) << 32 | home[pairs & _LOW]
    order = np.argsort(pairs, kind="stable")
    pairs, times = pairs[order], times[order]
    opens = np.ones(len(pairs), bool)
    opens[1:] = pairs[1:] != pairs[:-1]
    starts = np.flatnonzero(opens)
    return pairs[starts], np.add.reduceat(times, starts) if len(starts) else times
