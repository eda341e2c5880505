"""Whoever left the flag blank for "no" never heard that these rows were left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from labelled_building import as_row, examples, one_thread, write_jsonl
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.learn import train as training

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(training, "write_plots", lambda *_: {})
    with one_thread():
        yield


def test_their_number_and_what_would_use_them(tmp_path: Path) -> None:
    rows = [as_row(e) for e in examples()]
    rows += [{**as_row(e), "flag": None, "signals": [], "evidence": []} for e in examples(9, 4)]
    labels = write_jsonl(tmp_path / "labels.jsonl", rows)
    command = ["train", str(labels), "--no-encoder", "--out", str(tmp_path / "mine")]
    ran = RUN.invoke(app, command)
    assert ran.exit_code == 0, ran.output
    assert "9 messages without a flag were left out; --unlabelled" in ran.stdout
    ran = RUN.invoke(app, [*command, "--unlabelled"])
    assert ran.exit_code == 0, ran.output
    assert "without a flag" not in ran.stdout
    assert "and 9 unlabelled ones" in ran.stdout
