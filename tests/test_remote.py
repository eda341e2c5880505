"""Exports and cases on s3://, with an S3 server on this machine."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import s3fs
from moto.server import ThreadedMotoServer
from scan_building import (
    PLAIN,
    WORRY,
    attached,
    contents,
    mail,
    multipart,
    text_part,
    write_mbox,
    write_tree,
)
from sqlalchemy import select
from typer.testing import CliRunner

from riskscan.case import schema
from riskscan.case.decisions import Decision, Decisions
from riskscan.case.read import Case
from riskscan.case.rows import Outcome
from riskscan.case.store import CaseError, Store, open_case
from riskscan.cli import app
from riskscan.engine import Engine
from riskscan.export.production import MANIFEST
from riskscan.paths import PlaceError
from riskscan.scanning import run_scan
from riskscan.sources import NotRead, discover, remote
from riskscan.sources.fetch import path_of
from riskscan.sources.remote import mount
from riskscan.stages.shards import drop_shards, merge_shard, shard_unit, task_of

ACCESS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 server; the environment names it to whoever asks for s3://."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ACCESS.items():
            patch.setenv(name, value)
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def s3(endpoint: str, tmp_path: Path) -> Iterator[Any]:
    """The file system, with an empty bucket ``box``."""
    system = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    system.mkdir("box")
    yield system
    system.rm("box", recursive=True)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """An export with an mbox, a tree, an archive and what is none."""
    top = tmp_path / "at" / "exports"
    box = [mail(i, f"{WORRY if i % 5 == 0 else PLAIN} Lot {i}. {'x' * 40_000}") for i in range(40)]
    write_mbox(top / "ben" / "box.mbox", box)
    write_tree(top / "tree", [mail(i, f"Hello Nora, lot {i}.") for i in range(30, 50)])
    shutil.make_archive(str(top / "more"), "zip", top / "tree")
    (top / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 90)
    return top


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores are not what this is about, and loading the model takes its time."""
    monkeypatch.setattr(sys.modules["riskscan.scanning"], "score", lambda *_: 0)


def put(system: Any, folder: Path, key: str) -> None:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            system.pipe_file(f"{key}/{file.relative_to(folder).as_posix()}", file.read_bytes())


