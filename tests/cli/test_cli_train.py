"""``riskscan train``: a model folder from files, tables for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from labelled_building import examples, one_thread, write_jsonl
from typer.testing import CliRunner

from riskscan.case.open import open_case
from riskscan.cli import app
from riskscan.detect.model import describe_model, load_model
from riskscan.learn import train as training

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(training, "write_plots", lambda *_: {})
    with one_thread():
        yield


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "labels.jsonl", examples())


def test_people_read_a_table(labels: Path, tmp_path: Path) -> None:
    ran = RUN.invoke(app, ["train", str(labels), "--out", str(tmp_path / "mine")])
    assert ran.exit_code == 0, ran.output
    assert "Learnt from 57 messages, 10 of them flagged" in ran.stdout
    assert "3 messages unsure were not learnt from" in ran.stdout
    assert "average precision" in ran.stdout
    assert "95% interval" in ran.stdout
    assert f"Model: {tmp_path / 'mine'}" in ran.stdout
    assert "fold 1 of 5" in ran.stderr
    assert load_model(tmp_path / "mine").threshold > 0


def test_machines_read_json(labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    command = ["train", str(labels), "--out", str(out), "--target-recall", "1", "--seed", "3"]
    ran = RUN.invoke(app, [*command, "--json"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert ran.stderr == ""
    assert told["seed"] == describe_model(out)["seed"] == 3
    assert told["thresholds"]["chosen_for"] == "recall of at least 1"
    assert told["metrics"] == describe_model(out)["metrics"]
    assert told["fingerprint"] == describe_model(out)["fingerprint"]


def test_faults_are_sentences(labels: Path, tmp_path: Path) -> None:
    def told(*options: str, code: int = 1) -> str:
        ran = RUN.invoke(app, ["train", *options, "--out", str(tmp_path / "mine")])
        assert ran.exit_code == code, ran.output
        assert "Traceback" not in ran.output
        assert not (tmp_path / "mine").exists()
        return ran.stderr

    bad = write_jsonl(tmp_path / "bad.jsonl", [{"text": "x", "flag": 1}, {"flag": 1}])
    assert "line 2: there is no 'text'" in told(str(bad))
    assert "Name one aim" in told(str(labels), "--budget", "0.1", "--target-recall", "0.9")
    assert "--base" in told(str(labels), "--base", "other", code=2)
    with open_case(tmp_path / "case"):
        pass
    assert "holds no decisions to learn from" in told(str(tmp_path / "case"))
    few = write_jsonl(tmp_path / "few.jsonl", examples(12))
    assert "at least 5 threads" in told(str(few))
