"""Upgrade in PostgreSQL: all of it or nothing, after a copy that is a case again when renamed.

No riskscan with schema version 1 wrote to PostgreSQL: its case is made here of one of today.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from postgresql_server import Server
from scan_building import contents, mail, write_mbox
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from riskscan.case import schema, upgrade
from riskscan.case.chain import verify
from riskscan.case.database import Database
from riskscan.case.decisions import Decision, Decisions
from riskscan.case.location import CaseError, locate
from riskscan.case.open import open_case, writing
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import run_scan


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return write_mbox(tmp_path / "ada.mbox", [mail(i, f"Lot {i}.") for i in range(1, 9)])


@pytest.fixture
def today(box: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Database:
    for stage in ("score", "merge", "group"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
    place = locate(postgresql.place())
    assert isinstance(place, Database)
    run_scan([box], place, entities="none")
    ledger = Decisions(place)
    ledger.decide("Ann", [Decision(n, "not") for n in (1, 2, 3)])
    ledger.close()
    return place


@pytest.fixture
def whole(today: Database) -> dict[str, list[tuple[object, ...]]]:
    """What the case held before it was made an old one."""
    return contents(today)


@pytest.fixture
def old(today: Database, whole: object) -> Database:
    """The same case as schema version 1 would have it."""
    run(
        today, "DROP TABLE claims", "DROP TABLE leases", "ALTER TABLE units DROP COLUMN source",
        "ALTER TABLE messages DROP COLUMN medium, DROP COLUMN conversation",
        "DROP INDEX duplicates_by_source", "UPDATE riskscan_case SET version = 1",
    )  # fmt: skip
    return today


def run(place: Database, *statements: str) -> None:
    engine = place.engine()
    with writing(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_an_old_case_says_what_to_do(old: Database, box: Path) -> None:
    for attempt in (lambda: Case(old), lambda: run_scan([box], old, entities="none")):
        with pytest.raises(CaseError, match="run riskscan upgrade 'postgresql://riskscan@"):
            attempt()


def test_it_has_the_contents_of_one_made_today(
    old: Database, whole: dict[str, list[tuple[object, ...]]], box: Path
) -> None:
    told = CliRunner().invoke(app, ["upgrade", str(old)])
    assert told.exit_code == 0, told.output
    assert f"from schema version 1 to {schema.SCHEMA_VERSION}" in told.output
    assert f"{old.schema}_v1" in told.output
    assert contents(old) == whole
    # It is one to go on with: the next scan, the next decision.
    write_mbox(box, [mail(i, f"Lot {i}.") for i in range(1, 12)])
    assert run_scan([box], old, entities="none").stored == 11
    ledger = Decisions(old)
    assert ledger.decide("Ann", [Decision(4, "flag")]) == [4]
    ledger.close()
    told = CliRunner().invoke(app, ["upgrade", str(old)])
    assert told.output == f"The case has schema version {schema.SCHEMA_VERSION} already.\n"


def test_the_copy_renamed_is_the_case_as_it_was(
    old: Database, whole: dict[str, list[tuple[object, ...]]]
) -> None:
    upgrade.upgrade(old)
    run(
        old, f"ALTER SCHEMA {old.schema} RENAME TO {old.schema}_new",
        f"ALTER SCHEMA {old.schema}_v1 RENAME TO {old.schema}",
    )  # fmt: skip
    with pytest.raises(CaseError, match="run riskscan upgrade"):
        Case(old)
    with pytest.raises(DBAPIError, match="never changed"):
        run(old, "UPDATE decisions SET note = 'x'")
    upgrade.upgrade(old)
    assert contents(old) == whole
    with Case(old) as case, case.connect() as connection:
        assert verify(connection).faults == ()


def test_a_step_that_fails_leaves_the_old_case(
    old: Database,
    whole: dict[str, list[tuple[object, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(connection: object) -> None:
        upgrade.add_missing(connection)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(upgrade._STEPS, 1, stop)
        with pytest.raises(KeyboardInterrupt):
            upgrade.upgrade(old)
    with pytest.raises(CaseError, match="run riskscan upgrade"):
        Case(old)
    with pytest.raises(
        CaseError, match=f"copy of an earlier upgrade, the schema '{old.schema}_v1'"
    ):
        upgrade.upgrade(old)
    run(old, f"DROP SCHEMA {old.schema}_v1 CASCADE")
    assert upgrade.upgrade(old).after == schema.SCHEMA_VERSION
    assert contents(old) == whole


def test_refused_with_a_sentence(old: Database, postgresql: Server) -> None:
    with pytest.raises(CaseError, match="no riskscan case"):
        upgrade.upgrade(postgresql.place())
    run(old, f"UPDATE riskscan_case SET version = {schema.SCHEMA_VERSION + 1}")
    with pytest.raises(CaseError, match="schema version"):
        upgrade.upgrade(old)


def test_not_while_a_scan_writes(today: Database) -> None:
    with open_case(today):
        run(today, "UPDATE riskscan_case SET version = 1")
        with pytest.raises(CaseError, match="Another riskscan is writing"):
            upgrade.upgrade(today)