def without_places(case: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Contents of a case, but for where its exports lie."""

    def told(value: Any) -> Any:
        return "" if re.match(r"(s3:/)?/.*/exports", str(value)) else value

    return {
        table: [tuple(map(told, row)) for row in rows] for table, rows in contents(case).items()
    }


def of_units(case: Path, column: str) -> list[str]:
    return [row[0] for row in rows_of(case, f"SELECT {column} FROM units")]


def rows_of(case: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(case / "case.sqlite")) as connection:
        return connection.execute(query).fetchall()


def test_an_export_on_s3_makes_the_same_case(s3: Any, local: Path, tmp_path: Path) -> None:
    put(s3, local, "box/at/exports")
    there, here = tmp_path / "there", tmp_path / "here"
    summary = run_scan(["s3://box/at/exports"], there, entities="none")
    run_scan([local], here, entities="none")
    assert without_places(there) == without_places(here)
    assert summary.found == 80 and summary.changed_exports == 0
    assert set(of_units(there, "export")) == {"s3://box/at/exports"}
    again = run_scan(["s3://box/at/exports/"], there, entities="none")
    assert (again.read, again.found) == (0, 80)


def test_copies_keep_to_their_part_of_the_disk(s3: Any, local: Path, tmp_path: Path) -> None:
    (local / "large").mkdir()
    shutil.copy(local / "ben" / "box.mbox", local / "large" / "other.mbox")
    put(s3, local, "box/at/exports")
    run_scan([local], tmp_path / "here", entities="none")
    away = mount("s3://box/at/exports", 3 * 2**20)
    seen: list[int] = []
    for unit in discover([away.top]):
        if not isinstance(unit, NotRead):
            assert unit.digest() == unit.digest() != ("", 0)
        seen.append(sum(f.stat().st_size for f in (away.folder / "copies").iterdir()))
    assert 2**20 < max(seen) <= 3 * 2**20
    away.close()
    assert not away.folder.exists()
    # Nothing fits: read by ranges.
    run_scan(["s3://box/at/exports"], tmp_path / "there", entities="none", space=2**10)
    assert without_places(tmp_path / "there") == without_places(tmp_path / "here")
    assert not remote._mounts


def test_an_object_that_changes_under_the_scan_is_noticed(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = write_mbox(tmp_path / "box.mbox", [mail(i) for i in range(300)])
    s3.put_file(str(box), "box/moving/exports/box.mbox")
    add = Store.add_batch

    def change(store: Store, unit: int, outcomes: Sequence[Outcome]) -> None:
        add(store, unit, outcomes)
        s3.pipe_file("box/moving/exports/box.mbox", b"From nobody\n\n")

    monkeypatch.setattr(Store, "add_batch", change)
    summary = run_scan(["s3://box/moving/exports"], tmp_path / "case", entities="none")
    assert (summary.found, summary.changed_exports) == (300, 1)


def test_a_worker_reads_units_of_a_remote_export_by_their_address(
    s3: Any, local: Path, tmp_path: Path
) -> None:
    put(s3, local, "box/at/exports")
    place = "s3://box/shards"
    with open_case(tmp_path / "case") as store:
        away = mount("s3://box/at/exports")
        units = [u for u in discover([away.top]) if not isinstance(u, NotRead)]
        tasks = [task_of(store, unit, None, place) for unit in units]
        # On a worker the export stands in another folder, if at all.
        away.close()
        assert not units[0].path.exists()
        done = [shard_unit(task, Engine(0)) for task in tasks]
        assert sum(s.messages for one in done for s in one.shards) == 80
        assert all(one.before == one.after != "" for one in done)
        key = store.unit("e", "p", "mbox", 1, done[0].before, "")[0]
        assert merge_shard(store, key, place, done[0].shards[0]) == done[0].shards[0].messages
        for one in remote._mounts:
            assert one.listing == away.listing
            one.close()
        drop_shards(place, [s for one in done for s in one.shards])
    assert not s3.exists("box/shards")


def test_names_that_no_file_can_have_are_listed(s3: Any, tmp_path: Path) -> None:
    for key in (
        "box/odd/exports/a/../b.eml",
        "box/odd/exports/a//c.eml",
        "box/odd/exports/" + "n" * 300,
    ):
        s3.pipe_file(key, mail(1))
    s3.pipe_file("box/odd/exports/fine.eml", mail(2))
    summary = run_scan(["s3://box/odd/exports"], tmp_path / "case", entities="none")
    assert (summary.found, summary.not_read) == (1, 3)


def test_what_is_not_there_or_does_not_answer_is_said(s3: Any, tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="There is nothing at 's3://box/none'"):
        run_scan(["s3://box/none"], tmp_path / "case")
    with pytest.raises(CaseError, match="There is no riskscan case at 's3://box/none'"):
        Case("s3://box/none")
    with pytest.raises(PlaceError, match="RISKSCAN_REMOTE=1"):
        path_of("s3://box/elsewhere")
    with pytest.raises(CaseError, match="would lie inside the export"):
        run_scan(["s3://box/x"], "s3://box/x/case")


def test_a_case_on_s3_is_the_same_and_goes_on(s3: Any, local: Path, tmp_path: Path) -> None:
    run_scan([local], "s3://box/case", entities="none")
    run_scan([local], tmp_path / "case", entities="none")
    s3.get("box/" + database_of(s3), str(tmp_path / "got" / "case.sqlite"))
    assert contents(tmp_path / "got") == contents(tmp_path / "case")
    again = run_scan([local], "s3://box/case", entities="none")
    assert again.read == 0
    with Case("s3://box/case") as case:
        assert case.counts()["found"] == again.found == 80
    # Two states are kept, and no lock or probe.
    assert len(s3.ls("box/case/versions")) == len(s3.ls("box/case/databases")) == 2
    assert {k.rpartition("/")[2] for k in s3.ls("box/case")} == {"versions", "databases"}


def database_of(system: Any) -> str:
    last = sorted(system.ls("box/case/versions", detail=False))[-1]
    return f"case/{json.loads(system.cat_file(last))['database']}"


def test_two_writers_cannot_overwrite_each_other(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        open_case("s3://box/case"),
        pytest.raises(CaseError, match="Another riskscan is writing to the case"),
        open_case("s3://box/case"),
    ):
        pass
    # Even one that believes that the other has died.
    monkeypatch.setattr("riskscan.case.remote._dead", lambda holder: True)
    refused = pytest.raises(CaseError, match=r"Another riskscan has written .* meanwhile")
    with refused, open_case("s3://box/case") as first:
        first.start_run("scan", {})
        with open_case("s3://box/case") as second:
            second.start_run("score", {})
    with Case("s3://box/case") as case:
        assert [run for run in commands(case)] == ["score"]


def commands(case: Case) -> list[str]:
    with case.connect() as connection:
        return list(connection.execute(select(schema.runs.c.command)).scalars())


def test_a_scan_killed_goes_on_from_what_was_written_back(
    s3: Any, local: Path, tmp_path: Path
) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    done = subprocess.run([sys.executable, str(script), str(local)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert s3.exists("box/case/writer.json")
    with Case("s3://box/case") as case:
        assert case.counts()["found"] == 80
    assert run_scan([local], "s3://box/case", entities="none").read == 0
    run_scan([local], tmp_path / "case", entities="none")
    s3.get("box/" + database_of(s3), str(tmp_path / "got" / "case.sqlite"))
    assert contents(tmp_path / "got") == contents(tmp_path / "case")


KILLED = """
import os, signal, sys
from riskscan.scanning import run_scan
sys.modules["riskscan.scanning"].score = lambda *rest: os.kill(os.getpid(), signal.SIGKILL)
run_scan([sys.argv[1]], "s3://box/case", entities="none")
"""


def test_decisions_are_written_back(s3: Any, local: Path) -> None:
    run_scan([local], "s3://box/case", entities="none")
    with closing(Decisions("s3://box/case")) as decisions, Case("s3://box/case") as meanwhile:
        decisions.decide("Nora", [Decision(1, "flag")])
        assert meanwhile.counts()["found"] == 80
        with open_case("s3://box/case") as store:
            store.start_run("score", {})
        with pytest.raises(CaseError, match=r"Not saved: Another riskscan has written"):
            decisions.decide("Nora", [Decision(2, "flag")])
    with Case("s3://box/case") as case, case.connect() as connection:
        assert list(connection.execute(select(schema.decisions.c.message_id)).scalars()) == [1]


def test_a_place_without_conditional_writes_is_refused(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = s3fs.S3FileSystem.pipe_file

    def careless(self: Any, path: str, value: bytes, mode: str = "", **more: Any) -> None:
        write(self, path, value, **more)

    monkeypatch.setattr(s3fs.S3FileSystem, "pipe_file", careless)
    with pytest.raises(CaseError, match="lets one writer overwrite"), open_case("s3://box/case"):
        pass


@pytest.fixture
def case(tmp_path: Path) -> Path:
    box = [mail(1, WORRY), multipart(2, [text_part(PLAIN), attached("plan.txt", "the plan")])]
    write_mbox(tmp_path / "small" / "box.mbox", [*box, mail(3, "Lot 3.")])
    run_scan([tmp_path / "small"], tmp_path / "case", entities="none")
    return tmp_path / "case"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def bytes_of(system: Any, key: str) -> dict[str, bytes]:
    found = system.find(key)
    return {one.removeprefix(f"{key}/"): system.cat_file(one) for one in found}


def bytes_in(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("form", ["concordance", "edrm", "eml"])
def test_a_folder_is_written_there_as_it_would_be_here(
    s3: Any, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    here = run("export", case, "--to", tmp_path / "prod", "--format", form)
    there = run("export", case, "--to", "s3://box/out/prod", "--format", form)
    assert there.replace("s3://box/out/prod", "") == here.replace(str(tmp_path / "prod"), "")
    assert bytes_of(s3, "box/out/prod") == bytes_in(tmp_path / "prod")
    assert not (tmp_path / "s3:").exists()
    again = CliRunner().invoke(
        app, ["export", str(case), "--to", "s3://box/out/prod", "--format", form]
    )
    assert again.exit_code == 1 and "already" in again.output


def test_a_file_is_written_there_and_replaced(s3: Any, case: Path, tmp_path: Path) -> None:
    run("export", case, "--to", "s3://box/out/all.jsonl", "--min-score", "1")
    run("export", case, "--to", "s3://box/out/all.jsonl")
    run("export", case, "--to", tmp_path / "all.jsonl")
    assert s3.cat_file("box/out/all.jsonl") == (tmp_path / "all.jsonl").read_bytes()


def test_verify_reads_a_production_there(s3: Any, case: Path) -> None:
    run("export", case, "--to", "s3://box/prod", "--format", "concordance")
    assert "all as delivered" in run("verify", "s3://box/prod")
    texts = sorted(one for one in s3.find("box/prod") if one.endswith(".txt"))
    s3.pipe_file(texts[0], b"another text")
    s3.rm_file(texts[1])
    s3.pipe_file("box/prod/more.txt", b"more")
    result = CliRunner().invoke(app, ["verify", "s3://box/prod", "--json"])
    assert result.exit_code == 1
    told = {fault["path"]: fault["fault"] for fault in json.loads(result.output)["faults"]}
    assert told == {
        texts[0].removeprefix("box/prod/"): "has changed",
        texts[1].removeprefix("box/prod/"): "is missing",
        "more.txt": "is not in the manifest",
    }
    none = CliRunner().invoke(app, ["verify", "s3://box/nothing"])
    assert none.exit_code == 1 and "no production" in none.output


def test_nothing_of_an_export_that_failed_stays_there(
    s3: Any, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_file = s3fs.S3FileSystem.put_file

    def fails(self: Any, here: str, there: str, **more: Any) -> None:
        if there.endswith(MANIFEST):
            raise OSError("the line is cut")
        put_file(self, here, there, **more)

    monkeypatch.setattr(s3fs.S3FileSystem, "put_file", fails)
    result = CliRunner().invoke(
        app, ["export", str(case), "--to", "s3://box/prod", "--format", "concordance"]
    )
    assert result.exit_code == 1 and "the line is cut" in result.output
    assert s3.find("box/prod") == []


def test_what_is_written_here_only_says_so(case: Path, tmp_path: Path) -> None:
    for arguments in (
        ["report", str(case), "--to", "s3://box/report.html"],
        ["quarantine", str(case), "--save", "s3://box/held"],
    ):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 2 and "name a path here" in result.output
