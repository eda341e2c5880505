"""Recall, richness and elusion from random samples, with exact intervals.

A review found ``R`` flagged messages among those that it read. How many it missed, ``M``, is
estimated from a simple random sample of those that it did not read. An interval for ``M`` that
holds with a confidence makes one for recall, ``R / (R + M)``, that holds with the same: recall
falls as ``M`` grows. The interval for ``M`` inverts two one-sided exact tests (Clopper and Pearson,
Biometrika 1934), with the hypergeometric distribution since the sample is drawn without replacement
from a finite number of messages (Buonaccorsi, The American Statistician 1987). No normal
approximation is made anywhere: flagged messages are rare, and it would fail.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import beta

# Of two strata, at most about so many ways to share out the missed are looked at one by one.
_ALLOCATIONS = 1500
# Of the error that a report may make, what its first sample may; see ``share_of_error``.
_FIRST = 0.8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with an interval; ``value`` is NaN where there is nothing to estimate."""

    value: float
    low: float
    high: float

    def __contains__(self, true: float) -> bool:
        return self.low <= true <= self.high


@dataclass(frozen=True, slots=True)
class Stratum:
    """``drawn`` of ``size`` messages were looked at, and ``flagged`` of those are flagged.

    ``read`` others were read by themselves, however they were chosen, and ``known`` of those are
    flagged: the draw tells of the whole stratum, and these are taken off.
    Raises ValueError for numbers that cannot be.
    """

    size: int
    drawn: int
    flagged: int
    read: int = 0
    known: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.flagged <= self.drawn <= self.size:
            raise ValueError(f"{self.flagged} of {self.drawn} of {self.size} messages cannot be.")
        if not 0 <= self.known <= self.read <= self.size - self.drawn:
            raise ValueError(f"{self.known} of {self.read} others of {self.size} cannot be.")

    @property
    def total(self) -> float:
        """Horvitz and Thompson's estimate of the flagged messages in all; NaN without a draw."""
        if not self.size:
            return 0.0
        return self.size * self.flagged / self.drawn if self.drawn else math.nan


def clopper_pearson(flagged: int, drawn: int, confidence: float = 0.95) -> Estimate:
    """The share of flagged messages in an unlimited supply; exact binomial interval."""
    _check(confidence)
    Stratum(drawn, drawn, flagged)
    if not drawn:
        return Estimate(math.nan, 0.0, 1.0)
    alpha = (1 - confidence) / 2
    low = float(beta.ppf(alpha, flagged, drawn - flagged + 1)) if flagged else 0.0
    high = float(beta.ppf(1 - alpha, flagged + 1, drawn - flagged)) if flagged < drawn else 1.0
    return Estimate(flagged / drawn, low, high)


def flagged_bounds(strata: Sequence[Stratum], low_error: float, high_error: float) -> Estimate:
    """How many messages of one or two strata are flagged, together.

    The chance that the true number is below ``low`` is at most ``low_error``, that it is above
    ``high`` at most ``high_error``, whatever the true number is and however it is shared out
    between the strata (the least favourable allocation; Wendell and Schmee, Journal of the American
    Statistical Association 1996). Raises ValueError for other numbers of strata.
    """
    strata = [one for one in strata if one.size]
    least = sum(one.flagged for one in strata)
    most = sum(one.size - one.drawn + one.flagged for one in strata)
    if len(strata) > 2:
        raise ValueError("Bounds over more than two strata are not supported.")
    if not strata:
        return Estimate(0.0, 0.0, 0.0)
    if not all(one.drawn for one in strata):
        # Nothing is known of a stratum that was not looked at.
        known = [one for one in strata if one.drawn]
        unknown = sum(one.size for one in strata if not one.drawn)
        inner = flagged_bounds(known, low_error, high_error)
        return Estimate(math.nan, inner.low, inner.high + unknown)
    value = sum(one.total for one in strata)
    chance = _one if len(strata) == 1 else _two
    # Both chances change with the number in one direction: bisection finds where they cross.
    high = _last(least, most, lambda m: chance(strata, m, below=True) > high_error)
    low = _last(least, most, lambda m: chance(strata, m - 1, below=False) <= low_error)
    # An estimate is no whole number: of 1 in 7 of 8 it is 1.14, where 1 and 2 are all that can be.
    return Estimate(min(max(value, float(low)), float(high)), float(low), float(high))


def left_bounds(strata: Sequence[Stratum], low_error: float, high_error: float) -> Estimate:
    """How many messages are flagged beside those ``known``: ``flagged_bounds`` less these.

    Those drawn that are flagged are left, and no more than they and what nobody read.
    """
    total = flagged_bounds(strata, low_error, high_error)
    known = sum(one.known for one in strata)
    least = sum(one.flagged for one in strata)
    most = least + sum(one.size - one.drawn - one.read for one in strata)
    low, high = (min(max(x - known, least), most) for x in (total.low, total.high))
    if known:
        # Where more are known than a draw of all allows for, nothing is certain of what is left:
        # the bounds reach at least as far as if it had been drawn from alone.
        alone = [Stratum(one.size - one.read, one.drawn, one.flagged) for one in strata]
        rest = flagged_bounds(alone, low_error, high_error)
        low, high = min(low, rest.low), max(high, rest.high)
    value = total.value if math.isnan(total.value) else min(max(total.value - known, low), high)
    return Estimate(value, low, high)


def share(stratum: Stratum, confidence: float = 0.95) -> Estimate:
    """The share of flagged messages in what is left of a finite stratum (elusion, precision)."""
    _check(confidence)
    left = stratum.size - stratum.read
    if not left:
        return Estimate(math.nan, 0.0, 1.0)
    error = (1 - confidence) / 2
    found = left_bounds([stratum], error, error)
    return Estimate(*(x / left for x in (found.value, found.low, found.high)))


