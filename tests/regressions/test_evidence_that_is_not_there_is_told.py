"""Evidence that was no part of its text was passed over in silence, and counted as a miss."""

from __future__ import annotations

from pathlib import Path

import pytest
from labelled_building import as_row, data_set, examples, fitted, write_jsonl
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.detect.model import save_model
from riskscan.learn.data import read_data
from riskscan.learn.errors import DataError
from riskscan.learn.evaluate import evaluate


def test_it_is_counted_and_measured_on_the_others(tmp_path: Path) -> None:
    save_model(fitted(), tmp_path / "m", {})
    rows = [as_row(one) for one in examples(seed=3)]
    paraphrased = [row for row in rows if row["flag"] and not row["unsure"]][:4]
    before = evaluate(tmp_path / "m", [data_set(seed=3)], samples=5)
    for row in paraphrased:
        row["evidence"] = ["words that nobody wrote"]
    file = write_jsonl(tmp_path / "a.jsonl", [*rows, {"text": "Nobody judged this one."}])
    after = evaluate(tmp_path / "m", [read_data(file)], samples=5)
    assert (before["evidence_not_found"], after["evidence_not_found"]) == (0, 4)
    assert before["evidence"]["messages"] - after["evidence"]["messages"] == 4
    ran = CliRunner().invoke(app, ["evaluate", str(tmp_path / "m"), str(file)])
    assert "The evidence of 4 is not in their text" in " ".join(ran.stdout.split())
    assert "1 without a flag were left out." in ran.stdout


def test_evidence_of_nothing_is_a_fault(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", [{"text": "x y", "flag": 0, "evidence": ["x"]}])
    with pytest.raises(DataError, match="line 1: there is evidence although the flag is 0"):
        read_data(file)
