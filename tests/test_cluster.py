"""Scans on a dask cluster: the case of one machine, whoever is killed meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster
from scan_building import (
    PLAIN,
    WORRY,
    attached,
    contents,
    embedded,
    mail,
    multipart,
    text_part,
    write_mbox,
    write_tree,
)

from riskscan.case import schema
from riskscan.case.prepared import Rated, prepare
from riskscan.case.rows import Claimed, Outcome, Parsed, Unread
from riskscan.case.settings import limits_for
from riskscan.case.store import Store, open_case
from riskscan.detect.description import Detector
from riskscan.engine import Engine
from riskscan.engine.engine import Spreading
from riskscan.engine.errors import ClusterError
from riskscan.mail.parse import parse_message
from riskscan.paths import shipped_model
from riskscan.scanning import run_scan
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent
from riskscan.stages.score import score
from riskscan.stages.shardfile import read_shard, write_shard
from riskscan.stages.shards import Shard, UnitDone, merge_shard, shard_unit, task_of


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster of two workers, as somebody else has started it."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        worker_dashboard_address=None,
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("at") / "exports"
    box = [mail(i, f"{WORRY if i % 7 == 0 else PLAIN} Lot {i % 20}.") for i in range(600)]
    box += box[:9]
    box[5] = multipart(
        5, [text_part("See Ben."), attached("a.txt", WORRY), embedded(mail(900, WORRY))]
    )
    box[6] = mail(6, PLAIN, headers="References: <5@quayside.example>")
    write_mbox(top / "box.mbox", box)
    tree = [mail(i, f"Hello Nora, lot {i}.") for i in range(590, 640)] + [b"\0\1\2\0" * 40]
    write_tree(top / "tree", tree)
    (top / "unknown.bin").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 90)
    return top


@pytest.fixture(scope="module")
def whole(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a scan without scores makes."""
    case = tmp_path_factory.mktemp("whole") / "case"
    with pytest.MonkeyPatch.context() as patch:
        leave_out_scores(patch)
        run_scan([exports], case, entities="none")
    return contents(case)


def leave_out_scores(patch: pytest.MonkeyPatch) -> None:
    scan = sys.modules["riskscan.scanning"]
    patch.setattr(scan, "score", lambda *_: 0)
    patch.setattr(scan, "ingest", lambda *given, detector: ingest(*given))


@pytest.fixture
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the model in every worker takes most of the time of a small scan."""
    leave_out_scores(monkeypatch)


def test_a_cluster_makes_the_case_of_one_machine(
    exports: Path, scheduler: str, tmp_path: Path
) -> None:
    run_scan([exports], tmp_path / "there", entities="flagged", engine="dask", scheduler=scheduler)
    run_scan([exports], tmp_path / "here", entities="flagged")
    here = contents(tmp_path / "here")
    assert contents(tmp_path / "there") == here
    assert here["entities"]
    # Here the messages are scored where they are parsed.
    run_scan(
        [exports], tmp_path / "sharded", entities="none",
        engine="dask", scheduler=scheduler, shards=str(tmp_path / "shards"),
    )  # fmt: skip
    sharded = contents(tmp_path / "sharded")
    assert sharded["findings"] == here["findings"] != []
    last = len(schema.messages.c) - 1
    assert schema.messages.c.keys()[last] == "entity_model_id"
    assert [m[:last] for m in sharded["messages"]] == [m[:last] for m in here["messages"]]


def test_from_shards_comes_the_same_case(
    exports: Path,
    whole: dict[str, Any],
    scheduler: str,
    tmp_path: Path,
    unscored: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The workers were started in another folder.
    monkeypatch.chdir(tmp_path)
    summary = run_scan(
        [exports], tmp_path / "case", entities="none",
        engine="dask", scheduler=scheduler, shards="shards",
    )  # fmt: skip
    assert contents(tmp_path / "case") == whole
    assert summary.read == summary.found == 659
    assert not list((tmp_path / "shards").iterdir())  # all merged


def test_a_shard_that_is_not_where_it_should_be_is_told_in_a_sentence(tmp_path: Path) -> None:
    shard = Shard("unit/000", 0, 1, 1, 9, "0" * 64)
    with (
        open_case(tmp_path / "case") as store,
        pytest.raises(ClusterError, match="the same folder"),
    ):
        merge_shard(store, 1, str(tmp_path / "shards"), shard)


def test_one_worker_of_its_own_makes_it_too(
    exports: Path, whole: dict[str, Any], tmp_path: Path, unscored: None
) -> None:
    run_scan([exports], tmp_path / "case", entities="none", engine="dask", workers=1)
    assert contents(tmp_path / "case") == whole


KILLED = """
import os, signal, sys
import riskscan.scanning
from riskscan.case.store import Store
from riskscan.scanning import run_scan
from riskscan.stages.ingest import ingest

