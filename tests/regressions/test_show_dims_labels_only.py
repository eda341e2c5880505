"""``riskscan show`` dimmed the values of a message's fields with their names."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from scan_building import mail, write_mbox
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.cli import show as module
from riskscan.scanning import run_scan

DIM, PLAINLY = "\x1b[2m", "\x1b[0m"


def test_the_subject_is_not_dim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_scan([write_mbox(tmp_path / "box.mbox", [mail(1)])], tmp_path / "case", entities="none")
    file = io.StringIO()
    monkeypatch.setattr(
        module,
        "out",
        lambda: Console(file=file, force_terminal=True, color_system="standard", width=100),
    )
    ran = CliRunner().invoke(app, ["show", str(tmp_path / "case"), "1"])
    assert ran.exit_code == 0
    assert f"{DIM}Subject     {PLAINLY}crates" in file.getvalue()
