"""A privilege log as a file: .csv, or .xlsx with the counsel it names and how it was made."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from riskscan.export.files import replacing
from riskscan.export.tables import inert, text_cell

_WIDTHS = (18, 22, 16, 22, 34, 34, 30, 24, 22, 26, 48, 24, 20)
_LINE, _HIGHEST = 14.0, 409.0  # points; a sheet has no higher rows
_A3 = 8
_ABOUT = (
    "* Counsel: see the sheet “Counsel”.",
    "A line is made of metadata and of the reviewers' decisions (Fed. R. Civ. P. 26(b)(5)(A)).",
    "Dates are UTC. Control numbers are those of the production's slip sheets, or the log's own.",
    "A family is withheld whole when one document of it is privileged.",
)


def write_sheets(
    file: Path,
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    counsel: Sequence[tuple[str, str]],
) -> None:
    """Write the log; ``counsel`` are (person, domain). No cell is run as a formula."""
    if file.suffix.lower() == ".csv":
        with replacing(file) as draft, draft.open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(heading)
            table.writerows([inert(cell) for cell in row] for row in rows)
        return
    book = Workbook(write_only=True)
    _sheet(book, "Privilege log", heading, rows, _WIDTHS)
    _sheet(book, "Counsel", ("Counsel", "Of"), counsel, (50, 40))
    _sheet(book, "About", ("About this log",), [(text,) for text in _ABOUT], (100,))
    with replacing(file) as draft:
        book.save(draft)


def _height(row: Sequence[str], widths: Sequence[int]) -> float:
    """Points that a row takes whose cells are wrapped at these widths, in characters."""
    lines = max(
        sum(1 + len(line) // max(1, width - 4) for line in text.split("\n"))
        for text, width in zip(row, widths, strict=False)
    )
    return min(_LINE * lines, _HIGHEST)


def _sheet(
    book: Workbook,
    name: str,
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
) -> None:
    sheet = book.create_sheet(name)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A3
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    cells = [text_cell(sheet, text) for text in heading]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)
    top = Alignment(vertical="top", wrap_text=True)
    for number, row in enumerate(rows, 2):
        # Programs that do not fit rows to what is wrapped in them would cut it off.
        sheet.row_dimensions[number].height = _height(row, widths)
        cells = [text_cell(sheet, text) for text in row]
        for cell in cells:
            cell.alignment = top
        sheet.append(cells)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heading))}{len(rows) + 1}"
