"""The encoders of a training: which to use, and how much they count beside the linear models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from numpy.typing import NDArray

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.encoder import Encoder, Look, load_encoder
from riskscan.detect.errors import ModelError
from riskscan.detect.joint import ADDED_UP, Examined, no_joint
from riskscan.detect.linear import Floats
from riskscan.detect.model import load_model
from riskscan.detect.windows import Window
from riskscan.learn.data import DataSet
from riskscan.learn.errors import DataError
from riskscan.learn.merge import Learning
from riskscan.learn.seen import encoder_hashes, seen
from riskscan.paths import shipped_model

Say = Callable[[str], None]
Told = dict[tuple[str, bytes], Look]
# "Thanks" tells nobody's message.
_FEWEST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Encoders:
    """The encoder to ship, and one for each fold that has seen nothing of it."""

    final: Encoder
    folds: Sequence[Encoder]


@dataclass(frozen=True, slots=True)
class Kept:
    """The encoder of an earlier model, which was taught these very data, and how much it counts.

    It goes with the model as it was there: nothing of it can be learnt from the data, nor measured
    on them, so that all figures are of the first score.
    """

    encoder: Encoder
    domains: list[str]
    joint: tuple[Floats, Floats, Floats]


def kept_encoder(folder: Path) -> Kept:
    """The encoder of the model in ``folder``. Raises ModelError when it has none."""
    model = load_model(folder)
    if model.encoder is None or not model.is_joined:
        raise ModelError(f"The model '{folder}' has no encoder.")
    joint = model.joint_scores_, model.joint_ranks_, model.joint_signals_
    return Kept(model.encoder, model.domains_, joint)


Teacher = Callable[[RiskClassifier, Learning, NDArray[np.int64], Say], Encoders]
"""Teaches encoders: gets the linear model of everything, the data, and each row's fold, or -1."""


class _Remembering(Encoder):
    """An encoder that keeps what it said: a training asks of the same texts twice."""

    def __init__(self, encoder: Encoder, told: Told) -> None:
        self.__dict__.update(encoder.__dict__)
        self._asked, self.told = encoder, told

    def look(self, windows: Sequence[Window], domain: str = "") -> Look:
        """As ``Encoder.look``."""
        parts = (part.tobytes() for w in windows for part in (w.pieces, w.kinds, w.sentences))
        key = domain, b"|".join(parts)
        if key not in self.told:
            self.told[key] = self._asked.look(windows, domain)
        return self.told[key]


def shipped_encoder(data: Sequence[DataSet], say: Say) -> Encoder | None:
    """The encoder that comes with riskscan, unless it was taught some of ``data``.

    What it was taught it knows too well: figures on it would flatter. ``say`` is told.
    """
    folder = shipped_model("detector")
    texts = [example.text for one in data for example in one.examples]
    telling = [text for text in texts if len(text.split()) >= _FEWEST_WORDS]
    known = int(seen(telling, encoder_hashes(folder)).sum())
    if known:
        say(f"without the encoder: it was taught {known:,} of these messages")
        return None
    return load_encoder(folder)


def keep(final: RiskClassifier, kept: Kept) -> None:
    """Give the model the encoder of an earlier one."""
    if final.domains_ != kept.domains:
        raise DataError(f"The encoder was joined with domains {kept.domains}, not these.")
    final.attach(kept.encoder)
    scores, ranks, signals = kept.joint
    final.joint_scores_, final.joint_ranks_ = scores.copy(), ranks.copy()
    final.joint_signals_ = signals.copy()


def join(
    final: RiskClassifier,
    parts: Sequence[RiskClassifier],
    encoders: Teacher | Encoder,
    learning: Learning,
    tested: NDArray[np.int64],
    say: Say,
    *,
    workers: int = 1,
) -> None:
    """Give each model its encoder, and how much it counts: learnt from all folds but its own.

    It counts in the domains in which all of them can learn that, or in none.
    """
    if isinstance(encoders, Encoder):
        every = Encoders(encoders, [encoders] * len(parts))
    else:
        every = encoders(final, learning, tested, say)
    final.attach(every.final)
    folds = [np.flatnonzero((tested == k) & ~learning.unsure) for k in range(len(parts))]
    say("what the encoder says")
    answers: list[tuple[list[Examined], Told]] = Parallel(n_jobs=workers)(
        delayed(_examined)(
            part.attach(encoder), *learning.at(rows), [learning.evidence[i] for i in rows]
        )
        for part, encoder, rows in zip(parts, every.folds, folds, strict=True)
    )
    for part, encoder, (_, told) in zip(parts, every.folds, answers, strict=True):
        part.attach(_Remembering(encoder, told))
    for number, model in [*enumerate(parts), (-1, final)]:
        others = [k for k in range(len(parts)) if k != number]
        at = np.concatenate([folds[k] for k in others]).tolist()
        model.join(
            [one for k in others for one in answers[k][0]],
            learning.flags[at],
            [learning.domains[i] for i in at],
            learning.weights[at],
            [learning.signals[i] for i in at],
        )
    _agree([final, *parts])


def _examined(
    part: RiskClassifier, texts: list[str], quoted: list[str], evidence: list[tuple[str, ...]]
) -> tuple[list[Examined], Told]:
    """What is said of the texts of a fold; runs in a worker."""
    told: Told = {}
    assert part.encoder is not None
    part.attach(_Remembering(part.encoder, told))
    return part.examine(texts, quoted, evidence), told


def _agree(models: Sequence[RiskClassifier]) -> None:
    """What is measured is what is made: a domain has the encoder in all models or in none."""
    scores, ranks, signals = no_joint(len(models[0].domains_))
    for d in range(len(scores)):
        joined = all(model.joint_scores_[d, 1] for model in models)
        ranked = joined and all(model.joint_ranks_[d, 1] for model in models)
        named = joined and all((model.joint_signals_[d] != ADDED_UP).any() for model in models)
        for model in models:
            if not joined:
                model.joint_scores_[d] = scores[d]
            if not ranked:
                model.joint_ranks_[d] = ranks[d]
            if not named:
                model.joint_signals_[d] = ADDED_UP if joined else signals[d]
    if not models[0].is_joined:
        for model in models:
            model.attach(None)
