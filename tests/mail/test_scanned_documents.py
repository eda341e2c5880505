"""Documents through a whole scan: findings point into them, what is unread is listed."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from document_building import docx, ole, pdf
from selectolax.lexbor import LexborHTMLParser
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.export.report import write_report
from riskscan.scanning import run_scan

WORRY = "What we do with these invoices is illegal: hide them so nobody can trace it back."


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("documents")
    mail = EmailMessage()
    mail["From"], mail["To"] = "nora@quayside.example", "ben@quayside.example"
    mail["Subject"], mail["Message-ID"] = "minutes", "<1@quayside.example>"
    mail["Date"] = "Tue, 05 Mar 2024 08:00:00 +0000"
    mail.set_content("The minutes are attached.\n")
    for name, data in (
        ("crates.docx", docx("The crates arrive on Thursday morning.")),
        ("minutes.docx", docx("Present: Nora and Ben.", WORRY, "Next meeting on Friday.")),
        ("scan.pdf", pdf(b"")),
        ("locked.pdf", pdf("secret", password="tide")),
        ("old.doc", ole("WordDocument")),
    ):
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    (place / "export").mkdir()
    (place / "export" / "1.eml").write_bytes(mail.as_bytes())
    summary = run_scan([place / "export"], place / "case", entities="none")
    assert (summary.flagged, summary.attachments_unread, summary.complete) == (1, 3, True)
    return place / "case"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_finding_points_into_the_document(case: Path, tmp_path: Path) -> None:
    run("export", str(case), "--to", str(tmp_path / "out.jsonl"))
    (record,) = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    best = record["findings"][0]
    assert (best["text"], best["segment"], best["attachment"]) == (WORRY, "attachment", 1)
    assert record["attachments"][1]["text"][best["start"] : best["end"]] == WORRY
    # A harmless document beside it brings no finding of its own.
    assert {f["attachment"] for f in record["findings"]} == {1}
    assert [a["unread"] for a in record["attachments"]] == [
        "", "", "a scan without text layer", "encrypted", "old Office format (Word .doc): not read",
    ]  # fmt: skip


def test_show_tells_document_and_reasons(case: Path) -> None:
    told = run("show", str(case), "1")
    assert f">>>{WORRY}<<<" in told
    assert "[scan.pdf, " in told and "bytes, a scan without text layer]" in told


def test_the_report_lists_what_could_not_be_read(case: Path, tmp_path: Path) -> None:
    report = write_report(case, tmp_path / "report.html").read_text("utf-8")
    body = LexborHTMLParser(report).body
    assert body is not None
    page = " ".join(body.text(separator=" ").split())
    assert "in the attachment minutes.docx" in page
    assert "3 attachments could not be read, or not to the end (" in page
    assert "locked.pdf" in page and "1 encrypted" in page
