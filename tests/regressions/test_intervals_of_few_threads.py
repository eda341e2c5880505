"""One flagged message gave intervals from 1 to 1."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labelled_building import data_set, examples, fitted, write_jsonl
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.detect.model import save_model
from riskscan.learn.data import DataSet
from riskscan.learn.evaluate import evaluate


def test_a_few_threads_have_none(tmp_path: Path) -> None:
    save_model(fitted(), tmp_path / "m", {})
    some = [one for one in examples(seed=4) if not one.unsure]
    flagged = [one for one in some if one.flag][:2]
    few = [*flagged, *(one for one in some if not one.flag)]
    told = evaluate(tmp_path / "m", [DataSet("few", tuple(few))], samples=20)
    for figure in told["overall"].values():
        assert figure["value"] is not None
        assert figure["low"] is figure["high"] is None
    ran = CliRunner().invoke(
        app, ["evaluate", str(tmp_path / "m"), str(write_jsonl(tmp_path / "a.jsonl", few))]
    )
    assert "Too few threads hold flagged messages to give intervals." in ran.stdout


def test_all_found_is_not_certain(tmp_path: Path) -> None:
    model = fitted()
    save_model(model, tmp_path / "m", {})
    data = data_set(seed=4)
    # Nothing is missed: each flagged message is as the model knows it.
    sure = [
        replace(one, text=f"{one.text} Keep it off the books so that nobody can trace it back.")
        if one.flag
        else one
        for one in data.examples
    ]
    told = evaluate(tmp_path / "m", [DataSet("a", tuple(sure))], samples=50)
    recall = told["overall"]["recall_at_threshold"]
    assert recall["value"] == recall["high"] == 1.0
    assert 0.5 < recall["low"] < 1.0
