"""Drafts of one text: a member of a group that texts outside of it are like becomes a principal.

Principals are the longest texts (near.py). Of a text and its edited copies that is a copy with
words added, which the other copies are two edits away from: they would stand alone, though each is
like the text that all were made from. Here that one takes them, and what of its group is like it.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from riskscan.mapped import Mapped, release, slices

# Groups beyond this stay as they are but for the one that leaves; so work is bounded.
_GROUP_MOST = 24
_ROUNDS = 4

Similarity = Callable[[int, int], float]


class Hubs:
    """Texts that are like another which their group's principal is not known to be like."""

    def __init__(self) -> None:
        self._hubs, self._texts, self._alike = array("i"), array("i"), array("d")

    def note(self, hub: int, text: int, alike: float) -> None:
        """Enter that ``text``, which has no principal, is as similar as this to ``hub``."""
        self._hubs.append(hub)
        self._texts.append(text)
        self._alike.append(alike)

    def join(
        self,
        principals: Mapped[np.int32],
        similarities: Mapped[np.float64],
        similarity: Similarity,
        threshold: float,
    ) -> None:
        """Give texts that stand alone to the hubs that they are like, most wanted hubs first."""
        if not self._hubs:
            return
        groups = _Groups(principals, similarities, self._hubs)
        around: dict[int, dict[int, float]] = defaultdict(dict)
        for hub, text, alike in zip(self._hubs, self._texts, self._alike, strict=True):
            around[hub][text] = alike
        wanted = sorted(around, key=lambda one: (-len(around[one]), one))
        # Who loses its last member may be alone then, and go to another hub.
        for _ in range(_ROUNDS):
            if not any([_gather(groups, h, around[h], similarity, threshold) for h in wanted]):
                return


def _gather(
    groups: _Groups, hub: int, around: dict[int, float], similarity: Similarity, threshold: float
) -> bool:
    """Give a hub what is better off with it, if something is that stands alone."""
    found = {t: a for t, a in sorted(around.items()) if groups.takes(t, hub, a)}
    if not any(groups.alone(text) for text in found):
        return False
    if groups.principal(hub) != hub:
        groups.lead(hub, similarity, threshold)
    for text, alike in found.items():
        groups.move(text, hub, alike)
    return True


class _Groups:
    """Principals and similarities as they stand, and who is with the hubs."""

    def __init__(
        self, principals: Mapped[np.int32], similarities: Mapped[np.float64], hubs: array[int]
    ) -> None:
        self._principals, self._similarities = principals, similarities
        number = len(principals.array)
        self._sizes = Mapped(np.int32, (number,), principals.place)
        for at in slices(number):
            np.add.at(self._sizes.array, principals.array[at], 1)
            release(self._sizes, principals)
        roots = np.unique(principals.array[np.unique(np.frombuffer(hubs, np.int32))])
        roots = roots[self._sizes.array[roots] <= _GROUP_MOST]
        self._with: dict[int, set[int]] = {root: set() for root in roots.tolist()}
        for at in slices(number):
            own = principals.array[at]
            for place in np.flatnonzero(np.isin(own, roots)).tolist():
                self._with[int(own[place])].add(at.start + place)
            release(principals)

    def principal(self, text: int) -> int:
        return int(self._principals.array[text])

    def alone(self, text: int) -> bool:
        """Whether it is in a group of its own."""
        return self.principal(text) == text and int(self._sizes.array[text]) == 1

    def takes(self, text: int, hub: int, alike: float) -> bool:
        """Whether a text is better off with a hub: it leads nobody, and is more like it."""
        if self.principal(text) in (text, hub):
            return self.alone(text) and text != hub
        return alike > float(self._similarities.array[text])

    def lead(self, hub: int, similarity: Similarity, threshold: float) -> None:
        """Make a member a principal; who is more like it than the old one goes with it.

        The old principal goes too when nobody else stays.
        """
        old = self.principal(hub)
        own = float(self._similarities.array[hub])
        self.move(hub, hub, 1)
        moved = 0
        others = self._mates(old, hub)
        for text in others:
            alike = similarity(text, hub)
            if alike >= threshold and alike > self._similarities.array[text]:
                self.move(text, hub, alike)
                moved += 1
        if moved == len(others) and int(self._sizes.array[old]) == 1:
            self.move(old, hub, own)

    def _mates(self, root: int, hub: int) -> list[int]:
        return sorted(self._with.get(root, set()) - {root, hub})

    def move(self, text: int, principal: int, alike: float) -> None:
        """Put a text into the group of a principal."""
        old = self.principal(text)
        self._sizes.array[old] -= 1
        self._sizes.array[principal] += 1
        if text in self._with.get(old, ()):
            self._with[old].discard(text)
        self._with.setdefault(principal, set()).add(text)
        self._principals.array[text], self._similarities.array[text] = principal, alike
