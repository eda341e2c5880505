"""A training that was stopped promised to go on from there, and started anew."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from riskscan import scanning
from riskscan.cli import app
from riskscan.learn import sampling

RUN = CliRunner()


def _stopped(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_training_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "read_weighted", _stopped)
    ran = RUN.invoke(app, ["train", "labels.jsonl", "--out", "mine"])
    assert ran.exit_code == 130
    assert ran.stderr.strip() == "riskscan: Stopped."


def test_scoring_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "rescore", _stopped)
    ran = RUN.invoke(app, ["score", "case"])
    assert ran.exit_code == 130
    assert "Run the same command again to go on from here." in ran.stderr
