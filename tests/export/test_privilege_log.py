"""The privilege log: who, when, on which ground; not a word of what is privileged."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from privilege_building import make_case
from production_building import dat_of
from typer.testing import CliRunner, Result

from riskscan.cli import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("logged"))


def log(case: Path, file: Path, *more: object) -> tuple[list[dict[str, str]], str]:
    result = run("export", case, "--to", file, "--format", "privilege-log", *more)
    assert result.exit_code == 0, result.output
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream)), result.output


def test_a_line_a_document_with_basis_people_and_family(case: Path, tmp_path: Path) -> None:
    rows, output = log(case, tmp_path / "log.csv")
    assert [r["Control Number"] for r in rows] == [f"PRIV{n:05}" for n in range(1, 8)]
    first = rows[0]
    assert first["Date"] == "2024-03-05 08:02 UTC"
    assert first["From"] == "Ada Roe, Esq.* <ada@roe-law.example>"
    assert first["CC"] == "Lee Moss <lee@quayside.example>"
    assert first["Privilege Basis"] == "Attorney-client privilege"
    assert first["Description"] == (
        "Email from counsel to 1 recipient, copied to 1 recipient, with 2 attachments, "
        "regarding legal advice"
    )
    assert (first["Family"], first["Status"]) == ("PRIV00001 to PRIV00003", "Withheld in full")
    assert rows[1]["Description"] == "Attachment to PRIV00001, regarding legal advice"
    assert rows[1]["Document Type"] == "Attachment (text file)"
    outer, inner, around, third = rows[3:]
    assert outer["Privilege Basis"].startswith("None claimed")
    assert inner["Privilege Basis"] == "Work product"
    assert inner["Attached To"] == "PRIV00004"
    assert inner["Description"] == "Email to counsel, prepared in anticipation of litigation"
    assert around["Status"] == "Withheld with its family"
    assert third["Privilege Basis"] == "Not stated"
    assert "1 document without a basis" in output
    assert "only hint at privilege and are not logged" in output


def test_no_word_of_a_text_a_subject_or_a_file_name_is_in_it(case: Path, tmp_path: Path) -> None:
    for by in ("document", "thread"):
        log(case, tmp_path / f"{by}.csv", "--by", by, "--hints")
        text = (tmp_path / f"{by}.csv").read_text("utf-8")
        for word in ("Tidewater", "tidewater", "exposure", "HYPERLINK", "inner advice", "third"):
            assert word not in text, (by, word)


def test_hints_are_logged_on_request_only_and_as_not_decided(case: Path, tmp_path: Path) -> None:
    rows, output = log(case, tmp_path / "log.csv", "--hints")
    hinted = [r for r in rows if r["Privilege Basis"].startswith("Hint, not decided")]
    lease = next(r for r in hinted if r["To"] == "Ada Roe, Esq.* <ada@roe-law.example>")
    assert lease["Privilege Basis"] == "Hint, not decided: counsel takes part"
    assert lease["Status"] == "Not withheld (hint, not decided)"
    assert "hints that nobody decided on" in output


def test_basis_and_subject_on_request(case: Path, tmp_path: Path) -> None:
    rows, output = log(
        case, tmp_path / "log.csv", "--basis", "both", "--describe-with", "subject"
    )  # fmt: skip
    assert rows[6]["Privilege Basis"] == "Attorney-client privilege; Work product"
    assert rows[6]["Description"].endswith("; subject: “third”")
    assert "without a basis" not in output


def test_one_line_a_thread(case: Path, tmp_path: Path) -> None:
    rows, _ = log(case, tmp_path / "log.csv", "--by", "thread")
    assert len(rows) < 8
    first = rows[0]
    assert first["Control Number"] == "PRIV00001 to PRIV00003"
    assert first["Description"] == (
        "Email from counsel to 1 recipient, copied to 1 recipient, with 2 attachments, "
        "regarding legal advice"
    )


def test_it_has_the_numbers_of_the_slip_sheets(case: Path, tmp_path: Path) -> None:
    run("export", case, "--to", tmp_path / "p", "--format", "concordance", "--prefix", "ABC",
        "--privileged", "placeholder")  # fmt: skip
    rows, _ = log(case, tmp_path / "log.csv", "--production", tmp_path / "p")
    sheets = [r["DOCID"] for r in dat_of(tmp_path / "p") if r["NATIVETYPE"] == "withheld"]
    assert [r["Control Number"] for r in rows] == sheets
    run("export", case, "--to", tmp_path / "q", "--format", "edrm")
    none = run("export", case, "--to", tmp_path / "x.csv", "--format", "privilege-log",
               "--production", tmp_path / "q")  # fmt: skip
    assert none.exit_code == 1 and "has no slip sheets" in none.output


def cells(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_xlsx_is_the_same_log_and_names_counsel(case: Path, tmp_path: Path) -> None:
    rows, _ = log(case, tmp_path / "log.csv")
    run("export", case, "--to", tmp_path / "log.xlsx", "--format", "privilege-log")
    book = openpyxl.load_workbook(tmp_path / "log.xlsx")
    assert book.sheetnames == ["Privilege log", "Counsel", "About"]
    heading, *lines = cells(book["Privilege log"])
    assert heading == list(rows[0])
    assert [[v or "" for v in line] for line in lines] == [list(r.values()) for r in rows]
    assert cells(book["Counsel"])[1] == ["Ada Roe, Esq. <ada@roe-law.example>", "roe-law.example"]
    wrong = run("export", case, "--to", tmp_path / "log.txt", "--format", "privilege-log")
    assert wrong.exit_code == 1 and ".csv or .xlsx" in wrong.output


def test_no_cell_is_run_as_a_formula(case: Path, tmp_path: Path) -> None:
    from riskscan.export.log_sheets import write_sheets

    harmful = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "－1"]
    for ending in ("csv", "xlsx"):
        write_sheets(tmp_path / f"x.{ending}", harmful, [harmful], [("=A", "@b")])
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert all(cell.startswith("'") for cell in list(csv.reader(stream))[1])
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert all(c.data_type == "s" for sheet in book for row in sheet.iter_rows() for c in row)
