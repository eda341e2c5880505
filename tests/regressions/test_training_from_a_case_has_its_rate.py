"""``train`` and ``evaluate`` took the decisions of a case as they are: flagged ones far too common.

A review reads the likeliest first. ``learn --out`` knew that, ``train CASE`` did not.
"""

from __future__ import annotations

import json
from pathlib import Path

from labelled_building import one_thread, write_jsonl
from loop_building import build_case, decide
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.learn.sampling import read_weighted


def _reviewed(tmp_path: Path) -> Path:
    truth = build_case(tmp_path / "case", 240)
    flagged = [m for m, flag in truth.items() if flag]
    others = [m for m, flag in truth.items() if not flag]
    decide(tmp_path / "case", flagged[:40] + others[:20], truth)
    return tmp_path / "case"


def test_decisions_stand_for_their_case(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "more.jsonl", [{"text": "a", "flag": 0}])
    (data, more), told = read_weighted([_reviewed(tmp_path), file])
    weight = {flag: sum(e.weight for e in data.examples if e.flag == flag) for flag in (0, 1)}
    assert len(data.examples) == 60
    assert 2 * weight[1] < weight[0]
    assert told.startswith("The decisions in ")
    assert [e.weight for e in more.examples] == [1.0]


def test_the_card_of_a_model_trained_on_a_case_says_so(tmp_path: Path) -> None:
    case, out = _reviewed(tmp_path), tmp_path / "mine"
    with one_thread():
        ran = CliRunner().invoke(app, ["train", str(case), "--out", str(out), "--no-encoder"])
        assert ran.exit_code == 0, ran.output
        assert "are weighted so that" in ran.stderr
        assert "are weighted so that" in (out / "README.md").read_text("utf-8")
        rate = json.loads((out / "model.json").read_text())["metrics"]["overall"]["rate"]["value"]
        assert rate < 0.4
        ran = CliRunner().invoke(app, ["evaluate", str(out), str(case), "--allow-seen"])
    assert ran.exit_code == 0, ran.output
    assert "are weighted so that" in ran.stderr
