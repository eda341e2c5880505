"""When to stop a review: the rules of the literature, over what a review has read so far.

| rule | stop when | guarantee |
| --- | --- | --- |
| target | every flagged message of a random sample has been reached | yes: see ``target`` |
| quantci | the model's own estimate of recall, less two deviations, is the goal | none |
| knee | flagged messages have become far rarer than at first | none |
| consecutive | so many messages in a row were not flagged | none |

Only ``target`` and a random sample of what was not read (``riskscan.learn.recall``) can be relied
on; the others tell when it is worth while to draw one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from riskscan.learn.recall import recall_if_all_found

TARGET = 10
"""Flagged messages of the control sample that the target method wants (Cormack and Grossman)."""
CONSECUTIVE = 50
_DEVIATIONS = 2.0
_KNEE_FEWEST = 1000
_KNEE_MOST = 156.0
_KNEE_ENOUGH = 150


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review so far.

    ``flags``: what was decided, in the order of reading (1 flagged, 0 not). ``read`` and
    ``unread``: the model's probabilities of the messages that were and were not read. ``target``
    and ``reached``: flagged messages of the random control sample, and how many of them the queue
    has come to by itself. ``sampling``: the control sample is still being decided.
    """

    flags: Sequence[int]
    read: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    unread: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    target: int = 0
    reached: int = 0
    sampling: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """What a rule says: whether to stop, and why in a sentence."""

    rule: str
    stop: bool
    why: str


def target(review: Reviewed, *, wanted: int = TARGET, confidence: float = 0.95) -> Advice:
    """The target method: stop when the queue has reached every flagged message of a random sample.

    The sample, drawn and decided before and apart from the queue, must hold ``wanted`` flagged
    messages. Then recall is at least (1 - confidence) ** (1 / wanted), 74% for ten, whatever the
    model does. G. V. Cormack and M. R. Grossman, "Engineering quality and reliability in
    technology-assisted review", SIGIR 2016.
    """
    least = recall_if_all_found(review.target, confidence)
    if review.sampling or review.target < wanted:
        why = (
            f"The control sample has {review.target} flagged messages so far; the method wants "
            f"{wanted}."
        )
        return Advice("target", False, why)
    if review.reached < review.target:
        why = f"{review.reached} of the {review.target} flagged messages of the sample are reached."
        return Advice("target", False, why)
    why = (
        f"All {review.target} flagged messages of the sample are reached: recall is at least "
        f"{least:.0%} with {confidence:.0%} confidence."
    )
    return Advice("target", True, why)


def quantci(review: Reviewed, *, goal: float = 0.8) -> Advice:
    """QuantCI: stop when the model's estimate of recall, less two deviations, reaches ``goal``.

    The estimate is the sum of the probabilities of what was read over that of all; its variance
    is Taylor's, each message an independent draw. It is as good as the model's calibration. E.
    Yang, D. D. Lewis and O. Frieder, "Heuristic stopping rules for technology-assisted review",
    DocEng 2021.
    """
    found, left = float(review.read.sum()), float(review.unread.sum())
    if not found:
        return Advice("quantci", False, "Nothing was read yet.")
    total = found + left
    spread = float((review.read * (1 - review.read)).sum())
    spread_left = float((review.unread * (1 - review.unread)).sum())
    variance = spread / total**2 + found**2 / total**4 * (spread + spread_left)
    low = found / total - _DEVIATIONS * math.sqrt(variance)
    why = (
        f"The model expects a recall of {found / total:.0%}, at least {max(low, 0):.0%} "
        f"(goal {goal:.0%})."
    )
    return Advice("quantci", low >= goal, why)


def knee(review: Reviewed, *, fewest: int = _KNEE_FEWEST) -> Advice:
    """The knee method: stop when flagged messages after a knee of the gain curve are far rarer.

    The knee is the point of the curve furthest from the line between its ends; the slope before it
    over the slope after it must reach 156 - min(flagged, 150), and ``fewest`` messages must have
    been read. G. V. Cormack and M. R. Grossman, SIGIR 2016 (as above).
    """
    gain = np.cumsum(np.asarray(review.flags, dtype=float))
    count = len(gain)
    if count < 2:
        return Advice("knee", False, "Nothing was read yet.")
    places = np.arange(1, count + 1)
    # Distance from the line, up to a factor that all points share.
    at = int(np.argmax(gain - places * gain[-1] / count))
    before = gain[at] / (at + 1)
    after = (1 + gain[-1] - gain[at]) / max(1, count - at - 1)
    ratio, wanted = before / after, _KNEE_MOST - min(float(gain[-1]), _KNEE_ENOUGH)
    why = (
        f"Flagged messages were {ratio:.1f} times as frequent in the first {at + 1:,} as in the "
        f"{count - at - 1:,} since (wanted: {wanted:.0f} times, after {fewest:,} messages)."
    )
    return Advice("knee", ratio >= wanted and count >= fewest, why)


def consecutive(review: Reviewed, *, length: int = CONSECUTIVE) -> Advice:
    """Stop after ``length`` messages in a row that were not flagged, once one was.

    A rule of thumb: R. Ros, E. Bjarnason and P. Runeson, "A machine learning approach for
    semi-automated search and selection in literature studies", EASE 2017. It stops early where
    flagged messages are rare.
    """
    places = np.flatnonzero(np.asarray(review.flags))
    if not len(places):
        return Advice("consecutive", False, "Nothing was flagged yet.")
    row = len(review.flags) - int(places[-1]) - 1
    if row:
        since = f"{row:,} message{'s' * (row > 1)} read since the last flagged one"
    else:
        since = "The last message read was flagged"
    why = f"{since} (wanted: {length:,} in a row that are not)."
    return Advice("consecutive", row >= length, why)


RULES: Mapping[str, Callable[[Reviewed], Advice]] = {
    "target": target,
    "quantci": quantci,
    "knee": knee,
    "consecutive": consecutive,
}


def advise(
    review: Reviewed, rules: Sequence[str] = tuple(RULES), *, how: Literal["all", "any"] = "all"
) -> tuple[bool, list[Advice]]:
    """Whether to stop by all, or by any, of the rules named, and what each of them says.

    Raises ValueError for an unknown rule, and for none.
    """
    unknown = set(rules) - RULES.keys()
    if unknown or not rules:
        named = min(unknown, default="")
        raise ValueError(f"'{named}' is no stopping rule; they are {', '.join(RULES)}.")
    advice = [RULES[name](review) for name in rules]
    return (all if how == "all" else any)(one.stop for one in advice), advice
