"""Training: labelled messages in, a model folder with honest figures out."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import riskscan
from riskscan.detect.assessment import Assessment
from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.encoder import Encoder
from riskscan.detect.model import ESTIMATOR, save_model
from riskscan.detect.signals import Named
from riskscan.learn.archive import make_canonical
from riskscan.learn.card import write_card
from riskscan.learn.data import DataSet, names, read_data
from riskscan.learn.encoders import Kept, Teacher, join, keep
from riskscan.learn.errors import DataError
from riskscan.learn.folder import CARD, LICENCE, replacing_folder
from riskscan.learn.judged import judge, measure
from riskscan.learn.merge import Learning, merge
from riskscan.learn.metrics import Floats
from riskscan.learn.plots import write_plots
from riskscan.learn.seen import FILE, save_hashes
from riskscan.learn.threshold import Aim, choose_threshold
from riskscan.paths import shipped_model

# Threads with a flagged message, and others, below which no honest figure can be had.
FEWEST = 5
_FOLDS = 5
_LIBRARIES = ("scikit-learn", "numpy", "scipy", "skops", "spacy")

Say = Callable[[str], None]


def train(
    data: Sequence[DataSet],
    *,
    out: Path,
    base: Literal["default"] | Sequence[DataSet] | None = None,
    target_recall: float | None = None,
    target_precision: float | None = None,
    budget: float | None = None,
    threshold: float | None = None,
    seed: int = 0,
    folds: int = _FOLDS,
    samples: int = 500,
    classifier: RiskClassifier | None = None,
    name: str | None = None,
    notes: str = "",
    unlabelled: bool = False,
    workers: int = 1,
    encoders: Teacher | Encoder | Kept | None = None,
    say: Say | None = None,
) -> dict[str, Any]:
    """Train a model on ``data``, write its folder ``out``, and return what model.json says.

    The figures come of ``folds``-fold cross-validation in which no thread is in both parts, nor a
    custodian's mail where ``data`` name custodians, with ``samples`` bootstrap draws. The threshold
    is the one given, or reaches ``target_recall``, ``target_precision`` or ``budget`` (share of
    messages flagged) on these scores, or has their best F1. Unsure messages are measured apart, and
    no flag is learnt from them; an encoder is taught how likely a reader flags them, and what for,
    if that is known, teaches which signal it is.

    ``base``: labelled texts to learn from beside ``data``; "default" takes those that the shipped
    model was trained on and that come with riskscan. They weigh as much in all as ``data`` does,
    are never measured on, and yield where ``data`` has the same text.

    ``unlabelled``: learn also from the messages of ``data`` without flag, as ordinary ones that
    count a little (see ``RiskClassifier``): right where few of them would be flagged.

    ``classifier``: an unfitted one with other parameters. ``notes``: Markdown for the model card.
    ``encoders``: the encoder that reads what ranks high, one that has seen nothing of ``data``; or
    what teaches one for each fold; or one that was taught ``data`` and stays as it was. How much
    it counts is learnt from ``data``, and from that part of ``base`` that it is never taught, but
    of one that stays: then the figures are of the first score.
    ``workers``: processes that share the folds of the cross-validation; each holds all texts.
    The same data, seed, classifier, encoder and versions give the same files, bit for bit, with any
    number of workers; in another order the same model, in whose card the data stand in that order.
    What teaches encoders says itself how alike they come out.
    Raises DataError when the data do not suffice or the aim cannot be reached.
    """
    say = say or _silent
    aim = Aim(target_recall, target_precision, budget, threshold)
    below = base_texts() if base == "default" else list(base or ())
    with replacing_folder(out) as draft:
        made = learn(
            data,
            below,
            unlabelled=unlabelled,
            seed=seed,
            folds=folds,
            classifier=classifier,
            encoders=encoders,
            workers=workers,
            say=say,
        )
        final, learning = made.final, made.learning
        learnt, named = learning.rows(_told(learning)), learning.named()
        with threadpool_limits(limits=1):
            answers = made.answers()
            # What stands for nothing is learnt from, and not measured on.
            counted = learning.weights[learning.own] > 0
            measured = learning.rows(learning.own & (learning.weights > 0))
            fold_of = made.tested[learning.own][counted]
            answers = [one for one, counts in zip(answers, counted, strict=True) if counts]
            cut, each = _thresholds(measured, answers, fold_of, aim)
            say("measuring")
            judged = judge(measured, answers, each)
            figures = measure(judged, samples=samples, seed=seed)
            final.set_params(threshold=cut)
        description = {
            "name": name or out.resolve().name,
            "versions": {
                "riskscan": riskscan.__version__,
                "python": platform.python_version(),
                **{library: version(library) for library in _LIBRARIES},
            },
            "data": [one.describe() for one in data],
            "base": [one.describe() for one in below],
            "examples": {
                "trained_on": len(learnt.texts),
                "flagged": int(learnt.flags.sum()),
                "from_base": int((~learnt.own).sum()),
                "unlabelled": len(learnt.unlabelled),
                "altered": int(learning.altered.sum()),
                "named": len(named.texts),
                "unsure": int(learning.unsure.sum()),
                "repeated": learning.repeated,
                "contradictory": learning.contradictory,
                "evidence_not_found": sum(one.evidence_not_found for one in data),
            },
            "training_texts": FILE,
            "seed": seed,
            "folds": len(made.parts),
            "grouped_by": "custodian" if _by_custodian(data) else "thread",
            "encoder": None if final.encoder is None else final.encoder.sha256,
            "figures_with_encoder": final.encoder is not None and not isinstance(encoders, Kept),
            "features": final.parts(),
            "thresholds": {
                "message": cut,
                "finding": final.get_params().get("finding_threshold"),
                "chosen_for": str(aim),
            },
            "metrics": figures,
        }
        save_model(final, draft, description)
        licence = shipped_model("detector") / LICENCE
        if final.encoder is not None and licence.exists():
            shutil.copy(licence, draft)
        make_canonical(draft / ESTIMATOR)
        save_hashes([*learnt.texts, *learnt.unlabelled, *named.texts], draft)
        plots = write_plots(judged.rows(~judged.unsure), draft)
        card = write_card(description, plots, notes)
        (draft / CARD).write_text(card, encoding="utf-8")
    return {**description, "folder": str(out), "fingerprint": final.fingerprint}


def _by_custodian(data: Sequence[DataSet]) -> bool:
    return any(example.custodian for one in data for example in one.examples)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model of all messages, and for each fold one that has seen nothing of it.

    ``tested`` is the fold of each message of ``learning``, -1 of what is in none.
    """

    final: RiskClassifier
    parts: Sequence[RiskClassifier]
    learning: Learning
    tested: NDArray[np.int64]

    def answers(self) -> list[Assessment]:
        """What the models without its fold say of each own message."""
        found: dict[int, Assessment] = {}
        for part, places in self._folds():
            told = part.assess(*self.learning.at(places))
            found.update(zip(places.tolist(), told, strict=True))
        return [found[i] for i in np.flatnonzero(self.learning.own).tolist()]

    def first_scores(self) -> Floats:
        """The first score of each own message, by the models without its fold."""
        scores = np.zeros(len(self.learning.texts))
        for part, places in self._folds():
            scores[places] = part.predict_proba(*self.learning.at(places))[:, 1]
        return scores[self.learning.own]

    def _folds(self) -> Iterator[tuple[RiskClassifier, NDArray[np.intp]]]:
        for number, part in enumerate(self.parts):
            yield part, np.flatnonzero((self.tested == number) & self.learning.own)


