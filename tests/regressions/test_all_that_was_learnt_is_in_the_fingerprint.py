"""Models that score otherwise had one fingerprint, where a level or an idf made the difference."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from labelled_building import fitted

LEARNT = sorted(
    name
    for name, value in vars(fitted()).items()
    if name.endswith("_") and isinstance(value, np.ndarray) and name != "classes_" and value.size
)


@pytest.mark.parametrize("name", LEARNT)
def test_every_array(name: str) -> None:
    other = copy.deepcopy(fitted())
    value = getattr(other, name)
    setattr(other, name, ~value if value.dtype == bool else value + 1)
    assert other.fingerprint != fitted().fingerprint


def test_the_names_of_the_domains() -> None:
    other = copy.deepcopy(fitted())
    other.domains_ = ["elsewhere"]
    assert other.fingerprint != fitted().fingerprint
