"""A production with a Concordance load file: .dat, natives, extracted text, manifest.

docs/production.md has the fields and conventions; sources/concordance.py reads it back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.export.load_fields import Value
from riskscan.export.load_file import Draft, produce
from riskscan.export.production import Numbering
from riskscan.export.pseudonymise import Pseudonymiser
from riskscan.export.withholding import Mode
from riskscan.sources.concordance import escape, escape_item
from riskscan.sources.loadkinds import QUOTE, SEPARATOR

DAT = "DATA/production.dat"


def write_concordance(
    case: Case,
    folder: Path,
    selection: Selection,
    *,
    numbering: Numbering | None = None,
    fields: Path | None = None,
    privileged: Mode | None = None,
    pseudonyms: Pseudonymiser | None = None,
) -> dict[str, Any]:
    """Produce the selected families into a new ``folder``; returns the figures of production.json.

    Raises ProductionError and FieldsError with a sentence for the user.
    """
    return produce(
        case, folder, selection, "concordance", _write, numbering=numbering, fields=fields,
        privileged=privileged, pseudonyms=pseudonyms,
    )  # fmt: skip


def _write(draft: Draft) -> None:
    profile = draft.profile
    with draft.production.stream(DAT) as dat:
        dat.write(b"\xef\xbb\xbf" + dat_row([name for _, name in profile.columns]))
        for family in draft.families():
            for document in family:
                dat.write(dat_row(profile.values(document, family)))


def dat_row(values: list[Value] | list[str]) -> bytes:
    """One row of a .dat, UTF-8, with its CRLF; lists are joined by ``;``."""
    texts = (
        escape(v) if isinstance(v, str) else "; ".join(escape_item(i) for i in v) for v in values
    )
    return (SEPARATOR.join(f"{QUOTE}{text}{QUOTE}" for text in texts) + "\r\n").encode()
