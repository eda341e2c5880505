"""``riskscan upgrade``: a case that an earlier riskscan made, for this one."""

from __future__ import annotations

from typing import Annotated

import typer

from riskscan.cli.bars import progress_bars
from riskscan.cli.harmless import plain
from riskscan.cli.place import CaseArgument


def upgrade(
    case: CaseArgument,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only faults.")] = False,
) -> None:
    """Bring a case to the schema of this riskscan; a copy of it as it was is kept."""
    from riskscan.case.upgrade import upgrade as run

    copied = 0
    with progress_bars(hidden=quiet) as bars:

        def tell(done: int, total: int) -> None:
            nonlocal copied
            if not copied:
                bars.start("copying", total, "parts")
            bars.advance(done - copied, 0)
            copied = done

        made = run(case, tell)
    if quiet:
        return
    if made.backup is None:
        typer.echo(f"The case has schema version {made.after} already.")
    else:
        typer.echo(
            f"Upgraded from schema version {made.before} to {made.after}.\n"
            + plain(f"The case as it was: {made.backup}")
        )
