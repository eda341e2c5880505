"""Values at the edge of what a number or a line is ended trainings and replays in tracebacks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from labelled_building import as_row, examples, write_jsonl

from riskscan.detect.errors import ModelError
from riskscan.learn.data import read_data
from riskscan.learn.errors import DataError
from riskscan.learn.seen import FILE, load_hashes
from riskscan.learn.simulate import read_labelled


@pytest.mark.parametrize(
    "row",
    [
        '{"text":"x","flag":1,"body":"a","authored":"a","segments":[{"role":"authored","start":1e999,"end":3}]}',
        '{"authored":"x","flag":1,"body":"a","segments":[{"role":"authored","start":1e999,"end":3}]}',
        '{"text":"x","flag":1,"weight":5e-324}',
    ],
)
def test_labels(tmp_path: Path, row: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(row + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1"):
        read_data(file)


def _replayed(tmp_path: Path, **last: object) -> Path:
    rows = [as_row(one) | {"score": 0.5, "unsure": 0} for one in examples()]
    return write_jsonl(tmp_path / "a.jsonl", [*rows, {"text": "The last", "flag": 0, **last}])


def test_a_replay_of_lines_with_odd_characters(tmp_path: Path) -> None:
    file = _replayed(tmp_path, text="One\u2028two", score=0.25)
    told = file.read_text("utf-8").replace("\\u2028", "\u2028")
    file.write_text(told, encoding="utf-8")
    labelled = read_labelled(file)
    assert labelled.scores.min() == 0.25


def test_a_replay_of_a_row_whose_flag_is_blank(tmp_path: Path) -> None:
    assert len(read_labelled(_replayed(tmp_path, flag=" ")).scores) == 60


def test_a_replay_of_a_score_that_no_number_holds(tmp_path: Path) -> None:
    file = _replayed(tmp_path, score=0.25)
    file.write_text(file.read_text("utf-8").replace("0.25", "1" + "0" * 400), encoding="utf-8")
    with pytest.raises(DataError, match="'score' must be a probability"):
        read_labelled(file)


@pytest.mark.parametrize("shape", [(10**12, 3), (10**22, 3)])
def test_hashes_that_claim_more_than_there_is(tmp_path: Path, shape: tuple[int, int]) -> None:
    header = {"descr": "<u2", "fortran_order": False, "shape": shape}
    with (tmp_path / FILE).open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="damaged"):
        load_hashes(tmp_path)


@pytest.mark.parametrize("content", [b"PK\x03\x04 and no archive", b"", json.dumps([1]).encode()])
def test_hashes_that_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        load_hashes(tmp_path)
