"""Without the list of what its encoder was taught, a model took all of that for unseen messages."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from labelled_building import examples, one_thread, write_jsonl
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.detect.encoder import TAUGHT
from riskscan.learn.seen import FILE
from riskscan.paths import shipped_model

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_model("detector"), tmp_path / "model"))


def test_it_says_that_it_does_not_know(model: Path, tmp_path: Path) -> None:
    fresh = write_jsonl(tmp_path / "fresh.jsonl", examples(36, seed=8))
    ran = RUN.invoke(app, ["evaluate", str(model), str(fresh)])
    assert "does not tell what it was trained on" not in ran.stdout
    (model / TAUGHT).unlink()
    ran = RUN.invoke(app, ["evaluate", str(model), str(fresh)])
    assert ran.exit_code == 0, ran.output
    assert "does not tell what it was trained on" in ran.stdout


def test_a_pickle_is_refused_without_advice(model: Path, tmp_path: Path) -> None:
    fresh = write_jsonl(tmp_path / "fresh.jsonl", examples(36, seed=8))
    (model / FILE).write_bytes(pickle.dumps(["x"]))
    ran = RUN.invoke(app, ["evaluate", str(model), str(fresh)])
    assert ran.exit_code == 1
    assert "is damaged: it is no array of hashes." in " ".join(ran.stderr.split())
    assert "allow_pickle" not in ran.stderr
