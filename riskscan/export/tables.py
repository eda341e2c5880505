"""Tables of one row a message: csv, xlsx, parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from riskscan.case.read import Record
from riskscan.export.files import replacing
from riskscan.sources.peoplelists import listed_person

# Excel's own limits: UTF-16 units in a cell, rows in a sheet (the heading is one).
_CELL = 32_767
_SHEET = 1_048_576
_CUT = " […]"
_ROWS = 1_000
# openpyxl refuses the control characters that XML 1.0 forbids.
_FORBIDDEN = {c: "\N{REPLACEMENT CHARACTER}" for c in range(32) if c not in (9, 10, 13)}
_FORBIDDEN |= {0xFFFE: "\N{REPLACEMENT CHARACTER}", 0xFFFF: "\N{REPLACEMENT CHARACTER}"}
# What a spreadsheet takes for a formula when a cell begins with it (OWASP, "CSV injection").
_FORMULA = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")

COLUMNS: Mapping[str, int] = {
    "score": 8, "flagged": 8, "signals": 18, "finding": 70, "date": 20, "sender": 28,
    "sender_name": 22, "recipients": 40, "to": 30, "cc": 20, "bcc": 20, "subject": 44,
    "custodians": 20, "folder": 20, "medium": 8, "state": 20,
    "authored": 60, "people": 30, "organisations": 30, "laws": 24, "sums": 16,
    "people_ids": 14, "organisation_ids": 14, "sender_person": 22, "recipient_people": 34,
    "privilege_hint": 40, "attachments": 24,
    "attachment_roles": 14, "attachment_sha256": 20, "attachments_unread": 30,
    "duplicates": 10, "near_group": 10, "near_similarity": 10, "inclusive": 10,
    "included_in": 10, "thread_id": 16, "message_id": 30, "mih": 34, "source": 28, "place": 20,
    "id": 8, "control_number": 16, "date_header": 30, "defects": 60, "duplicate_states": 30,
    "body": 60,
}  # fmt: skip
_LABELS = {
    "people": {"PERSON"},
    "organisations": {"ORG", "REGULATOR", "COURT"},
    "laws": {"LAW"},
    "sums": {"MONEY"},
}


def row(record: Record) -> dict[str, Any]:
    """A record as the columns of a table; lists become text joined by "; "."""
    named: dict[str, list[str]] = {column: [] for column in _LABELS}
    ids: dict[str, list[str]] = {column: [] for column in _LABELS}
    for entity in record["entities"]:
        for column, labels in _LABELS.items():
            text = entity["merged_name"] or " ".join(entity["text"].split())
            if entity["label"] in labels and text not in named[column]:
                named[column].append(text)
                if entity["merged_id"] is not None:
                    ids[column].append(str(entity["merged_id"]))
    findings = record["findings"]
    return {
        "score": record["score"],
        "flagged": record["flagged"],
        "signals": "; ".join(record["signals"]),
        "finding": " ".join(findings[0]["text"].split()) if findings else "",
        "date": record["date"],
        "sender": record["sender"],
        "sender_name": record["sender_name"],
        "recipients": "; ".join(
            p["address"] or listed_person(p["name"], "") for p in record["recipients"]
        ),
        **{kind: _people(record, kind) for kind in ("to", "cc", "bcc")},
        "subject": record["subject"],
        "custodians": "; ".join(record["custodians"]),
        "folder": record["folder"],
        "medium": record["medium"],
        "state": record["state"],
        "authored": record["authored"],
        **{column: "; ".join(several) for column, several in named.items()},
        "people_ids": "; ".join(ids["people"]),
        "organisation_ids": "; ".join(ids["organisations"]),
        "sender_person": record["sender_merged_name"] or "",
        "recipient_people": "; ".join(
            dict.fromkeys(p["merged_name"] for p in record["recipients"] if p["merged_name"])
        ),
        "privilege_hint": "; ".join(hint["reason"] for hint in record["privilege_hints"]),
        "attachments": "; ".join(a["name"] for a in record["attachments"]),
        "attachment_roles": "; ".join(a["role"] for a in record["attachments"]),
        "attachment_sha256": "; ".join(a["sha256"] for a in record["attachments"]),
        "attachments_unread": "; ".join(
            f"{a['name']} ({a['unread']})" for a in record["attachments"] if a["unread"]
        ),
        "duplicates": len(record["duplicates"]),
        "near_group": record["near_group"],
        "near_similarity": record["near_similarity"],
        "inclusive": record["inclusive"],
        "included_in": record["included_in"],
        "thread_id": record["thread_id"],
        "message_id": record["message_id"],
        "mih": record["mih"],
        "source": record["source"],
        "place": record["place"],
        "id": record["id"],
        "control_number": record["control_number"],
        "date_header": record["date_header"],
        "defects": "; ".join(record["defects"]),
        "duplicate_states": "; ".join(
            f"{copy['custodian']}: {copy['state']}"
            for copy in record["duplicates"]
            if copy["state"]
        ),
        "body": record["body"],
    }


def _people(record: Record, kind: str) -> str:
    people = (p for p in record["recipients"] if p["kind"] == kind)
    return "; ".join(listed_person(p["name"], p["address"]) for p in people)


def write_csv(records: Iterator[Record], file: Path) -> int:
    """RFC 4180, UTF-8 with a byte order mark so that Excel reads it; returns the rows written.

    Text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    written = 0
    with replacing(file) as draft, draft.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.DictWriter(stream, list(COLUMNS))
        table.writeheader()
        for record in records:
            table.writerow({k: inert(v) for k, v in row(record).items()})
            written += 1
    return written


