"""The case of a command, and paths to write to: read in one place, the same for all commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskscan.case.location import Location, locate
from riskscan.paths import is_remote

_WHERE = "a folder, postgresql://USER@HOST/DATABASE (docs/team.md) or s3://BUCKET/CASE"

CaseArgument = Annotated[
    Location, typer.Argument(parser=locate, metavar="CASE", help=f"The case: {_WHERE}.")
]
CaseOption = Annotated[
    Location,
    typer.Option("--case", parser=locate, metavar="CASE", help=f"Made when new: {_WHERE}."),
]


def here(told: str) -> Path:
    """A path of this machine: the address of a remote place would become a folder named ``s3:``."""
    if is_remote(told):
        raise typer.BadParameter(f"'{told}' is the address of a remote place: name a path here.")
    return Path(told)
