"""The engine on a dask cluster: the answers of one machine, and workers that die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import dask
import pytest

from riskscan.engine import Bounds, Culprit, Engine
from riskscan.engine.cluster import KILLS, ClusterEngine
from riskscan.engine.errors import ClusterError
from riskscan.engine.models import ModelPlace
from riskscan.paths import shipped_model

DEADLY = 13


@pytest.fixture(scope="module")
def engine() -> Iterator[ClusterEngine]:
    """A cluster of two workers, of this machine; a batch may end two of them (four by default)."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        ClusterEngine(workers=2) as started,
    ):
        yield started


def double(parts: list[int]) -> list[int]:
    return [2 * part for part in parts]


def refuse(parts: list[int]) -> list[int]:
    raise ZeroDivisionError("no such share")


def misbehave(parts: list[str]) -> list[str]:
    """Do what each part says."""
    for part in parts:
        if part == "exit":
            os._exit(3)
        if part == "loop":
            while True:
                pass
        if part == "allocate":
            held = []
            while True:
                held.append(bytes(200 * 2**20))  # zeros: costs no time
    return parts


def kill_the_worker(parts: list[int]) -> list[int]:
    """End not this process but the cluster's worker that has started it."""
    if DEADLY in parts:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    return parts


def kill_the_worker_once(parts: list[str]) -> list[str]:
    """The same, the first time."""
    for part in parts:
        flag = Path(part)
        if flag.exists():
            flag.unlink()
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
    return parts


def folders(parts: list[ModelPlace]) -> list[list[str]]:
    return [sorted(f.name for f in part.folder().iterdir()) for part in parts]


def numbered(count: int, each: int = 1) -> Iterator[tuple[int, list[int]]]:
    for number in range(count):
        yield number, list(range(number * each, (number + 1) * each))


def test_results_come_in_order_with_their_context(engine: ClusterEngine) -> None:
    assert list(engine.map(double, numbered(9, 3))) == [
        (number, [2 * part for part in parts]) for number, parts in numbered(9, 3)
    ]
    assert list(engine.map(double, [])) == []
    assert list(engine.map(double, [("none", [])])) == [("none", [])]
    assert engine.workers == 2


def test_an_error_of_the_work_is_raised(engine: ClusterEngine) -> None:
    with pytest.raises(ZeroDivisionError, match="no such share"):
        list(engine.map(refuse, numbered(3)))


@pytest.mark.parametrize("deed", ["exit", "loop", "allocate"])
def test_a_culprit_is_told_as_on_one_machine(engine: ClusterEngine, deed: str) -> None:
    batches = [("first", ["a", deed, "b"]), ("second", ["c"]), ("third", ["d", "e"])]
    bounds = Bounds(seconds=0.5, memory=800_000_000)
    found = list(engine.map(misbehave, batches, bounds=bounds))
    with Engine(1) as local:
        assert found == list(local.map(misbehave, batches, bounds=bounds))
    assert [isinstance(one, Culprit) for one in found[0][1]] == [False, True, False]


def test_a_worker_that_dies_costs_a_retry(engine: ClusterEngine, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    batches = [(i, [f"{flag}{i}" if i != 2 else str(flag)]) for i in range(6)]
    assert list(engine.map(kill_the_worker_once, batches)) == batches
    assert not flag.exists()


def test_an_item_that_kills_workers_takes_nothing_with_it(engine: ClusterEngine) -> None:
    answers = [one for _, some in engine.map(kill_the_worker, numbered(8, 4)) for one in some]
    assert answers == [i if i != DEADLY else Culprit(KILLS) for i in range(32)]
    assert list(engine.map(double, numbered(1, 2))) == [(0, [0, 2])]


def test_a_model_is_found_by_its_hash_or_sent(engine: ClusterEngine, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "inner").mkdir(parents=True)
    (own / "inner" / "weights").write_bytes(b"\1\2")
    (own / "model.json").write_text("{}")
    shipped, sent = engine.share(shipped_model("detector")), engine.share(own)
    assert shipped.path == sent.path == ""
    ((_, (first, second)),) = engine.map(folders, [(None, [shipped, sent])])
    assert first == sorted(f.name for f in shipped_model("detector").iterdir())
    assert second == ["inner", "model.json"]
    other = ModelPlace(sha256="0" * 64, shipped="detector")
    with pytest.raises(ClusterError, match="has not the model 'detector'"):
        list(engine.map(folders, [(None, [other])]))


def test_a_worker_of_another_version_is_refused(
    engine: ClusterEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskscan.__version__", "99.0")
    with pytest.raises(ClusterError, match=r"not 99\.0: install the same"):
        list(engine.map(double, numbered(1)))


def test_without_a_cluster_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskscan.engine.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(ClusterError, match=r"No cluster at 'tcp://127\.0\.0\.1:9'"):
        ClusterEngine("tcp://127.0.0.1:9")


def test_its_own_cluster_is_for_this_process_alone(engine: ClusterEngine) -> None:
    scheduler = engine.client.cluster.scheduler
    assert scheduler.address.startswith("tls://127.0.0.1:")
    page = f"http://127.0.0.1:{scheduler.services['dashboard'].port}/health"
    with pytest.raises(HTTPError, match="404"):
        urlopen(page, timeout=30)
