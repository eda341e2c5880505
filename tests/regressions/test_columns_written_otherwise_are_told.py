"""A column named "Group" or " weight" was passed over, and of two named "flag" the last one won."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from riskscan.learn.data import read_data
from riskscan.learn.errors import DataError


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("text,flag,Group", "name the column 'Group' 'group'"),
        ("text,flag, weight", "name the column ' weight' 'weight'"),
        ("text,flag,flag", "the column 'flag' is there twice"),
    ],
)
def test_a_table(tmp_path: Path, head: str, told: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"{head}\nhello,1,0\n", encoding="utf-8")
    with pytest.raises(DataError, match=told):
        read_data(file)


def test_a_line(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "a", "flag": 1}\n{"text": "b", "flag": 0, "Weight": 3}\n')
    with pytest.raises(DataError, match="line 2: name the column 'Weight' 'weight'"):
        read_data(file)


def test_parquet(tmp_path: Path) -> None:
    columns = [pa.array(["a"]), pa.array([1]), pa.array([0])]
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.Table.from_arrays(columns, ["text", "flag", "flag"]), file)
    with pytest.raises(DataError, match="the column 'flag' is there twice"):
        read_data(file)
    parquet.write_table(pa.Table.from_arrays(columns, ["text", "flag", "Unsure"]), file)
    with pytest.raises(DataError, match="name the column 'Unsure' 'unsure'"):
        read_data(file)


def test_other_columns_are_nobody_s_business(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,flag,Text,note,note\nhello,1,a,b,c\n", encoding="utf-8")
    assert read_data(file).examples[0].text == "hello"
