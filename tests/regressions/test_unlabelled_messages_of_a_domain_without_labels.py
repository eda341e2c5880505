"""``train --unlabelled`` ended in a traceback when nothing labelled was of the domain."""

from __future__ import annotations

from pathlib import Path

from labelled_building import write_jsonl
from typer.testing import CliRunner

from riskscan.cli import app


def test_it_is_told(tmp_path: Path) -> None:
    rows = [
        {
            "text": f"Post {n} says that we {verb} the second invoice.",
            "flag": flag,
            "domain": "chat",
        }
        for n in range(6)
        for flag, verb in ((0, "paid"), (1, "hid"))
    ]
    file = write_jsonl(tmp_path / "posts.jsonl", [*rows, {"text": "A message that nobody read."}])
    command = ["train", str(file), "--out", str(tmp_path / "m"), "--no-encoder", "--unlabelled"]
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 1
    assert "without a flag of domain 'mail', and none with" in ran.stderr
