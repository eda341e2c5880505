"""Texts scored by several threads at once scored otherwise, and all that followed on one thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from riskscan.detect.encoder import Encoder
from riskscan.detect.model import load_model
from riskscan.detect.network import Network, Said
from riskscan.detect.windows import Window
from riskscan.paths import shipped_model


def _threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@contextmanager
def _in_turn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[set[int]]]:
    """The first reader ends while the second one reads, and the second after it."""
    both, first_done = threading.Barrier(2, timeout=60), threading.Event()
    seen: list[set[int]] = []
    real = Network.read

    def read(self: Network, *given: Any) -> Said:
        if both.wait() == 0:
            return real(self, *given)
        assert first_done.wait(60)
        seen.append(_threads())
        return real(self, *given)

    look = Encoder.look

    def looked(self: Encoder, *given: Any) -> Any:
        answer = look(self, *given)
        first_done.set()
        return answer

    monkeypatch.setattr(Network, "read", read)
    monkeypatch.setattr(Encoder, "look", looked)
    yield seen


def test_the_first_to_end_takes_nothing_from_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load_model(shipped_model("detector")).encoder
    assert encoder is not None
    pieces = np.arange(4)
    window = Window(pieces, np.zeros(4, int), np.zeros(4, int))
    with threadpool_limits(limits=2):
        before = _threads()
        with _in_turn(monkeypatch) as seen, ThreadPoolExecutor(2) as pool:
            told = [*pool.map(encoder.look, [[window], [window]])]
        assert seen == [{1}]
        assert _threads() == before
    assert told[0].flag == told[1].flag
