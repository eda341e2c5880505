"""``riskscan scan`` of tables: a mapping given later still counts, a wrong one is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from riskscan.case.read import Case
from riskscan.cli import app

TABLE = "who,what\nben@quay.example,We should not put this in writing.\n"


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is at stake here, not what a model says of it."""
    monkeypatch.setattr(sys.modules["riskscan.scanning"], "score", lambda *_: 0)


def scan(tmp_path: Path, *more: object) -> Result:
    (tmp_path / "box.csv").write_text(TABLE)
    arguments = ["scan", tmp_path / "box.csv", "--case", tmp_path / "case", "--entities", "none"]
    return CliRunner().invoke(app, [str(a) for a in [*arguments, "--workers", "0", *more]])


def test_a_table_is_read_once_its_mapping_is_given(tmp_path: Path) -> None:
    first = scan(tmp_path)
    assert first.exit_code == 3, first.output
    with Case(tmp_path / "case") as case:
        assert "--map text=COLUMN" in case.unread()[0]["reason"]
    second = scan(tmp_path, "--map", "from=who,text=what")
    assert second.exit_code == 0, second.output
    with Case(tmp_path / "case") as case:
        (record,) = case.records()
        assert (record["sender"], record["body"]) == (
            "ben@quay.example", "We should not put this in writing.",
        )  # fmt: skip
        assert case.unread() == []
        assert case.runs()[-1]["settings"]["columns"] == {"from": "who", "text": "what"}


def test_a_mapping_file_does_the_same(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('from = "who"\ntext = "what"\n')
    assert scan(tmp_path, "--mapping", tmp_path / "map.toml").exit_code == 0


@pytest.mark.parametrize("given", ["colour=who", "text"])
def test_a_mapping_that_makes_no_sense_is_bad_usage(tmp_path: Path, given: str) -> None:
    result = scan(tmp_path, "--map", given)
    assert result.exit_code == 2
    assert not (tmp_path / "case").exists()
