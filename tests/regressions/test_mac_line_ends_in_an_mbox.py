"""A message whose lines end in carriage returns was a part of the one before it in an mbox."""

from __future__ import annotations

import mailbox
from pathlib import Path

from scan_building import mail, write_tree

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.export.mailbox import write_mbox
from riskscan.scanning import run_scan


def test_other_programs_find_it(tmp_path: Path) -> None:
    mac = mail(2, "From here on it is ours.\nAnd so on.", subject="Second")
    old = mac.replace(b"\r\n", b"\n").replace(b"\n", b"\r")
    write_tree(tmp_path / "in", [mail(1, "One.", subject="First"), old])
    run_scan([tmp_path / "in"], tmp_path / "case", entities="none")
    with Case(tmp_path / "case") as case:
        written = write_mbox(case, tmp_path / "out.mbox", Selection())
    assert (written.messages, written.altered) == (2, 1)
    assert "line feeds" in written.notes()[0]
    assert [m["Subject"] for m in mailbox.mbox(tmp_path / "out.mbox")] == ["First", "Second"]
