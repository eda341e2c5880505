"""Merging does nothing again where nothing changed, and all of it where something did."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_building import mail, write_tree
from sqlalchemy import select, update
from typer.testing import CliRunner

from riskscan.case import schema
from riskscan.case.store import Store, open_case
from riskscan.cli import app
from riskscan.scan import run_scan
from riskscan.stages.merging import Merging, merge
from riskscan.stages.progress import Silent

ANA = "Ana Lindqvist <ana@quayside.example>"
BOX = [mail(1, "Please call Ben.", sender=ANA, to="ben@halden.example")]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each time that a case is merged."""
    done: list[int] = []
    real = Merging.rows

    def counted(self: Merging) -> object:
        done.append(1)
        return real(self)

    monkeypatch.setattr(Merging, "rows", counted)
    return done


def people(store: Store) -> set[str]:
    with store.engine.connect() as connection:
        return set(connection.execute(select(schema.merged.c.name)).scalars())


def test_a_scan_that_adds_nothing_does_not_merge_again(tmp_path: Path, runs: list[int]) -> None:
    write_tree(tmp_path / "in", BOX)
    for _ in range(2):
        run_scan([tmp_path / "in"], tmp_path / "case", entities="none")
    assert len(runs) == 1
    with open_case(tmp_path / "case") as store:
        assert "Ana Lindqvist" in people(store)


def test_new_messages_entities_and_corrections_are_merged(tmp_path: Path, runs: list[int]) -> None:
    write_tree(tmp_path / "in", BOX)
    run_scan([tmp_path / "in"], tmp_path / "case", entities="none")
    (tmp_path / "in/new.eml").write_bytes(
        mail(2, "Yes.", sender="Cy Moss <cy@halden.example>", to="ana@quayside.example")
    )
    run_scan([tmp_path / "in"], tmp_path / "case", entities="none")
    assert len(runs) == 2
    with open_case(tmp_path / "case") as store:
        assert "Cy Moss" in people(store)
        with store.engine.begin() as connection:
            connection.execute(update(schema.messages).values(entity_model_id=7))
        merge(store, Silent())
    assert len(runs) == 3
    join = ["entities", str(tmp_path / "case"), "--join", "ana@quayside.example"]
    for arguments in ([*join, "cy@halden.example"], ["entities", str(tmp_path / "case"), "--undo"]):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert len(runs) == 5
