"""A scan of an Outlook data file with damaged blocks ended as if everything had been read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pst_building import Folder, attached, letter, write_pst
from source_building import put
from test_pst_block_checks import BODY, flipped
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import run_scan

WRONG = "the checksum of a block is wrong"
LETTERS = [
    letter(1, {BODY: "The flipped tide."}),
    letter(2),
    letter(3, None, [attached("pier.txt", b"the flipped pier " * 900)]),
    letter(4, {0x80FF0102: b"by another program " * 300}),
]


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores and people are of no matter here, and take time."""
    for stage in ("score", "merge", "group"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)


def scanned(folder: Path, data: bytes) -> tuple[int, str]:
    box = put(folder / "ada.pst", data)
    told = [
        "scan",
        "--workers",
        "0",
        str(box),
        "--case",
        str(folder / "case"),
        "--entities",
        "none",
    ]
    result = CliRunner().invoke(app, [*told, "--workers", "0"])
    return result.exit_code, " ".join(result.stdout.split())


def whole() -> bytes:
    return write_pst([Folder("Inbox", LETTERS)])


def test_damaged_parts_of_messages_are_named_and_counted(tmp_path: Path) -> None:
    data = flipped(flipped(whole(), "The flipped tide."), b"the flipped pier ")
    code, told = scanned(tmp_path, data)
    assert code == 3
    assert "Found 4 messages = 4 stored + 0 duplicates + 0 quarantined" in told
    assert "Not read 2 files, or parts of files and messages" in told
    for part in ("its properties, the subject and the text among them", "attachment 'pier.txt'"):
        told_of = f"damaged in the data file: {part} ({WRONG}); the rest of the message is stored"
        assert told_of in told
    with Case(tmp_path / "case") as case:
        document = case.full_manifest()
        places = [row["place"] for row in case.unread("not read")]
        stored = {record["place"] for record in case.records()}
    assert len(places) == 2
    assert set(places) < stored
    assert (document["adds_up"], document["complete"]) == (True, False)
    assert document["sources"][0]["not_read"] == 2
    result = CliRunner().invoke(app, ["manifest", str(tmp_path / "case"), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["totals"]["not_read"]) == (3, 2)


def test_what_is_not_read_anyway_is_no_loss(tmp_path: Path) -> None:
    assert scanned(tmp_path, flipped(whole(), b"by another program "))[0] == 0
