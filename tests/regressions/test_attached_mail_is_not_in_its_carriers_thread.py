"""A mail attached to another joined its thread where the export says to which that one belongs."""

from __future__ import annotations

from pathlib import Path

from test_chat_cases import ingested

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.export.targets import write

_MAIL = (
    "From: Ada Quay <ada@quay.example>\r\nTo: Bob <bob@quay.example>\r\nSubject: Look\r\n"
    "Message-ID: <1@quay.example>\r\nX-GM-THRID: 1700000000000000001\r\n"
    "Date: Mon, 4 Mar 2024 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nSee below.\r\n"
    "--m\r\nContent-Type: message/rfc822\r\n\r\n"
    "From: Cy Dee <cy@dee.example>\r\nTo: Ada Quay <ada@quay.example>\r\nSubject: Kite\r\n"
    "Message-ID: <2@dee.example>\r\nDate: Mon, 1 Jan 2024 09:00:00 +0000\r\n\r\nKite.\r\n"
    "--m--\r\n"
)


def _threads(case: Path) -> dict[str, str]:
    with Case(case) as opened:
        return {record["subject"]: record["thread_id"] for record in opened.records()}


def test_it_has_its_own_also_when_read_back(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "a.eml").write_bytes(_MAIL.encode())
    with Case(ingested(tmp_path / "case", tmp_path / "mail")) as opened:
        write(opened, tmp_path / "out", "concordance", Selection())
    ingested(tmp_path / "again", tmp_path / "out")
    for case in ("case", "again"):
        threads = _threads(tmp_path / case)
        assert threads.keys() == {"Look", "Kite"}
        assert threads["Look"] != threads["Kite"]
