"""Mail that somebody had deleted in Thunderbird looked like any other mail of its folder."""

from __future__ import annotations

from pathlib import Path

from review_building import build_case, reviewing
from scan_building import mail, write_mbox, write_tree

from riskscan.case.read import Case
from riskscan.sources import Item, discover

MARKS = ("X-Mozilla-Status: 0009", "X-Mozilla-Status: 0001", "X-Mozilla-Status2: 00000008", "")
MAILS = [mail(n, "X-Mozilla-Status: 0008\nGone.", headers=mark) for n, mark in enumerate(MARKS, 1)]
DELETED = "Deleted, not compacted"


def folders(export: Path) -> list[str]:
    return [
        event.folder
        for unit in discover([export])
        for event in unit.events()  # type: ignore[union-attr]
        if isinstance(event, Item)
    ]


def test_it_is_told_by_the_folder(tmp_path: Path) -> None:
    inbox = write_mbox(tmp_path / "ada" / "Inbox", MAILS)
    assert folders(inbox.parent) == [f"Inbox/{DELETED}", "Inbox", "Inbox", "Inbox"]
    windows = [mail.replace(b"\n", b"\r\n") for mail in MAILS]
    write_tree(tmp_path / "bo" / "Sent", windows)
    assert folders(tmp_path / "bo") == [f"Sent/{DELETED}", "Sent", "Sent", "Sent"]


def test_the_review_page_shows_it(tmp_path: Path) -> None:
    case = build_case(tmp_path, MAILS[:2])
    with Case(case) as opened:
        assert [record["folder"] for record in opened.records()] == [DELETED, ""]
    with reviewing(case) as ann:
        assert DELETED in ann.text("/m/1")
        assert DELETED not in ann.text("/m/2")
