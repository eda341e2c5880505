"""Collapsing left covering notes out with their attachments, and said nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scan_building import attached, mail, multipart, text_part, write_mbox
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.scanning import run_scan

NOTE = (
    "Please find attached the agreement for the berth as we settled it on the telephone, and send "
    "it back signed to the office in two copies before Friday."
)
INNER = mail(9, "The tug is late.", subject="tug").decode()


def note(number: int, *parts: str) -> bytes:
    return multipart(number, [text_part(NOTE), *parts], subject=f"agreement {number}")


def embedded(inner: str) -> str:
    return f"Content-Type: message/rfc822\n\n{inner}"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    box = [
        note(1, attached("a.txt", "Agreement with the Tern.")),
        note(2, attached("a.txt", "Agreement with the Gull.")),
        note(3, attached("again.txt", "Agreement with the Tern.")),
        note(4),
        note(5, embedded(INNER)),
        note(6, embedded(INNER)),  # a copy of what is in 5
        note(7, embedded(INNER.replace("late", "early").replace("<9@", "<8@"))),
    ]
    write_mbox(folder / "in" / "nora.mbox", box)
    run_scan([folder / "in"], folder / "case", entities="none")
    return folder / "case"


def export(case: Path, to: str, *options: str) -> str:
    arguments = ["export", str(case), "--to", str(case.parent / to), *options]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


KEPT = {"agreement 1", "agreement 2", "agreement 5", "agreement 7"}


def test_a_production_holds_every_attachment_and_counts_what_it_leaves_out(case: Path) -> None:
    told = export(case, "prod", "--format", "concordance", "--collapse", "near-duplicates")
    assert "3 messages are left out, for which others stand" in told
    prod = case.parent / "prod"
    assert json.loads((prod / "production.json").read_text())["stood_for"] == 3
    texts = "".join(path.read_text("utf-8") for path in sorted((prod / "TEXT").rglob("*.txt")))
    for held in ("the Tern", "the Gull", "The tug is late", "The tug is early"):
        assert held in texts


@pytest.mark.parametrize("to", ["out.jsonl", "out.mbox"])
def test_so_do_tables_and_mail(case: Path, to: str) -> None:
    told = export(case, to, "--collapse", "near-duplicates")
    assert "3 messages are left out, for which others stand" in told
    written = (case.parent / to).read_text("utf-8")
    assert {f"agreement {n}" for n in range(1, 8) if f"agreement {n}" in written} == KEPT
    assert "left out" not in export(case, f"whole-{to}")
