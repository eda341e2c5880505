"""``riskscan learn --help`` said "(minutes)"; it took 24 on a busy machine."""

from __future__ import annotations

from typer.testing import CliRunner

from riskscan.cli import app


def test_the_help_says_what_is_done_and_how_long_that_takes() -> None:
    ran = CliRunner().invoke(app, ["learn", "--help"], env={"COLUMNS": "200"})
    told = " ".join(ran.stdout.split())
    assert "six trainings" in told
    assert "busy machine" in told