sys.modules["riskscan.scanning"].ingest = lambda *given, detector: ingest(*given)

write, calls = Store.add_batch, 0
def deadly(*arguments, **named):
    global calls
    calls += 1
    if calls == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(*arguments, **named)
Store.add_batch = deadly
shards = sys.argv[4] if len(sys.argv) > 4 else None
run_scan([sys.argv[1]], sys.argv[2], entities="none", engine="dask", scheduler=sys.argv[3],
         shards=shards)
"""


@pytest.mark.parametrize("shards", [False, True])
def test_a_coordinator_that_is_killed_goes_on(
    exports: Path, whole: dict[str, Any], scheduler: str, tmp_path: Path, shards: bool,
    unscored: None,
) -> None:  # fmt: skip
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    case, place = tmp_path / "case", tmp_path / "shards"
    more = [str(place)] if shards else []
    command = [sys.executable, str(script), str(exports), str(case), scheduler, *more]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    left = {file.name for file in place.rglob("*.parquet")}
    assert contents(case) != whole
    run_scan(
        [exports], case, entities="none",
        engine="dask", scheduler=scheduler, shards=str(place) if shards else None,
    )  # fmt: skip
    assert contents(case) == whole
    assert bool(left) == shards


def test_a_worker_killed_in_a_unit_costs_a_retry(
    exports: Path, whole: dict[str, Any], scheduler: str, tmp_path: Path, unscored: None
) -> None:
    place = tmp_path / "shards"
    killer = subprocess.Popen(
        [sys.executable, "-c", KILL_A_WORKER, scheduler, str(place)], stdout=subprocess.PIPE
    )
    run_scan(
        [exports], tmp_path / "case", entities="none",
        engine="dask", scheduler=scheduler, shards=str(place),
    )  # fmt: skip
    assert killer.communicate()[0] == b"killed\n"
    assert contents(tmp_path / "case") == whole


KILL_A_WORKER = """
import os, pathlib, signal, sys, time
from distributed import Client
with Client(sys.argv[1]) as client:
    pids = list(client.run(os.getpid).values())
    while not list(pathlib.Path(sys.argv[2]).rglob("*.parquet")):
        time.sleep(0.005)
    for pid in pids[:1]:
        os.kill(pid, signal.SIGKILL)
    print("killed")
