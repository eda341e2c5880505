"""``riskscan evaluate``: figures on unseen messages, and plain words about seen ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from labelled_building import data_set, examples, one_thread, write_jsonl
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.detect.classifier import RiskClassifier
from riskscan.learn.train import train

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "mine"
    with one_thread():
        quick = RiskClassifier(folds=2)
        train([data_set()], out=folder, folds=2, samples=20, classifier=quick)
    return folder


def test_people_read_a_table(mine: Path, tmp_path: Path) -> None:
    fresh = write_jsonl(tmp_path / "fresh.jsonl", [*examples(36, seed=8), *examples(12)])
    ran = RUN.invoke(app, ["evaluate", str(mine), str(fresh)])
    assert ran.exit_code == 0, ran.output
    assert "34 messages, 6 of them flagged" in ran.stdout
    assert "11 that the model was trained on were left out." in ran.stdout
    assert "3 unsure ones were left out." in ran.stdout
    assert "recall, top 5% read" in ran.stdout
    assert "top finding overlaps the evidence" in ran.stdout
    assert "concealment" in ran.stdout
    kept = RUN.invoke(app, ["evaluate", str(mine), str(fresh), "--allow-seen"])
    assert "11 of them the model was trained on: the figures flatter it." in kept.stdout


def test_machines_read_json(mine: Path, tmp_path: Path) -> None:
    fresh = write_jsonl(tmp_path / "fresh.jsonl", examples(36, seed=8))
    ran = RUN.invoke(app, ["evaluate", str(mine), str(fresh), "--json"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert told["seen"] == 0
    assert set(told["overall"]["average_precision"]) == {"value", "low", "high"}
    assert ran.stdout == RUN.invoke(app, ["evaluate", str(mine), str(fresh), "--json"]).stdout


def test_faults_are_sentences(mine: Path, tmp_path: Path) -> None:
    seen = write_jsonl(tmp_path / "seen.jsonl", [e for e in examples() if not e.unsure])
    ran = RUN.invoke(app, ["evaluate", str(mine), str(seen)])
    assert ran.exit_code == 1
    assert "was trained on every message of 'seen.jsonl'" in ran.stderr
    ran = RUN.invoke(app, ["evaluate", str(tmp_path), str(seen)])
    assert ran.exit_code == 1
    assert "There is no riskscan model" in ran.stderr
