"""Opening a case: what is no case is told in a sentence and left as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from scan_building import contents, mail, write_mbox

from riskscan.case import schema
from riskscan.case.read import Case
from riskscan.case.store import CaseError, open_case
from riskscan.scanning import run_scan


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return write_mbox(tmp_path / "ada.mbox", [mail(i, f"Lot {i}.") for i in range(6)])


def refused(box: Path, case: Path, match: str) -> None:
    with pytest.raises(CaseError, match=match):
        run_scan([box], case, entities="none")


def test_no_case(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no riskscan case"):
        Case(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_a_file_in_place_of_the_folder(box: Path, tmp_path: Path) -> None:
    (tmp_path / "case").write_text("mine")
    refused(box, tmp_path / "case", "is a file")
    assert (tmp_path / "case").read_text() == "mine"


def test_a_folder_of_other_things(box: Path, tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "notes.txt").write_text("mine")
    refused(box, tmp_path / "case", "holds other files")
    assert [f.name for f in (tmp_path / "case").iterdir()] == ["notes.txt"]


def test_a_database_of_another_program_is_not_altered(box: Path, tmp_path: Path) -> None:
    database = tmp_path / "case" / "case.sqlite"
    database.parent.mkdir()
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = database.read_bytes()
    refused(box, tmp_path / "case", "another program")
    with pytest.raises(CaseError, match="another program"):
        Case(tmp_path / "case")
    assert database.read_bytes() == before


@pytest.mark.parametrize("data", [b"not a database at all" * 100, b"SQLite format 3\0" + b"x" * 90])
def test_no_database(box: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "case.sqlite").write_bytes(data)
    refused(box, tmp_path / "case", r"cannot be used: file is not a database")


def test_a_newer_schema(box: Path, tmp_path: Path) -> None:
    run_scan([box], tmp_path / "case", entities="none")
    with sqlite3.connect(tmp_path / "case" / "case.sqlite") as connection:
        connection.execute(f"PRAGMA user_version={schema.SCHEMA_VERSION + 1}")
    connection.close()
    refused(box, tmp_path / "case", f"schema version {schema.SCHEMA_VERSION + 1}")


def test_damaged_pages(box: Path, tmp_path: Path) -> None:
    run_scan([box], tmp_path / "case", entities="none")
    database = tmp_path / "case" / "case.sqlite"
    whole = database.read_bytes()
    database.write_bytes(whole[:8192] + b"\xa5" * (len(whole) - 8192))
    with pytest.raises(CaseError, match=r"malformed|not a database"), Case(tmp_path / "case") as it:
        list(it.records())
    database.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CaseError, match=r"malformed|not a database"), Case(tmp_path / "case") as it:
        list(it.records())
        it.counts()


def test_two_writers(box: Path, tmp_path: Path) -> None:
    with open_case(tmp_path / "case"):
        refused(box, tmp_path / "case", "Another riskscan is writing")
        with Case(tmp_path / "case") as reader:
            assert reader.counts()["found"] == 0
    assert run_scan([box], tmp_path / "case", entities="none").stored == 6


def test_one_reads_while_another_writes(box: Path, tmp_path: Path) -> None:
    run_scan([box], tmp_path / "case", entities="none")
    with open_case(tmp_path / "case") as store, Case(tmp_path / "case") as reader:
        records = reader.records()
        first = next(records)
        store.set_threads([(first["id"], "changed")])
        assert len(list(records)) == 5
        assert reader.record(str(first["id"]))["thread_id"] == "changed"


def test_what_a_scan_killed_at_once_leaves_is_no_obstacle(box: Path, tmp_path: Path) -> None:
    for names in (["writer.lock"], ["writer.lock", "case.sqlite"], ["case.sqlite-journal"]):
        case = tmp_path / "-".join(names)
        case.mkdir()
        for name in names:
            (case / name).touch()
        with pytest.raises(CaseError, match="no riskscan case"):
            Case(case)
        assert run_scan([box], case, entities="none").stored == 6


def test_tables_are_made_all_or_none(
    box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(connection: object) -> None:
        schema.metadata.sorted_tables[0].create(connection)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(schema.metadata, "create_all", half)
        with pytest.raises(KeyboardInterrupt):
            run_scan([box], tmp_path / "case", entities="none")
    assert run_scan([box], tmp_path / "case", entities="none").stored == 6


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = write_mbox(tmp_path / "ada.mbox", [mail(i, f"Lot {i}. " * 400) for i in range(60)])
    run_scan([box], tmp_path / "whole", entities="none")
    monkeypatch.setattr("riskscan.stages.ingest._BATCH_MESSAGES", 10)
    with monkeypatch.context() as patch:
        patch.setattr("riskscan.case.folder._SETTINGS", ("PRAGMA max_page_count=110",))
        refused(box, tmp_path / "case", "database or disk is full")
    with Case(tmp_path / "case") as opened:
        stored = opened.counts()["stored"]
    assert 0 < stored < 60
    assert run_scan([box], tmp_path / "case", entities="none").complete
    assert contents(tmp_path / "case") == contents(tmp_path / "whole")
