"""The case of a command: one argument, read in one place, the same for all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from riskscan.case.location import Location, locate

_WHERE = "a folder, postgresql://USER@HOST/DATABASE (docs/team.md) or s3://BUCKET/CASE"

CaseArgument = Annotated[
    Location, typer.Argument(parser=locate, metavar="CASE", help=f"The case: {_WHERE}.")
]
CaseOption = Annotated[
    Location,
    typer.Option("--case", parser=locate, metavar="CASE", help=f"Made when new: {_WHERE}."),
]
