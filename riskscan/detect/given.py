"""What a classifier is given to learn from, checked and put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscan.detect.arguments import (
    chances_of,
    flags_of,
    groups_of,
    joined_groups,
    names_of,
    signals_of,
    spans_of,
    texts_of,
    weights_of,
)
from riskscan.detect.experts import Material, was_picked
from riskscan.detect.features import Hasher
from riskscan.detect.linear import Floats, Ints
from riskscan.detect.reading import Quotes, Read
from riskscan.detect.signals import Named


@dataclass(frozen=True, slots=True)
class Given:
    """Columns of labelled texts, of unlabelled ones (``more``), and what names signals alone."""

    texts: list[str]
    flags: Ints
    chances: Floats
    weights: Floats
    kinds: NDArray[Any]
    groups: NDArray[Any]
    evidence: list[list[str]] | None
    signals: list[list[str]] | None
    quoted: list[str]
    more: list[str]
    more_kinds: NDArray[Any]
    more_groups: NDArray[Any] | None
    named: Named

    @property
    def domains(self) -> list[str]:
        """Of the labelled texts."""
        known: list[str] = np.unique(self.kinds).tolist()
        return known

    def material(self) -> Material:
        """All texts as matrices, the labelled ones first."""
        count = len(self.more)
        picked = was_picked(self.weights, self.flags, self.chances)
        return Material(
            Read(self.texts + self.more, Hasher()),
            np.concatenate([self.flags, np.zeros(count, int)]),
            np.concatenate([self.chances, np.zeros(count)]),
            np.repeat([True, False], [len(self.texts), count]),
            np.concatenate([picked, np.zeros(count, bool)]),
            np.concatenate([self.kinds, self.more_kinds]),
            joined_groups(self.groups, self.more_groups, count),
        )

    def quotes(self, hasher: Hasher) -> Quotes:
        """What the labelled texts quote."""
        return Quotes(self.quoted, hasher)


def given_of(
    X: Any,
    y: Any,
    *,
    sample_weight: Any | None,
    groups: Any | None,
    evidence: Sequence[Sequence[str]] | None,
    signals: Sequence[Sequence[str]] | None,
    domains: Sequence[str] | None,
    unlabelled: Sequence[str] | None,
    unlabelled_groups: Any | None,
    unlabelled_domains: Sequence[str] | None,
    quoted: Sequence[str] | None,
    chances: Any | None,
    named: Sequence[str] | None,
    named_signals: Sequence[Sequence[str]] | None,
    named_evidence: Sequence[Sequence[str]] | None,
) -> Given:
    """The arguments of ``RiskClassifier.fit``. Raises ValueError for what does not fit together."""
    texts, flags = texts_of(X), flags_of(y)
    if len(texts) != len(flags):
        raise ValueError(f"X has {len(texts)} texts and y has {len(flags)} flags")
    if np.unique(flags).tolist() != [0, 1]:
        raise ValueError("y must hold both classes, 0 and 1")
    for name, column in (
        ("sample_weight", sample_weight), ("groups", groups), ("evidence", evidence),
        ("signals", signals), ("domains", domains), ("quoted", quoted), ("chances", chances),
    ):  # fmt: skip
        if column is not None and len(column) != len(texts):
            raise ValueError(f"X has {len(texts)} texts and {name} has {len(column)} rows")
    weights = weights_of(sample_weight, len(texts))
    group = groups_of("groups", groups, len(texts))
    kinds = np.asarray(["text"] * len(texts) if domains is None else names_of("domains", domains))
    for domain in (known := np.unique(kinds).tolist()):
        if not weights[kinds == domain].any():
            raise ValueError(f"all sample_weight of the domain '{domain}' is zero")
    more = [] if unlabelled is None else texts_of(unlabelled, "unlabelled")
    more_kinds, more_groups = _unlabelled(more, known, unlabelled_domains, unlabelled_groups)
    return Given(
        texts,
        flags,
        flags.astype(float) if chances is None else chances_of(chances),
        weights,
        kinds,
        group,
        None if evidence is None else spans_of("evidence", evidence),
        None if signals is None else signals_of("signals", signals),
        [] if quoted is None else names_of("quoted", quoted),
        more,
        more_kinds,
        more_groups,
        _named(named, named_signals, named_evidence),
    )


def _named(
    texts: Sequence[str] | None,
    signals: Sequence[Sequence[str]] | None,
    evidence: Sequence[Sequence[str]] | None,
) -> Named:
    known = [] if texts is None else texts_of(texts, "named")
    if known and signals is None:
        raise ValueError("named texts need named_signals")
    for name, column in (("named_signals", signals), ("named_evidence", evidence)):
        if column is not None and len(column) != len(known):
            raise ValueError(f"named has {len(known)} texts and {name} has {len(column)} rows")
    return Named(
        known,
        signals_of("named_signals", () if signals is None else signals),
        [()] * len(known) if evidence is None else spans_of("named_evidence", evidence),
    )


def _unlabelled(
    texts: list[str], known: list[str], domains: Sequence[str] | None, groups: Any | None
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Domains and groups of unlabelled texts; ``known`` are those of the labelled ones."""
    for name, column in (("unlabelled_groups", groups), ("unlabelled_domains", domains)):
        if column is not None and len(column) != len(texts):
            raise ValueError(f"unlabelled has {len(texts)} texts and {name} has {len(column)} rows")
    kind = known[:1] * len(texts)
    if domains is not None:
        kind = names_of("unlabelled_domains", domains)
    if unknown := set(kind) - set(known):
        raise ValueError(f"no labelled text is of the domains {sorted(unknown)}")
    own = None if groups is None else groups_of("unlabelled_groups", groups, len(texts))
    return np.asarray(kind, object), own
