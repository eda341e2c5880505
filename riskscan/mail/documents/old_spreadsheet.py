"""Workbooks of Excel before 2007 (.xls, MS-XLS) through xlrd: sheets row by row, notes."""

from __future__ import annotations

import io
import struct
from typing import Any

from riskscan.mail.documents.document import Unreadable
from riskscan.mail.documents.flow import Flow

# What xlrd raises on damage beside its own errors: it checks little of what it reads.
_DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError,
    RecursionError, TypeError, ValueError, struct.error,
)  # fmt: skip


def read_old_spreadsheet(data: bytes, flow: Flow) -> None:
    """Send the cells of all sheets, hidden ones too, to ``flow``; raises Unreadable.

    A sheet that is damaged does not hide the others.
    """
    import xlrd
    from xlrd.compdoc import CompDocError

    damage = (xlrd.XLRDError, CompDocError, *_DAMAGE)
    try:
        book = xlrd.open_workbook(
            file_contents=data, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
        names = book.sheet_names()
    except damage as error:
        encrypted = "encrypted" in str(error).lower()
        raise Unreadable("encrypted" if encrypted else f"damaged: {_said(error)}") from None
    fault = ""
    for number, name in enumerate(names):
        flow.hurry()
        try:
            sheet = book.sheet_by_index(number)
        except damage as error:
            fault = fault or f"damaged: sheet {number + 1}: {_said(error)}"
            continue
        flow.section(f"Sheet {name} (hidden):" if sheet.visibility else f"Sheet {name}:")
        _sheet(sheet, book.datemode, flow)
        book.unload_sheet(number)
    if fault:
        raise Unreadable(fault)


def _sheet(sheet: Any, datemode: int, flow: Flow) -> None:
    for row in range(sheet.nrows):
        started = False
        for cell in sheet.row(row):
            if text := _shown(cell.ctype, cell.value, datemode):
                if started:
                    flow.cell()
                flow.add(text)
                started = True
        flow.row()
    for note in sheet.cell_note_map.values():
        flow.section(f"Comment by {note.author}:" if note.author else "Comment:")
        flow.add(note.text)


def _said(error: Exception) -> str:
    return str(error)[:150] or type(error).__name__


def _shown(kind: int, value: str | float, datemode: int) -> str:
    import xlrd

    if kind == xlrd.XL_CELL_DATE:
        try:
            when = xlrd.xldate_as_datetime(value, datemode)
        except (ValueError, OverflowError):
            return str(value)
        return str(when.replace(microsecond=0)).removesuffix(" 00:00:00")
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == xlrd.XL_CELL_NUMBER:
        return repr(value).removesuffix(".0")
    return str(value) if kind == xlrd.XL_CELL_TEXT else ""
