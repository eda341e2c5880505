"""Dates, durations and letters of Parquet, huge weights and seeds ended in a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from labelled_building import as_row, examples, write_jsonl
from pyarrow import parquet
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.learn.data import read_data
from riskscan.learn.errors import DataError

ROWS = [as_row(e) for e in examples(12)]


def _parquet(file: Path, **columns: pa.Array) -> Path:
    table = pa.table({name: [row[name] for row in ROWS] for name in ROWS[0]})
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.drop_columns(name) if place >= 0 else table
        table = table.append_column(name, values)
    parquet.write_table(table, file)
    return file


@pytest.mark.parametrize(
    "values",
    [
        pa.array([2**45] * 12, pa.timestamp("s")),
        pa.array([2**50] * 12, pa.duration("s")),
        pa.array([0] * 12, pa.timestamp("s", tz="Nowhere/Nothing")),
    ],
)
def test_what_nobody_asked_for_is_not_read(tmp_path: Path, values: pa.Array) -> None:
    file = _parquet(tmp_path / "labels.parquet", sent=values)
    assert len(read_data(file).examples) == 12


def test_letters_that_are_none(tmp_path: Path) -> None:
    bad = pa.array([b"\xff\xfe"] * 12, pa.binary()).cast(pa.string(), safe=False)
    # pyarrow checks what it casts: the buffers are taken as they are.
    raw = pa.array([b"\xff\xfe"] * 12, pa.binary()) if bad is None else None
    assert raw is None
    file = _parquet(tmp_path / "labels.parquet", authored=bad)
    with pytest.raises(DataError, match="rows from 1 on: a value cannot be read"):
        read_data(file)


@pytest.mark.parametrize("weight", [10**400, 1e308, 1e13])
def test_weights_beyond_measure(tmp_path: Path, weight: float) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps({**ROWS[0], "weight": weight}))
    with pytest.raises(DataError, match="'weight' must be a number from 1e-12 to 1e\\+12"):
        read_data(file)


@pytest.mark.parametrize("command", ["train", "evaluate", "learn", "simulate", "train-entities"])
def test_seeds_beyond_measure(command: str) -> None:
    ran = CliRunner().invoke(app, [command, "x", "--seed", str(2**32)])
    assert ran.exit_code == 2
    assert "4294967295" in ran.stderr


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_text_that_is_blank(tmp_path: Path, text: str) -> None:
    (one,) = read_data(write_jsonl(tmp_path / "a.jsonl", [{"text": text, "flag": 0}])).examples
    assert one.text == ""


@pytest.mark.parametrize(
    ("row", "evidence"),
    [
        ({"evidence": "[sic] we hid it"}, ("[sic] we hid it",)),
        ({"evidence": '["we hid it"]'}, ("we hid it",)),
    ],
)
def test_evidence_in_brackets(
    tmp_path: Path, row: dict[str, Any], evidence: tuple[str, ...]
) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", [{"text": "[sic] we hid it", "flag": 1, **row}])
    assert read_data(file).examples[0].evidence == evidence


def test_a_list_as_python_writes_it(tmp_path: Path) -> None:
    row = {"text": "We hid it.", "flag": 1, "signals": "['admission']"}
    file = write_jsonl(tmp_path / "a.jsonl", [row])
    with pytest.raises(DataError, match="double quotes around texts"):
        read_data(file)
