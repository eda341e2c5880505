"""Weights that were divided by their sum drew all scores to the middle."""

from __future__ import annotations

import numpy as np
import pytest
from labelled_building import examples, one_thread

from riskscan.detect.classifier import RiskClassifier

SOME = examples()
TEXTS, FLAGS = [e.text for e in SOME], [e.flag for e in SOME]


def test_only_their_ratios_count() -> None:
    with one_thread():
        whole = RiskClassifier(folds=2).fit(TEXTS, FLAGS)
        parts = RiskClassifier(folds=2).fit(
            TEXTS, FLAGS, sample_weight=np.full(len(TEXTS), 1 / len(TEXTS))
        )
    np.testing.assert_allclose(
        parts.predict_proba(TEXTS), whole.predict_proba(TEXTS), rtol=1e-9, atol=1e-12
    )


def test_a_domain_without_weight_is_named() -> None:
    domains = ["mail", "post"] * (len(TEXTS) // 2)
    flags = [(n // 2) % 3 == 0 for n in range(len(TEXTS))]
    with pytest.raises(ValueError, match="domain 'post' is zero"):
        RiskClassifier(folds=2).fit(
            TEXTS, np.array(flags, int), domains=domains, sample_weight=[1.0, 0.0] * 30
        )
