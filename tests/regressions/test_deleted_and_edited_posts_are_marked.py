"""That a post was deleted, edited, or is an earlier version was in no column, page or export."""

from __future__ import annotations

from pathlib import Path

from chat_building import said, slack_files
from source_building import zipped
from test_chat_cases import ingested
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.export.report import write_report
from riskscan.export.tables import row

T = "1709370000.0001"
DAY = [
    said("as it was", f"{T}01"),
    said("now", f"{T}02", edited={"user": "U01ANAANA", "ts": f"{T}03"}),
    said(
        "", "1709370060.000000", subtype="message_deleted", deleted_ts=f"{T}04",
        previous_message=said("it is illegal", f"{T}04"),
    ),
    said(
        "", f"{T}08", subtype="message_changed", message=said("new", f"{T}05"),
        previous_message=said("old words", f"{T}05"),
    ),
]  # fmt: skip
STATES = {
    "as it was": "",
    "now": "edited 2024-03-02T09:00:00Z",
    "it is illegal": "deleted 2024-03-02T09:01:00Z",
    "old words": "an earlier version, edited 2024-03-02T09:00:00Z",
    "new": "",
}


def test_the_case_and_all_that_is_made_of_it_say_so(tmp_path: Path) -> None:
    (tmp_path / "ferry.zip").write_bytes(zipped(slack_files({"general/2024-03-02": DAY})))
    case = ingested(tmp_path / "case", tmp_path / "ferry.zip")
    with Case(case) as opened:
        records = {r["body"].strip(): r for r in opened.records()}
    assert {text: r["state"] for text, r in records.items()} == STATES
    deleted = records["it is illegal"]
    assert row(deleted)["state"] == STATES["it is illegal"]
    shown = CliRunner().invoke(app, ["show", str(case), str(deleted["id"])]).stdout
    assert STATES["it is illegal"] in shown
    again = ingested(tmp_path / "case", tmp_path / "ferry.zip")
    with Case(again) as opened:
        assert {r["state"] for r in opened.records()} == set(STATES.values())
    assert write_report(case, tmp_path / "report.html").exists()
