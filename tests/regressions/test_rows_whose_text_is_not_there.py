"""Rows of a load file whose texts are missing are no copies of each other."""

from __future__ import annotations

from pathlib import Path

from riskscan.scanning import run_scan


def test_rows_with_different_missing_texts_are_stored(tmp_path: Path) -> None:
    folder = tmp_path / "prod"
    (folder / "TEXT").mkdir(parents=True)
    (folder / "TEXT" / "1.txt").write_text("The pier is closed.")
    rows = [["DOCID", "FROM", "SUBJECT", "DATESENT", "TEXTPATH"]]
    rows += [
        [f"D{n}", "ann@quay.example", "Pier", "2024-03-05 08:00", f"TEXT\\{n}.txt"]
        for n in (1, 2, 3)
    ]
    text = "".join("\x14".join(f"\xfe{cell}\xfe" for cell in row) + "\r\n" for row in rows)
    (folder / "load.dat").write_text(text, encoding="utf-8-sig", newline="")
    summary = run_scan([folder], tmp_path / "case", entities="none")
    assert (summary.stored, summary.duplicates) == (3, 0)
    assert (summary.not_read, summary.attachments_unread) == (2, 2)
