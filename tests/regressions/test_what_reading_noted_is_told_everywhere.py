"""What reading noted of a message stood on two pages alone, cut after 300 characters."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from review_building import build_case, reviewing
from scan_building import attached, mail, multipart, text_part
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.export.tables import COLUMNS
from riskscan.export.verify import verify_production

sys.path.append(str(Path(__file__).parents[1] / "export"))
from production_building import contents, dat_of, reread

DOUBLE = "header subject occurs more than once: the first is used"
NOTES = [DOUBLE, *(f"note number {n}: {'x' * 90}; and more" for n in range(9))]
LOCKED = "encrypted"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = attached("plan.txt", "the plan")
    mails = [
        multipart(1, [text_part("Hello."), file], headers="Subject: another"),
        mail(2, "Nothing to note."),
    ]
    made: Path = build_case(tmp_path_factory.mktemp("noted"), mails, worries=[1])
    with closing(sqlite3.connect(made / "case.sqlite")) as connection:
        (told,) = connection.execute("SELECT defects FROM messages WHERE id = 1").fetchone()
        assert DOUBLE in told
        more = str(NOTES).replace("'", '"')
        connection.execute("UPDATE messages SET defects = ? WHERE id = 1", (more,))
        connection.execute("UPDATE attachments SET unread = ?", (LOCKED,))
        connection.commit()
    return made


def run(*words: object) -> str:
    result = CliRunner(env={"COLUMNS": "300"}).invoke(app, list(map(str, words)))
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_show_and_pages_tell_all_of_it(case: Path, tmp_path: Path) -> None:
    run("report", case, "--to", tmp_path / "report.html")
    with reviewing(case) as ann:
        page = ann.text("/m/1")
    report = (tmp_path / "report.html").read_text("utf-8")
    for shown in (page, report, run("show", case, 1)):
        assert all(note in shown for note in NOTES)
    assert "Noted" not in run("show", case, 2)
    assert "Of 1 message something was noted" in report


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_tables_have_a_column_of_it_behind_the_others(
    case: Path, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"all.{ending}"
    run("export", case, "--to", file)
    read = {"csv": pd.read_csv, "xlsx": pd.read_excel, "parquet": pd.read_parquet}[ending]
    table = read(file)
    columns = list(COLUMNS)
    assert {"defects", "duplicate_states"} <= set(columns[columns.index("id") + 1 :])
    assert list(table.columns) == columns
    assert table["defects"][0] == "; ".join(NOTES)
    assert table["defects"].fillna("")[1] == ""


def test_load_files_have_a_field_of_it_and_are_read_back_without_it(
    case: Path, tmp_path: Path
) -> None:
    run("export", case, "--to", tmp_path / "dat", "--format", "concordance")
    rows = dat_of(tmp_path / "dat")
    assert list(rows[0])[-2:] == ["TEXTPATH", "PROCESSINGNOTES"]
    whole, *_ = [row["PROCESSINGNOTES"] for row in rows]
    assert "; ".join(NOTES) == whole.replace("\x10003B", ";")
    assert [row["PROCESSINGNOTES"] for row in rows[1:]] == [LOCKED, ""]
    run("verify", tmp_path / "dat")
    assert verify_production(tmp_path / "dat").faults == []
    assert contents(reread(tmp_path / "dat", tmp_path / "again")) == contents(case)
    run("export", case, "--to", tmp_path / "edrm", "--format", "edrm")
    xml = (tmp_path / "edrm" / "DATA" / "production.xml").read_text("utf-8")
    assert xml.count('TagName="PROCESSINGNOTES"') == 2
    assert NOTES[-1] in xml
    assert contents(reread(tmp_path / "edrm", tmp_path / "again2")) == contents(case)


def test_a_slip_sheet_has_none_of_it(case: Path, tmp_path: Path) -> None:
    with reviewing(case) as ann:
        ann.decide(1, "unsure", privileged="1")
    run(
        "export", case, "--to", tmp_path / "dat", "--format", "concordance",
        "--privileged", "placeholder",
    )  # fmt: skip
    rows = dat_of(tmp_path / "dat")
    assert [row["NATIVETYPE"] for row in rows] == ["withheld", "withheld", "as found"]
    assert {row["PROCESSINGNOTES"] for row in rows} == {""}
