"""``riskscan simulate``: a review of labelled messages replayed, effort against recall."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from riskscan.cli.console import err, out, print_json
from riskscan.cli.harmless import plain
from riskscan.cli.place import here


def simulate(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="Labelled messages: .jsonl, .csv, .parquet, or a case with decisions.",
        ),
    ],
    model: Annotated[
        Path | None,
        typer.Option("--model", help="Model whose score it starts from; by default the shipped."),
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="How many reviews of each kind.")] = 5,
    asreview: Annotated[
        bool,
        typer.Option("--asreview", help="Replay ASReview's default model too, if installed."),
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=here,
            metavar="PATH",
            help="Folder for simulation.json and recall-effort.svg.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same data and seed, same figures.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Replay reviews of labelled messages: how much must be read to find how many of the flagged.

    A label of weight w counts as w messages. A column "score" in a .jsonl file is used instead of
    the model: give scores of a model that was trained without these messages.
    """
    from riskscan.learn.effort_plot import write_effort_plot
    from riskscan.learn.simulate import read_labelled
    from riskscan.learn.simulate import simulate as run

    console = err()
    labelled = read_labelled(data, model)
    result = run(
        labelled,
        runs=runs,
        seed=seed,
        asreview=asreview,
        say=lambda stage: None if as_json else console.print(stage, style="dim", markup=False),
    )
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
        text = json.dumps(result, indent=2) + "\n"
        (to / "simulation.json").write_text(text, encoding="utf-8")
        write_effort_plot(result, to / "recall-effort.svg")
    if as_json:
        print_json(result)
        return
    _print(result)
    if to is not None:
        typer.echo(plain(f"\nFigures and plot: {to}"))


def _print(result: dict[str, Any]) -> None:
    from rich.table import Table

    from riskscan.learn.simulate import GOALS, told

    console = out()
    console.print(
        f"{result['labels']:,} labels stand for {result['messages']:,.0f} messages, "
        f"{result['flagged_messages']:,.0f} of them flagged."
    )
    if result["scores_flatter"]:
        console.print(
            f"The model was trained on {result['scores_flatter']:,} of these texts: the figures "
            "of the loop and of the score flatter it."
        )
    table = Table("read for a recall of", box=None, pad_edge=False)
    for goal in GOALS:
        table.add_column(f"{goal:.0%}", justify="right")
    for row in told(result):
        table.add_row(*row)
    console.print()
    console.print(table)
    rules = Table("stopping rule", box=None, pad_edge=False)
    for heading in ("stopped in runs", "read", "recall", "least recall"):
        rules.add_column(heading, justify="right")
    for name, row in result["stopping"].items():
        rules.add_row(
            name,
            f"{row['stopped']} of {result['runs']}",
            *(f"{row[key]:.1%}" for key in ("effort", "recall", "least_recall")),
        )
    console.print()
    console.print(rules)
    samples = Table("sample of the unread", box=None, pad_edge=False)
    for heading in ("95% interval held", "median width"):
        samples.add_column(heading, justify="right")
    for size, row in result["coverage"].items():
        samples.add_row(f"{int(size):,}", f"{row['held']:.1%}", f"{row['median_width']:.1%}")
    console.print()
    console.print(samples)
