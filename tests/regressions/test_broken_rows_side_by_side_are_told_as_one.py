"""A damaged table had a line among what was not read for each of its rows: 67 MB for 400,000."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from load_building import dat
from source_building import put, read

from riskscan.sources import Item, NotRead, discover, unreadable

HEADER = "From,To,Subject,Body\r\n"
GOOD = "ada@quay.example,bo@quay.example,crates,see the list\r\n"
LINE = '{"from": "ada@quay.example", "subject": "crates", "body": "see the list"}\n'


def told(path: Path) -> list[str]:
    """The places of an export's messages; places and reasons of what is lost."""
    events = read(path)
    return [e.place if isinstance(e, Item) else f"{e.place}: {e.reason}" for e in events
            if isinstance(e, (Item, NotRead))]  # fmt: skip


def test_rows_of_a_table(tmp_path: Path) -> None:
    table = HEADER + GOOD + "x,\r\n" * 500 + GOOD + "x\r\n" + GOOD
    assert told(put(tmp_path / "a.csv", table.encode())) == [
        "row 1", "rows 2-501: 500 rows that cannot be read: 2 columns, and the header has 4",
        "row 502", "row 503: 1 columns, and the header has 4", "row 504",
    ]  # fmt: skip


def test_bytes_and_hash_of_a_run(tmp_path: Path) -> None:
    (run,) = read(put(tmp_path / "a.csv", f"{HEADER}x,\r\ny,zz\r\n".encode()))
    hashes = [hashlib.sha256(row).hexdigest() for row in (b"x,", b"y,zz")]
    assert isinstance(run, NotRead) and (run.size, run.lost) == (6, True)
    assert run.sha256 == hashlib.sha256("".join(f"{h}\n" for h in hashes).encode()).hexdigest()


def test_reasons_of_a_run_are_counted_and_few(tmp_path: Path) -> None:
    rows = "".join("x," * width + "\r\n" for width in (1, 1, 2, 4, 5, 6, 7, 8, 9))
    (run,) = told(put(tmp_path / "a.csv", (HEADER + rows).encode()))
    assert run.startswith(
        "rows 1-9: 9 rows that cannot be read: 2 columns, and the header has 4 (2)"
    )
    assert run.endswith("; other reasons (3)")


def test_rows_that_tell_nothing(tmp_path: Path) -> None:
    (run,) = told(put(tmp_path / "a.csv", (HEADER + " ,,,\r\n" * 50).encode()))
    assert run.startswith("rows 1-50: 50 rows that cannot be read: the row tells nothing")


def test_lines_that_are_no_json(tmp_path: Path) -> None:
    lines = LINE + "[1]\n" * 50 + "{\n" * 50 + LINE
    first, run, last = told(put(tmp_path / "a.jsonl", lines.encode()))
    assert (first, last) == ("row 1", "row 102")
    assert run.startswith(
        "rows 2-101: 100 rows that cannot be read: no JSON object (50); no JSON ("
    )


def test_rows_of_a_load_file(tmp_path: Path) -> None:
    header = ["DOCID", "FROM", "SUBJECT", "TEXT"]
    rows = [["A1", "ada@quay.example", "crates", "see"], *[["x", "y"]] * 40]
    assert told(put(tmp_path / "a.dat", dat([header, *rows]).encode())) == [
        "row 1 (A1)",
        "rows 2-41: 40 rows that cannot be read: 2 columns, and the header has 4",
    ]


def test_runs_are_bounded_and_a_scan_resumes_at_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreadable, "RUN_MAX", 3)
    path = put(tmp_path / "a.csv", (HEADER + GOOD + "x,\r\n" * 7 + GOOD + "x\r\n" * 2).encode())
    assert [line.split(":")[0] for line in told(path)] == [
        "row 1", "rows 2-4", "rows 5-7", "row 8", "row 9", "rows 10-11",
    ]  # fmt: skip
    (unit,) = discover([path])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    for skip in range(len(whole) + 1):
        assert list(unit.events(skip)) == whole[skip:]
