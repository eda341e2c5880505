"""An innocent item was quarantined when somebody ended its worker while it was run alone."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from riskscan.engine import Culprit, Engine


def dies(parts: list[tuple[str, int]]) -> list[str]:
    """Its worker is killed as often as a part says, counted in the file that the part names."""
    for name, times in parts:
        if not times:
            continue
        log = Path(name)
        with log.open("a") as file:
            file.write("x")
        if log.stat().st_size <= times:
            os.kill(os.getpid(), signal.SIGKILL)
    return [name for name, _ in parts]


def test_an_item_whose_worker_was_ended_once_more_is_no_culprit(tmp_path: Path) -> None:
    unlucky = str(tmp_path / "unlucky")
    with Engine(1) as engine:
        ((_, found),) = engine.map(dies, [(None, [("a", 0), (unlucky, 2), ("b", 0)])])
    assert found == ["a", unlucky, "b"]
    assert Path(unlucky).stat().st_size == 3  # in its batch, and alone twice


def test_an_item_that_ends_its_worker_each_time_is_one(tmp_path: Path) -> None:
    guilty = str(tmp_path / "guilty")
    with Engine(1) as engine:
        ((_, (found,)),) = engine.map(dies, [(None, [(guilty, 99)])])
    assert isinstance(found, Culprit) and "it was killed" in found.reason
    assert Path(guilty).stat().st_size == 3
