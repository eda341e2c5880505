"""``riskscan evaluate``: honest figures of a model on labelled messages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table

from riskscan.case.location import Location, locate
from riskscan.cli.console import err, out, print_json
from riskscan.cli.harmless import line

EVIDENCE_NOT_FOUND = "The evidence of {:,} is not in their text, and was passed over."


def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of the model.")],
    data: Annotated[
        list[Location],
        typer.Argument(
            parser=locate,
            metavar="DATA...",
            help="Labelled messages: .jsonl, .csv, .parquet, or a case with decisions.",
        ),
    ],
    allow_seen: Annotated[
        bool, typer.Option("--allow-seen", help="Keep messages that the model was trained on.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure a model on labelled messages that it has not seen, with 95% intervals."""
    from riskscan.learn.evaluate import evaluate as run
    from riskscan.learn.sampling import read_weighted

    read, notes = read_weighted(data)
    if notes:
        err().print(notes, markup=False)
    result = run(model, read, allow_seen=allow_seen, seed=seed)
    if as_json:
        print_json(result)
        return
    console = out()
    console.print(
        f"{result['messages']:,} messages, {result['flagged']:,} of them flagged; "
        f"threshold {result['threshold']:.4g}.",
        markup=False,
    )
    for sentence in _told(result):
        console.print(sentence, markup=False)
    console.print()
    console.print(figures(result))


def _told(result: Mapping[str, Any]) -> list[str]:
    sentences = []
    if result["seen"] is None:
        sentences.append(
            "The model does not tell what it was trained on: if these messages were among it, "
            "the figures flatter it."
        )
    elif result["seen_left_out"]:
        sentences.append(f"{result['seen']:,} that the model was trained on were left out.")
    elif result["seen"]:
        sentences.append(
            f"{result['seen']:,} of them the model was trained on: the figures flatter it."
        )
    if result["unsure"]:
        sentences.append(f"{result['unsure']:,} unsure ones were left out.")
    if result["contradictory"]:
        sentences.append(f"{result['contradictory']:,} labelled both ways were left out.")
    if without := sum(one["unlabelled"] for one in result["data"]):
        sentences.append(f"{without:,} without a flag were left out.")
    if unfound := result["evidence_not_found"]:
        sentences.append(EVIDENCE_NOT_FOUND.format(unfound))
    if result["overall"]["recall_at_threshold"]["low"] is None:
        sentences.append("Too few threads hold flagged messages to give intervals.")
    return sentences


def figures(result: Mapping[str, Any]) -> Group:
    """Tables of what ``riskscan.learn.judged.measure`` returns."""
    from riskscan.learn.card import FIGURES, told

    overall = Table("figure", box=None, pad_edge=False)
    for heading in ("value", "95% interval"):
        overall.add_column(heading, justify="right")
    for name, what in FIGURES.items():
        overall.add_row(what, *told(result["overall"][name]))
    evidence = result["evidence"]
    for name, what in (
        ("top_finding_overlaps", "top finding overlaps the evidence"),
        ("signal_right", "signal of the top finding is right"),
    ):
        if evidence[name]["value"] is not None:
            overall.add_row(what, *told(evidence[name]))
    if not result["by_signal"]:
        return Group(overall)
    signals = Table("signal", box=None, pad_edge=False)
    for heading in ("flagged", "recall", "average precision", "recall, top 5% read"):
        signals.add_column(heading, justify="right")
    for signal, part in result["by_signal"].items():
        some = ("recall_at_threshold", "average_precision", "recall_at_5%")
        cells = ("{} ({})".format(*told(part[name])) for name in some)
        signals.add_row(line(signal), f"{part['flagged']:,}", *cells)
    return Group(overall, "", signals)