def recall(
    found: int | Stratum, missed: Sequence[Stratum], confidence: float = 0.95, *, sure: int = 0
) -> Estimate:
    """Recall: the share of all flagged messages that a review found.

    ``found``: how many it flagged; or, where a sample of what it flagged was looked at again, that
    sample, whose flags then count, and ``sure`` others, taken as right. ``missed``: samples of one
    or two strata of the rest, of which those ``known`` are among the found. The sample of ``found``
    is given a quarter of the error (Bonferroni): it is the surer part.
    """
    _check(confidence)
    error = (1 - confidence) / 2
    if isinstance(found, Stratum) and found.drawn == found.size:
        found = found.flagged
    if isinstance(found, Stratum):
        held = flagged_bounds([found], error / 4, error / 4)
        left = left_bounds(missed, error * 3 / 4, error * 3 / 4)
    else:
        held = Estimate(found, found, found)
        left = left_bounds(missed, error, error)
    return Estimate(
        _ratio(held.value + sure, left.value, math.nan),
        _ratio(held.low + sure, left.high, 0.0),
        _ratio(held.high + sure, left.low, 1.0),
    )


def share_of_error(number: int) -> float:
    """The share of the allowed error that the report on sample ``number`` (1, 2, ...) gets.

    Who samples until a sample pleases would stop at a lucky one. The shares add up to 1 over any
    number of samples, so that whichever report one stops at, its interval holds: four fifths for
    the first sample, which is mostly the only one; each further one half of what is left.
    """
    if number < 1:
        raise ValueError("Samples are numbered from 1.")
    return _FIRST if number == 1 else (1 - _FIRST) / 2 ** (number - 1)


def recall_if_all_found(target: int, confidence: float = 0.95) -> float:
    """The least recall of a review that reached all of ``target`` flagged messages drawn at random.

    If recall were r, all of them would be reached with a chance of at most r ** target.
    """
    _check(confidence)
    return float((1 - confidence) ** (1 / target)) if target else 0.0


def least_sample(found: int, rest: int, goal: float, confidence: float = 0.95) -> int | None:
    """The least sample of ``rest`` unread messages that can show a recall of ``goal``.

    It does so only if no flagged message is in it. None when not even reading all would.
    """

    def shows(drawn: int) -> bool:
        return recall(found, [Stratum(rest, drawn, 0)], confidence).low >= goal

    if not shows(rest):
        return None
    return rest if rest < 2 else _last(0, rest, lambda n: n == 0 or not shows(n - 1))


# chances


def _one(strata: Sequence[Stratum], flagged: int, *, below: bool) -> float:
    """The chance to see at most (``below``), or at least, what was seen, of ``flagged`` in all."""
    (one,) = strata
    upto = _upto(one, one.flagged if below else one.flagged - 1, np.array([flagged]))
    return float(upto[-1, 0] if below else 1 - upto[-1, 0])


def _two(strata: Sequence[Stratum], flagged: int, *, below: bool) -> float:
    """The same of two strata, ordered by the estimate, for the allocation where it is greatest.

    Where there are too many allocations, those between two are bounded by the worse end of each
    stratum: the chance changes with the number in each stratum in one direction.
    """
    first, second = strata
    ends = np.unique(np.linspace(0, flagged + 1, _ALLOCATIONS + 1).astype(np.int64))
    start, stop = ends[:-1], ends[1:] - 1
    fits = (start <= first.size) & (flagged - stop <= second.size)
    start, stop = start[fits], stop[fits]
    some, others = (start, flagged - stop) if below else (stop, flagged - start)
    some, others = np.clip(some, 0, first.size), np.clip(others, 0, second.size)
    # The estimate in whole numbers: sums of floats would decide ties by rounding.
    step_first, step_second = first.size * second.drawn, second.size * first.drawn
    seen = first.flagged * step_first + second.flagged * step_second - (not below)
    upto = _upto(second, seen // step_second, others)
    chance = np.zeros(len(some))
    for number in range(min(first.drawn, seen // step_first) + 1):
        left = (seen - number * step_first) // step_second
        chance += _mass(first, number, some) * upto[min(left + 1, len(upto) - 1)]
    return float(chance.max() if below else 1 - chance.min())


def _upto(stratum: Stratum, seen: int, flagged: NDArray[np.int64]) -> Floats:
    """P(X <= -1), P(X <= 0) ... P(X <= seen), a row each, for each number of ``flagged``."""
    masses = [np.zeros(len(flagged))]
    masses += [_mass(stratum, n, flagged) for n in range(min(seen, stratum.drawn) + 1)]
    rows = np.minimum(np.cumsum(masses, axis=0), 1.0)
    if seen >= stratum.drawn:
        rows[-1] = 1.0
    return rows


def _mass(stratum: Stratum, seen: int, flagged: NDArray[np.int64]) -> Floats:
    """Hypergeometric probabilities to see ``seen``, for each number of ``flagged``."""
    size, drawn = stratum.size, stratum.drawn
    possible = (seen <= flagged) & (drawn - seen <= size - flagged)
    m = np.where(possible, flagged, seen)
    rest = np.where(possible, size - flagged, drawn - seen)
    logs = _choose(m, seen) + _choose(rest, drawn - seen) - _choose(np.array(size), drawn)
    return np.where(possible, np.exp(logs), 0.0)


def _choose(n: NDArray[np.int64], k: int) -> Floats:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The last number for which ``holds``, where it does for ``low`` and then up to some number."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _ratio(found: float, missed: float, nothing: float) -> float:
    return found / (found + missed) if found + missed else nothing


def _check(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence lies between 0 and 1, not at {confidence}.")
