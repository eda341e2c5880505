"""Other tools' active learning, to compare with: ASReview's default model (a benchmark extra)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from riskscan.learn.errors import DataError

Ints = NDArray[np.int64]


def asreview_order(texts: Sequence[str], flags: Ints, seed: int) -> Ints:
    """The order in which ASReview reads, started cold: one flagged message and one other, drawn.

    Its default model ("ELAS u4" in version 3: tf-idf, a balanced linear SVM, the likeliest first,
    retrained after every record), through its own simulation. It stops when all flagged ones are
    found. Raises DataError when ASReview is not installed.
    """
    try:
        learner = import_module("asreview.learner")
        models = import_module("asreview.models.models")
        simulation = import_module("asreview.simulation.simulate")
    except ImportError as error:
        raise DataError(
            "ASReview is not installed: python -m pip install 'riskscan[benchmark]'."
        ) from error
    import pandas as pd

    rng = np.random.default_rng(seed)
    start = [int(rng.choice(np.flatnonzero(flags == kind))) for kind in (1, 0)]
    cycle = learner.ActiveLearningCycle.from_meta(models.get_ai_config()["value"])
    records = pd.DataFrame({"title": [""] * len(texts), "abstract": list(texts)})
    run = simulation.Simulate(records, np.asarray(flags), [cycle], print_progress=False)
    run.label(start)
    run.review()
    return np.asarray(run._results["record_id"], dtype=np.int64)
