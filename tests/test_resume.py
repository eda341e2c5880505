"""Killed at any moment and run again, a case ends up as if it had been made in one go."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from postgresql_server import Server
from scan_building import (
    PLAIN,
    WORRY,
    attached,
    capitals,
    contents,
    embedded,
    mail,
    multipart,
    text_part,
    write_mbox,
    write_tree,
)

from riskscan.case.location import locate
from riskscan.case.read import Case
from riskscan.case.store import CaseError
from riskscan.paths import shipped_model
from riskscan.scanning import run_scan
from riskscan.stages.score import load_classifier

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches so small that there are many places to be killed at, and quick entities."""
    load_classifier(str(shipped_model("detector")), True)
    for stage in ("ingest", "score", "entities"):
        monkeypatch.setattr(f"riskscan.stages.{stage}._BATCH_MESSAGES", 4)
    monkeypatch.setattr("riskscan.stages.entities._pipeline", lambda folder: None)
    monkeypatch.setattr("riskscan.language.pipeline.entities", capitals)


@pytest.fixture
def exports(tmp_path: Path) -> list[Path]:
    box = [mail(i, f"{WORRY if i % 7 == 0 else PLAIN} Lot {i % 20}.") for i in range(60)]
    box += box[:9]
    box[5] = multipart(
        5, [text_part("See Ben."), attached("a.txt", WORRY), embedded(mail(900, WORRY))]
    )
    box[6] = mail(6, PLAIN, headers="References: <5@quayside.example>")
    tree = [mail(i, f"Hello Nora, lot {i}.") for i in range(50, 80)] + [b"\0\1\2\0" * 40]
    (tmp_path / "in" / "tree").mkdir(parents=True)
    (tmp_path / "in" / "tree" / "unknown.bin").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 90)
    write_mbox(tmp_path / "in" / "box.mbox", box)
    write_tree(tmp_path / "in" / "tree", tree)
    return [tmp_path / "in"]


def _fork(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return child


def _killed_after(seconds: float, work: Callable[[], object]) -> bool:
    """Run ``work`` in a fork and kill it; whether it was still at work."""
    child = _fork(work)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, "the scan failed"
            return False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


@needs_fork
@pytest.mark.parametrize("seed", range(6))
def test_killed_at_random_moments_the_case_is_the_same(
    tmp_path: Path, exports: list[Path], small: None, seed: int
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    began = time.monotonic()
    run_scan(exports, whole)
    took = time.monotonic() - began
    chance = random.Random(seed)
    kills, share = 0, 1.0
    # Longer from time to time, so that it also ends on a machine that is busy with other things,
    # and anew with shorter times when the scan was through before the first of them.
    while True:
        moment = chance.uniform(0.02, 0.5) * took * share * (1 + kills / 8)
        if _killed_after(moment, lambda: run_scan(exports, killed)):
            kills += 1
            assert kills < 60
        elif kills:
            break
        else:
            shutil.rmtree(killed)
            share /= 2
    run_scan(exports, killed)
    assert contents(killed) == contents(whole)


@needs_fork
def test_killed_in_postgresql_the_case_is_the_same(
    tmp_path: Path, exports: list[Path], small: None, postgresql: Server
) -> None:
    whole, killed = tmp_path / "whole", locate(postgresql.place())
    began = time.monotonic()
    run_scan(exports, whole)
    took = time.monotonic() - began

    def scan() -> None:
        for _ in range(200):
            try:
                run_scan(exports, killed)
                return
            except CaseError as error:
                # The server has not noticed yet that the one before is dead.
                assert "Another riskscan" in str(error)
                time.sleep(0.05)

    kills = [_killed_after(took * share, scan) for share in (0.2, 0.3, 0.5)]
    assert any(kills)
    scan()
    assert contents(killed) == contents(whole)


@needs_fork
@pytest.mark.parametrize(
    "stage",
    [
        "add_batch",
        "finish_unit",
        "set_threads",
        "add_scores",
        "add_entities",
        "set_unread",
        "start_run",
        "model",
    ],
)
@pytest.mark.parametrize("after", [False, True])
def test_killed_around_each_write(
    tmp_path: Path,
    exports: list[Path],
    small: None,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    after: bool,
) -> None:  # fmt: skip
    from riskscan.case.store import Store

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run_scan(exports, whole)
    write = getattr(Store, stage)
    calls = 0

    def deadly(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        last = calls == (3 if stage.startswith("add") else 1)
        if last and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        made = write(*arguments)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(Store, stage, deadly)
        _, status = os.waitpid(_fork(lambda: run_scan(exports, killed)), 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert contents(killed) != contents(whole)
    run_scan(exports, killed)
    assert contents(killed) == contents(whole)


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_change_nothing(
    some: list[Path], tmp_path: Path, workers: int, whole: Path
) -> None:
    run_scan(some, tmp_path / "case", workers=workers, entities="none")
    assert contents(tmp_path / "case") == contents(whole)


@pytest.fixture(scope="module")
def some(samples: Path) -> list[Path]:
    """A third of the sample mailboxes, of several formats."""
    names = ("marcy.delgado.mbox", "ines.delcourt.zip", "stolk.h.pst", "wagemaker.k")
    return [samples / name for name in names]


@pytest.fixture(scope="module")
def whole(some: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = tmp_path_factory.mktemp("whole") / "case"
    run_scan(some, case, workers=1, entities="none")
    return case


def _children(parent: int) -> set[int]:
    """Processes whose parent, or whose parent's parent, is ``parent``."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(folder.name)] = int(fields[1])
    near = {pid for pid, above in parents.items() if above == parent}
    return near | {pid for pid, above in parents.items() if above in near}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_the_command_killed_leaves_no_worker_and_goes_on(
    some: list[Path], tmp_path: Path, whole: Path
) -> None:
    case = tmp_path / "case"
    command = [
        *(sys.executable, "-m", "riskscan.cli", "scan", *map(str, some), "--case", str(case)),
        *("--workers", "2", "--entities", "none", "--quiet"),
    ]
    scan = subprocess.Popen(command)
    try:
        for _ in range(6000):
            if _stored(case) or scan.poll() is not None:
                break
            time.sleep(0.01)
        workers = _children(scan.pid)
    finally:
        scan.kill()
        scan.wait()
    assert workers
    for _ in range(3000):
        left = {pid for pid in workers if Path(f"/proc/{pid}").exists()}
        if not left:
            break
        time.sleep(0.01)
    assert not left
    assert _stored(case) > 0
    assert contents(case) != contents(whole)
    assert subprocess.run(command, check=False).returncode == 0
    assert contents(case) == contents(whole)


def _stored(case: Path) -> int:
    try:
        with Case(case) as opened:
            return opened.counts()["stored"]
    except CaseError:
        return 0
