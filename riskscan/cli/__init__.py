"""The command line: one file a command; each parses options, calls the library, prints.

Exit codes: 0 all read; 1 failure; 2 bad usage; 3 finished, with something quarantined or not read.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import riskscan
from riskscan.cli import check, export, report, scan, show
from riskscan.cli.console import fail
from riskscan.detect.errors import ModelError
from riskscan.case.store import CaseError

app = typer.Typer(
    name="riskscan",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Finds the messages in a mailbox export that voice legal concern.",
    epilog="Exit codes: 0 all read; 1 failure; 2 bad usage; 3 something quarantined or not read.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"riskscan {riskscan.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("scan")(scan.scan)
app.command("show")(show.show)
app.command("report")(report.report)
app.command("export")(export.export)
app.command("check")(check.check)


def main() -> None:
    """Run the command line; faults that a user can mend end in one sentence and exit code 1."""
    try:
        app()
    except (CaseError, ModelError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("Stopped. Run the same command again to go on from here.", code=130)
    except OSError as error:
        named = f" '{error.filename}'" if error.filename else ""
        fail(f"{error.strerror or error}{named}.")


if __name__ == "__main__":
    sys.exit(main())
