"""``riskscan learn``: learn from the decisions of a case, order its queue anew, keep a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from riskscan.cli.console import err, print_json
from riskscan.cli.harmless import line, plain
from riskscan.cli.place import CaseArgument, here

_FEW = 100
"""Flagged messages below which a model of its own is hardly better than the shipped one."""


def learn(
    case: CaseArgument,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=here,
            metavar="PATH",
            help="Keep what was learnt as a model in this folder: six trainings, 5 minutes or more "
            "on two free cores, several times that on a busy machine.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same decisions and seed, same order.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Learn from the decisions made in riskscan review, and order what is left to read by it.

    With --out also a detector is trained, from the decisions and the shipped model's texts; use it
    with riskscan scan --model or riskscan score --model.
    """
    from riskscan.learn.folder import check_target
    from riskscan.learn.queue import Loop

    console = err()
    if to is not None:
        check_target(to)
    loop = Loop(case, seed=seed)
    try:
        made = loop.update()
    finally:
        loop.close()
    result: dict[str, Any] = {
        "decided": made.decided,
        "flagged": made.flagged,
        "ranked": made.ranked,
        "next_update_after": made.batch,
        "learnt": [{"word": word, "weight": round(weight, 3)} for word, weight in made.learnt],
    }
    if not as_json:
        typer.echo(
            f"Learnt from {made.decided:,} decisions, {made.flagged:,} of them to flag; "
            f"ranked {made.ranked:,} messages."
        )
        for sign, what in ((1, "Towards flag"), (-1, "Away from it")):
            some = [word for word, weight in made.learnt if sign * weight > 0]
            if some:
                typer.echo(line(f"{what}: {', '.join(some)}"))
    if to is not None:
        from riskscan.learn.encoders import shipped_encoder
        from riskscan.learn.sampling import rate_told, read_reviewed
        from riskscan.learn.train import train

        data, sampling = read_reviewed(case)
        trained = train(
            [data],
            out=to,
            base="default",
            encoders=shipped_encoder([data], console.print),
            seed=seed,
            notes=rate_told(data.name, sampling),
            say=None if as_json else lambda stage: console.print(stage, style="dim"),
        )
        result["model"] = {"folder": str(to), "fingerprint": trained["fingerprint"]}
        if not as_json:
            typer.echo(plain(f"Model: {to} (README.md in it says more)"))
        if made.flagged < _FEW:
            console.print(
                f"It learnt from {made.flagged:,} flagged messages of this case only: see in its "
                "README.md whether it is better than the shipped model before you score with it."
            )
    if as_json:
        print_json(result)
