"""What callers of a classifier give, checked: texts, flags, weights, groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    return weight


def texts_of(X: Any) -> list[str]:
    """Texts as a list; rows of a table with one column too. Raises ValueError."""
    if isinstance(X, str):
        raise ValueError("X must be a sequence of texts, not one text")
    texts = [x[0] if isinstance(x, np.ndarray) and x.shape == (1,) else x for x in X]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"X must hold strings, not {type(text).__name__}")
    return texts
