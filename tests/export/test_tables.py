"""Tables: csv, xlsx and parquet, safe to open and true to the case."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from scan_building import WORRY, mail, write_mbox

from riskscan.case.read import Case
from riskscan.export import tables
from riskscan.export.targets import ENDINGS, export_case
from riskscan.scanning import run_scan

FORMULAS = [
    '=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "  =1+1", "＝1+1"
]  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tables")
    box = [mail(i, f"{formula}\nLot {i}.", subject=formula) for i, formula in enumerate(FORMULAS)]
    box += [
        mail(30, 'Control \x01\x0b\x1f\ufffe, "quotes", ; and\nlines\r\nof text.'),
        mail(31, "long " * 9_000),
        mail(32, "\U0001f980" * 20_000),
        mail(33, WORRY),
        mail(33, WORRY),
    ]
    run_scan([write_mbox(place / "ada.mbox", box)], place / "case", entities="none")
    return place / "case"


def written(case: Path, file: Path) -> list[dict[str, Any]]:
    with Case(case) as opened:
        count = export_case(opened, file)
        rows = [tables.row(record) for record in opened.records()]
    assert count == len(rows)
    return rows


def test_csv_is_read_back_and_runs_nothing(case: Path, tmp_path: Path) -> None:
    rows = written(case, tmp_path / "out.csv")
    raw = (tmp_path / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert list(found[0]) == list(tables.COLUMNS)
    assert len(found) == len(rows)
    for got, row in zip(found, rows, strict=True):
        assert got["message_id"] == row["message_id"]
        assert float(got["score"]) == row["score"]
        for value in got.values():
            assert not value.lstrip().startswith(("=", "@", "＝"))
            assert not re.match(r"\s*[-+][^.\d]|\s*[-+]\d+[-+]", value)
        assert got["authored"].removeprefix("'") == row["authored"]


def test_xlsx_holds_texts_as_texts(case: Path, tmp_path: Path) -> None:
    rows = written(case, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    sheet = book["messages"]
    assert [cell.value for cell in sheet[1]] == list(tables.COLUMNS)
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.endswith(str(len(rows) + 1))
    names = list(tables.COLUMNS)
    for cells, row in zip(sheet.iter_rows(min_row=2), rows, strict=True):
        assert all(cell.data_type in ("s", "n", "b") for cell in cells)
        got = {name: cell.value for name, cell in zip(names, cells, strict=True)}
        assert got["score"] == pytest.approx(row["score"])
        assert (got["subject"] or "") == row["subject"]
        text = got["authored"] or ""
        if len(row["authored"].encode("utf-16-le")) // 2 > 32_767:
            assert text.endswith(" […]")
            assert row["authored"].startswith(text.removesuffix(" […]"))
            assert 32_700 < len(text.encode("utf-16-le")) // 2 <= 32_767
        else:
            assert text == row["authored"].translate(tables._FORBIDDEN)
    control = next(r["authored"] for r in rows if r["authored"].startswith("Control"))
    assert "\x01\x0b\x1f\ufffe" in control


def test_a_sheet_that_is_too_small(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_SHEET", 5)
    with pytest.raises(ValueError, match="4 messages at most"):
        written(case, tmp_path / "out.xlsx")
    assert not list(tmp_path.iterdir())


def test_parquet_goes_through_pandas_and_back(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_ROWS", 3)
    rows = written(case, tmp_path / "out.parquet")
    frame = pd.read_parquet(tmp_path / "out.parquet")
    assert set(frame.columns) == set(tables.COLUMNS)
    assert frame["score"].dtype == "float64"
    assert frame["flagged"].dtype == "bool"
    assert frame["duplicates"].dtype == "int64"
    known = frame.astype(object).where(frame.notna(), None)
    assert known[list(rows[0])].to_dict("records") == rows
    frame.to_parquet(tmp_path / "again.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "again.parquet"), frame)


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_empty_case(tmp_path: Path, ending: str) -> None:
    (tmp_path / "in").mkdir()
    run_scan([tmp_path / "in"], tmp_path / "case", entities="none")
    file = tmp_path / f"out{ending}"
    assert written(tmp_path / "case", file) == []
    if ending == ".jsonl":
        assert file.read_bytes() == b""
    elif ending == ".csv":
        assert list(pd.read_csv(file).columns) == list(tables.COLUMNS)
    elif ending == ".xlsx":
        assert list(pd.read_excel(file).columns) == list(tables.COLUMNS)
    else:
        assert set(pd.read_parquet(file).columns) == set(tables.COLUMNS)


def test_entities_by_kind() -> None:
    record: dict[str, Any] = dict.fromkeys(
        ("score", "flagged", "date", "sender", "sender_name", "subject", "folder", "state",
             "authored",
         "thread_id", "message_id", "mih", "source", "place", "id", "sender_merged_name",
         "near_group", "near_similarity", "inclusive", "included_in", "medium",
         "control_number", "date_header", "body")
    )  # fmt: skip
    lists = (
        "signals", "findings", "custodians", "attachments", "duplicates", "privilege_hints",
        "defects",
    )  # fmt: skip
    record |= {name: [] for name in lists}
    pairs = [
        ("Nora\n Quill", "PERSON"), ("Nora Quill", "PERSON"), ("SEC", "REGULATOR"),
        ("Quayside", "ORG"), ("GDPR", "LAW"), ("$5", "MONEY"), ("May", "DATE"),
    ]  # fmt: skip
    record["entities"] = [
        {"text": text, "label": label, "merged_id": None, "merged_name": None}
        for text, label in pairs
    ]
    record["entities"].append(
        {"text": "Nora", "label": "PERSON", "merged_id": 7, "merged_name": "Nora B. Quill"}
    )
    record["sender_merged_name"] = "Nora B. Quill"
    record["recipients"] = [
        {"kind": "to", "name": "", "address": a, "merged_name": name}
        for a, name in (("b@x.example", "Ben Tarn"), ("ben@x.example", "Ben Tarn"), ("c@d", None))
    ]
    record["privilege_hints"] = [{"reason": "Ada Reed is counsel"}, {"reason": "its text says so"}]
    row = tables.row(record)
    assert row["people"] == "Nora Quill; Nora B. Quill"
    assert row["people_ids"] == "7"
    assert row["sender_person"] == "Nora B. Quill"
    assert row["recipient_people"] == "Ben Tarn"
    assert row["privilege_hint"] == "Ada Reed is counsel; its text says so"
    assert row["organisations"] == "SEC; Quayside"
    assert row["laws"] == "GDPR"
    assert row["sums"] == "$5"