"""


# shards


def outcomes() -> list[Outcome]:
    """Messages with what one can have, a duplicate, and what is no message."""
    whole = multipart(
        5,
        [text_part("See Ben."), attached("a.txt", WORRY), embedded(mail(900, WORRY))],
        headers="Cc: Ann <ann@quayside.example>\nReferences: <5@quayside.example>",
    )
    parsed = [
        prepare(Parsed(f"offset {i}", "Inbox", f"{i:064}", len(raw), parse_message(raw)))
        for i, raw in enumerate([whole, mail(1), mail(1), whole])
    ]
    rated = Rated(0.75, True, '["pressure"]', (("authored", None, 2, 9, "ö\n", "pressure", 0.1),))
    parsed[0] = parsed[0]._replace(rated=rated, embedded=(parsed[1]._replace(rated=rated),))
    others = [
        Claimed("e/box", "", "messages", "4"),
        Unread("quarantined", "offset 9", "a bad one", 3, "f" * 64, "e/box"),
    ]
    first, *rest = (Outcome("e/box", "mboxrd", "nora", one) for one in [*parsed, *others])
    return [replace(first, lost="its recipients"), *rest]


def test_a_shard_gives_back_what_was_written() -> None:
    made = outcomes()
    assert read_shard(write_shard(made), lambda hashes: set())[:2] == made[:2]
    assert read_shard(write_shard(made), lambda hashes: set())[3:] == made[3:]
    known = read_shard(write_shard(made), lambda hashes: hashes)
    # What holds others is read whole; of the rest a duplicate's case keeps no more.
    assert known[0] == made[0]
    assert known[1].result.body == known[2].result.body == ""  # type: ignore[union-attr]
    assert known[1].result.hashes == made[1].result.hashes  # type: ignore[union-attr]


def units(exports: Path) -> list[Any]:
    from riskscan.sources import NotRead, discover

    return [u for u in discover([exports], limits_for({})) if not isinstance(u, NotRead)]


def entered(store: Store, unit: Any, done: UnitDone) -> int:
    return store.unit("e", str(unit.path), unit.kind, unit.size, done.before, unit.source)[0]


def test_a_shard_merged_twice_changes_nothing(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskscan.stages.shards._SHARD_MESSAGES", 100)
    place = str(tmp_path / "shards")
    unit = units(exports)[0]
    with open_case(tmp_path / "case") as store:
        done = shard_unit(task_of(store, unit, None, place), Engine(0))
        assert len(done.shards) == 3  # of 256 messages, 256 and the rest
        key = entered(store, unit, done)
        with pytest.raises(ValueError, match="events 0 to 256 of a unit are missing"):
            merge_shard(store, key, place, done.shards[1])
        assert [merge_shard(store, key, place, s) for s in done.shards[:2]] == [256, 256]
        before = contents(tmp_path / "case")
        assert [merge_shard(store, key, place, s) for s in done.shards[:2]] == [0, 0]
        assert contents(tmp_path / "case") == before
        assert merge_shard(store, key, place, done.shards[2]) == 97


def test_a_shard_that_is_there_is_not_made_again_and_half_a_one_is_none(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskscan.stages.shards._SHARD_MESSAGES", 100)
    place = tmp_path / "shards"
    unit = units(exports)[0]
    with open_case(tmp_path / "case") as store:
        first = shard_unit(task_of(store, unit, None, str(place)), Engine(0))
        files = sorted(place.rglob("*.parquet"))
        files[2].rename(files[2].with_suffix(".half"))
        times = [file.stat().st_mtime_ns for file in files[:2]]
        again = shard_unit(task_of(store, unit, None, str(place)), Engine(0))
        assert again == first
        assert [file.stat().st_mtime_ns for file in files[:2]] == times
        # One that is not what was written is not merged.
        files[0].write_bytes(files[1].read_bytes())
        key = entered(store, unit, again)
        with pytest.raises(ClusterError, match="is not as it was written"):
            merge_shard(store, key, str(place), again.shards[0])


@pytest.mark.parametrize("damage", [b"", b"cut short", None])
def test_a_shard_that_was_damaged_is_made_again(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    monkeypatch.setattr("riskscan.stages.shards._SHARD_MESSAGES", 100)
    place = tmp_path / "shards"
    unit = units(exports)[0]
    with open_case(tmp_path / "case") as store:
        first = shard_unit(task_of(store, unit, None, str(place)), Engine(0))
        files = sorted(place.rglob("*.parquet"))
        whole = [file.read_bytes() for file in files]
        files[1].write_bytes(whole[1][:-9] + b"x" * 9 if damage is None else damage)
        again = shard_unit(task_of(store, unit, None, str(place)), Engine(0))
        assert again == first
        assert [file.read_bytes() for file in files] == whole
        key = entered(store, unit, again)
        assert [merge_shard(store, key, str(place), s) for s in again.shards] == [256, 256, 97]


class Faltering(Spreading):
    """Workers in this process; a unit whose name is "m.mbox" ends them."""

    def spread(self, work: Any, parts: Any) -> Iterator[Any]:
        for part in parts:
            yield None if part.unit.path.name == "m.mbox" else work(part, Engine(0))


@pytest.mark.parametrize("encoder", [True, False])
def test_what_is_read_here_instead_leaves_all_after_it_to_the_score_stage(
    encoder: bool, tmp_path: Path
) -> None:
    detector = Detector(shipped_model("detector"), encoder)
    few = tmp_path / "few"
    write_mbox(few / "a.mbox", [mail(i, WORRY) for i in range(3)])
    write_mbox(few / "m.mbox", [mail(i, f"{WORRY} Lot {i}.") for i in range(3, 6)])
    write_mbox(few / "z.mbox", [mail(i, WORRY) for i in range(6, 9)])
    found = []
    for engine, more in ((Engine(0), {}), (Faltering(1), {"shards": str(tmp_path / "shards")})):
        case = tmp_path / type(engine).__name__
        with open_case(case) as store:
            ingest(store, engine, [few], None, Silent(), limits_for({}), detector=detector, **more)
            before = contents(case)["messages"]
            score(store, Engine(0), detector, Silent())
        found.append(contents(case))
        rated = [row[0] for row in before if row[-3] is not None]
        assert sorted(rated) == ([1, 2, 3] if more else [])
    assert found[0] == found[1]
    assert [row[1] for row in found[0]["findings"]] == list(range(1, 10))


def test_a_worker_that_does_not_see_an_export_says_so(exports: Path, tmp_path: Path) -> None:
    unit = units(exports)[0]
    with open_case(tmp_path / "case") as store:
        task = task_of(store, unit, None, str(tmp_path / "shards"))
    hidden = exports.rename(exports.with_name("hidden"))
    try:
        with pytest.raises(ClusterError, match="does not see"):
            shard_unit(task, Engine(0))
    finally:
        hidden.rename(exports)
