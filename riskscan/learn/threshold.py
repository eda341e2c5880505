"""Where to draw the line between flagged and not: by recall, by precision, by effort, by F1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscan.learn.errors import DataError
from riskscan.learn.metrics import Floats, cumulated


@dataclass(frozen=True, slots=True)
class Aim:
    """What the threshold is to reach, each 0 to 1; with none of them the best F1.

    ``recall``: share of flagged messages found; ``precision``: share of flagged ones that are
    right; ``budget``: share of all messages that can be read; ``threshold``: given, not sought.
    """

    recall: float | None = None
    precision: float | None = None
    budget: float | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        given = [v for v in (self.recall, self.precision, self.budget, self.threshold) if v]
        if len(given) > 1:
            raise DataError("Name one aim: a recall, a precision, a budget or a threshold.")
        for value in (self.recall, self.precision, self.budget, self.threshold):
            if value is not None and not 0 < value <= 1:
                raise DataError(f"An aim is a share over 0 and up to 1, not {value:g}.")

    def __str__(self) -> str:
        if self.recall is not None:
            return f"recall of at least {self.recall:g}"
        if self.precision is not None:
            return f"precision of at least {self.precision:g}"
        if self.budget is not None:
            return f"at most {self.budget:g} of the messages flagged"
        return "given" if self.threshold is not None else "best F1"


def choose_threshold(
    flags: Floats, scores: Floats, weights: Floats, aim: Aim, *, nearest: bool = False
) -> float:
    """The score from which on a message is flagged; half way to the next lower one.

    Raises DataError when no threshold reaches the aim, unless the ``nearest`` one will do.
    """
    if aim.threshold is not None:
        return aim.threshold
    levels, read, found = cumulated(flags, scores, weights)
    recall, precision, share = found / found[-1], found / read, read / read[-1]
    if aim.recall is not None:
        place = int(np.argmax(recall >= aim.recall - 1e-12))
    elif aim.precision is not None:
        best = int(np.argmax(precision))
        reached = np.flatnonzero(precision >= aim.precision - 1e-12)
        place = _last(
            np.array([best]) if nearest and not len(reached) else reached,
            f"No threshold reaches a precision of {aim.precision:g}; the best is "
            f"{precision[best]:.2f}, with a recall of {recall[best]:.2f}.",
        )
    elif aim.budget is not None:
        reached = np.flatnonzero(share <= aim.budget + 1e-12)
        place = _last(
            np.zeros(1, int) if nearest and not len(reached) else reached,
            f"A budget of {aim.budget:g} is less than the messages with the highest score "
            f"({share[0]:.2g} of all).",
        )
    else:
        place = int(np.argmax(2 * precision * recall / np.maximum(precision + recall, 1e-12)))
    return _between(levels, place)


def _last(places: NDArray[np.int64], sentence: str) -> int:
    if not len(places):
        raise DataError(sentence)
    return int(places[-1])


def _between(levels: Floats, place: int) -> float:
    level = float(levels[place])
    if place + 1 == len(levels):
        return level
    below = float(levels[place + 1])
    middle = (level + below) / 2
    return middle if middle > below else level
