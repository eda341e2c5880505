"""The manifest counts the posts that a chat says were deleted, text and all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import run_scan

CHAT = """\
12/03/2024, 09:00 - Messages and calls are end-to-end encrypted. Tap to learn more.
12/03/2024, 09:01 - Ana Lima: is this allowed?
12/03/2024, 09:02 - Ben Tarn: This message was deleted
12/03/2024, 09:03 - Ben Tarn: This message was deleted
12/03/2024, 09:04 - Ana Lima: I saw that.
"""


def test_deleted_posts_have_a_line_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stage in ("score", "merge"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
    export = tmp_path / "export" / "WhatsApp Chat with Ana.txt"
    export.parent.mkdir()
    export.write_text(CHAT)
    run_scan([export], tmp_path / "case", entities="none")
    with Case(tmp_path / "case") as case:
        document = case.full_manifest()
    (deleted,) = document["deleted_posts"]
    assert (deleted["source"], deleted["posts"]) == (export.name, 2)
    assert document["totals"]["found"] == 2
    told = CliRunner().invoke(app, ["manifest", str(tmp_path / "case")]).output
    assert "2 posts deleted before the export was made, text and all" in told
