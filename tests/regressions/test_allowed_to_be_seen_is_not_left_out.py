"""With --allow-seen it was said that messages were left out, and none was."""

from __future__ import annotations

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


def test_the_sentence(tmp_path: Path) -> None:
    quick = RiskClassifier(folds=2)
    train([data_set()], out=tmp_path / "mine", folds=2, samples=20, classifier=quick)
    flagged = [e for e in examples() if e.flag and not e.unsure]
    one_sided = write_jsonl(tmp_path / "one.jsonl", flagged)
    ran = RUN.invoke(app, ["evaluate", str(tmp_path / "mine"), str(one_sided), "--allow-seen"])
    assert ran.exit_code == 1
    assert "10 flagged and 0 others." in " ".join(ran.stderr.split())
