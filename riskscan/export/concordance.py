"""A production with a Concordance load file: .dat, natives, extracted text, manifest.

docs/production.md has the fields and conventions; sources/concordance.py reads it back.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

from riskscan.case.read import Case
from riskscan.case.selection import Selection, chosen
from riskscan.export.family import families
from riskscan.export.load_fields import Value, default_profile, offered, read_profile
from riskscan.export.production import MANIFEST, Numbering, Production, new_folder
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
) -> dict[str, object]:
    """Produce the selected families into a new ``folder``; returns the figures of production.json.

    Raises ProductionError and FieldsError with a sentence for the user.
    """
    numbering = numbering or Numbering()
    with case.connect() as connection:
        ids, held = chosen(connection, selection)
    record = next(case.records_of(ids[:1]), {})
    names = offered(record)
    profile = read_profile(fields, names) if fields else default_profile(names)
    with new_folder(folder) as draft, Production(draft, numbering) as production:
        with production.stream(DAT) as dat:
            dat.write(b"\xef\xbb\xbf" + dat_row([name for _, name in profile.columns]))
            for family in families(case, ids):
                production.number(family)
                for document in family:
                    dat.write(dat_row(profile.values(document, family)))
        told = production.about(
            {
                "format": "concordance",
                "selection": asdict(selection),
                "withheld": held,
                "fields": dict(profile.columns),
            }
        )
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    return {**told, "manifest_sha256": digest}


def dat_row(values: list[Value] | list[str]) -> bytes:
    """One row of a .dat, UTF-8, with its CRLF; lists are joined by ``;``."""
    texts = (
        escape(v) if isinstance(v, str) else "; ".join(escape_item(i) for i in v) for v in values
    )
    return (SEPARATOR.join(f"{QUOTE}{text}{QUOTE}" for text in texts) + "\r\n").encode()
