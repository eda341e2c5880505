"""A case in a folder that may not be written, as an archive, could not be read at all."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scan_building import mail, write_mbox
from typer.testing import CliRunner

from riskscan.case.decisions import Decisions
from riskscan.case.open import CaseError, connect, writing
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import run_scan


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for stage in ("score", "merge"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
    export = write_mbox(tmp_path / "ada.mbox", [mail(1), mail(2)])
    made = tmp_path / "what? 5%"
    run_scan([export], made, entities="none")
    yield made
    made.chmod(0o755)


def close(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take from this user, root too, whom no mode of a file keeps out, the right to write it."""
    for file in case.iterdir():
        file.chmod(0o444)
    case.chmod(0o555)
    asked = os.access

    def access(path: str | Path, mode: int, **more: bool) -> bool:
        closed = case in (Path(path), Path(path).parent)
        return asked(path, mode, **more) and not (mode & os.W_OK and closed)

    monkeypatch.setattr(os, "access", access)


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, " ".join(result.output.split())


def test_it_is_read_and_left_alone(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(case, monkeypatch)
    before = sorted(case.iterdir())
    with Case(case) as opened:
        assert opened.counts()["stored"] == 2
        # As usual, SQLite has made files of its own by now.
        assert sorted(case.iterdir()) == before
    for command in ("manifest", "quarantine", "show"):
        assert run(command, case)[0] == 0
    assert run("report", case, "--to", tmp_path / "report.html")[0] == 0
    code, told = run("report", case)
    assert code == 1 and "name a file by --to" in told
    assert sorted(case.iterdir()) == before


def test_writing_it_is_refused_in_a_sentence(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    close(case, monkeypatch)
    with pytest.raises(CaseError, match="cannot be written to"):
        Decisions(case)
    engine = connect(case)
    with pytest.raises(CaseError, match="cannot be written to"), writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM unread")
    engine.dispose()


def test_what_a_killed_scan_left_is_read_or_told(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, log, index = (case / f"case.sqlite{ending}" for ending in ("", "-wal", "-shm"))
    writer = sqlite3.connect(database)
    writer.execute("UPDATE messages SET subject = 'newer'")
    writer.commit()
    left = {file: file.read_bytes() for file in (database, log, index)}
    writer.close()
    assert not log.exists()
    for file in (database, log):
        file.write_bytes(left[file])
    close(case, monkeypatch)
    with pytest.raises(CaseError, match="scan that was killed"):
        Case(case)
    case.chmod(0o755)
    index.write_bytes(left[index])
    case.chmod(0o555)
    with Case(case) as opened:
        assert {record["subject"] for record in opened.records()} == {"newer"}


def test_another_user_who_writes_it_meanwhile_is_noticed(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(case, monkeypatch)
    database = case / "case.sqlite"
    with Case(case) as opened:
        assert opened.counts()["stored"] == 2
        now = database.stat()
        os.utime(database, ns=(now.st_atime_ns, now.st_mtime_ns + 1))
        with pytest.raises(CaseError, match="Another user has written"):
            opened.counts()
    with Case(case) as opened:
        assert opened.counts()["stored"] == 2
