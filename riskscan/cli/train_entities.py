"""``riskscan train-entities``: marked texts into an entity pipeline, also with new labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from riskscan.cli.console import fail, out, print_json
from riskscan.cli.harmless import plain
from riskscan.cli.place import here

_TOTALS = {"ents_p": "precision", "ents_r": "recall", "ents_f": "F1"}


def train_entities(
    data: Annotated[
        list[Path],
        typer.Argument(
            metavar="DATA...", exists=True, dir_okay=False, help="Marked texts: .jsonl or .spacy."
        ),
    ],
    to: Annotated[
        Path,
        typer.Option(
            "--out", parser=here, metavar="PATH", help="Folder of the pipeline; made when new."
        ),
    ],
    dev: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Marked texts to test with; else every tenth is kept."
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Batches of 2,000 words to learn.")] = 4000,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same data and seed, same pipeline.")
    ] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Train the entity pipeline on marked texts; riskscan scan --entity-model uses it.

    The rules for laws, dates, sums and the like stay. Names of people, organisations and places
    are learnt from the texts given alone, so mark them there too.
    """
    from riskscan.language.train import CorpusError
    from riskscan.language.train import train_entities as run
    from riskscan.learn.folder import PIPELINE, replacing_folder

    try:
        with replacing_folder(to, PIPELINE) as draft:
            scores = run(data, draft, dev=dev, steps=steps, seed=seed)
    except CorpusError as error:
        fail(str(error))
    if as_json:
        print_json(scores)
        return
    table = Table("label", "F1", box=None)
    for label in sorted(scores.keys() - _TOTALS.keys()):
        table.add_row(plain(label), f"{scores[label]:.3f}")
    out().print(table)
    totals = ", ".join(f"{name} {scores[key]:.3f}" for key, name in _TOTALS.items())
    typer.echo(f"All: {totals}, on texts that were not learnt from.")
    typer.echo(plain(f"Pipeline: {to}"))
