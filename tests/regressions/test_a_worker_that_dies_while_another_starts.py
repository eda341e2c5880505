"""A scan stood still for ever when a worker died while the next one was being started."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import SpawnProcess
from typing import Any

import pytest

from riskscan.engine import Culprit, Engine
from riskscan.engine import engine as engine_module


def die_on_zero(parts: list[int]) -> list[int]:
    if 0 in parts:
        os.kill(os.getpid(), signal.SIGKILL)
    return parts


class _Late(engine_module._Worker):
    """The second worker of a pool: its start takes until the first one is dead."""

    first: SpawnProcess | None = None
    lost = False

    def start(self) -> None:
        super().start()
        if _Late.first is None:
            _Late.first = self
        elif _Late.first is not self and _Late.first.exitcode is None:
            _Late.first.join(60)
            time.sleep(1.0)


BATCHES = [(None, [number]) for number in range(4)]
_submit = ProcessPoolExecutor.submit


def _once_unheard(self: ProcessPoolExecutor, *task: Any) -> Future[Any]:
    future = _submit(self, *task)
    if _Late.first is not None and _Late.first.exitcode is not None and not _Late.lost:
        _Late.lost = True
        return Future()
    return future


@pytest.mark.parametrize("unheard", [False, True])
def test_it_goes_on(monkeypatch: pytest.MonkeyPatch, unheard: bool) -> None:
    monkeypatch.setattr(engine_module, "_Worker", _Late)
    monkeypatch.setattr(_Late, "first", None)
    monkeypatch.setattr(_Late, "lost", False)
    found: list[Any] = []

    def run() -> None:
        with Engine(2) as engine:
            found.extend(one for _, some in engine.map(die_on_zero, BATCHES) for one in some)

    if unheard:
        # The pool takes the next batch just before it knows that it broke.
        monkeypatch.setattr(ProcessPoolExecutor, "submit", _once_unheard)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(120)
    assert not thread.is_alive()
    assert isinstance(found[0], Culprit)
    assert found[1:] == [1, 2, 3]
