"""A cell with the numbers of all attachments was split for every row; "<a@a@a..." was tried anew
at each "@": a few rows, or one cell, took seconds.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from load_building import dat
from source_building import items, put, read

from riskscan.mail.parse import parse_message
from riskscan.sources import Item
from riskscan.sources.peoplelists import people

CHILDREN = "; ".join(f"A{n}" for n in range(2, 40_001))


def test_the_children_of_a_row_are_parted_once(tmp_path: Path) -> None:
    header = ["DOCID", "ATTACHIDS", "FROM", "SUBJECT", "FILENAME", "TEXT"]
    parent = ["A1", CHILDREN, "ada@quay.example", "crates", "", "see there"]
    children = [[f"A{n}", "", "", "", f"{n}.txt", "words"] for n in range(2, 801)]
    path = put(tmp_path / "v.dat", dat([header, parent, *children]).encode())
    started = time.process_time()
    (item,) = items(path)
    assert time.process_time() - started < 4
    assert len(parse_message(item.data).attachments) == 799


def test_a_family_by_parents_costs_linear_time(tmp_path: Path) -> None:
    header = ["DOCID", "PARENTID", "FROM", "SUBJECT", "FILENAME", "TEXT"]
    parent = ["A1", "", "ada@quay.example", "crates", "", "see there"]
    children = [[f"A{n}", "A1", "", "", f"{n}.txt", ""] for n in range(2, 4_001)]
    path = put(tmp_path / "v.dat", dat([header, parent, *children, ["B1", *parent[1:]]]).encode())
    found = [e for e in read(path) if isinstance(e, Item)]
    assert [item.place for item in found] == ["rows 1-4000 (A1)", "row 4001 (B1)"]


@pytest.mark.parametrize(
    "cell",
    ["<" + "a@" * 300_000, ";".join(["<" + "a@" * 450] * 600), ";".join(["/o=" + " " * 490] * 600)],
    ids=["one cell", "many people", "blanks"],
)
def test_at_signs_in_brackets_cost_linear_time(cell: str) -> None:
    started = time.process_time()
    people(cell)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("<a@b@quay.example>", "<a@b@quay.example>"),
        ("Ada < ada@quay.example >", '"Ada" <ada@quay.example>'),
        ("Ada </O=QUAY/CN=ADA >", '"Ada" </O=QUAY/CN=ADA>'),
        ("<@relay.example:ada@quay.example>", "<@relay.example:ada@quay.example>"),
    ],
)
def test_addresses_are_read_as_ever(told: str, shown: str) -> None:
    assert people(told) == shown
