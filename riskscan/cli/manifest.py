"""``riskscan manifest``: what was found in each source, and whether the figures are right."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from riskscan.cli.console import EXIT_INCOMPLETE, amount, out, print_json
from riskscan.cli.harmless import line
from riskscan.cli.place import CaseArgument

EXIT_MISMATCH = 4
_LISTED = 50
_FIGURES = {
    "found": "Found",
    "stored": "Stored",
    "duplicates": "Duplicates",
    "quarantined": "Quarantined",
    "embedded": "Embedded",
    "empty": "Empty",
    "not_read": "Not read",
    "companions": "Left",
}
_KINDS = {
    "quarantined": "quarantined (messages that could not be parsed)",
    "not read": "not read (files or parts of files)",
    "companion": "left (no mail, or not asked for)",
}


def manifest(
    case: CaseArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Read the exports again: are they unchanged, and do claimed hashes hold?",
        ),
    ] = False,
) -> None:
    """Account for every message of every source, and for all that was not read.

    Exit code 4: the figures do not add up. 3: something was quarantined or not read, changed, or
    is not as the export itself says.
    """
    from riskscan.case.read import Case

    changed: list[dict[str, str]] | None = None
    if verify:
        from riskscan.stages.rehash import rehash_case

        changed = rehash_case(case)
    with Case(case) as opened:
        document = opened.full_manifest()
    if changed is not None:
        document["verified"] = changed
        document["complete"] = document["complete"] and not changed
    if as_json:
        print_json(document)
    else:
        _tell(document)
    if not document["adds_up"]:
        raise typer.Exit(EXIT_MISMATCH)
    if not document["complete"]:
        raise typer.Exit(EXIT_INCOMPLETE)


def _tell(document: dict[str, Any]) -> None:
    console = out()
    if not console.is_terminal:
        # A file or a pipe has no width, and a name on one line can be searched for.
        console.width = 1000
    _sources(document, console)
    _units(document["units"], console)
    _unread(document["unread"], console)
    _deleted(document["deleted_posts"], console)
    _claims(document["claims"], console)
    _verified(document, console)
    if document["adds_up"]:
        console.print("\nFound = stored + duplicates + quarantined, in every source.")
    else:
        wrong = [row for row in document["sources"] if not row["adds_up"]]
        astray = amount(document["astray"], "row of the case is", "rows of the case are")
        console.print(
            Text(
                f"\nThe figures of {amount(len(wrong), 'source')} do not add up, {astray} of"
                " no source or unit: please report this as a fault.",
                style="bold red",
            )
        )


def _sources(document: dict[str, Any], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Source", overflow="fold")
    table.add_column("Custodian", overflow="fold")
    shown = [n for n in _FIGURES if n in ("found", "stored") or document["totals"][n]]
    for name in shown:
        table.add_column(_FIGURES[name], justify="right", no_wrap=True)
    for row in document["sources"]:
        table.add_row(
            Text(line(row["source"])),
            Text(line(", also ".join([row["custodian"], *row["further_custodians"]]))),
            *(f"{row[name]:,}" for name in shown),
            style="" if row["adds_up"] else "bold red",
        )
    table.add_section()
    totals = (f"{document['totals'][name]:,}" for name in shown)
    table.add_row("All, and files beside them", "", *totals, style="bold")
    console.print(table)


def _units(units: list[dict[str, Any]], console: Console) -> None:
    if units:
        console.print(Text("\nSHA-256 before reading, bytes, file or folder", style="bold"))
    for unit in units:
        note = "  (changed while it was read)" if unit["changed"] else ""
        if not unit["done"]:
            note = "  (not read to its end: run the scan again)"
        digest = unit["sha256"] or "(cannot be read)"
        told = f"  {digest:64}  {unit['bytes']:>14,}  {line(unit['source'] or unit['path'])}"
        console.print(Text(told).append(note, style="bold red"))


def _unread(unread: list[dict[str, Any]], console: Console) -> None:
    for kind, title in _KINDS.items():
        rows = [row for row in unread if row["kind"] == kind]
        if not rows:
            continue
        console.print(Text(f"\n{len(rows):,} {title}", style="bold"))
        for row in rows[:_LISTED]:
            place = f" ({row['place']})" if row["place"] else ""
            console.print(
                Text(f"  {line(row['source'] + place)}: {line(row['reason'])}, {row['bytes']:,} B")
            )
        if len(rows) > _LISTED:
            console.print(f"  and {len(rows) - _LISTED:,} more: --json lists all")


def _deleted(rows: list[dict[str, Any]], console: Console) -> None:
    if not rows:
        return
    total = amount(sum(row["posts"] for row in rows), "post")
    console.print(Text(f"\n{total} deleted before the export was made, text and all", "bold"))
    for row in rows[:_LISTED]:
        console.print(Text(f"  {line(row['source'])}: {row['posts']:,}"))
    if len(rows) > _LISTED:
        console.print(f"  and {len(rows) - _LISTED:,} more: --json lists all")


def _claims(claims: dict[str, Any], console: Console) -> None:
    matched, unchecked, wrong = claims["matched"], claims["unchecked"], claims["mismatches"]
    if not (matched or unchecked or wrong):
        return
    console.print(Text("\nWhat the exports say of themselves", style="bold"))
    for counts, words in ((matched, "hold"), (unchecked, "not checked (try --verify)")):
        if counts:
            told = ", ".join(f"{number:,} of {line(kind)}" for kind, number in counts.items())
            console.print(Text(f"  {words}: {told}"))
    if wrong:
        console.print(Text(f"  do not hold: {len(wrong):,}", style="bold red"))
    for one in wrong[:_LISTED]:
        about = f"{one['about']}: " if one["about"] else ""
        console.print(
            Text(
                f"    {line(about)}{line(one['kind'])} {line(one['expected'])}:"
                f" {line(one['reason'])} (says {line(one['source'])})"
            )
        )
    if len(wrong) > _LISTED:
        console.print(f"    and {len(wrong) - _LISTED:,} more: --json lists all")


def _verified(document: dict[str, Any], console: Console) -> None:
    if "verified" not in document:
        return
    if not document["verified"]:
        console.print("\nVerified: every file and folder is as it was when it was scanned.")
    for one in document["verified"]:
        console.print(Text(f"\n{line(one['path'])}: {line(one['reason'])}", style="bold red"))
