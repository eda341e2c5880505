"""What a model said of labelled messages, and the figures that come of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscan.detect.assessment import SIGNALS, Assessment
from riskscan.detect.evidence import evidence_sentences, holds
from riskscan.learn.merge import Learning
from riskscan.learn.metrics import Floats, Interval, at_threshold, bootstrap, ranking, share

_SIGNAL_FIGURES = ("average_precision", "roc_auc", "recall_at_1%", "recall_at_2%", "recall_at_5%")
# By signal there are few messages: the ends of the intervals are rough whatever the draws.
_FEWER = 200
# Threads with flagged messages, from which on a bootstrap of threads says something.
_FEWEST = 5

Figures = dict[str, dict[str, float | None]]


@dataclass(frozen=True, slots=True)
class Judged:
    """Labelled messages with a model's answers.

    ``over``: flagged by the model. ``overlaps`` and ``right``: whether the top finding overlaps the
    marked evidence and has a marked signal; -1 where nothing is marked, or not in the text.
    """

    flags: Floats
    scores: Floats
    weights: Floats
    groups: NDArray[np.int64]
    unsure: NDArray[np.bool_]
    over: NDArray[np.bool_]
    signals: list[tuple[str, ...]]
    overlaps: NDArray[np.int8]
    right: NDArray[np.int8]

    def rows(self, chosen: NDArray[np.bool_]) -> Judged:
        """The chosen messages."""
        return Judged(
            self.flags[chosen],
            self.scores[chosen],
            self.weights[chosen],
            self.groups[chosen],
            self.unsure[chosen],
            self.over[chosen],
            [self.signals[i] for i in np.flatnonzero(chosen).tolist()],
            self.overlaps[chosen],
            self.right[chosen],
        )


def judge(learning: Learning, answers: Sequence[Assessment], threshold: float | Floats) -> Judged:
    """Put labels and answers side by side; ``threshold`` may be one for each message."""
    count = len(learning.texts)
    overlaps, right = np.full(count, -1, np.int8), np.full(count, -1, np.int8)
    for i, answer in enumerate(answers):
        top = answer.findings[0] if answer.findings else None
        text, evidence = learning.texts[i], learning.evidence[i]
        if holds(text, evidence):
            spans = [(top.start, top.end)] if top else []
            overlaps[i] = any(evidence_sentences(text, spans, evidence))
        if learning.signals[i]:
            right[i] = top is not None and top.signal in learning.signals[i]
    scores = np.array([answer.score for answer in answers], dtype=float)
    return Judged(
        learning.flags.astype(float),
        scores,
        learning.weights,
        learning.groups,
        learning.unsure,
        scores >= threshold,
        learning.signals,
        overlaps,
        right,
    )


def measure(judged: Judged, *, samples: int, seed: int) -> dict[str, Any]:
    """All figures, each {value, low, high}: overall without unsure messages and with them, by
    signal, and of the evidence. Raises ValueError unless both flags occur among the sure ones.
    """
    sure = judged.rows(~judged.unsure)
    result: dict[str, Any] = {
        "messages": len(sure.flags),
        "flagged": int(sure.flags.sum()),
        "unsure": int(judged.unsure.sum()),
        "overall": _overall(sure, samples, seed),
        "by_signal": _by_signal(sure, min(samples, _FEWER), seed),
        "evidence": _evidence(sure),
    }
    if judged.unsure.any():
        result["with_unsure"] = _overall(judged, samples, seed)
    return result


def _overall(judged: Judged, samples: int, seed: int) -> Figures:
    def line(flags: Floats, over: Floats, weights: Floats, _: float) -> dict[str, float]:
        found = at_threshold(flags, over, weights, 0.5)
        return {f"{name}_at_threshold": value for name, value in found.items()}

    def order(flags: Floats, scores: Floats, weights: Floats, _: float) -> dict[str, float]:
        return ranking(flags, scores, weights)

    figures: dict[str, Interval] = {}
    for values, how in ((judged.scores, order), (judged.over.astype(float), line)):
        figures |= bootstrap(
            judged.flags,
            values,
            judged.weights,
            groups=judged.groups,
            samples=samples,
            seed=seed,
            figures=how,
        )
    threads = len(np.unique(judged.groups[judged.flags == 1]))
    return {
        name: _plain((value, *_believable(name, (value, low, high), judged, threads)))
        for name, (value, low, high) in figures.items()
    }


def _believable(name: str, figure: Interval, judged: Judged, threads: int) -> tuple[float, float]:
    """The interval, where a bootstrap gives one: none of a few threads, nor of all or nothing."""
    value, low, high = figure
    if threads < _FEWEST:
        return math.nan, math.nan
    rows = {"recall_at_threshold": judged.flags == 1, "precision_at_threshold": judged.over}
    if low < high or name not in rows:
        return low, high
    weights = judged.weights[rows[name]]
    # As many messages of one weight would say as much (Kish 1965).
    count = int(weights.sum() ** 2 / max(float((weights**2).sum()), 1e-300))
    return share(round(value * count), count)[1:]


def _by_signal(judged: Judged, samples: int, seed: int) -> dict[str, dict[str, Any]]:
    """Flagged messages with the signal against all that are not flagged."""
    table: dict[str, dict[str, Any]] = {}
    for signal in SIGNALS:
        has = np.array([signal in some for some in judged.signals])
        if not has.any():
            continue
        part = judged.rows(has | (judged.flags == 0))
        figures = _overall(part, samples, seed)
        recall = figures["recall_at_threshold"]
        chosen = {name: figures[name] for name in _SIGNAL_FIGURES}
        table[signal] = {"flagged": int(has.sum()), "recall_at_threshold": recall, **chosen}
    return table


def _evidence(judged: Judged) -> dict[str, Any]:
    """Over the messages that are flagged and that the model flags; a message counts once."""
    hit = (judged.flags == 1) & judged.over
    marked, named = judged.overlaps[hit & (judged.overlaps >= 0)], judged.right[hit]
    named = named[named >= 0]
    return {
        "messages": len(marked),
        "top_finding_overlaps": _plain(share(int(marked.sum()), len(marked))),
        "signal_right": _plain(share(int(named.sum()), len(named))),
    }


def _plain(interval: Interval) -> dict[str, float | None]:
    """For JSON, which has no NaN; six digits are more than the figures mean."""
    keys = ("value", "low", "high")
    return {
        k: None if math.isnan(v) else round(float(v), 6)
        for k, v in zip(keys, interval, strict=True)
    }
