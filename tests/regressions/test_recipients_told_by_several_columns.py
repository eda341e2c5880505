"""A recipient whose address is within another's was dropped, others were told twice, in n² time."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover
from riskscan.sources.fields import Columns

HEADER = ["DocID", "From", "To", "CC", "Recipients", "Subject", "Date Sent", "Body"]


def read(folder: Path, to: str, cc: str, recipients: str) -> tuple[list[str], list[str]]:
    """To and Cc of a row, each "name <address>"."""
    path = folder / "load.csv"
    row = ["L1", "eve@q.example", to, cc, recipients, "plan", "2026-03-02T10:00:00Z", "words"]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, row])
    units = [u for u in discover([path]) if not isinstance(u, NotRead)]
    (item,) = [e for u in units for e in u.events(0) if isinstance(e, Item)]
    mail = parse_message(item.data)
    to_, cc_ = ([f"{r.name} <{r.address}>".strip() for r in x] for x in (mail.to, mail.cc))
    return to_, cc_


@pytest.mark.parametrize(
    ("to", "recipients", "expected"),
    [
        ("joann@x.example", "joann@x.example; ann@x.example", ["joann@x.example", "ann@x.example"]),
        ("joann@x.example", "ann@x.example", ["joann@x.example", "ann@x.example"]),
        ("a@x.example, b@x.example", "b@x.example, c@x.example",
         ["a@x.example", "b@x.example", "c@x.example"]),
    ],
)  # fmt: skip
def test_whole_addresses_are_compared(
    tmp_path: Path, to: str, recipients: str, expected: list[str]
) -> None:
    assert read(tmp_path, to, "", recipients) == ([f"<{one}>" for one in expected], [])


def test_whole_names_are_compared(tmp_path: Path) -> None:
    to, cc = read(tmp_path, "Bobby Quay", "", "Bobby Quay; Bob")
    assert [one.split(" <")[0] for one in to] == ["Bobby Quay", "Bob"]
    assert cc == []


@pytest.mark.parametrize(
    ("to", "cc", "recipients", "count"),
    [
        ('"Quill, Nora" <nora@x.example>', "",
         '"Quill, Nora" <nora@x.example>,"Tern, Bob" <bob@x.example>', (2, 0)),
        ("Nora Quill; Bob Tern", "Cy Dee", "Quill, Nora; Tern, Bob; Dee, Cy", (2, 1)),
        ("Nora Quill <nora@x.example>", "", "Nora Quill", (1, 0)),
        ("Nora Quill <nora@x.example>; Nora Quill <n2@x.example>", "", "Quill, Nora", (2, 0)),
        ("Nora Quill <nora@x.example>", "", "Nora Quill <n2@x.example>", (2, 0)),
    ],
)  # fmt: skip
def test_nobody_is_told_twice(
    tmp_path: Path, to: str, cc: str, recipients: str, count: tuple[int, int]
) -> None:
    found = read(tmp_path, to, cc, recipients)
    assert (len(found[0]), len(found[1])) == count


@pytest.mark.parametrize(
    ("to", "recipients"),
    [
        ("Nora Quill", "Nora Quill <nora@x.example>"),
        ("nora@x.example", "Nora Quill <nora@x.example>"),
        ("Nora Quill <nora@x.example>", "NORA@X.EXAMPLE"),
    ],
)
def test_what_a_second_telling_adds_is_kept(tmp_path: Path, to: str, recipients: str) -> None:
    assert read(tmp_path, to, "", recipients) == (["Nora Quill <nora@x.example>"], [])


@pytest.mark.parametrize(
    "cell",
    [
        "; ".join(f"person{n}@host{n}.example" for n in range(9_000)),
        " | ".join(f"Person {n} <person{n}@host{n}.example>" for n in range(9_000)),
        " " * 999 + "x",
        "x" + " " * 998 + "y",
    ],
    ids=["semicolons", "bars", "blanks", "blanks within"],
)
def test_a_row_takes_linear_time(cell: str) -> None:
    columns = Columns(HEADER)
    started = time.process_time()
    values = columns.values(["L1", "eve@q.example", "j@x.example", "", cell, "s", "", "b"])
    assert time.process_time() - started < 2
    assert len(values["to"].split("; ")) == len(cell.replace(" | ", "; ").split("; ")) + 1
