"""Merging does nothing again where nothing changed, and all of it where something did."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_building import Mail, build, rows
from scan_building import mail, write_tree
from sqlalchemy import select, update
from typer.testing import CliRunner

from riskscan.case import schema
from riskscan.case.store import Store, open_case
from riskscan.cli import app
from riskscan.mail.message import Address
from riskscan.scanning import run_scan
from riskscan.stages.merging import Merging, merge
from riskscan.stages.progress import Silent

ANA = "Ana Lindqvist <ana@quayside.example>"
BOX = [mail(1, "Please call Ben.", sender=ANA, to="ben@halden.example")]

# How much is held, counted, remembered or read at once.
_IN_MEMORY = (
    "sightings._HELD", "sightings.AT_ONCE", "records._AT_ONCE", "packed._AT_ONCE",
    "texts._RECENT", "texts._WRITTEN_AT_ONCE", "mailboxes._RECENT", "people._RECENT",
    "directory._AT_ONCE", "directory._RECENT", "fullnames._AT_ONCE", "merged._DESCRIBED_AT_ONCE",
)  # fmt: skip


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


def test_what_is_merged_does_not_depend_on_how_much_memory_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spelled = {
        "ana.lindqvist": "Lindqvist, Ana",
        "a.lindqvist": "Ana B. Lindqvist",
        "cy": "Cy Moss",
    }
    some = [
        Address(name, f"{local}@d{domain}.example")
        for local, name in (*spelled.items(), ("alindqvist", ""), ("ana", "Ana Lindqvist"))
        for domain in range(6)
    ]
    text = "Ask Ana Lindqvist, Cy Moss or Ana about Port Tide Commission (PTC)."
    found = [("Ana Lindqvist", "PERSON"), ("Cy Moss", "PERSON"), ("Port Tide Commission", "ORG")]
    mails = [
        Mail(text, sender=some[n], to=[some[n * 7 % 30], some[0], some[1]], entities=found)
        for n in range(30)
    ]
    usual = contents(build(tmp_path / "usual", mails))
    for name in _IN_MEMORY:
        monkeypatch.setattr(f"riskscan.stages.{name}", 1)
    assert contents(build(tmp_path / "little", mails)) == usual
    assert len(usual["merged_forms"]) > 40 and len(usual["merged_mentions"]) == 90


def contents(case: Path) -> dict[str, list[object]]:
    names = ("merged", "merged_forms", "merged_mentions", "appearances", "counsel")
    return {name: rows(case, f"SELECT * FROM {name}") for name in names}


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
