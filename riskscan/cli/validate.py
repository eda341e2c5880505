"""``riskscan validate``: a blind random sample of a case, and the report of what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskscan.cli.console import print_json
from riskscan.cli.harmless import plain
from riskscan.cli.place import CaseArgument, here

REPORT = "validation.html"


def validate(
    case: CaseArgument,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="Draw a new sample of so many undecided messages."),
    ] = None,
    check: Annotated[
        int,
        typer.Option(min=0, help="Beside them, so many decided messages to be decided anew."),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw.")] = 0,
    confidence: Annotated[
        float, typer.Option(help="Of the intervals.", metavar="0 to 1", min=0.5, max=0.999)
    ] = 0.95,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=here,
            metavar="PATH",
            help=f"The report; by default {REPORT} in the case.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how much a review finds, from a random sample that is decided blind.

    With --sample, or when there is none, a sample is drawn; decide it in riskscan review. Without,
    the last sample is evaluated once it is decided, and the report written, as HTML and JSON.
    """
    from riskscan.case.read import Case
    from riskscan.learn.validate import SAMPLE, draw, last_sample, measure

    with Case(case) as opened, opened.connect() as connection:
        there = last_sample(connection) is not None
    if sample is not None or not there:
        made = draw(case, size=sample or SAMPLE, check=check, seed=seed, confidence=confidence)
        if as_json:
            print_json({"sample": made.id, "messages": [m for m, _, _ in made.messages]})
            return
        typer.echo(
            plain(
                f"Drew {len(made.messages):,} messages (sample {made.number} of the case, seed "
                f"{made.seed}). Decide them in riskscan review {case}, blind; then run riskscan "
                f"validate {case} again."
            )
        )
        return
    from riskscan.export.validation import write_validation

    result = measure(case)
    page, beside = write_validation(result, to or case.product(REPORT))
    if as_json:
        print_json(result)
        return
    for name in ("recall", "elusion", "richness", "precision"):
        if (one := result[name]) is not None:
            value = "unknown" if one["value"] is None else f"{one['value']:.2%}"
            typer.echo(f"{name.capitalize():<10}{value}  ({one['low']:.2%} to {one['high']:.2%})")
    typer.echo(plain(f"Report: {page} and {beside.name}"))
