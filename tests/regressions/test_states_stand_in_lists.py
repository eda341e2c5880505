"""In lists nothing told that a post was deleted or edited, nor that a copy of it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from review_building import build_case, reviewing
from scan_building import mail
from selectolax.lexbor import LexborHTMLParser
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.export.report_words import state_mark

GONE = "deleted 2024-03-05T08:00:00Z; edited 2024-03-04T08:00:00Z"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    again = "In-Reply-To: <1@quayside.example>"
    mails = [mail(1), mail(2, headers=again), mail(3, headers=again), mail(3, headers=again)]
    made: Path = build_case(tmp_path_factory.mktemp("states"), mails, worries=[1, 2])
    with closing(sqlite3.connect(made / "case.sqlite")) as connection:
        connection.execute("UPDATE messages SET state = ? WHERE id = 1", (GONE,))
        connection.execute("UPDATE duplicates SET state = 'deleted <now>', custodian = 'bo'")
        connection.commit()
    return made


def run(*words: object) -> str:
    result = CliRunner(env={"COLUMNS": "300"}).invoke(app, list(map(str, words)))
    assert result.exit_code == 0, result.output
    return str(result.output)


def test_the_mark_is_what_says_most() -> None:
    told = (GONE, "edited", "an earlier version, edited 2024", "", "said again")
    assert list(map(state_mark, told)) == ["deleted", "edited", "earlier version", "", "changed"]


def test_rows_and_threads_of_the_review_page(case: Path) -> None:
    with reviewing(case) as ann:
        rows = {
            node.css_first("a.go").attributes["href"]: node.css_first(".tags").text()
            for node in LexborHTMLParser(ann.text("/?q=crates")).css("li.row")
        }
        thread = LexborHTMLParser(ann.text("/m/2")).css_first("section.thread")
    told = {(href or "").partition("?")[0]: " ".join(text.split()) for href, text in rows.items()}
    assert "deleted" in told["/m/1"]
    assert "deleted" not in told["/m/2"]
    assert told["/m/3"].endswith("1 copy, deleted")
    assert thread is not None
    assert [node.text() for node in thread.css(".state")] == ["deleted"]


def test_the_list_in_the_terminal(case: Path) -> None:
    lines = [line for line in run("show", case, "--top", 9).splitlines() if "#" in line]
    assert ["[deleted]" in line for line in lines] == [True, False, False]
    assert "[a copy deleted]" in lines[2]
    shown = run("show", case, 3)
    assert "bo: deleted <now>" in shown
    assert any("#1 " in line and line.endswith("deleted, flagged") for line in shown.splitlines())


def test_the_report(case: Path, tmp_path: Path) -> None:
    run("report", case, "--to", tmp_path / "report.html")
    page = LexborHTMLParser((tmp_path / "report.html").read_text("utf-8"))
    assert [n.text() for n in page.css("table.ranked .state")] == ["deleted"]
    assert [n.text() for n in page.css("ol.thread .state")] == ["deleted", "deleted"]


def test_states_of_copies_in_exports(case: Path, tmp_path: Path) -> None:
    run("export", case, "--to", tmp_path / "a.csv")
    assert "bo: deleted <now>" in (tmp_path / "a.csv").read_text("utf-8")
    run("export", case, "--to", tmp_path / "dat", "--format", "concordance")
    dat = (tmp_path / "dat" / "DATA" / "production.dat").read_text("utf-8")
    assert dat.count("copy of bo: deleted <now>") == 1
