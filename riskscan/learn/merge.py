"""Several data sets to one: each text once, threads joined, in an order that depends on nothing.

Since the order is that of the texts' hashes, a model depends neither on the order of the files nor
on that of their rows.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscan.detect.signals import Named
from riskscan.learn.data import DataSet, Example
from riskscan.learn.seen import copy_hashes, text_hash

# Of 256.
_HELD = 32

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Learning:
    """Messages as columns; the unlabelled ones, if any, apart: ``unlabelled`` are their texts.

    Groups of both are numbered together; those of one custodian are one. ``chances`` are of a
    reader to flag them: the flag itself where nobody graded. ``own`` is False for what came with
    ``base``, and ``held`` True for the eighth of it, by groups, that no encoder is taught;
    ``altered`` ones teach encoders, the flagged of them which signal it is, and no flag; nor do
    ``near_signals``, what near misses would be flagged for (``named``). ``repeated`` and
    ``contradictory`` count what ``merge`` folded together and left out.
    """

    texts: list[str]
    flags: NDArray[np.int64]
    chances: NDArray[np.float64]
    weights: NDArray[np.float64]
    groups: NDArray[np.int64]
    unsure: NDArray[np.bool_]
    own: NDArray[np.bool_]
    held: NDArray[np.bool_]
    altered: NDArray[np.bool_]
    signals: list[tuple[str, ...]]
    evidence: list[tuple[str, ...]]
    near_signals: list[tuple[str, ...]]
    near_evidence: list[tuple[str, ...]]
    domains: list[str]
    quoted: list[str]
    repeated: int
    contradictory: int
    unlabelled: list[str]
    unlabelled_groups: NDArray[np.int64]
    unlabelled_domains: list[str]
    unlabelled_quoted: list[str]

    def at(self, places: NDArray[np.int64]) -> tuple[list[str], list[str]]:
        """The texts in ``places``, and what they quote."""
        return [self.texts[i] for i in places], [self.quoted[i] for i in places]

    def named(self, without: NDArray[np.int64] | None = None) -> Named:
        """What teaches which signal it is and no flag: near misses, and what was altered.

        Nothing of the groups ``without``.
        """
        apart = np.isin(self.groups, np.zeros(0, np.int64) if without is None else without)
        altered = self.altered & (self.flags == 1)
        texts, signals, evidence = [], [], []
        for i in np.flatnonzero(~apart).tolist():
            near = bool(self.near_signals[i])
            if near or (altered[i] and self.signals[i]):
                texts.append(self.texts[i])
                signals.append(self.near_signals[i] if near else self.signals[i])
                evidence.append(self.near_evidence[i] if near else self.evidence[i])
        return Named(texts, signals, evidence)

    def rows(self, chosen: NDArray[np.bool_], without: NDArray[np.int64] | None = None) -> Learning:
        """The chosen messages, and the unlabelled ones that are not of the groups ``without``."""
        apart = np.zeros(0, np.int64) if without is None else without
        kept = np.flatnonzero(~np.isin(self.unlabelled_groups, apart)).tolist()
        places = np.flatnonzero(chosen).tolist()
        return Learning(
            [self.texts[i] for i in places],
            self.flags[chosen],
            self.chances[chosen],
            self.weights[chosen],
            self.groups[chosen],
            self.unsure[chosen],
            self.own[chosen],
            self.held[chosen],
            self.altered[chosen],
            [self.signals[i] for i in places],
            [self.evidence[i] for i in places],
            [self.near_signals[i] for i in places],
            [self.near_evidence[i] for i in places],
            [self.domains[i] for i in places],
            [self.quoted[i] for i in places],
            self.repeated,
            self.contradictory,
            [self.unlabelled[i] for i in kept],
            self.unlabelled_groups[kept],
            [self.unlabelled_domains[i] for i in kept],
            [self.unlabelled_quoted[i] for i in kept],
        )


def merge(
    data: Sequence[DataSet], base: Sequence[DataSet] = (), *, unlabelled: bool = False
) -> Learning:
    """Put data sets together; their unlabelled messages too when ``unlabelled`` is set.

    A text that occurs again is one message: its weights add up, its signals and evidence are
    united, it is unsure when one row says so. Texts labelled both ways are left out. Of ``base``,
    only texts that ``data`` has not. An unlabelled text that is labelled elsewhere is left out, and
    an altered one that there is, or that two alterations come to.
    """
    copies = _by_text(data)
    later = {key: some for key, some in _by_text(base).items() if key not in copies}
    kept: list[tuple[str, bool, list[Example]]] = []
    repeated = contradictory = 0
    for own, several in ((True, copies), (False, later)):
        for some in several.values():
            if len({e.flag for e in some}) > 1:
                contradictory += len(some)
                continue
            repeated += len(some) - 1
            kept.append((min(e.text for e in some), own, some))
    kept.sort(key=lambda one: _order(one[0]))
    known = copies.keys() | later.keys()
    without = _by_text(data, unlabelled=True) if unlabelled else {}
    more = [some for key, some in without.items() if key not in known]
    more.sort(key=lambda some: _order(min(e.text for e in some)))
    altered = [
        some
        for key, some in _by_text([*data, *base], altered=True).items()
        if key not in known and key not in without and len(some) == 1
    ]
    altered.sort(key=lambda some: _order(some[0].text))
    # What is altered last: it changes neither the places nor the groups of the others.
    every = [*(some for _, _, some in kept), *more, *altered]
    groups = _mailboxes(every, _groups(every, copies=True))
    split = len(kept), len(kept) + len(more)
    held = [*_held(kept), *(False for _ in altered)]
    kept += [(some[0].text, False, some) for some in altered]
    return Learning(
        texts=[text for text, _, _ in kept],
        flags=np.array([some[0].flag for _, _, some in kept], dtype=np.int64),
        chances=np.array([_chance(some) for _, _, some in kept], float),
        # Sorted, because the sum of floats depends on their order.
        weights=np.array([sum(sorted(e.weight for e in some)) for _, _, some in kept], float),
        groups=np.concatenate([groups[: split[0]], groups[split[1] :]]),
        unsure=np.array([any(e.unsure for e in some) for _, _, some in kept], dtype=bool),
        own=np.array([own for _, own, _ in kept], dtype=bool),
        held=np.array(held, dtype=bool),
        altered=np.array([some[0].altered for _, _, some in kept], dtype=bool),
        signals=[_united(e.signals for e in some) for _, _, some in kept],
        evidence=[_united(e.evidence for e in some) for _, _, some in kept],
        near_signals=[_united(e.near_signals for e in some) for _, _, some in kept],
        near_evidence=[_united(e.near_evidence for e in some) for _, _, some in kept],
        domains=[min(e.domain for e in some) for _, _, some in kept],
        quoted=[min(e.quoted for e in some) for _, _, some in kept],
        repeated=repeated,
        contradictory=contradictory,
        unlabelled=[min(e.text for e in some) for some in more],
        unlabelled_groups=groups[split[0] : split[1]],
        unlabelled_domains=[min(e.domain for e in some) for some in more],
        unlabelled_quoted=[min(e.quoted for e in some) for some in more],
    )


def _mailboxes(messages: Sequence[Sequence[Example]], groups: Ints) -> Ints:
    """The groups, those of one custodian made one: what is measured is then another's mail.

    A group whose messages are from several mailboxes goes to the one with the most of them. Groups
    of nobody stay as they are.
    """
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for some, group in zip(messages, groups.tolist(), strict=True):
        found[group].update(e.custodian for e in some if e.custodian)
    homes = {
        group: max(sorted(counts), key=counts.__getitem__)
        for group, counts in found.items()
        if counts
    }
    numbers: dict[int | str, int] = {}
    return np.array(
        [numbers.setdefault(homes.get(group, group), len(numbers)) for group in groups.tolist()],
        dtype=np.int64,
    )


def _held(kept: Sequence[tuple[str, bool, list[Example]]]) -> list[bool]:
    """By the names of the base's groups alone: the same texts, whatever data they come with."""
    base = [(text, some) for text, own, some in kept if not own]
    groups = _groups([some for _, some in base], copies=False).tolist()
    names: dict[int, str] = {}
    for (text, some), group in zip(base, groups, strict=True):
        name = min(e.group or text for e in some)
        names[group] = min(name, names.get(group, name))
    held = iter([_order(names[group])[0] < _HELD for group in groups])
    return [not own and next(held) for _, own, _ in kept]


def _chance(copies: Sequence[Example]) -> float:
    told = sorted(float(e.flag) if e.chance is None else e.chance for e in copies)
    return sum(told) / len(told)


def _united(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({one for some in several for one in some}))


def _order(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()


def _by_text(
    data: Sequence[DataSet], *, unlabelled: bool = False, altered: bool = False
) -> dict[int, list[Example]]:
    copies: dict[int, list[Example]] = defaultdict(list)
    for one in data:
        for example in one.unlabelled if unlabelled else one.examples:
            if example.altered is altered:
                copies[text_hash(example.text)].append(example)
    return copies


def _groups(messages: Sequence[Sequence[Example]], *, copies: bool) -> Ints:
    """A number a thread; a text in two threads makes them one.

    With ``copies`` so does one that is written twice under different subjects, or once without:
    what is learnt from the one would be measured on the other.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    first: list[str] = []
    for number, some in enumerate(messages):
        own = f"text {number}"
        names = {f"group {e.group}" for e in some if e.group}
        if copies:
            names |= {f"written {one}" for e in some for one in copy_hashes(e.text)}
        for name in sorted(names):
            parent[root(name)] = root(own)
        first.append(own)
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(root(own), len(numbers)) for own in first], dtype=np.int64)
