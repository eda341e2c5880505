"""Honest figures of a model folder on labelled messages that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from riskscan.detect.model import load_model
from riskscan.learn.data import DataSet, names
from riskscan.learn.errors import DataError
from riskscan.learn.judged import judge, measure
from riskscan.learn.merge import merge
from riskscan.learn.seen import load_hashes, seen


def evaluate(
    model: Path,
    data: Sequence[DataSet],
    *,
    allow_seen: bool = False,
    samples: int = 500,
    seed: int = 0,
) -> dict[str, Any]:
    """The figures of ``model`` on ``data`` with 95% bootstrap intervals (``samples`` draws).

    Texts that the model was trained on are left out and counted in ``seen``, or with
    ``allow_seen`` kept and counted; ``seen`` is None when the model does not tell what it was
    trained on. Raises DataError when too little is left, ModelError for the model.
    """
    classifier = load_model(model)
    hashes = load_hashes(model)
    learning = merge(data)
    repeated, contradictory = learning.repeated, learning.contradictory
    count = None
    if hashes is not None:
        known = seen(learning.texts, hashes)
        count = int(known.sum())
        if not allow_seen:
            learning = learning.rows(~known)
            if count and learning.unsure.all():
                raise DataError(
                    f"The model '{model}' was trained on every message of {names(data)}: figures "
                    "on them would flatter it. --allow-seen gives them all the same."
                )
    sure = learning.flags[~learning.unsure]
    if len(np.unique(sure)) < 2:
        told = f" after leaving out {count:,} that the model was trained on"
        left = told if count and not allow_seen else ""
        raise DataError(
            f"Figures need flagged messages and others; {names(data)} has {int(sure.sum())} flagged"
            f" and {len(sure) - int(sure.sum())} others{left}."
        )
    answers = classifier.assess(learning.texts, learning.quoted)
    judged = judge(learning, answers, classifier.threshold)
    return {
        "model": str(model),
        "fingerprint": classifier.fingerprint,
        "threshold": float(classifier.threshold),
        "data": [one.describe() for one in data],
        "repeated": repeated,
        "contradictory": contradictory,
        "seen": count,
        "evidence_not_found": sum(one.evidence_not_found for one in data),
        "seen_left_out": bool(count) and not allow_seen,
        **measure(judged, samples=samples, seed=seed),
    }
