"""Exports by format: tables and records in a file, mail as mail, productions in a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from riskscan.case.read import Case, Record
from riskscan.case.selection import Selection, families, held_back, selected, stood_for
from riskscan.export.files import replacing
from riskscan.export.log_terms import LogTerms

if TYPE_CHECKING:
    from riskscan.export.production import Numbering
    from riskscan.export.pseudonymise import Pseudonymiser
    from riskscan.export.withholding import Mode


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
"""The formats that the ending of a file tells."""
FOLDERS = ("eml", "concordance", "edrm")
"""The formats of many files."""


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


@dataclass(frozen=True, slots=True)
class Terms:
    """How an export is made, beside what it holds.

    ``numbering`` and ``fields`` are for productions, ``numbering`` and ``log`` for privilege logs.
    ``privileged``: what is done with families that are; by default tables and logs have them, mail
    and productions withhold them. ``key``: the file of pseudonyms; with one, they are used.
    """

    numbering: Numbering | None = None
    fields: Path | None = None
    privileged: Mode | None = None
    key: Path | None = None
    log: LogTerms = field(default_factory=LogTerms)


def write(
    case: Case, to: Path, form: str, selection: Selection, terms: Terms | None = None
) -> Told:
    """Export the selected messages in any format; ValueError has a sentence for the user."""
    terms = terms or Terms()
    if form == "privilege-log":
        return _logged(case, to, selection, terms)
    mode = terms.privileged or ("include" if form in TABLES else "withhold")
    if mode == "placeholder" and form not in ("concordance", "edrm"):
        raise ValueError(f"There are placeholders in productions only, not in {form}.")
    pseudonyms = None
    if terms.key is not None:
        from riskscan.export.pseudonymise import Pseudonymiser

        pseudonyms = Pseudonymiser(case, terms.key, to)
    selection = replace(selection, privileged=mode == "include")
    if form in TABLES:
        told = _table(case, to, form, selection, pseudonyms)
    elif form in ("mbox", "eml"):
        told = _mailed(case, to, form, selection, pseudonyms)
    else:
        told = _produced(case, to, form, selection, terms, mode, pseudonyms)
    return told


def _table(
    case: Case, to: Path, form: str, selection: Selection, pseudonyms: Pseudonymiser | None
) -> Told:
    with case.connect() as connection:
        ids = selected(connection, selection)
        notes = collapse_told(stood_for(connection, selection, selected))
    records = case.records_of(ids)
    if pseudonyms is None:
        return Told(_writer(f".{form}")(records, to), "message", tuple(notes))
    number = _writer(f".{form}")(map(pseudonyms.record, records), to)
    pseudonyms.save()
    return Told(number, "message", (*notes, *pseudonyms.notes()))


def collapse_told(number: int) -> list[str]:
    """What a person should know of messages that collapsing left out."""
    if not number:
        return []
    what = "1 message is" if number == 1 else f"{number:,} messages are"
    return [f"{what} left out, for which others stand (--collapse)"]


def _mailed(
    case: Case, to: Path, form: str, selection: Selection, pseudonyms: Pseudonymiser | None
) -> Told:
    from riskscan.export.mailbox import write_mbox, write_tree

    with case.connect() as connection:
        held = 0 if selection.privileged else len(held_back(connection, selection))
        left = stood_for(connection, selection, families)
    written = (write_mbox if form == "mbox" else write_tree)(case, to, selection, pseudonyms)
    notes = [*collapse_told(left), *written.notes()]
    if held:
        notes.append(f"{families_told(held)} withheld: a reviewer calls them privileged")
    if pseudonyms is not None:
        pseudonyms.save()
        notes += pseudonyms.notes()
    return Told(written.messages, "message", tuple(notes))


def families_told(number: int) -> str:
    """ "1 family", "2 families"."""
    return f"{number:,} {'family' if number == 1 else 'families'}"


def _produced(
    case: Case,
    to: Path,
    form: str,
    selection: Selection,
    terms: Terms,
    mode: Mode,
    pseudonyms: Pseudonymiser | None,
) -> Told:
    if form == "concordance":
        from riskscan.export.concordance import write_concordance as produce
    else:
        from riskscan.export.edrm import write_edrm as produce
    told = produce(
        case, to, selection, numbering=terms.numbering, fields=terms.fields, privileged=mode,
        pseudonyms=pseudonyms,
    )  # fmt: skip
    notes = []
    if told["documents"]:
        notes.append(f"{told['first']} to {told['last']}, {families_told(told['families'])}")
    notes += collapse_told(told["stood_for"])
    if told["withheld"]:
        how = (
            f"{told['slip_sheets']:,} slip sheets keep their numbers"
            if told["slip_sheets"]
            else "left out, without numbers"
        )
        notes.append(
            f"{families_told(told['withheld'])} withheld whole, because a reviewer calls a message "
            f"in it privileged: {how}"
        )
    if told["natives_composed"]:
        notes.append(
            f"{told['natives_composed']:,} natives were made of what the case holds: there are no "
            "bytes as found (NATIVETYPE says of which)"
        )
    if told["without_native"]:
        notes.append(f"{told['without_native']:,} attachments have no native: text only")
    notes += told["look_at"]
    if pseudonyms is not None:
        notes += pseudonyms.notes()
    notes.append(f"SHA-256 of the manifest: {told['manifest_sha256']}")
    return Told(told["documents"], "document", tuple(notes))


def _logged(case: Case, to: Path, selection: Selection, terms: Terms) -> Told:
    from riskscan.export.privilege_log import write_log

    if terms.key is not None:
        raise ValueError("A privilege log names people: it has no pseudonyms.")
    written = write_log(case, to, selection, terms.log, terms.numbering)
    return Told(written.lines, "line", tuple(written.notes()))


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
