"""Rows of a load file that name the same file, which cannot be read, counted as copies."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from riskscan.case.read import Case
from riskscan.scanning import run_scan


@pytest.mark.parametrize("field", ["NATIVEPATH", "TEXTPATH", "ATTACHMENTPATHS"])
def test_each_is_stored_and_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    for stage in ("score", "merge", "group"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
    folder = tmp_path / "prod"
    rows = [["DOCID", "FROM", "SUBJECT", "DATESENT", field]]
    rows += [
        [f"D{n}", "ann@quay.example", "Pier", "2024-03-05 08:00", "FILES\\lost.bin"] for n in (1, 2)
    ]
    text = "".join("\x14".join(f"\xfe{cell}\xfe" for cell in row) + "\r\n" for row in rows)
    for volume in ("one", "two"):
        (folder / volume).mkdir(parents=True)
        file = folder / volume / "load.dat"
        file.write_text(text, encoding="utf-8-sig", newline="")
    summary = run_scan([folder], tmp_path / "case", entities="none")
    assert (summary.stored, summary.duplicates, summary.not_read) == (4, 0, 4)
    with Case(tmp_path / "case") as case:
        told = [file["unread"] for one in case.records() for file in one["attachments"]]
    assert sorted(one.partition("(")[2] for one in told) == [
        f"row {row} of prod/{volume}/load.dat)" for row in (1, 2) for volume in ("one", "two")
    ]
