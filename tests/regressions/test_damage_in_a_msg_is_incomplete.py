"""A scan of a damaged Outlook message (.msg) ended as if everything had been read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msg_building import attached, compressed_rtf, message, msg, write_msg
from source_building import items, put
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.mail.parse import parse_message
from riskscan.scanning import run_scan
from riskscan.sources import NotRead
from riskscan.sources.compose import File, compose
from riskscan.sources.item import SourceError
from riskscan.sources.mapi import to_mail
from riskscan.sources.mapi_damage import damaged_parts, lost_parts
from riskscan.sources.msg import read_msg_bytes
from riskscan.stages.ingest import _outlook

SECTOR = 512
INNER = message(subject="Ebb", body="The inner tide. " * 40)
TWO = [attached("high.txt", b"high water " * 500), attached("ebb", INNER)]
WHOLE = msg(body="The tide came late. " * 60, message_id="<1@ferry.example>", attachments=TWO)


def told(data: bytes) -> tuple[bytes, str]:
    """The mail of a .msg, and what is lost of it."""
    try:
        found = read_msg_bytes(data)
    except SourceError as error:
        return b"", str(error)
    return to_mail(found), lost_parts(found, damaged_parts(found))


def without(data: bytes, at: int, filled: bytes) -> bytes:
    return data[:at] + filled + data[at + len(filled) :]


_AT = WHOLE.index("__attach_version1.0_#00000001".encode("utf-16-le")) // SECTOR * SECTOR
TORN = without(WHOLE, _AT, bytes(SECTOR))  # a sector of the directory


def test_a_whole_message_has_lost_nothing() -> None:
    assert told(WHOLE)[1] == ""


@pytest.mark.parametrize("how", ["zeros", "cut", "flipped"])
def test_damage_of_any_sector_outside_of_contents_is_told(how: str) -> None:
    mail = told(WHOLE)[0]
    silent = []
    for at in range(SECTOR, len(WHOLE), SECTOR):
        sector = WHOLE[at : at + SECTOR]
        if how == "cut":
            damaged = WHOLE[:at]
        elif how == "zeros":
            damaged = without(WHOLE, at, bytes(len(sector)))
        else:
            damaged = without(WHOLE, at, bytes(one ^ 0xFF for one in sector))
        found, lost = told(damaged)
        # No checksum tells of other bytes in a text or a file.
        content = b"high water " in sector or "tide".encode("utf-16-le") in sector
        if found != mail and not lost and not (content and how != "cut"):
            silent.append(at)
    assert silent == []


def test_a_wrong_checksum_of_the_text_is_told() -> None:
    packed = bytearray(compressed_rtf(rb"{\rtf1\ansi\fromtext The tide came late.\par}"))
    packed[12] ^= 1
    assert "its checksum is wrong" in told(msg(rtf=bytes(packed)))[1]


def test_the_scan_is_incomplete_and_the_message_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stage in ("score", "merge", "group"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
    box = put(tmp_path / "box" / "a.msg", TORN).parent
    put(box / "b.msg", msg(body="whole"))
    given = [
        "scan",
        "--workers",
        "0",
        str(box),
        "--case",
        str(tmp_path / "case"),
        "--entities",
        "none",
    ]
    result = CliRunner().invoke(app, [*given, "--workers", "0"])
    assert result.exit_code == 3
    with Case(tmp_path / "case") as case:
        document = case.full_manifest()
        (row,) = case.unread("not read")
    assert row["place"] == "a.msg"
    assert row["reason"].startswith("damaged in the data file: ")
    assert (document["adds_up"], document["complete"]) == (True, False)
    assert document["totals"]["stored"] == 2


def test_one_attached_to_a_mail_is_told_among_its_attachments() -> None:
    mail = compose([("From", "a@b.example")], text="See there.", files=[File("a.msg", TORN)])
    (inner,) = parse_message(mail, _outlook).embedded
    assert any(one.unread.startswith("damaged: ") for one in inner.attachments)


def test_a_whole_file_has_no_row(tmp_path: Path) -> None:
    (item,) = items(put(tmp_path / "a.msg", write_msg(INNER)))
    assert not isinstance(item, NotRead)
    assert (item.lost, item.defects) == ("", ())
