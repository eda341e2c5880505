"""Training entities wrote spaCy's table to standard output, where a command prints JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskscan.language.train import train_entities


def test_training_prints_nothing_where_machines_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "The vessel Nordic Tern left."
    line = json.dumps({"text": text, "entities": [[11, 22, "SHIP"]]})
    (tmp_path / "ships.jsonl").write_text("\n".join([line] * 20))
    train_entities([tmp_path / "ships.jsonl"], tmp_path / "model", steps=1)
    assert capsys.readouterr().out == ""
