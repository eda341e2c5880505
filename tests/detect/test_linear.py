"""The linear models learn the same whether or not their matrix has many empty columns."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from riskscan.detect.linear import fit_linear


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
