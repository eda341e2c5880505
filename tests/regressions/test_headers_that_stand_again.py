"""Load files put together have their header again: that row became a message of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from load_building import dat
from source_building import put, read, subjects

from riskscan.sources import NotRead

HEADER = ["DOCID", "FROM", "TO", "SUBJECT", "BODY"]
ROWS = [[f"A{n}", "ada@quay.example", "bo@quay.example", f"s{n}", "words"] for n in (1, 2)]


@pytest.mark.parametrize("form", ["dat", "csv"])
def test_it_is_told_and_no_message(tmp_path: Path, form: str) -> None:
    table = [HEADER, ROWS[0], HEADER, ROWS[1], HEADER]
    text = dat(table) if form == "dat" else "".join(",".join(row) + "\n" for row in table)
    events = read(put(tmp_path / f"v.{form}", text.encode()))
    (told,) = [e for e in events if isinstance(e, NotRead)]
    assert (told.lost, told.reason) == (
        False, "rows that repeat the header, and are no documents: 2",
    )  # fmt: skip
    assert subjects(e for e in events if e is not told) == ["s1", "s2"]
