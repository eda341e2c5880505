"""``riskscan report``: the case as one self-contained HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskscan.cli.scan import REPORT


def report(
    case: Annotated[Path, typer.Argument(help="Folder of the case.")],
    to: Annotated[
        Path | None, typer.Option(help="File to write; by default report.html in the case.")
    ] = None,
) -> None:
    """Write the report of a case: figures, plots, and each flagged message with its findings."""
    from riskscan.export.report import write_report

    typer.echo(f"Report: {write_report(case, to or case / REPORT)}")
