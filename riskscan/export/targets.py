"""Exports by format: tables and records in a file, mail as mail, productions in a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskscan.case.read import Case, Record
from riskscan.case.selection import Selection, selected
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
TABLES = tuple(e[1:] for e in ENDINGS)
FORMATS = (*TABLES, "mbox")
"""The formats that the ending of a file tells; eml, concordance and edrm are folders."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an export wrote, for people: how many of what, and what there is to know."""

    number: int
    what: str = "message"
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """ "12 messages"."""
        return f"{self.number:,} {self.what}{'' if self.number == 1 else 's'}"


def format_of(file: Path) -> str | None:
    """The format that a file's ending tells."""
    ending = file.suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else None


def export_case(case: Case, file: Path, *, flagged: bool = False) -> int:
    """Write the unique messages of ``case``, worst first; returns how many.

    Raises ValueError for an ending that is not one of ``ENDINGS``. An earlier file of that name is
    replaced only when the new one is complete.
    """
    return _writer(file.suffix.lower())(case.records(flagged=flagged), file)


def write(
    case: Case,
    to: Path,
    form: str,
    selection: Selection,
    *,
    prefix: str = "DOC",
    start: int = 1,
    digits: int = 7,
    fields: Path | None = None,
) -> Told:
    """Export the selected messages in any format; ValueError has a sentence for the user.

    ``prefix``, ``start``, ``digits`` and ``fields`` are for productions.
    """
    if form in TABLES:
        with case.connect() as connection:
            ids = selected(connection, selection)
        return Told(_writer(f".{form}")(case.records_of(ids), to))
    if form in ("mbox", "eml"):
        from riskscan.export.mailbox import write_mbox, write_tree

        written = (write_mbox if form == "mbox" else write_tree)(case, to, selection)
        return Told(written.messages, "message", written.notes())
    from riskscan.export.production import Numbering

    if form == "concordance":
        from riskscan.export.concordance import write_concordance as produce
    else:
        from riskscan.export.edrm import write_edrm as produce
    numbering = Numbering(prefix, start, digits)
    return _produced(produce(case, to, selection, numbering=numbering, fields=fields))


def _produced(told: dict[str, Any]) -> Told:
    notes = []
    if told["documents"]:
        notes.append(f"{told['first']} to {told['last']}, {told['families']:,} families")
    if told["withheld"]:
        notes.append(f"{told['withheld']:,} families withheld: a reviewer calls them privileged")
    if told["natives_composed"]:
        notes.append(
            f"{told['natives_composed']:,} natives were made of what the case holds: there are no "
            "bytes as found (NATIVETYPE says of which)"
        )
    if told["without_native"]:
        notes.append(f"{told['without_native']:,} attachments have no native: text only")
    notes.append(f"SHA-256 of the manifest: {told['manifest_sha256']}")
    return Told(told["documents"], "document", tuple(notes))


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
