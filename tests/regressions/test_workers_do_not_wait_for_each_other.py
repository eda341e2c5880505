"""Each of two workers on two cores had two threads for linear algebra, and all four waited for each
other: the sample mailboxes took 113 s, and 11 in one process."""

from __future__ import annotations

import os

import pytest
from threadpoolctl import threadpool_info

from riskscan.engine.engine import Engine


def _threads(parts: list[int]) -> list[list[int]]:
    import numpy as np

    np.ones((2, 2)) @ np.ones((2, 2))
    return [[one["num_threads"] for one in threadpool_info()] for _ in parts]


def test_a_worker_has_one_thread_and_this_process_its_own() -> None:
    before = dict(os.environ)
    with Engine(1) as engine:
        ((_, (found,)),) = engine.map(_threads, [(None, [1])])
    assert found
    assert set(found) == {1}
    assert dict(os.environ) == before


def test_what_the_user_says_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    if (os.cpu_count() or 1) < 2:
        pytest.skip("one core has one thread")
    with Engine(1) as engine:
        ((_, (found,)),) = engine.map(_threads, [(None, [1])])
    assert 2 in found
