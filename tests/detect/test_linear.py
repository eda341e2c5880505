"""The linear models: columns that are empty, and how sure so many texts make one."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from riskscan.detect.linear import fit_level, fit_linear


def test_empty_columns_change_nothing() -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=(200, 6)).astype(np.float32)
    flags = (values[:, 0] + values[:, 1] > 0.5).astype(int)
    counts = np.ones(200)
    dense, level = fit_linear(csr_matrix(values), flags, counts, 1.0)
    for more in (3, 30):
        wide = np.hstack([values, np.zeros((200, more), np.float32)])
        coefficients, intercept = fit_linear(csr_matrix(wide), flags, counts, 1.0)
        assert coefficients.shape == (6 + more,)
        assert not coefficients[6:].any()
        assert np.allclose(coefficients[:6], dense, atol=1e-3)
        assert abs(intercept - level) < 1e-3


def test_few_texts_that_fall_apart_cleanly_make_nobody_sure() -> None:
    draw = np.random.default_rng(0)
    for count, most in ((20, 0.93), (200, 0.995)):
        flags = np.repeat([0, 1], count // 2)
        logits = np.where(flags == 1, 9.0, -9.0) + draw.normal(size=count)
        level = fit_level(logits, flags, np.ones(count))
        chances = level.predict_proba(logits[:, None])[:, 1]
        assert most - 0.05 < chances[flags == 1].mean() < most
        assert 1 - most < chances[flags == 0].mean() < 1 - most + 0.05


def test_the_level_is_that_of_the_messages_that_texts_stand_for() -> None:
    draw = np.random.default_rng(1)
    flags = (draw.random(4000) < 0.3).astype(int)
    logits = draw.normal(size=4000) + 1.5 * flags
    weight = np.where(flags == 1, 1.0, 60.0)
    chances = fit_level(logits, flags, weight).predict_proba(logits[:, None])[:, 1]
    share = float((weight * flags).sum() / weight.sum())
    assert abs(float((weight * chances).sum() / weight.sum()) - share) < 0.02 * share
