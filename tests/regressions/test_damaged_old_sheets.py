"""Damage in an .xls was told as a failure of its reader, and hid all sheets after the damaged."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "mail"))

from document_building import compound, xls

from riskscan.mail.documents import document_text


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _workbook(*sheets: bytes) -> bytes:
    """A workbook of Excel 97 with these records in its sheets."""
    begin = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0xDBB, 1996, 0, 6))
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0xDBB, 1996, 0, 6))
    at = len(begin) + len(sheets) * (4 + 6 + 3) + 4
    bounds, rest = b"", b""
    for number, records in enumerate(sheets):
        bounds += _record(0x85, struct.pack("<IBBBB", at + len(rest), 0, 0, 1, 0) + b"%d" % number)
        rest += sheet + records + _record(0x0A, b"")
    return compound(Workbook=begin + bounds + _record(0x0A, b"") + rest)


def test_a_damaged_sheet_hides_no_other() -> None:
    text = struct.pack("<HHHHB", 0, 0, 0, 6, 1) + "Bribes".encode("utf-16-le")
    cut = _record(0x203, b"\0\0\0")  # a number without its number
    document = document_text("a.xls", "", _workbook(cut, _record(0x204, text)))
    assert document.text == "Sheet 1:\nBribes"
    assert document.unread.startswith("damaged: sheet 1: ")


def test_what_is_no_compound_file_is_told_as_damage() -> None:
    whole = xls([["Crates", 12]])
    for broken in (whole[:28] + b"\xff\t" + whole[30:], whole[:520]):
        document = document_text("a.xls", "application/vnd.ms-excel", broken)
        assert document.text == ""
        assert "reader failed" not in document.unread
