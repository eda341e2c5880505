"""``riskscan score`` took a duplicate inside another message for a message without a score."""

from __future__ import annotations

from pathlib import Path

from scan_building import embedded, mail, multipart, text_part, write_mbox
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.paths import shipped_model
from riskscan.scanning import run_scan


def test_everything_is_scored(tmp_path: Path) -> None:
    inner = mail(50, "The crates are at the gate.")
    box = write_mbox(
        tmp_path / "box.mbox",
        [inner, multipart(1, [text_part("See below."), embedded(inner)])],
    )
    run_scan([box], tmp_path / "case", entities="none")
    model = str(shipped_model("detector"))
    command = ["score", str(tmp_path / "case"), "--model", model, "--workers", "0"]
    ran = CliRunner().invoke(app, command)
    assert "Scored  2 of 2 messages" in ran.stdout
    assert ran.exit_code == 0
