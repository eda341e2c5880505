"""riskscan's own .csv, .jsonl and load files read back: a name with ";" was two people, and a body
that begins with "'=" lost its apostrophe.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from source_building import items, put
from test_chat_cases import ingested

from riskscan.case.read import Case, Record
from riskscan.case.selection import Selection
from riskscan.export.tables import inert
from riskscan.export.targets import write
from riskscan.mail.parse import parse_message
from riskscan.sources.peoplelists import listed_person, people

HEAD = """Message-ID: <{n}@quay.example>
From: {sender}
To: "Ek; Bo" <bo@quay.example>, "Tarn, Cy @ HQ | Legal" <cy@quay.example>, "Dee; Ann"
Cc: "Bob \\"Bo; Bo\\" Ash" <ash@quay.example>, plain@quay.example
Date: Tue, 05 Mar 2024 08:00:00 +0000
Subject: {subject}

{body}
"""
MAILS = [
    ('"Quay; Ada" <ada@quay.example>', "'=crates", "'=2+2 is what it says"),
    ('"Quay; Ada (ada@old.example)" <ada@quay.example>', "''-a", "''=two of them\nand more"),
    ("Ada Quay <ada@quay.example>", "=crates", "=2+2 without one"),
    ("ada@quay.example", "'quoted' crates", "'tis a word, and -2"),
]
KEPT = ("sender", "sender_name", "recipients", "subject", "body")


def told(case: Path) -> dict[str, Record]:
    with Case(case) as opened:
        return {r["message_id"]: {k: r[k] for k in KEPT} for r in opened.records()}


@pytest.mark.parametrize("form", ["csv", "jsonl", "concordance", "edrm"])
def test_what_was_exported_is_read_as_it_was(tmp_path: Path, form: str) -> None:
    for n, (sender, subject, body) in enumerate(MAILS):
        text = HEAD.format(n=n, sender=sender, subject=subject, body=body)
        put(tmp_path / f"in/ada.quay/{n}.eml", text.encode())
    case = ingested(tmp_path / "case", tmp_path / "in")
    to = tmp_path / ("out" if form in ("concordance", "edrm") else f"out.{form}")
    with Case(case) as opened:
        write(opened, to, form, Selection())
    for native in to.rglob("*.eml") if to.is_dir() else ():
        native.unlink()
    before, after = told(case), told(ingested(tmp_path / "again", to))
    assert before["<0@quay.example>"]["sender_name"] == "Quay; Ada"
    assert len(before["<0@quay.example>"]["recipients"]) == 5
    assert after == before


def test_an_apostrophe_of_another_table_stays(tmp_path: Path) -> None:
    with (tmp_path / "x.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["From", "Subject", "Body"], ["a@q.example", "'=1", "'=2"]])
    (item,) = items(tmp_path / "x.csv")
    mail = parse_message(item.data)
    assert (mail.subject, mail.body.strip()) == ("'=1", "'=2")


@pytest.mark.parametrize("cell", ["=1", "'=1", "'' =1", "\t1", "'tis", "' -"])
def test_no_spreadsheet_runs_a_cell(cell: str) -> None:
    assert inert(cell) == (cell if cell == "'tis" else f"'{cell}")


@pytest.mark.parametrize(
    ("name", "address", "cell"),
    [
        ("Ada Quay", "ada@quay.example", "Ada Quay <ada@quay.example>"),
        ("Quay, Ada", "ada@quay.example", "Quay, Ada <ada@quay.example>"),
        ("", "ada@quay.example", "ada@quay.example"),
        ("Ada Quay", "", "Ada Quay"),
        ("Quay; Ada", "", '"Quay; Ada" <>'),
        ("EX: Ada", "ada@quay.example", '"EX: Ada" <ada@quay.example>'),
        ("", "a;b@quay.example", '"" <a;b@quay.example>'),
    ],
)
def test_marks_stand_where_they_are_needed(name: str, address: str, cell: str) -> None:
    assert listed_person(name, address) == cell
    assert people(f"{cell}; bo@quay.example").endswith(", <bo@quay.example>")
    assert (name or address) in people(cell)
