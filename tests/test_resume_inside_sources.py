"""A scan killed inside a large source goes on there: at most one batch is read twice."""

from __future__ import annotations

import gzip
import os
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scan_building import contents, mail, write_mbox

from riskscan.case.read import Case
from riskscan.case.store import Store
from riskscan.engine import Engine
from riskscan.scanning import run_scan
from riskscan.sources import Item
from riskscan.stages.ingest import parsed

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

MESSAGES, BATCH, BATCHES = 90, 8, 5


def _mbox(folder: Path) -> Path:
    return write_mbox(folder / "box.mbox", [mail(i, f"Lot {i}.") for i in range(MESSAGES)])


def _gz(folder: Path) -> Path:
    box = _mbox(folder)
    packed = folder / "box.mbox.gz"
    packed.write_bytes(gzip.compress(box.read_bytes()))
    box.unlink()
    return packed


def _zip(folder: Path) -> Path:
    """Two mboxes: the scan is killed inside the second."""
    first = write_mbox(folder / "a.mbox", [mail(i, f"Lot {i}.") for i in range(30)])
    second = write_mbox(folder / "b.mbox", [mail(i, f"Lot {i}.") for i in range(30, MESSAGES)])
    with zipfile.ZipFile(folder / "boxes.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for box in (first, second):
            archive.write(box, box.name)
            box.unlink()
    return folder / "boxes.zip"


@pytest.mark.parametrize("make", [_mbox, _gz, _zip])
def test_no_more_than_the_batch_under_way_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path]
) -> None:
    for stage in ("score", "merge"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
    monkeypatch.setattr("riskscan.stages.ingest._BATCH_MESSAGES", BATCH)
    export = make(tmp_path / "in")
    run_scan([export], tmp_path / "whole", entities="none")
    write = Store.add_batch
    calls = 0

    def deadly(*arguments: object) -> None:
        nonlocal calls
        calls += 1
        if calls > BATCHES:
            os.kill(os.getpid(), signal.SIGKILL)
        write(*arguments)  # type: ignore[arg-type]

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(Store, "add_batch", deadly)
        run_scan([export], tmp_path / "killed", entities="none")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    with Case(tmp_path / "killed") as opened:
        assert opened.counts()["found"] == BATCH * BATCHES
    summary = run_scan([export], tmp_path / "killed", entities="none")
    assert summary.read == MESSAGES - BATCH * BATCHES
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


class _Counting:
    """A source that tells how much of it was read."""

    def __init__(self, number: int, size: int) -> None:
        self.number, self.size, self.read = number, size, 0

    def events(self, skip: int) -> Iterator[Item]:
        for i in range(skip, self.number):
            self.read += 1
            yield Item(f"box!/{i}", "mbox", "", "", "", mail(i, "x " * (self.size // 2)))


@pytest.mark.parametrize(("number", "size"), [(3_000, 100), (60, 900_000)])
def test_what_is_read_and_not_committed_is_one_batch(number: int, size: int) -> None:
    source: Any = _Counting(number, size)
    given, ahead = 0, []
    with Engine(2) as engine:
        for outcomes, _, _ in parsed(engine, source, 0, None):
            ahead.append(source.read - given)
            given += len(outcomes)
    assert given == number
    assert max(ahead) <= 512
    assert max(ahead) * size <= 8 * 2**20 + size
