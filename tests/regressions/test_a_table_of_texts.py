"""A table given for texts was scored by the names of its columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from labelled_building import examples, fitted

TEXTS = [e.text for e in examples(12, seed=5)]


def test_one_column() -> None:
    wanted = fitted().predict_proba(TEXTS)
    for table in (pd.DataFrame({"text": TEXTS}), np.array(TEXTS, object)[:, None]):
        np.testing.assert_array_equal(fitted().predict_proba(table), wanted)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"subject": TEXTS, "text": TEXTS}),
        {"text": TEXTS},
        np.array([[TEXTS]], object),
        np.array(TEXTS[0], object),
        None,
        5,
    ],
)
def test_no_texts(table: Any) -> None:
    with pytest.raises(ValueError, match="X must be a sequence of texts"):
        fitted().predict_proba(table)
