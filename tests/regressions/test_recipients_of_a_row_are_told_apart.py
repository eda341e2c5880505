"""Of a column of all recipients, whoever's address was within another's was dropped."""

from __future__ import annotations

import time
from pathlib import Path

from load_building import dat
from source_building import put, read

from riskscan.mail.parse import parse_message
from riskscan.sources import Item
from riskscan.sources.fields import Columns


def _rows(tmp_path: Path, *rows: tuple[str, str]) -> list[list[str]]:
    """The recipients of each row of a load file, as To and Recipients tell them."""
    header = ["Control Number", "From", "To", "Recipients", "Subject", "Text"]
    table = [
        [f"K{number}", "ada@quay.example", to, all_, f"Kite {number}", "x"]
        for number, (to, all_) in enumerate(rows)
    ]
    events = read(put(tmp_path / "load.dat", dat([header, *table]).encode()))
    messages = [parse_message(event.data) for event in events if isinstance(event, Item)]
    return [[a.address or a.name for a in (*m.to, *m.cc, *m.bcc)] for m in messages]


def test_within_another(tmp_path: Path) -> None:
    addresses, names = _rows(
        tmp_path,
        ("joann@x.example", "joann@x.example; ann@x.example"),
        ("Bobby Quay", "Bobby Quay; Bob"),
    )
    assert addresses == ["joann@x.example", "ann@x.example"]
    assert names == ["Bobby Quay", "Bob"]


def test_nobody_twice(tmp_path: Path) -> None:
    quoted, turned = _rows(
        tmp_path,
        (
            '"Quill, Nora" <nora@x.example>',
            '"Quill, Nora" <nora@x.example>,"Tern, Bob" <bob@x.example>',
        ),
        ("Nora Quill; Bob Tern", "Quill, Nora; Tern, Bob; Dee, Cy"),
    )
    assert quoted == ["nora@x.example", "bob@x.example"]
    assert turned[:2] == ["Nora Quill", "Bob Tern"]
    assert len(turned) == 3


def test_thousands_cost_linear_time() -> None:
    seconds = []
    for count in (2_000, 8_000):
        columns = Columns(["From", "To", "Recipients"])
        people = "; ".join(f"person{i}@x.example" for i in range(count))
        start = time.process_time()
        found = columns.values(["ada@quay.example", "", people])
        seconds.append(time.process_time() - start)
        assert found["to"].count("@") == count
    assert seconds[1] < 9 * seconds[0] + 0.1
