"""Custodians above a hundred, and people between "|" above 10,000, were left out unsaid."""

from __future__ import annotations

import csv
import time
from pathlib import Path

from load_building import dat
from source_building import items, put

from riskscan.mail.message import ALL_CUSTODIANS
from riskscan.sources.fields import Row

NAMES = [f"Ada Quay{n}" for n in range(300)]


def defects(folder: Path, custodians: str) -> list[str]:
    path = folder / "x.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["From", "Subject", "Body", "Custodian", "All Custodians"])
        rows.writerow(["a@quay.example", "s", "words", NAMES[0], custodians])
    (item,) = items(path)
    return [one for one in item.defects if "custodians" in one]


def test_all_custodians_are_counted(tmp_path: Path) -> None:
    told, more = defects(tmp_path, "; ".join(NAMES))
    assert told == ALL_CUSTODIANS + "; ".join(NAMES[:100])
    assert more == "300 custodians: the first 100 are kept, 200 left out"
    assert len(defects(tmp_path, "; ".join(NAMES[:100]))) == 1


def test_custodians_that_are_no_list_are_counted(tmp_path: Path) -> None:
    told, more = defects(tmp_path, ", ".join(NAMES))
    assert len(told) < 2_050
    assert more == f"{len(', '.join(NAMES)):,} characters of custodians: the first 2,000 are kept"
    assert len(defects(tmp_path, ", ".join(NAMES[:100]))) == 1


def test_people_between_bars_beside_mail(tmp_path: Path) -> None:
    people = " | ".join(f"<p{n}@quay.example>" for n in range(10_050))
    put(tmp_path / "1.eml", b"From: a@quay.example\nSubject: s\n\nwords\n")
    rows = [["DOCID", "TO", "NATIVEPATH"], ["A1", people, "1.eml"]]
    put(tmp_path / "v.dat", dat(rows).encode())
    (item,) = items(tmp_path)
    assert [one for one in item.defects if "people" in one] == [
        "10,050 people in the field to: the first 10,000 are kept, 50 left out"
    ]


def test_names_of_exchange_between_bars() -> None:
    people = "|".join(["</O=QUAY/CN=ADA>"] * 10_050) + "|<b@quay.example>"
    assert Row(1, {"to": people}).people_left_out("to") == 51


def test_many_people_between_bars_cost_bounded_time() -> None:
    started = time.process_time()
    assert Row(1, {"to": "<a@b>|" * 200_000}).people_left_out("to") > 180_000
    assert time.process_time() - started < 3
