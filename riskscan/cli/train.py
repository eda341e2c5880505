"""``riskscan train``: labelled messages into a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from riskscan.case.location import Location, locate
from riskscan.cli.console import err, out, print_json
from riskscan.cli.harmless import plain
from riskscan.cli.place import here

_SHARE = "0 to 1"


def train(
    data: Annotated[
        list[Location],
        typer.Argument(
            parser=locate,
            metavar="DATA...",
            help="Labelled messages: .jsonl, .csv, .parquet, or a case with decisions.",
        ),
    ],
    to: Annotated[
        Path,
        typer.Option(
            "--out", parser=here, metavar="PATH", help="Folder of the model; made when new."
        ),
    ],
    base: Annotated[
        Literal["default"] | None,
        typer.Option(help="Learn also from the short texts that riskscan brings."),
    ] = None,
    target_recall: Annotated[
        float | None, typer.Option(help="Flag so many that this share is found.", metavar=_SHARE)
    ] = None,
    target_precision: Annotated[
        float | None, typer.Option(help="Flag so few that this share is right.", metavar=_SHARE)
    ] = None,
    budget: Annotated[
        float | None, typer.Option(help="Flag this share of all messages.", metavar=_SHARE)
    ] = None,
    unlabelled: Annotated[
        bool,
        typer.Option(
            "--unlabelled",
            help="Learn also from messages without flag, as ordinary ones, where few are not.",
        ),
    ] = False,
    encoder: Annotated[
        bool,
        typer.Option(
            "--encoder/--no-encoder",
            help="Let the shipped encoder read what ranks high, as far as that helps.",
        ),
    ] = True,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same data and seed, same model.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Train a detector on labelled messages and measure it by cross-validation.

    A message is flagged from the score on that reaches the one aim named, or else has the best F1.
    The folder's README.md says what came of it.
    """
    from riskscan.cli.evaluate import EVIDENCE_NOT_FOUND, figures
    from riskscan.learn.encoders import shipped_encoder
    from riskscan.learn.sampling import read_weighted
    from riskscan.learn.train import train as run

    console = err()
    read, notes = read_weighted(data)
    if notes:
        console.print(notes, markup=False)
    result: dict[str, Any] = run(
        read,
        out=to,
        base=base,
        target_recall=target_recall,
        target_precision=target_precision,
        budget=budget,
        unlabelled=unlabelled,
        encoders=shipped_encoder(read, console.print) if encoder else None,
        seed=seed,
        notes=notes,
        say=None if as_json else lambda stage: console.print(stage, style="dim"),
    )
    if as_json:
        print_json(result)
        return
    counts, line = result["examples"], result["thresholds"]
    print_table = out().print
    for name, number in (("labelled both ways", "contradictory"), ("unsure", "unsure")):
        if counts[number]:
            print_table(f"{counts[number]:,} messages {name} were not learnt from.")
    without = sum(one["unlabelled"] for one in result["data"])
    if without and not unlabelled:
        print_table(
            f"{without:,} messages without a flag were left out; --unlabelled learns from them as "
            "ordinary ones."
        )
    if unfound := counts["evidence_not_found"]:
        print_table(EVIDENCE_NOT_FOUND.format(unfound))
    beside = f", and {counts['unlabelled']:,} unlabelled ones" if unlabelled else ""
    print_table(
        f"Learnt from {counts['trained_on']:,} messages, {counts['flagged']:,} of them flagged"
        f"{beside}; "
        f"flags from {line['message']:.4g} on ({line['chosen_for']}).\n"
    )
    print_table(figures(result["metrics"]))
    typer.echo(plain(f"\nModel: {to} (README.md in it says more)"))
