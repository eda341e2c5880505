"""Wrapped text of a privilege log lay over the rows below in programs that fit no heights."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook

from riskscan.export.log_sheets import write_sheets


def test_a_row_is_as_high_as_its_longest_cell(tmp_path: Path) -> None:
    file = tmp_path / "log.xlsx"
    long = "; ".join(f"Ana Lindqvist {n} <ana.lindqvist{n}@quayside.example>" for n in range(9))
    heading = [f"Column {n}" for n in range(13)]
    rows = [["PRIV00001", *[""] * 4, long, *[""] * 7], ["PRIV00002", *[""] * 12]]
    write_sheets(file, heading, rows, [])
    heights = load_workbook(file)["Privilege log"].row_dimensions
    assert heights[2].height > 9 * heights[3].height > 0
