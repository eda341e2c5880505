"""``riskscan quarantine``: the messages that could not be parsed: list, save, try again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from riskscan.cli.console import EXIT_INCOMPLETE, amount, out, print_json
from riskscan.cli.harmless import line, plain
from riskscan.cli.place import CaseArgument, here


def quarantine(
    case: CaseArgument,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save", parser=here, metavar="DIR", help="Write the bytes of each into this folder."
        ),
    ] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Parse them again, after an update of riskscan.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the messages that could not be parsed; save their bytes, or try them again.

    The bytes are read from the exports, which must be where they were. Exit code 3: something
    stays in quarantine.
    """
    from riskscan.stages.reread import quarantined, retry_quarantined, save_quarantined

    told = None
    if retry:
        told = retry_quarantined(case)
        if not as_json:
            typer.echo(
                f"Retried: {told.parsed:,} parsed, {told.still:,} still cannot be,"
                f" {told.gone:,} not in their export any more"
            )
            if told.parsed:
                typer.echo("The next riskscan scan of the same exports scores them.")
    saved = save_quarantined(case, save) if save is not None else None
    waiting = quarantined(case)
    if as_json:
        rows = saved if saved is not None else [asdict(one) for one in waiting]
        print_json({"quarantined": rows} | ({"retried": asdict(told)} if told else {}))
    else:
        console = out()
        for one in waiting:
            console.print(Text(line(f"{one.source} ({one.place})"), style="bold"))
            console.print(Text(f"  {line(one.reason)}"))
            console.print(Text(f"  {one.bytes:,} bytes, SHA-256 {one.sha256}", style="dim"))
        typer.echo(f"{amount(len(waiting), 'message')} in quarantine")
        if saved is not None:
            written = sum(row["file"] is not None for row in saved)
            typer.echo(plain(f"{amount(written, 'file')} written to {save}"))
    if waiting:
        raise typer.Exit(EXIT_INCOMPLETE)
