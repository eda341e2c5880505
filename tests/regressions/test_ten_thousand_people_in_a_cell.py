"""Of more than 10,000 people in a cell of a load file the rest was left out without a word."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest
from load_building import dat
from source_building import items, put

from riskscan.mail.parse import parse_message
from riskscan.sources.peoplelists import people

HEADER = ["DocID", "From", "To", "Recipients", "Subject", "Body"]
MANY = [f"p{n}@quay.example" for n in range(10_050)]
SAID = "10,050 people in the field to: the first 10,000 are kept, 50 left out"


def defects(path: Path) -> tuple[int, list[str]]:
    (item,) = items(path)
    return len(parse_message(item.data).to), [d for d in item.defects if "people" in d]


@pytest.mark.parametrize("between", ["; ", ", ", "\n"])
def test_a_table_tells_whom_it_leaves_out(tmp_path: Path, between: str) -> None:
    path = tmp_path / "x.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [HEADER, ["1", "a@quay.example", between.join(MANY), "", "s", "words"]]
        )
    assert defects(path) == (10_000, [SAID])


def test_two_columns_tell_whom_they_leave_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [HEADER, ["1", "a@quay.example", "; ".join(MANY), "z@quay.example", "s", "words"]]
        )
    assert defects(path) == (10_000, [SAID.replace("50", "51")])


def test_lists_of_json_and_rows_beside_mail(tmp_path: Path) -> None:
    row = {"from": "a@quay.example", "to": MANY, "subject": "s", "body": "words"}
    assert defects(put(tmp_path / "a/x.jsonl", json.dumps(row).encode())) == (10_000, [SAID])
    put(tmp_path / "b/1.eml", b"From: a@quay.example\nSubject: s\n\nwords\n")
    rows = [["DOCID", "TO", "NATIVEPATH"], ["A1", "; ".join(MANY), "1.eml"]]
    put(tmp_path / "b/v.dat", dat(rows).encode())
    assert defects(tmp_path / "b") == (0, [SAID])


def test_most_people_of_a_row_cost_bounded_time() -> None:
    started = time.process_time()
    people("a;" * 500_000)
    assert time.process_time() - started < 3
