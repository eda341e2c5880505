"""A scan said "all read" where the export's own lists, or Vault's errors, tell what is missing."""

from __future__ import annotations

from pathlib import Path

from export_building import ADA, gmail_mbox, vault
from source_building import mail, put, read, zipped
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.sources import NotRead


def test_what_lists_claim_and_the_mail_lacks_is_told_at_the_end_of_a_scan(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    box = gmail_mbox([(5, "Inbox", mail("one"))], b"\n")
    put(tmp_path / "matter" / "quay-7-1.zip", zipped({f"quay-7-{ADA}-Xk29ab.mbox": box}))
    case = tmp_path / "case"
    command = [
        "scan",
        "--workers",
        "0",
        str(tmp_path / "matter"),
        "--case",
        str(case),
        "--entities",
        "none",
    ]
    result = CliRunner().invoke(app, [*command, "--workers", "0"])
    assert result.exit_code == 3
    told = " ".join(result.stdout.split())
    assert "Missing 1 messages or files that an export's own lists name" in told
    assert "Claims 6 counts, sizes or hashes in an export's own lists do not hold" in told
    report = (case / "report.html").read_text()
    assert "two@ferry.example" in report
    assert "3 messages are claimed, 1 were found" in report
    assert "7 claims of theirs do not hold" in " ".join(report.lower().split())


BEGIN = "Google Vault did not export it: "


def entries(path: Path) -> list[tuple[str, str, bool]]:
    return [(e.place, e.reason, e.lost) for e in read(path) if isinstance(e, NotRead)]


COMPANION = ("", "a companion file, no mail: Google Vault's report of errors", False)


def test_entries_of_vaults_errors_are_told_as_not_read(tmp_path: Path) -> None:
    errors = (
        b"<?xml version='1.0'?><Root><Batch><Documents><Document DocID='99'>"
        b"<Error>Message not retrieved: 502</Error></Document>"
        b"<Document DocID='100'><Tags><Tag TagName='Error' TagValue='gone'/></Tags></Document>"
        b"</Documents></Batch></Root>"
    )
    assert entries(put(tmp_path / "q-errors.xml", errors)) == [
        ("entry 1", BEGIN + "DocID 99; Message not retrieved: 502", True),
        ("entry 2", BEGIN + "DocID 100; TagName Error; TagValue gone", True),
        COMPANION,
    ]  # fmt: skip
    assert entries(put(tmp_path / "no" / "q-errors.xml", b"<Errors></Errors>")) == [COMPANION]


def test_rows_of_vaults_errors_are_told_as_not_read(tmp_path: Path) -> None:
    table = b"Account,Rfc822MessageId,Error\r\nbo@ferry.example,<x@y>,not retrieved\r\n,,\r\n"
    reason = BEGIN + "account bo@ferry.example; rfc822messageid <x@y>; error not retrieved"
    assert entries(put(tmp_path / "q-errors.csv", table)) == [("entry 1", reason, True), COMPANION]


def test_messages_that_vault_counts_as_errors_are_told_as_not_read(tmp_path: Path) -> None:
    head = b"Account,AccountStatus,SuccessCount,MessageErrorCount\r\n"
    path = put(tmp_path / "q-result-counts.csv", head + b"Total,,3,2\r\nbo@a.example,x,3,2\r\n")
    first = entries(path)[0]
    assert first == ("", "Google Vault did not export 2 messages, as its counts say", True)


def test_a_damaged_report_of_errors_keeps_the_entries_before_the_damage(tmp_path: Path) -> None:
    first, second = entries(put(tmp_path / "q-errors.xml", b"<Errors><Error id='1'/><Error"))
    assert first == ("entry 1", BEGIN + "id 1", True)
    assert second[2]
