"""Of copies with other Message-IDs only the one that was read first had its replies about it."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from riskscan.case.read import Case
from riskscan.scanning import run_scan

SENT = """\
From: Mara Voss <mara@quillon.example>
To: Ilan Brandt <ilan@tern.example>
Subject: The second berth
Date: Thu, 31 May 2001 10:00:00 +0000
{id}
The second berth is free from Monday on, so the Tern can lie there.
"""
REPLY = """\
From: Ilan Brandt <ilan@tern.example>
To: Pilar Osei <pilar@osei.example>
Subject: Tugs
Date: Fri, 01 Jun 2001 11:00:00 +0000
Message-ID: <reply@tern.example>
In-Reply-To: <received@quillon.example>

Two of them, please, for what Mara says.
"""
MAIL = {
    "sent": SENT.format(id=""),  # as it lies with the sender: no server has seen it
    "got": SENT.format(id="Message-ID: <received@quillon.example>\n"),
    "journal": SENT.format(id="Message-ID: <journal@quillon.example>\n"),
    "reply": REPLY,
}


def threads(case: Path) -> dict[str, str]:
    with Case(case) as opened:
        mail = opened.messages()
    return dict(zip(mail["subject"], mail["thread_id"], strict=True))


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores and people are of no matter here, and take time."""
    for stage in ("score", "merge", "group"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)


@pytest.fixture
def mailboxes(tmp_path: Path) -> dict[str, Path]:
    folders = {name: tmp_path / name for name in MAIL}
    for name, folder in folders.items():
        folder.mkdir()
        (folder / f"{name}.eml").write_text(MAIL[name], "utf-8")
    return folders


def test_whatever_is_read_first(mailboxes: dict[str, Path], tmp_path: Path) -> None:
    found = set()
    for number, order in enumerate(itertools.permutations(MAIL)):
        if number % 5 == 0:
            case = tmp_path / f"case{number}"
            # Two at a time: a copy may come when the others have their threads.
            run_scan([mailboxes[name] for name in order[:2]], case, entities="none")
            run_scan([mailboxes[name] for name in order[2:]], case, entities="none")
            told = threads(case)
            assert set(told) == {"The second berth", "Tugs"}
            assert told["The second berth"] == told["Tugs"], order
            found.add(told["Tugs"])
    assert len(found) == 1