def learn(
    data: Sequence[DataSet],
    base: Sequence[DataSet],
    *,
    unlabelled: bool,
    seed: int,
    folds: int,
    classifier: RiskClassifier | None,
    encoders: Teacher | Encoder | Kept | None,
    workers: int,
    say: Say,
) -> Learnt:
    """What ``train`` writes and measures; see there for the parameters and errors."""
    learning = _balanced(merge(data, base, unlabelled=unlabelled))
    _check(learning, data)
    prototype = clone(classifier or RiskClassifier()).set_params(random_state=seed)
    # One thread: faster on such sparse data, and sums come out the same on any number of cores.
    with threadpool_limits(limits=1):
        tested = _folds(learning, folds, seed)
        taught = encoders is not None and not isinstance(encoders, Kept)
        if taught:
            # Of the base, what no encoder is taught: how much it counts is learnt of it too.
            tested[learning.held] = learning.groups[learning.held] % (int(tested.max()) + 1)
        final, parts = _models(prototype, learning, tested, workers, say)
        if isinstance(encoders, Kept):
            keep(final, encoders)
        elif encoders is not None:
            join(final, parts, encoders, learning, tested, say, workers=workers)
    return Learnt(final, parts, learning, tested)


def base_texts() -> list[DataSet]:
    """The training texts that come with riskscan. Raises DataError when there are none."""
    try:
        files = sorted((shipped_model("training") / "texts").glob("*.jsonl"))
    except FileNotFoundError:
        files = []
    if not files:
        raise DataError("This installation of riskscan has no training texts: leave --base out.")
    return [read_data(file) for file in files]


def _balanced(learning: Learning) -> Learning:
    """The base weighs as much as the rest, so that few own labels are heard beside it."""
    own, base = learning.own, ~learning.own & ~learning.altered
    if own.any() and base.any():
        ratio = learning.weights[own].sum() / learning.weights[base].sum()
        learning.weights[base] *= ratio
    return learning


def _check(learning: Learning, data: Sequence[DataSet]) -> None:
    """Each domain needs both kinds to learn from, and the own data both to be measured on."""
    domains = np.array(learning.domains)
    parts = [(names(data), learning.own)]
    parts += [(f"domain '{one}'", domains == one) for one in sorted(set(learning.domains))]
    for part, rows in parts:
        for flag, what in ((1, "flagged messages"), (0, "messages that are not flagged")):
            inside = rows & _told(learning) & (learning.flags == flag)
            count = len(np.unique(learning.groups[inside]))
            if count < FEWEST:
                raise DataError(
                    f"Training needs {what} in at least {FEWEST} threads; {part} has {count}."
                )
    if others := sorted(set(learning.unlabelled_domains) - set(learning.domains)):
        raise DataError(
            f"There are messages without a flag of domain '{others[0]}', and none with: label some,"
            " or leave --unlabelled out."
        )


