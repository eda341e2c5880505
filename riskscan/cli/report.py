"""``riskscan report``: the case as one self-contained HTML file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from riskscan.case.location import CaseError
from riskscan.cli.collapse import Collapse
from riskscan.cli.place import CaseArgument, here
from riskscan.cli.scan import REPORT


def report(
    case: CaseArgument,
    to: Annotated[
        Path | None,
        typer.Option(
            parser=here, metavar="PATH", help="File to write; by default report.html in the case."
        ),
    ] = None,
    collapse: Annotated[
        list[Collapse] | None,
        typer.Option(
            help="List one message for its near-duplicates, or for those of its thread that it"
            ' includes; may be repeated. "duplicates" lists all unique messages apart.'
            " By default near-duplicates."
        ),
    ] = None,
) -> None:
    """Write the report of a case: figures, plots, and each flagged message with its findings."""
    from riskscan.export.report import write_report
    from riskscan.export.report_groups import COLLAPSE

    own = case.folder
    if to is None and own is not None and own.is_dir() and not os.access(own, os.W_OK):
        raise CaseError(f"The case folder '{own}' cannot be written to: name a file by --to.")
    chosen = tuple(str(one) for one in collapse) if collapse else COLLAPSE
    typer.echo(f"Report: {write_report(case, to or case.product(REPORT), chosen)}")
