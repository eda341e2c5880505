"""``riskscan score``: score a case again with another model, without the export."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from riskscan.cli.bars import progress_bars
from riskscan.cli.console import EXIT_INCOMPLETE, print_json
from riskscan.cli.harmless import plain
from riskscan.cli.place import CaseArgument


def score(
    case: CaseArgument,
    model: Annotated[
        Path | None, typer.Option(help="Model folder; by default the one that riskscan brings.")
    ] = None,
    encoder: Annotated[
        bool,
        typer.Option(
            "--encoder/--no-encoder",
            help="Let the model's encoder read what ranks high: better, and slower.",
        ),
    ] = True,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Score from which on a message is flagged; default: the model's own."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Worker processes; 0 works in this one. Default: cores."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only faults.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Score a case again with another model or threshold; the export is not needed.

    What this very model has scored so already is not scored again.
    """
    from riskscan.case.read import Case
    from riskscan.scanning import rescore

    if workers is None:
        workers = os.cpu_count() or 1
    with progress_bars(hidden=quiet or as_json) as bars:
        counts = rescore(
            case, model, encoder=encoder, threshold=threshold, workers=workers, progress=bars
        )
    with Case(case) as opened:
        unscored = opened.unscored()
    if as_json:
        print_json(counts)
    elif not quiet:
        typer.echo(
            f"Scored  {counts['scored']:,} of {counts['scored'] + unscored:,} messages\n"
            f"Flagged {counts['flagged']:,}"
        )
        typer.echo(plain(f"riskscan report {case} writes the report anew."))
    if unscored:
        raise typer.Exit(EXIT_INCOMPLETE)