def _folds(learning: Learning, folds: int, seed: int) -> NDArray[np.int64]:
    """The fold that each own message is tested in; -1 for the others.

    Raises DataError when a fold leaves nothing to learn from.
    """
    sure = np.flatnonzero(learning.own & ~learning.unsure)
    flagged = learning.groups[sure[learning.flags[sure] == 1]]
    count = max(2, min(folds, len(np.unique(flagged))))
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    # Each fold gets its share of the flagged messages of each domain.
    kinds = np.unique(learning.domains, return_inverse=True)[1] * 2 + learning.flags
    needed = np.unique(kinds[_told(learning)])
    # What is in doubt lies where its thread does: of it no flag is learnt.
    fold_of = np.arange(int(learning.groups.max(initial=0)) + 1) % count
    for number, (_, test) in enumerate(
        splitter.split(sure, kinds[sure], learning.groups[sure]),
    ):
        fold_of[learning.groups[sure[test]]] = number
    tested = np.where(learning.own, fold_of[learning.groups], -1)
    for number in range(count):
        inside = _taught(learning, np.flatnonzero(tested == number))
        threads = [len(np.unique(learning.groups[inside & (kinds == kind)])) for kind in needed]
        # A classifier learns of some threads how to join what others taught.
        if min(threads) < 2:
            raise DataError(
                "Too much of the flagged messages, or of the others, is in few threads to train on "
                "some and measure on others."
            )
    return tested


def _taught(learning: Learning, tested: NDArray[np.int_]) -> NDArray[np.bool_]:
    """The messages to learn from when those in rows ``tested`` are measured."""
    return ~np.isin(learning.groups, learning.groups[tested]) & _told(learning)


def _told(learning: Learning) -> NDArray[np.bool_]:
    """The messages whose flag linear models learn."""
    return ~learning.unsure & ~learning.altered


def _models(
    prototype: RiskClassifier,
    learning: Learning,
    tested: NDArray[np.int64],
    workers: int,
    say: Say,
) -> tuple[RiskClassifier, list[RiskClassifier]]:
    """The model of all messages, and for each fold one that has seen nothing of it."""
    folds = [np.flatnonzero(tested == number) for number in range(int(tested.max()) + 1)]

    def tasks() -> Iterator[Any]:
        say("learning from all messages")
        yield delayed(_model)(prototype, learning.rows(_told(learning)), learning.named())
        for number, places in enumerate(folds, 1):
            say(f"fold {number} of {len(folds)}")
            apart = learning.groups[places]
            taught = learning.rows(_taught(learning, places), apart)
            yield delayed(_model)(prototype, taught, learning.named(apart))

    final, *parts = Parallel(n_jobs=workers, pre_dispatch=workers)(tasks())
    return final, parts


def _model(prototype: RiskClassifier, taught: Learning, named: Named) -> RiskClassifier:
    """Learns in a worker; one thread, so that sums come out the same on any number of cores."""
    with threadpool_limits(limits=1):
        return _fit(clone(prototype), taught, named)


def _fit(classifier: RiskClassifier, learning: Learning, named: Named) -> RiskClassifier:
    return classifier.fit(
        learning.texts,
        learning.flags,
        sample_weight=learning.weights,
        groups=learning.groups,
        evidence=learning.evidence if any(learning.evidence) else None,
        signals=learning.signals if any(learning.signals) else None,
        domains=learning.domains,
        quoted=learning.quoted,
        chances=learning.chances,
        named=named.texts,
        named_signals=named.signals,
        named_evidence=named.evidence,
        unlabelled=learning.unlabelled or None,
        unlabelled_groups=learning.unlabelled_groups if learning.unlabelled else None,
        unlabelled_domains=learning.unlabelled_domains or None,
    )


def _thresholds(
    learning: Learning, answers: Sequence[Assessment], fold_of: NDArray[np.int64], aim: Aim
) -> tuple[float, Floats]:
    """The threshold, and for each message the one that was chosen without its fold."""
    scores = np.array([answer.score for answer in answers])
    flags = learning.flags.astype(float)

    def chosen(rows: NDArray[np.bool_], nearest: bool = False) -> float:
        rows = rows & ~learning.unsure
        labels, weights = flags[rows], learning.weights[rows]
        return choose_threshold(labels, scores[rows], weights, aim, nearest=nearest)

    cut = chosen(np.ones(len(scores), bool))
    each = np.full(len(scores), cut)
    for fold in np.unique(fold_of):
        others = fold_of != fold
        each[~others] = chosen(others, nearest=True)
    return cut, each


def _silent(_: str) -> None:
    pass
