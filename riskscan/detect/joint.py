"""What the encoder adds to the linear models: of score, ranking of sentences, and signals.

Learnt from texts that neither had seen. A domain whose looked-at texts hold too few of one kind
keeps its first score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from sklearn.linear_model import LogisticRegression

from riskscan.detect.assessment import SIGNALS
from riskscan.detect.encoder import Look
from riskscan.detect.linear import Bools, Floats, Ints
from riskscan.detect.selection import fit_selector

# Slope of the first log-odds, slope of the encoder's, level.
SCORE = 3
# Slope of the first rank, slope of the encoder's evidence.
RANK = 2
# Slopes of what words, subwords and a sentence say of the signals, of the level that these have
# there, and of what the encoder says; a level for each signal.
_SLOPES = 5
SIGNAL = _SLOPES + len(SIGNALS)
ADDED_UP = np.repeat([1.0, 0.0], [_SLOPES, len(SIGNALS)])
"""Weights with which all of them count alike."""
_FEWEST = 20
# Flagged texts to learn of how the signals are told.
_FEWEST_SIGNALLED = 40
# Holds those weights to what they are where nothing was learnt.
_RIDGE = 3.0
# An encoder is surer than it can know.
_SUREST = 8.0
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Examined:
    """What models without a text in their training said of it, to learn a joint score from.

    ``chances`` is the first probability of each domain; ``look`` is None where the encoder was not
    asked; ``ranks`` are of the sentences, ``marked`` where evidence lies; ``said`` is what linear
    models say of the signals, words, subwords, the sentence that is shown and the level, shape (4,
    signals).
    """

    chances: Floats
    look: Look | None
    ranks: Floats
    marked: Bools
    said: Floats


def no_joint(domains: int) -> tuple[Floats, Floats, Floats]:
    """Weights that leave scores, ranks and signals as they are without an encoder."""
    unheard = ADDED_UP.copy()
    unheard[_SLOPES - 1] = 0.0
    return (
        np.tile([1.0, 0.0, 0.0], (domains, 1)),
        np.tile([1.0, 0.0], (domains, 1)),
        np.tile(unheard, (domains, 1)),
    )


def fit_joint(
    domains: Sequence[str],
    examined: Sequence[Examined],
    flags: Ints,
    weights: Floats,
    kinds: Sequence[str],
    signals: Sequence[Sequence[str]],
) -> tuple[Floats, Floats, Floats]:
    """Weights of scores, of ranks and of signals, a row a domain."""
    scores, ranks, told = no_joint(len(domains))
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
        told[d] = ADDED_UP
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
        named = [i for i in own if flags[i] and signals[i]]
        if len(named) >= _FEWEST_SIGNALLED:
            told[d] = _fit_signals(
                np.array([_with_look(examined[i].said, examined[i].look) for i in named]),
                np.array([[signal in signals[i] for signal in SIGNALS] for i in named]),
            )
    return scores, ranks, told


def _fit_signals(said: Floats, right: Bools) -> Floats:
    """Weights that make it likely that the first is a ``right`` one; shapes (texts, 5, 8), (…, 8).

    A conditional logit (McFadden 1974) of which several answers may be right. What tells a signal
    counts for it and never against it.
    """

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = np.einsum("tps,p->ts", said, weights[:_SLOPES]) + weights[_SLOPES:]
        logits = logits - logsumexp(logits, axis=1, keepdims=True)
        hit = logsumexp(np.where(right, logits, -np.inf), axis=1, keepdims=True)
        off = np.exp(logits) - np.where(right, np.exp(logits - hit), 0.0)
        slopes, levels = np.einsum("tps,ts->p", said, off), off.sum(axis=0)
        away = weights - ADDED_UP
        gradient = np.concatenate([slopes, levels]) + 2 * _RIDGE * away
        return float(_RIDGE * (away @ away) - hit.sum()), gradient

    bounds = [(0.0, None)] * _SLOPES + [(None, None)] * len(SIGNALS)
    return np.asarray(minimize(loss, ADDED_UP, jac=True, method="L-BFGS-B", bounds=bounds).x)


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


def joint_signals(weights: Floats, said: Floats, look: Look) -> Floats:
    """The log-odds of each signal; ``weights`` of one text, ``said`` as in ``Examined``."""
    together = (_with_look(said, look) * weights[:_SLOPES, None]).sum(axis=0)
    return np.asarray(together + weights[_SLOPES:])


def _with_look(said: Floats, look: Look | None) -> Floats:
    told = np.zeros(len(SIGNALS)) if look is None else look.signals
    return np.concatenate([said, told[None]])


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
