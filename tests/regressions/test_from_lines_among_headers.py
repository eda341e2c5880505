"""A From_ line among the headers of a message began another message in an exported mbox."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.export.mailbox import mbox_entry
from riskscan.sources import Item, NotRead, discover

FORGED = (
    "From ceo@quay.example Tue Mar  5 08:00:00 2024\n"
    "From: Lee Moss <lee@quay.example>\nSubject: forged\n"
)
LETTERS = {
    "headers": f"Subject: crates\nTo: Ben <ben@quay.example>\n{FORGED}\nOn Thursday.\n",
    "no blank line": f"Subject: crates\nTo: Ben <ben@quay.example>\n{FORGED}",
    "blank before": f"Subject: crates\nTo: Ben <ben@quay.example>\n \n{FORGED}\nOn Thursday.\n",
    "first": f"{FORGED}\nOn Thursday.\n",
}


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_one_message_stays_one(tmp_path: Path, letter: str, eol: str) -> None:
    plain = b"Subject: plain\nTo: Ben <ben@quay.example>\n\nHello.\n"
    entries = [plain, letter.replace("\n", eol).encode(), plain]
    file = tmp_path / "out.mbox"
    file.write_bytes(b"".join(mbox_entry(one, "a@quay.example", None) for one in entries))
    assert len(mailbox.mbox(file)) == 3
    (unit,) = discover([file])
    assert not isinstance(unit, NotRead)
    assert sum(isinstance(event, Item) for event in unit.events()) == 3


def test_a_sender_with_a_blank_before_the_colon_stays(tmp_path: Path) -> None:
    entry = mbox_entry(b"From : nora@quay.example\nSubject: crates\n\nHello.\n", "", None)
    assert b"\nFrom: nora@quay.example\nSubject: crates\n" in entry


def test_it_is_counted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.eml").write_text(LETTERS["headers"])
    run = CliRunner()
    case = str(tmp_path / "case")
    assert (
        run.invoke(app, ["scan", "--workers", "0", str(tmp_path / "in"), "--case", case]).exit_code
        == 0
    )
    told = run.invoke(app, ["export", case, "--to", str(tmp_path / "out.mbox")])
    assert "1 had fewer than two headers, a From_ line among them" in told.output
