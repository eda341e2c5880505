"""A second scan of an export with another --custodian changed nothing, without a word."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from review_building import reviewing
from scan_building import contents, mail, write_mbox
from typer.testing import CliRunner

from riskscan.case.manifest import source_rows
from riskscan.case.read import Case
from riskscan.case.selection import Selection, selected
from riskscan.case.store import open_case
from riskscan.cli import app
from riskscan.engine import Engine
from riskscan.review.columns import load
from riskscan.sources import Limits, NotRead, discover
from riskscan.stages.ingest import ingest, parsed
from riskscan.stages.progress import Silent


def read(case: Path, custodian: str | None, *exports: Path) -> None:
    with open_case(case) as store, Engine(0) as engine:
        ingest(store, engine, exports, custodian, Silent(), Limits())


def custodians(case: Path) -> dict[str, list[str]]:
    with Case(case) as opened:
        return {record["body"].strip(): record["custodians"] for record in opened.records()}


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return write_mbox(tmp_path / "in/ada.mbox", [mail(1, "one"), mail(2, "two")])


@pytest.fixture
def case(tmp_path: Path, box: Path) -> Path:
    """Read as Ada's, then as Bo's and Cy's; the second message is in a box of Dee's too."""
    dee = write_mbox(tmp_path / "in/dee.mbox", [mail(2, "two")])
    read(tmp_path / "case", None, box, dee)
    read(tmp_path / "case", "bo", box)
    read(tmp_path / "case", "cy", dee)
    return tmp_path / "case"


def test_a_message_has_all_names_and_loses_none(case: Path, box: Path) -> None:
    expected = {"one": ["ada", "bo"], "two": ["ada", "dee", "bo", "cy"]}
    assert custodians(case) == expected
    before = contents(case)
    for name in (None, "bo", "ada"):
        read(case, name, box)
    assert contents(case) == before
    with Case(case) as opened, opened.connect() as connection:
        counts = opened.counts()
        rows = source_rows(connection)
    assert (counts["found"], counts["stored"], counts["duplicates"]) == (3, 2, 1)
    assert [row["further_custodians"] for row in rows] == [["bo"], ["cy"]]


def test_a_scan_that_was_killed_and_went_on_under_another_name(tmp_path: Path, box: Path) -> None:
    case = tmp_path / "case"
    with open_case(case) as store, Engine(0) as engine:
        (unit,) = discover([box], Limits())
        assert not isinstance(unit, NotRead)
        sha256, size = unit.digest()
        key, _, _ = store.unit(str(unit.export), str(unit.path), unit.kind, size, sha256)
        for outcomes, _, _ in islice(parsed(engine, unit, 0, "ada"), 1):
            store.add_batch(key, outcomes[:1])
    read(case, "bo", box)
    assert custodians(case) == {"one": ["ada", "bo"], "two": ["bo"]}
    read(case, "ada", box)
    assert custodians(case) == {"one": ["ada", "bo"], "two": ["bo", "ada"]}


def test_pages_and_exports_find_them_by_it(case: Path, tmp_path: Path) -> None:
    with Case(case) as opened, opened.connect() as connection:
        assert len(selected(connection, Selection(custodians=("bo",)))) == 2
        assert len(selected(connection, Selection(custodians=("cy",)))) == 1
        held = load(connection.engine).custodians
    assert {name: len(rows) for name, rows in held.items()} == {
        "ada": 2,
        "bo": 2,
        "cy": 1,
        "dee": 1,
    }
    with reviewing(case) as ann:
        assert "2 messages" in ann.text("/?custodian=bo")
    told = CliRunner().invoke(app, ["manifest", str(case), "--json"]).stdout
    assert [s["further_custodians"] for s in json.loads(told)["sources"]] == [["bo"], ["cy"]]
    report = CliRunner().invoke(app, ["report", str(case), "--to", str(tmp_path / "r.html")])
    assert report.exit_code == 0, report.output
    assert "ada, also bo" in (tmp_path / "r.html").read_text("utf-8")


def test_the_documented_query_tells_all_of_them(case: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "case.md").read_text("utf-8")
    query = page[page.index("    SELECT m.id, m.custodian") :].partition(";")[0]
    with closing(sqlite3.connect(case / "case.sqlite")) as connection:
        rows = set(connection.execute(query))
    assert rows == {(1, "ada"), (1, "bo"), (2, "ada"), (2, "bo"), (2, "cy"), (2, "dee")}


def test_a_case_without_the_table_is_read_as_it_is(case: Path, box: Path) -> None:
    with closing(sqlite3.connect(case / "case.sqlite")) as connection:
        connection.execute("DROP TABLE unit_custodians")
        connection.commit()
    assert custodians(case) == {"one": ["ada"], "two": ["ada", "dee"]}
    read(case, "bo", box)
    assert custodians(case) == {"one": ["ada", "bo"], "two": ["ada", "dee", "bo"]}
