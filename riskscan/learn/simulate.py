"""Reviews of labelled messages replayed: how much must be read to find how many of the flagged.

Effort counts messages: a label of weight w stands for w messages of the mailboxes that it was drawn
from, all read when it is read, and all found when it is flagged. What is learnt of it is one text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscan.detect.model import load_model
from riskscan.learn.data import DataSet, labelled_rows, read_data
from riskscan.learn.errors import DataError
from riskscan.learn.features import Features
from riskscan.learn.merge import merge
from riskscan.learn.peers import asreview_order
from riskscan.learn.queue import BATCH, RANDOM, UNCERTAIN
from riskscan.learn.recall import Stratum, recall
from riskscan.learn.seen import load_hashes, seen, text_hash
from riskscan.learn.stopping import RULES, TARGET, Reviewed
from riskscan.learn.update import Learner
from riskscan.paths import shipped_model

GOALS = (0.5, 0.7, 0.8, 0.9, 0.95)
_CURVE = 200
_FEWEST = 5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled messages, each text once, with the scores of a model that should not know them.

    ``flatters``: how many of them the model that made the scores was trained on.
    """

    texts: list[str]
    flags: Ints
    weights: Floats
    scores: Floats
    unsure: int
    flatters: int

    @property
    def total(self) -> float:
        """Messages that the labels stand for."""
        return float(self.weights.sum())

    @property
    def flagged(self) -> float:
        """Flagged messages among them."""
        return float(self.weights @ self.flags)


@dataclass(frozen=True, slots=True)
class Replay:
    """One replayed review: the rows in the order of reading, and what it knew after each batch.

    ``batches``: for each batch, how many rows were read when it ended and the probabilities that
    all messages had when it began.
    """

    order: Ints
    batches: list[tuple[int, Floats]]


def read_labelled(path: Path, model: Path | None = None) -> Labelled:
    """Labelled messages of a file or case; scored by ``model`` where the file has no ``score``.

    Unsure messages are left out, as are texts labelled both ways. Raises DataError, CaseError,
    ModelError.
    """
    data = read_data(path)
    told = _scores(path, data)
    learning = merge([data])
    learning = learning.rows(~learning.unsure)
    flagged = int(learning.flags.sum())
    if min(flagged, len(learning.flags) - flagged) < _FEWEST:
        raise DataError(
            f"A simulation needs {_FEWEST} flagged messages and {_FEWEST} others; '{path}' has "
            f"{flagged} and {len(learning.flags) - flagged}."
        )
    flatters = 0
    if told is None:
        folder = model or shipped_model("detector")
        answers = load_model(folder).assess(learning.texts, learning.quoted)
        scores = np.array([answer.score for answer in answers])
        hashes = load_hashes(folder)
        flatters = 0 if hashes is None else int(seen(learning.texts, hashes).sum())
    else:
        scores = np.array([told[text_hash(text)] for text in learning.texts])
    unsure = sum(one.unsure for one in data.examples)
    return Labelled(learning.texts, learning.flags, learning.weights, scores, unsure, flatters)


def _scores(path: Path, data: DataSet) -> dict[int, float] | None:
    """The column ``score`` of a .jsonl file by text, if it has one in every labelled row."""
    if path.suffix.lower() != ".jsonl":
        return None
    found: list[Any] = [row.get("score") for row in labelled_rows(path)]
    if any(value is None for value in found):
        return None
    try:
        scores = [float(value) for value in found]
    except (TypeError, ValueError, OverflowError):
        scores = [math.nan]
    if not all(0 <= value <= 1 for value in scores):
        raise DataError(f"'{path}': 'score' must be a probability, 0 to 1, in every row.")
    return {text_hash(e.text): s for e, s in zip(data.examples, scores, strict=True)}


# orders of reading


def replay(labelled: Labelled, learner: Learner, *, seed: int, cold: bool = False) -> Replay:
    """The loop, batch by batch, until every flagged message is found.

    ``cold``: without the score, as a check of what it is worth; starts with random messages.
    """
    rng = np.random.default_rng([seed, 1])
    flags, weights = labelled.flags, labelled.weights
    done = np.zeros(len(flags), bool)
    order: list[int] = []
    batches: list[tuple[int, Floats]] = []
    size, owed = BATCH, 0.0
    probabilities = learner.learn(np.zeros(0, np.int64), flags[:0]).probabilities
    if cold:
        probabilities = rng.random(len(flags)) * 1e-3
    while (flags[~done] == 1).any():
        likely = size * (1 - RANDOM - UNCERTAIN)
        ranked = np.argsort(-probabilities, kind="stable")
        picks = _until(ranked[~done[ranked]], weights, likely)
        done[picks] = True
        near = np.argsort(np.abs(probabilities - 0.5), kind="stable")
        unsure = _until(near[~done[near]], weights, size * UNCERTAIN)
        done[unsure] = True
        owed += size * RANDOM
        drawn, owed = _random(done, weights, owed, rng)
        order += [*picks.tolist(), *unsure.tolist(), *drawn]
        batches.append((len(order), probabilities))
        size += math.ceil(size / 10)
        rows = np.array(order, np.int64)
        learnt = learner.learn(rows, flags[rows], round_number=len(batches))
        probabilities = learnt.probabilities
    return Replay(np.array(order, np.int64), batches)


