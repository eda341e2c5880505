"""``riskscan verify``: is a production what was delivered?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskscan.cli.console import EXIT_FAILURE, amount, fail, print_json
from riskscan.cli.harmless import plain
from riskscan.paths import is_remote

_LISTED = 50


def verify(
    production: Annotated[
        str, typer.Argument(help="Folder of the production, or s3://BUCKET/FOLDER.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check every file of a production against its manifest.

    Exit code 1 when a file is missing, changed or not in the manifest.
    """
    from riskscan.export.production import ProductionError
    from riskscan.export.verify import verify_production

    try:
        found = verify_production(production if is_remote(production) else Path(production))
    except ProductionError as error:
        fail(str(error))
    if as_json:
        faults = [{"path": path, "fault": wrong} for path, wrong in found.faults]
        print_json(
            {
                "files": found.files,
                "manifest_sha256": found.manifest_sha256,
                "intact": not faults,
                "faults": faults,
            }
        )
    else:
        for path, wrong in found.faults[:_LISTED]:
            typer.echo(plain(f"{path} {wrong}"))
        if len(found.faults) > _LISTED:
            typer.echo(f"and {len(found.faults) - _LISTED:,} more")
        faults_told = amount(len(found.faults), "fault") if found.faults else "all as delivered"
        typer.echo(f"{amount(found.files, 'file')} checked: {faults_told}.")
        typer.echo(f"SHA-256 of the manifest: {found.manifest_sha256}")
    if found.faults:
        raise typer.Exit(EXIT_FAILURE)
