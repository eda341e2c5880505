"""The manifest of a case from which somebody deleted the row of a file ended in a KeyError."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.scanning import run_scan

LETTER = (
    b"From: nora@quay.example\nDate: Tue, 05 Mar 2024 08:00:00 +0000\nMessage-ID: <%d@x>\n\nHi %d\n"
)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for stage in ("score", "merge"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
    export = tmp_path / "export"
    export.mkdir()
    (export / "one.eml").write_bytes(LETTER % (1, 1))
    # A unit with a row of what was not read, and without a source.
    (export / "box.zip").write_bytes(b"PK\3\4 no archive")
    run_scan([export], tmp_path / "case", entities="none")
    return tmp_path / "case"


def manifest(case: Path) -> tuple[int, str, dict[str, object]]:
    result = CliRunner().invoke(app, ["manifest", str(case)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    told = CliRunner().invoke(app, ["manifest", str(case), "--json"])
    return result.exit_code, result.output, json.loads(told.stdout)


@pytest.mark.parametrize("of", ["SELECT unit_id FROM sources", "SELECT unit_id FROM unread"])
def test_what_is_of_no_unit_is_counted_and_an_error(case: Path, of: str) -> None:
    code, _, told = manifest(case)
    assert (code, told["astray"], told["adds_up"]) == (3, 0, True)
    before = told["totals"]
    with closing(sqlite3.connect(case / "case.sqlite")) as connection, connection:
        assert connection.execute(f"DELETE FROM units WHERE id IN ({of})").rowcount == 1
    code, text, told = manifest(case)
    assert code == 4
    assert re.search("of the case (is|are) of no source or unit", " ".join(text.split()))
    assert told["astray"] in (1, 2) and not told["adds_up"]
    assert told["totals"]["not_read"] == before["not_read"]  # type: ignore[index]
