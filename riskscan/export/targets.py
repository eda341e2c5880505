"""Exports by the ending of the file: .jsonl is the whole record, tables hold one row a message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from riskscan.case.read import Case, Record
from riskscan.export.files import replacing


def write_jsonl(records: Iterator[Record], file: Path) -> int:
    """One JSON object a line, UTF-8: the contract of docs/export.md. Returns the lines written."""
    written = 0
    with replacing(file) as draft, draft.open("w", encoding="utf-8", newline="\n") as stream:
        for record in records:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            written += 1
    return written


ENDINGS = (".jsonl", ".csv", ".xlsx", ".parquet")


def export_case(case: Case, file: Path, *, flagged: bool = False) -> int:
    """Write the unique messages of ``case``, worst first; returns how many.

    Raises ValueError for an ending that is not one of ``ENDINGS``. An earlier file of that name is
    replaced only when the new one is complete.
    """
    return _writer(file.suffix.lower())(case.records(flagged=flagged), file)


def _writer(ending: str) -> Callable[[Iterator[Record], Path], int]:
    if ending == ".jsonl":
        return write_jsonl
    from riskscan.export import tables

    if ending == ".csv":
        return tables.write_csv
    if ending == ".xlsx":
        return tables.write_xlsx
    if ending == ".parquet":
        return tables.write_parquet
    raise ValueError(f"'{ending}' is not one of {', '.join(ENDINGS)}")
