"""``riskscan export``: the messages of a case as .jsonl, .csv, .xlsx or .parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskscan.case.read import Case
from riskscan.cli.console import amount, fail
from riskscan.cli.harmless import plain
from riskscan.export.targets import ENDINGS, export_case


def export(
    case: Annotated[Path, typer.Argument(help="Folder of the case.")],
    to: Annotated[Path, typer.Option("--to", help=f"File to write: {', '.join(ENDINGS)}.")],
    flagged: Annotated[bool, typer.Option("--flagged", help="Only flagged messages.")] = False,
) -> None:
    """Export the unique messages of a case, worst first; the ending of the file says how."""
    if to.suffix.lower() not in ENDINGS:
        raise typer.BadParameter(
            f"'{to.name}': the ending must be one of {', '.join(ENDINGS)}.", param_hint="--to"
        )
    with Case(case) as opened:
        try:
            written = export_case(opened, to, flagged=flagged)
        except ValueError as error:
            fail(f"{error}.")
    typer.echo(f"{amount(written, 'message')}: {plain(str(to))}")
