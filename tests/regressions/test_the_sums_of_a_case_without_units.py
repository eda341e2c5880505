"""The manifest of a sound case in which nothing became a unit said that its rows were astray."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.scanning import run_scan


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("noise.bin", b"\x13\x37\0\xff" * 50, 3), ("empty.mbox", b"", 0)],
    ids=["of an unknown kind", "empty"],
)
def test_what_is_of_no_unit_is_not_astray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, code: int
) -> None:
    for stage in ("score", "merge"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
    (tmp_path / name).write_bytes(data)
    case = tmp_path / "case"
    run_scan([tmp_path / name], case, entities="none")
    told = CliRunner().invoke(app, ["manifest", str(case), "--json"])
    document = json.loads(told.stdout)
    assert (told.exit_code, document["astray"], document["adds_up"]) == (code, 0, True)
    assert len(document["unread"]) == 1
    assert document["complete"] is (code == 0)
