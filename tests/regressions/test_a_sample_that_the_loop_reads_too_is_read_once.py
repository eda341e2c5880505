"""``riskscan simulate`` said that the target method had read 100.6% of all messages."""

from __future__ import annotations

import numpy as np

from riskscan.learn.simulate import Labelled, simulate


def test_nobody_reads_more_than_all() -> None:
    # The flagged ones have the lowest scores: nearly all is read before they are found.
    flags = np.array([0] * 60 + [1] * 12)
    texts = [f"note {n} on tide tables and berths" for n in range(len(flags))]
    scores = np.where(flags == 1, 0.01, 0.2)
    labelled = Labelled(texts, flags, np.ones(len(flags)), scores, 0, 0)
    found = simulate(labelled, runs=2, say=lambda _: None)["stopping"]["target"]
    assert found["stopped"] == 2
    assert 0.5 < found["effort"] <= 1