def _until(ranked: Ints, weights: Floats, messages: float) -> Ints:
    """So many of the first rows as stand for ``messages``, one at least."""
    count = int(np.searchsorted(np.cumsum(weights[ranked]), messages)) + 1
    return ranked[:count]


def _random(
    done: NDArray[np.bool_], weights: Floats, owed: float, rng: np.random.Generator
) -> tuple[list[int], float]:
    """Rows drawn at random, a message as likely as any other, for an effort of ``owed`` messages.

    A row that stands for more than is owed is read with the chance that makes it even.
    """
    drawn = []
    while owed > 0 and not done.all():
        left = np.flatnonzero(~done)
        row = int(rng.choice(left, p=weights[left] / weights[left].sum()))
        if rng.random() < owed / weights[row]:
            drawn.append(row)
            done[row] = True
        owed -= float(weights[row])
    return drawn, 0.0


def effort_curve(labelled: Labelled, order: Ints) -> tuple[Floats, Floats]:
    """Share of messages read and share of the flagged found, after each row of ``order``."""
    weights = labelled.weights[order]
    return (
        np.cumsum(weights) / labelled.total,
        np.cumsum(weights * labelled.flags[order]) / labelled.flagged,
    )


def effort_for(labelled: Labelled, order: Ints, goal: float) -> float:
    """The share of messages that must be read for a recall of ``goal``."""
    effort, found = effort_curve(labelled, order)
    at = int(np.searchsorted(found, goal - 1e-9))
    return float(effort[at]) if at < len(effort) else 1.0


# the whole


def simulate(
    labelled: Labelled, *, runs: int = 5, seed: int = 0, asreview: bool = False, say: Say = print
) -> dict[str, Any]:
    """Replay ``runs`` reviews of each kind; figures for JSON, and what plots are drawn from.

    The kinds: "riskscan" (the loop), "score" (by the score alone), "random", and with ``asreview``
    ASReview's default model from one flagged and one other message. Raises DataError when that is
    not installed.
    """
    say("reading the texts")
    features = Features(labelled.texts)
    replays, orders = list[Replay](), dict[str, list[Ints]]()
    for number in range(runs):
        say(f"riskscan, run {number + 1} of {runs}")
        learner = Learner(features, labelled.scores, seed=seed + number)
        replays.append(replay(labelled, learner, seed=seed + number))
    orders["riskscan"] = [one.order for one in replays]
    orders["score"] = [np.argsort(-labelled.scores, kind="stable")]
    rng = np.random.default_rng([seed, 2])
    orders["random"] = [rng.permutation(len(labelled.flags)) for _ in range(max(runs, 50))]
    if asreview:
        orders["asreview"] = []
        for number in range(runs):
            say(f"ASReview, run {number + 1} of {runs}")
            order = asreview_order(labelled.texts, labelled.flags, seed + number)
            orders["asreview"].append(order)
    return {
        "labels": len(labelled.flags),
        "messages": round(labelled.total, 1),
        "flagged_labels": int(labelled.flags.sum()),
        "flagged_messages": round(labelled.flagged, 1),
        "unsure_left_out": labelled.unsure,
        "scores_flatter": labelled.flatters,
        "runs": runs,
        "seed": seed,
        "effort": {
            name: {f"{goal:g}": _spread(labelled, some, goal) for goal in GOALS}
            for name, some in orders.items()
        },
        "stopping": _stopping(labelled, replays, seed),
        "coverage": coverage(labelled, replays, seed=seed),
        "curves": {name: _curve(labelled, some) for name, some in orders.items()},
    }


def _spread(labelled: Labelled, orders: Sequence[Ints], goal: float) -> dict[str, float]:
    found = [effort_for(labelled, order, goal) for order in orders]
    return {
        "median": round(float(np.median(found)), 5),
        "least": round(min(found), 5),
        "most": round(max(found), 5),
    }


