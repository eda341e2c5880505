"""Thunderbird took messages of one header for the end of the one before, and hid deleted ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.export.mailbox import mbox_entry

# What Thunderbird 153 asks of the lines after a From_ line, found out with it.
TWO_FIELDS = re.compile(rb"From [^\n]*\n[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*[!-9;-~]+:")


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: crates\n\nOn Thursday.\n",
        b"Subject: crates\n on two\n lines\n\nOn Thursday.\n",
        b"Subject : crates\nTo : nora@quayside.example\n\nOn Thursday.\n",
        b"No header at all.\n",
        b"\nA blank line first.\n",
        b"Subject: crates\r\rOn Thursday.\r",
        b"Subject: " + b"x" * 20_000,
        b"",
    ],
)
def test_two_headers_follow_each_from_line(data: bytes) -> None:
    entry = mbox_entry(data, "nora@quayside.example", None)
    assert TWO_FIELDS.match(entry)
    assert data.replace(b"\r", b"\n").strip() in entry


def test_a_message_with_two_headers_is_as_found() -> None:
    data = b"Subject: crates\r\nFrom: nora@quayside.example\r\n\r\nOn Thursday.\r\n"
    assert mbox_entry(data, "", None).split(b"\n", 1)[1] == data + b"\n"


def test_what_it_hides_is_counted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, status in enumerate(("0009", "0001", "1008")):
        (tmp_path / "in" / f"{number}.eml").write_text(
            f"X-Mozilla-Status: {status}\nFrom: Nora <nora@quayside.example>\n"
            f"Subject: crates {number}\n\nX-Mozilla-Status: 0008\nOn Thursday.\n"
        )
    case, run = str(tmp_path / "case"), CliRunner()
    assert (
        run.invoke(app, ["scan", "--workers", "0", str(tmp_path / "in"), "--case", case]).exit_code
        == 0
    )
    told = run.invoke(app, ["export", case, "--to", str(tmp_path / "out.mbox")])
    assert told.exit_code == 0
    assert "2 carry Thunderbird's mark of a deleted message" in told.output
    assert (tmp_path / "out.mbox").read_bytes().count(b"X-Mozilla-Status: 0009\n") == 1
