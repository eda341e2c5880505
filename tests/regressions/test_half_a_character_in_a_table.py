"""A row of JSON with half a character in a column other than the text ended the whole scan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskscan.case.read import Case
from riskscan.scanning import scan

COLUMNS = (
    "from", "to", "subject", "body", "date", "folder", "custodian", "thread_id", "native",
    "nativepath", "textpath", "docid", "begdoc", "medium", "path", "attachments",
)  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_the_row_is_read(tmp_path: Path, column: str) -> None:
    row = {"from": "ada@ferry.example", "subject": "Tides", "body": "High at noon."}
    rows = [row | {column: f"{row.get(column, '')} \ud800 2020"}, row | {"subject": "Quays"}]
    export = tmp_path / "a.jsonl"
    export.write_text("".join(json.dumps(r) + "\n" for r in rows))
    assert "\\ud800" in export.read_text()
    scan([export], tmp_path / "case", entities="none", workers=0)
    with Case(tmp_path / "case") as case:
        assert case.counts()["stored"] == 2
