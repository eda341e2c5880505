"""``riskscan learn``, ``validate`` and ``simulate`` as people and machines meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from labelled_building import as_row, examples, write_jsonl
from loop_building import build_case, decide
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.learn.validate import last_sample

RUN = CliRunner()


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "case"


def test_learn_tells_what_was_learnt(case: Path) -> None:
    truth = build_case(case)
    decide(case, list(truth)[:80], truth)
    ran = RUN.invoke(app, ["learn", str(case)])
    assert ran.exit_code == 0, ran.output
    assert "Learnt from 80 decisions, 14 of them to flag; ranked 120 messages." in ran.stdout
    assert "Towards flag: " in ran.stdout
    told = json.loads(RUN.invoke(app, ["learn", str(case), "--json"]).stdout)
    assert told["decided"] == 80
    assert told["learnt"]


def test_validate_draws_waits_and_reports(case: Path) -> None:
    truth = build_case(case)
    decide(case, list(truth)[:40], truth)
    ran = RUN.invoke(app, ["validate", str(case), "--sample", "30", "--seed", "4"])
    assert ran.exit_code == 0, ran.output
    assert "Drew 30 messages (sample 1 of the case, seed 4)" in ran.stdout
    early = RUN.invoke(app, ["validate", str(case)])
    assert early.exit_code == 1
    assert "30 of the 30 sampled messages are undecided" in early.stderr
    with Case(case) as opened, opened.connect() as connection:
        sample = last_sample(connection)
    assert sample is not None
    decide(case, [m for m, _, _ in sample.messages], truth, "Bo <script>alert(1)</script>")
    ran = RUN.invoke(app, ["validate", str(case)])
    assert ran.exit_code == 0, ran.output
    assert "Recall" in ran.stdout
    page = (case / "validation.html").read_text("utf-8")
    told = json.loads((case / "validation.json").read_text("utf-8"))
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert f"{told['sample']['sha256']}" in page
    assert told["sample"]["seed"] == 4
    assert told["recall"]["low"] <= told["recall"]["value"] <= told["recall"]["high"]
    assert (
        json.loads(RUN.invoke(app, ["validate", str(case), "--json"]).stdout)["recall"]
        == (told["recall"])
    )


def test_simulate_prints_and_writes_figures_and_plot(tmp_path: Path) -> None:
    rows = [as_row(one) | {"score": 0.2 if one.flag else 0.1} for one in examples(60)]
    data = write_jsonl(tmp_path / "labels.jsonl", rows)
    out = tmp_path / "out"
    ran = RUN.invoke(app, ["simulate", str(data), "--runs", "1", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "read for a recall of" in ran.stdout
    assert "stopping rule" in ran.stdout
    assert (out / "recall-effort.svg").read_text("utf-8").startswith("<?xml")
    told = json.loads((out / "simulation.json").read_text("utf-8"))
    machine = RUN.invoke(app, ["simulate", str(data), "--runs", "1", "--json"])
    assert json.loads(machine.stdout) == told


def test_a_case_without_decisions_is_told(tmp_path: Path) -> None:
    ran = RUN.invoke(app, ["simulate", str(tmp_path / "none.jsonl")])
    assert ran.exit_code == 1
    assert "There is no file" in ran.stderr
