"""The number that a load file gives a message, and its date as found, were in no column."""

from __future__ import annotations

from pathlib import Path

from load_building import dat
from source_building import put
from test_chat_cases import ingested
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.cli import app
from riskscan.export.tables import row
from riskscan.export.targets import write


def test_a_vendor_finds_the_document_of_a_hit(tmp_path: Path) -> None:
    rows = [
        ["BEGDOC", "PARENTID", "FROM", "SUBJECT", "DATESENT", "TIMESENT", "TEXT"],
        ["REL 004", "", "ada@quay.example", "crates", "25/04/2021", "2:05 PM", "words"],
        ["REL 005", "REL 004", "", "", "", "", "of the file"],
    ]
    case = ingested(tmp_path / "case", put(tmp_path / "v.dat", dat(rows).encode()))
    with Case(case) as opened:
        (record,) = opened.records()
        write(opened, tmp_path / "out", "concordance", Selection())
    assert record["place"] == "rows 1-2 (REL 004)"
    told = row(record)
    assert (told["control_number"], told["date_header"]) == ("REL 004", "25/04/2021 2:05 PM")
    assert record["date"] == "2021-04-25T14:05:00+00:00"
    shown = " ".join(CliRunner().invoke(app, ["show", str(case), "1"]).stdout.split())
    assert "Control no. REL 004" in shown and "(as found: 25/04/2021 2:05 PM)" in shown
    produced = (tmp_path / "out/DATA/production.dat").read_text("utf-8-sig")
    assert "SOURCEDOCID" in produced and "REL 004" in produced