def inert(value: Any) -> Any:
    """A cell of .csv that no spreadsheet runs: an apostrophe stands before what it would."""
    if isinstance(value, str):
        value = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        # Apostrophes of its own get one more, so that one is to be taken off whatever is behind.
        bare = value.lstrip("'")
        # Blanks in front are no safeguard: some programs take them off.
        harmful = bare.startswith(_FORMULA) or bare.lstrip().startswith(_FORMULA)
        return f"'{value}" if harmful else value
    return value


def write_xlsx(records: Iterator[Record], file: Path) -> int:
    """One sheet with a frozen, filterable heading; texts are cells of text, never formulas.

    A text that is too long for a cell is cut, and says so at its end. Raises ValueError when there
    are more messages than a sheet has rows.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("messages")
    for number, width in enumerate(COLUMNS.values(), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    heading = []
    for name in COLUMNS:
        cell = WriteOnlyCell(sheet, value=name)
        cell.font = Font(bold=True)
        heading.append(cell)
    sheet.append(heading)
    written = 0
    top = Alignment(vertical="top", wrap_text=True)
    try:
        for record in records:
            if written + 1 == _SHEET:
                raise ValueError(
                    f"A sheet of Excel holds {_SHEET - 1:,} messages at most: "
                    "export to .csv or .parquet"
                )
            cells = []
            for value in row(record).values():
                if isinstance(value, str):
                    cell = text_cell(sheet, value)
                else:
                    cell = WriteOnlyCell(sheet, value=value)
                cell.alignment = top
                cells.append(cell)
            sheet.append(cells)
            written += 1
    finally:
        # Also on a fault, or what openpyxl has under way would complain when it is thrown away.
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{written + 1}"
        sheet.close()
    with replacing(file) as draft:
        book.save(draft)
    return written


def text_cell(sheet: Any, value: str) -> Any:
    """A cell of text, whatever it begins with; cut where it is too long."""
    cell = WriteOnlyCell(sheet, value=_fitting(value.translate(_FORBIDDEN)) or None)
    cell.data_type = "s" if value else "n"
    return cell


def _fitting(text: str) -> str:
    if len(text) <= _CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _CELL:
        return text
    return units[: 2 * (_CELL - len(_CUT))].decode("utf-16-le", "ignore") + _CUT


_TYPES = {
    "score": pa.float64(),
    "flagged": pa.bool_(),
    "duplicates": pa.int64(),
    "near_group": pa.int64(),
    "near_similarity": pa.float64(),
    "inclusive": pa.bool_(),
    "included_in": pa.int64(),
    "id": pa.int64(),
}
_SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in COLUMNS])


def write_parquet(records: Iterator[Record], file: Path) -> int:
    """One row group a thousand messages, so that memory stays flat; returns the rows written."""
    written = 0
    with replacing(file) as draft, pq.ParquetWriter(draft, _SCHEMA) as writer:
        while some := [row(record) for record in islice(records, _ROWS)]:
            writer.write_table(pa.Table.from_pylist(some, schema=_SCHEMA))
            written += len(some)
    return written
