"""``riskscan audit``: whether the chain of decisions holds, and what it says."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from riskscan.case.chain import verify
from riskscan.case.decisions import Entry, entries
from riskscan.case.read import Case
from riskscan.cli.console import EXIT_FAILURE, amount, fail, out, print_json
from riskscan.cli.harmless import line
from riskscan.cli.place import CaseArgument


def audit(
    case: CaseArgument,
    head: Annotated[
        str,
        typer.Option(metavar="HASH", help="A last hash noted earlier, which must still be there."),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print all rows as JSON.")] = False,
) -> None:
    """Verify the decisions of a case: no row changed, missing or moved; and print them.

    Note the last hash somewhere else: with --head it proves later that nothing was written anew.
    """
    with Case(case) as opened, opened.connect() as connection:
        found = verify(connection, head=head.strip().lower())
        rows = list(entries(connection))
    if as_json:
        print_json(
            {
                "rows": found.rows,
                "head": found.head,
                "holds": not found.faults,
                "faults": [asdict(fault) for fault in found.faults],
                "decisions": [asdict(row) for row in rows],
            }
        )
        if found.faults:
            raise typer.Exit(EXIT_FAILURE)
        return
    console = out()
    for row in rows:
        console.print(_told(row))
    if rows:
        console.print()
    if not found.faults:
        console.print(f"{amount(found.rows, 'row')}; the chain holds. Last hash: {found.head}")
        return
    for fault in found.faults:
        console.print(Text(f"  {line(fault.reason)}", style="bold red"))
    fail(f"The chain of decisions does not hold ({amount(len(found.faults), 'fault')}).")


def _told(row: Entry) -> Text:
    if row.kind == "undo" and row.undoes is None:
        told = f"{row.seq:>6}  {line(str(row.made))[:19]}  {line(str(row.note))}"
        return Text(told).append(f"  {str(row.sha256)[:12]}, riskscan {row.version}", style="dim")
    if row.kind == "undo":
        what = f"undoes row {row.undoes}"
    else:
        marks = [*row.signals, *(["privileged"] if row.privileged else [])]
        marks += ["hot"] if row.hot else []
        what = row.verdict + (f" ({', '.join(marks)})" if marks else "")
        what += " in a batch" if row.batch else ""
    text = Text(f"{row.seq:>6}  {line(str(row.made))[:19]}  {line(str(row.reviewer))}  ")
    text.append(f"#{row.message}  {line(what)}", style="bold")
    if row.note:
        text.append(f"  “{line(str(row.note))}”", style="italic")
    told = f"{str(row.sha256)[:12]}{_shown(row)}, riskscan {row.version}"
    return text.append(f"  {line(told)}", style="dim")


def _shown(row: Entry) -> str:
    """The score that the reviewer was shown, and the fingerprint of the model that gave it."""
    if row.score is None:
        return "" if row.kind == "undo" else ", no score shown"
    return f", score {row.score} by model {str(row.model)[:12] or 'unknown'}"
