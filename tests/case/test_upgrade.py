"""Upgrade: a case of schema version 1 becomes one of today, with nothing lost."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from scan_building import mail, write_mbox
from typer.testing import CliRunner

from riskscan.case import schema, upgrade
from riskscan.case.open import CaseError, open_case
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import run_scan

VERSION_1 = Path(__file__).with_name("schema_v1.sql")
OF_VERSION_1 = {
    "runs", "units", "sources", "messages", "texts", "recipients", "attachments", "identities",
    "duplicates", "unread", "models", "findings", "entities",
}  # fmt: skip


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores and people are of no matter here, and take time."""
    for stage in ("score", "merge", "group"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    box = [mail(i, f"Lot {i}.") for i in range(1, 9)]
    return write_mbox(tmp_path / "out" / "export" / "ada.mbox", [*box, box[0]]).parent


@pytest.fixture
def today(box: Path, tmp_path: Path) -> Path:
    run_scan([box], tmp_path / "today", entities="none")
    return tmp_path / "today"


@pytest.fixture
def old(today: Path, tmp_path: Path) -> Path:
    """The same case as riskscan 0.1 with schema version 1 would have made it."""
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "case.sqlite", isolation_level=None)) as made:
        made.executescript(VERSION_1.read_text())
        made.execute("ATTACH ? AS today", (str(today / "case.sqlite"),))
        for table in OF_VERSION_1:
            names = ", ".join(f'"{r[1]}"' for r in made.execute(f"PRAGMA main.table_info({table})"))
            made.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM today.{table}")
        made.execute("PRAGMA journal_mode=WAL")
    return folder


def contents(case: Path) -> dict[str, list[object]]:
    """All rows of the file, whatever its version."""
    with closing(sqlite3.connect(case / "case.sqlite")) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for (name,) in tables.fetchall()
        }


def shape(case: Path) -> dict[str, object]:
    """Columns of every table, without their order, and indexes with what they are over."""
    found: dict[str, object] = {}
    with closing(sqlite3.connect(case / "case.sqlite")) as connection:
        for kind, name in connection.execute(
            "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        ).fetchall():
            if kind == "table":
                rows = connection.execute(f"PRAGMA table_info({name})").fetchall()
                found[name] = sorted(row[1:] for row in rows)
            else:
                rows = connection.execute(f"PRAGMA index_info({name})")
                found[name] = [row[2] for row in rows]
    return found


def test_an_old_case_says_what_to_do(old: Path, box: Path) -> None:
    for attempt in (lambda: Case(old), lambda: run_scan([box], old, entities="none")):
        with pytest.raises(CaseError, match="run riskscan upgrade"):
            attempt()


def test_it_has_the_same_contents_and_shape_as_one_made_today(old: Path, today: Path) -> None:
    result = CliRunner().invoke(app, ["upgrade", str(old)])
    assert result.exit_code == 0, result.output
    assert f"from schema version 1 to {schema.SCHEMA_VERSION}" in result.output
    with Case(old) as opened, Case(today) as whole:
        assert list(opened.records()) == list(whole.records())
        assert opened.counts() == whole.counts()
        # Of earlier runs too, and their ids.
        assert opened.full_manifest() == whole.full_manifest()
        assert opened.runs() == whole.runs()
        assert opened.unread() == whole.unread()
    assert shape(old) == shape(today)


def test_one_of_version_2_has_the_same_shape(today: Path) -> None:
    whole = shape(today)
    with closing(sqlite3.connect(today / "case.sqlite")) as connection:
        connection.execute("ALTER TABLE attachments DROP COLUMN role")
        connection.execute("ALTER TABLE messages DROP COLUMN state")
        connection.execute("ALTER TABLE duplicates DROP COLUMN state")
        connection.execute("PRAGMA user_version = 2")
        connection.commit()
    with pytest.raises(CaseError, match="run riskscan upgrade"):
        Case(today)
    assert upgrade.upgrade(today).backup == today / "case.sqlite.v2"
    assert shape(today) == whole


def test_the_next_scan_goes_on_in_it(old: Path, today: Path, box: Path) -> None:
    upgrade.upgrade(old)
    write_mbox(box / "new.mbox", [mail(30), mail(31)])
    for case in (old, today):
        assert run_scan([box], case, entities="none").read == 2
    with Case(old) as opened, Case(today) as whole:
        assert list(opened.records()) == list(whole.records())


def test_the_copy_is_the_case_as_it_was(old: Path) -> None:
    before = contents(old)
    made = upgrade.upgrade(old)
    assert made.backup == old / "case.sqlite.v1"
    copied = old.parent / "copied"
    copied.mkdir()
    made.backup.rename(copied / "case.sqlite")
    assert contents(copied) == before
    with pytest.raises(CaseError, match="run riskscan upgrade"):
        Case(copied)


def test_what_was_not_yet_in_the_file_itself_is_copied_too(old: Path) -> None:
    with closing(sqlite3.connect(old / "case.sqlite")) as other:
        other.execute("UPDATE messages SET folder = 'late'")
        other.commit()
        assert (old / "case.sqlite-wal").stat().st_size > 0
        made = upgrade.upgrade(old)
    assert made.backup is not None
    with closing(sqlite3.connect(made.backup)) as copy:
        assert copy.execute("SELECT DISTINCT folder FROM messages").fetchall() == [("late",)]


def test_a_case_of_today_is_left_alone(today: Path) -> None:
    before = (today / "case.sqlite").read_bytes()
    assert upgrade.upgrade(today).backup is None
    assert (today / "case.sqlite").read_bytes() == before
    result = CliRunner().invoke(app, ["upgrade", str(today)])
    assert result.output == f"The case has schema version {schema.SCHEMA_VERSION} already.\n"


def test_tables_of_a_later_riskscan_of_this_version_are_made(today: Path) -> None:
    whole = shape(today)
    with closing(sqlite3.connect(today / "case.sqlite")) as connection:
        connection.execute("DROP TABLE passed")
    made = upgrade.upgrade(today)
    assert (made.before, made.backup) == (schema.SCHEMA_VERSION, None)
    assert shape(today) == whole


def test_cut_off_it_leaves_the_old_case(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(old)

    def stop(connection: object) -> None:
        upgrade.add_missing(connection)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(upgrade._STEPS, 1, stop)
        with pytest.raises(KeyboardInterrupt):
            upgrade.upgrade(old)
    assert contents(old) == before
    with pytest.raises(CaseError, match=r"copy .* of an earlier upgrade"):
        upgrade.upgrade(old)
    (old / "case.sqlite.v1").unlink()
    assert upgrade.upgrade(old).after == schema.SCHEMA_VERSION


def test_refused_with_a_sentence(old: Path, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no riskscan case"):
        upgrade.upgrade(tmp_path / "nothing")
    with closing(sqlite3.connect(old / "case.sqlite")) as connection:
        connection.execute(f"PRAGMA user_version={schema.SCHEMA_VERSION + 1}")
        connection.commit()
    with pytest.raises(CaseError, match="schema version"):
        upgrade.upgrade(old)
    (tmp_path / "theirs").mkdir()
    with closing(sqlite3.connect(tmp_path / "theirs" / "case.sqlite")) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    with pytest.raises(CaseError, match="another program"):
        upgrade.upgrade(tmp_path / "theirs")


def test_not_while_a_scan_writes(today: Path, old: Path) -> None:
    with open_case(today), pytest.raises(CaseError, match="Another riskscan is writing"):
        upgrade.upgrade(today)
    assert upgrade.upgrade(old).before == 1