def _curve(labelled: Labelled, orders: Sequence[Ints]) -> list[list[float]]:
    """Effort, and the median, least and greatest recall of the runs, at the points of a grid."""
    grid = np.unique(np.concatenate([[0.0], np.geomspace(1e-4, 1, _CURVE)]))
    table = []
    for order in orders:
        effort, found = effort_curve(labelled, order)
        at = np.searchsorted(effort, grid + 1e-12, side="right")
        table.append(np.concatenate([[0.0], found])[at])
    rows = np.column_stack([grid, np.median(table, axis=0), np.min(table, 0), np.max(table, 0)])
    return [[round(float(x), 5) for x in row] for row in rows]


def _stopping(
    labelled: Labelled, replays: Sequence[Replay], seed: int
) -> dict[str, dict[str, float | int]]:
    """Where each rule would have stopped: median effort and recall, over the runs in which it did.

    Messages of the target method's sample are effort too, unless the loop reads them anyway.
    """
    table: dict[str, list[tuple[float, float]]] = {name: [] for name in RULES}
    rng = np.random.default_rng([seed, 3])
    for one in replays:
        effort, found = effort_curve(labelled, one.order)
        targets, sampled = _target_sample(labelled, rng)
        waiting = set(RULES)
        for count, probabilities in _each(one):
            if not waiting:
                break
            read = one.order[:count]
            unread = np.setdiff1d(np.arange(len(labelled.flags)), read)
            state = Reviewed(
                np.repeat(labelled.flags[read], _messages(labelled.weights[read])).tolist(),
                np.repeat(probabilities[read], _messages(labelled.weights[read])),
                np.repeat(probabilities[unread], _messages(labelled.weights[unread])),
                len(targets),
                int(np.isin(targets, read).sum()),
            )
            for name in sorted(waiting):
                if RULES[name](state).stop:
                    waiting.discard(name)
                    more = float(sampled[unread].sum()) if name == "target" else 0.0
                    more /= labelled.total
                    table[name].append((float(effort[count - 1]) + more, float(found[count - 1])))
    return {
        name: {
            "stopped": len(some),
            "effort": round(float(np.median([e for e, _ in some])), 5) if some else 1.0,
            "recall": round(float(np.median([r for _, r in some])), 5) if some else 1.0,
            "least_recall": round(min((r for _, r in some), default=1.0), 5),
        }
        for name, some in table.items()
    }


def _each(replay: Replay) -> Iterator[tuple[int, Floats]]:
    """After each row read: how many are, and the probabilities that hold. The page asks so too."""
    before = 0
    for count, probabilities in replay.batches:
        for read in range(before + 1, count + 1):
            yield read, probabilities
        before = count


def _target_sample(labelled: Labelled, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """A random sample that goes on until it holds ``TARGET`` flagged messages.

    Their rows, and for each row how many of the messages that it stands for are in the sample.
    """
    copies = _messages(labelled.weights)
    rows = np.repeat(np.arange(len(labelled.flags)), copies)
    messages = rng.permutation(rows)
    hits = np.flatnonzero(labelled.flags[messages] == 1)[:TARGET]
    drawn = np.bincount(messages[: hits[-1] + 1], minlength=len(copies))
    return messages[hits], drawn * labelled.weights / copies


def _messages(weights: Floats) -> Ints:
    return np.maximum(1, np.rint(weights)).astype(np.int64)


def coverage(
    labelled: Labelled,
    replays: Sequence[Replay],
    *,
    reviews: int = 200,
    sizes: Sequence[int] = (500, 1500, 3000),
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """How often the recall interval holds the true recall, over simulated reviews.

    Each review is one of the replays, stopped after a batch drawn at random, with an elusion sample
    of what it did not read. By size of the sample: the share of intervals that hold the truth, and
    their median width.
    """
    rng = np.random.default_rng([seed, 4])
    messages = _messages(labelled.weights)
    found_all = int(messages @ labelled.flags)
    table = {}
    for size in sizes:
        held, widths = 0, []
        for _ in range(reviews):
            one = replays[int(rng.integers(len(replays)))]
            count = one.batches[int(rng.integers(len(one.batches)))][0]
            read = one.order[:count]
            rest = int(messages.sum() - messages[read].sum())
            found = int(messages[read] @ labelled.flags[read])
            missed, drawn = found_all - found, min(size, rest)
            hits = int(rng.hypergeometric(missed, rest - missed, drawn)) if drawn else 0
            interval = recall(found, [Stratum(rest, drawn, hits)], confidence)
            held += found / found_all in interval
            widths.append(interval.high - interval.low)
        table[str(size)] = {
            "reviews": reviews,
            "held": round(held / reviews, 4),
            "median_width": round(float(np.median(widths)), 4),
        }
    return table


def told(result: Mapping[str, Any]) -> list[list[str]]:
    """The efforts as rows of a table: the kind, then for each of ``GOALS`` the share read."""
    return [
        [name, *(f"{row[f'{goal:g}']['median']:.1%}" for goal in GOALS)]
        for name, row in result["effort"].items()
    ]
