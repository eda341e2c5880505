"""``riskscan show`` ended in a KeyError when somebody had deleted rows of ``sources``."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from review_building import build_case, reviewing
from scan_building import mail
from typer.testing import CliRunner

from riskscan.cli import app


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = build_case(tmp_path_factory.mktemp("out"), [mail(1), mail(1)], worries=[1])
    with closing(sqlite3.connect(made / "case.sqlite")) as connection:
        connection.execute("DELETE FROM sources")
        connection.commit()
    return made


def test_they_are_shown_with_a_word_in_its_place(case: Path, tmp_path: Path) -> None:
    for words in (["show", case], ["show", case, 1], ["export", case, "--to", tmp_path / "a.csv"]):
        result = CliRunner().invoke(app, list(map(str, words)))
        assert result.exit_code == 0, result.output
    shown = CliRunner().invoke(app, ["show", str(case), "1"]).output
    assert "(unknown source: the case was altered)" in " ".join(shown.split())
    with reviewing(case) as ann:
        assert "unknown source" in ann.text("/m/1")


@pytest.mark.parametrize("form", ["concordance", "edrm", "eml"])
def test_their_bytes_are_not_looked_for(case: Path, tmp_path: Path, form: str) -> None:
    words = ["export", str(case), "--to", str(tmp_path / "prod"), "--format", form]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "Message 1 is of no source of the case" in " ".join(result.stderr.split())
    assert not (tmp_path / "prod").exists()
