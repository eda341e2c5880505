"""What the encoder adds to the linear models: of the score, of the ranking of sentences.

Learnt from texts that neither had seen. A domain whose looked-at texts hold too few of one kind
keeps its first score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from riskscan.detect.encoder import Look
from riskscan.detect.linear import Bools, Floats, Ints
from riskscan.detect.selection import fit_selector

# Slope of the first log-odds, slope of the encoder's, level.
SCORE = 3
# Slope of the first rank, slope of the encoder's evidence.
RANK = 2
_FEWEST = 20
# An encoder is surer than it can know.
_SUREST = 8.0
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Examined:
    """What models without a text in their training said of it, to learn a joint score from.

    ``chances`` is the first probability of each domain; ``look`` is None where the encoder was not
    asked; ``ranks`` are of the sentences, ``marked`` where evidence lies.
    """

    chances: Floats
    look: Look | None
    ranks: Floats
    marked: Bools


def no_joint(domains: int) -> tuple[Floats, Floats]:
    """Weights that leave scores and ranks as they are."""
    return np.tile([1.0, 0.0, 0.0], (domains, 1)), np.tile([1.0, 0.0], (domains, 1))


def fit_joint(
    domains: Sequence[str],
    examined: Sequence[Examined],
    flags: Ints,
    weights: Floats,
    kinds: Sequence[str],
) -> tuple[Floats, Floats]:
    """Weights of scores, shape (domains, 3), and of ranks, shape (domains, 2)."""
    scores, ranks = no_joint(len(domains))
    for d, domain in enumerate(domains):
        own = [i for i, e in enumerate(examined) if e.look is not None and kinds[i] == domain]
        counts = np.bincount(flags[own], minlength=2)
        if counts.min() < _FEWEST:
            continue
        inputs = np.array([_inputs(examined[i].chances[d], examined[i].look) for i in own])
        model = LogisticRegression(C=1.0, max_iter=2000).fit(inputs, flags[own])
        # An encoder that is the surer the less is flagged has learnt something else.
        if model.coef_.min() <= 0:
            continue
        plain = inputs @ model.coef_[0]
        scores[d] = *model.coef_[0], _level(plain, flags[own], weights[own])
        rows, marked, texts = [], [], []
        for i in own:
            one = examined[i]
            if flags[i] and one.look is not None and one.marked.any():
                rows.append(np.column_stack([one.ranks, evidence_of(one.look, len(one.ranks))]))
                marked.append(one.marked)
                texts.append(np.full(len(one.ranks), i))
        if len(rows) >= _FEWEST:
            learnt = fit_selector(
                np.concatenate(rows), np.concatenate(marked).astype(int), np.concatenate(texts)
            )
            if learnt.min() > 0:
                ranks[d] = learnt
    return scores, ranks


def _level(logits: Floats, flags: Ints, weights: Floats) -> float:
    """What to add to log-odds for their probabilities to sum up to what is flagged, by weight.

    The weights say nothing of the slopes, which one label that stands for a hundred would bend.
    """
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        if float((weights * (expit(logits + middle) - flags)).sum()) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def joint_logits(weights: Floats, chances: Floats, look: Look) -> Floats:
    """The log-odds of each domain; ``weights`` as of ``fit_joint``."""
    rows = np.array([_inputs(chance, look) for chance in chances])
    return np.asarray((rows * weights[:, :2]).sum(axis=1) + weights[:, 2])


def _inputs(chance: float, look: Look | None) -> tuple[float, float]:
    chance = min(max(float(chance), _EDGE), 1 - _EDGE)
    told = look.flag if look is not None else 0.0
    return float(np.log(chance / (1 - chance))), within(told)


def within(logit: float) -> float:
    """The encoder's log-odds, no surer than they may be."""
    return min(max(logit, -_SUREST), _SUREST)


def evidence_of(look: Look, count: int) -> Floats:
    """The encoder's log-odds for each of ``count`` sentences; the least for what it did not see."""
    values = np.full(count, min(look.sentences.values(), default=0.0))
    for number, value in look.sentences.items():
        values[number] = value
    return values
