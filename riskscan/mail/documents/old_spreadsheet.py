"""Workbooks of Excel before 2007 (.xls, MS-XLS) through xlrd: sheets row by row, notes."""

from __future__ import annotations

import io

from riskscan.mail.documents.document import Unreadable
from riskscan.mail.documents.flow import Flow


def read_old_spreadsheet(data: bytes, flow: Flow) -> None:
    """Send the cells of all sheets, hidden ones too, to ``flow``; raises Unreadable."""
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=data, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
    except xlrd.XLRDError as error:
        encrypted = "encrypted" in str(error).lower()
        raise Unreadable("encrypted" if encrypted else f"damaged: {str(error)[:150]}") from None
    for number, name in enumerate(book.sheet_names()):
        sheet = book.sheet_by_index(number)
        flow.section(f"Sheet {name} (hidden):" if sheet.visibility else f"Sheet {name}:")
        for row in range(sheet.nrows):
            started = False
            for cell in sheet.row(row):
                if text := _shown(cell.ctype, cell.value, book.datemode):
                    if started:
                        flow.cell()
                    flow.add(text)
                    started = True
            flow.row()
        for note in sheet.cell_note_map.values():
            flow.section(f"Comment by {note.author}:" if note.author else "Comment:")
            flow.add(note.text)
        book.unload_sheet(number)


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
