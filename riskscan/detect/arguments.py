"""What callers of a classifier give, checked: texts, flags, weights, groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscan.detect.assessment import SIGNALS
from riskscan.detect.linear import Floats, Ints


def flags_of(y: Any) -> Ints:
    """Flags, 0 or 1, both occurring. Raises ValueError."""
    flags = np.asarray(y)
    if flags.ndim != 1:
        raise ValueError("y must hold one flag, 0 or 1, for each text")
    if not np.isin(flags, (0, 1)).all():
        raise ValueError("y must hold both classes, 0 and 1, and nothing else")
    return flags.astype(int)


def joined_groups(groups: NDArray[Any], more: NDArray[Any] | None, count: int) -> Ints:
    """Numbers for the groups of labelled and of ``count`` unlabelled texts, in this order."""
    names = [f"{type(g).__name__} {g}" for g in groups.tolist()]
    if more is None:
        names += [f"unlabelled {i}" for i in range(count)]
    else:
        names += [f"{type(g).__name__} {g}" for g in more.tolist()]
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], int)


def weights_of(sample_weight: Any | None, count: int) -> Floats:
    """How many messages each text stands for, 1 where nothing says. Raises ValueError."""
    if sample_weight is None:
        return np.ones(count)
    weight = np.asarray(sample_weight, float)
    if weight.ndim != 1 or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise ValueError("sample_weight must hold numbers of 0 and more, not all of them zero")
    # What sets the level is regularised as if a text stood for one message at least: weights that
    # sum up to one would set none.
    return np.asarray(weight * max(1.0, np.count_nonzero(weight) / weight.sum()))


def chances_of(chances: Any) -> Floats:
    """How likely a reader flags each text, 0 to 1, some over 0. Raises ValueError."""
    found = np.asarray(chances, float)
    if found.ndim != 1 or not ((found >= 0) & (found <= 1)).all() or not found.any():
        raise ValueError("chances must hold numbers from 0 to 1, not all of them zero")
    return found


def groups_of(name: str, groups: Any | None, count: int) -> NDArray[Any]:
    """The group of each text, by default its own. Raises ValueError."""
    found = np.arange(count) if groups is None else np.asarray(groups)
    if found.ndim != 1:
        raise ValueError(f"{name} must hold one group for each text")
    return found


def texts_of(X: Any, name: str = "X") -> list[str]:
    """Texts as a list; a table with one column too. Raises ValueError, calling them ``name``."""
    if isinstance(X, str):
        raise ValueError(f"{name} must be a sequence of texts, not one text")
    if getattr(X, "ndim", 1) == 2:
        table = np.asarray(X, object)
        if table.ndim != 2 or table.shape[1] != 1:
            raise ValueError(f"{name} must be a sequence of texts, or a table of one column")
        X = table[:, 0]
    # The items of a table or a mapping are its names.
    if isinstance(X, Mapping) or hasattr(X, "columns") or not _is_sequence(X):
        raise ValueError(f"{name} must be a sequence of texts, not {type(X).__name__}")
    texts = [x[0] if isinstance(x, np.ndarray) and x.shape == (1,) else x for x in X]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"{name} must hold strings, not {type(text).__name__}")
    return texts


def _is_sequence(X: Any) -> bool:
    return isinstance(X, Iterable) and getattr(X, "ndim", 1) == 1


def names_of(name: str, column: Any) -> list[str]:
    """A column of one string for each text. Raises ValueError."""
    names = list(column)
    for one in names:
        if not isinstance(one, str):
            raise ValueError(f"{name} must hold strings, not {type(one).__name__}")
    return names


def spans_of(name: str, column: Any) -> list[list[str]]:
    """A column of several strings for each text; None stands for none. Raises ValueError."""
    rows = []
    for several in column:
        if isinstance(several, str) or not (several is None or isinstance(several, Iterable)):
            kind = type(several).__name__
            raise ValueError(f"{name} must hold a list of strings for each text, not {kind}")
        rows.append(names_of(name, [] if several is None else several))
    return rows


def signals_of(name: str, column: Any) -> list[list[str]]:
    """A column of the signals of each text. Raises ValueError, for an unknown one too."""
    rows = spans_of(name, column)
    if unknown := {one for several in rows for one in several} - set(SIGNALS):
        raise ValueError(f"{name} holds {min(unknown)!r}, which is none of {', '.join(SIGNALS)}")
    return rows
