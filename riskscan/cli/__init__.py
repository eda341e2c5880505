"""The command line: one file a command; each parses options, calls the library, prints.

Exit codes: 0 all read; 1 failure; 2 bad usage; 3 finished, with something quarantined or not read;
130 stopped with Ctrl-C. Commands import what they need when they run: a worker process imports
this module too, and would pay for all of it.
"""

from __future__ import annotations

import errno
import signal
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import riskscan
from riskscan.case.open import CaseError
from riskscan.cli import (
    audit,
    check,
    entities,
    evaluate,
    export,
    learn,
    manifest,
    quarantine,
    report,
    review,
    scan,
    score,
    show,
    simulate,
    train,
    train_entities,
    upgrade,
    validate,
    verify,
)
from riskscan.cli.console import fail
from riskscan.detect.errors import ModelError
from riskscan.engine.errors import ClusterError, WorkersError
from riskscan.learn.errors import DataError
from riskscan.paths import PlaceError

# What they have done is kept.
_GO_ON = ("scan", "score")


class _Commands(TyperGroup):
    """Faults that a user can mend end in one sentence and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (CaseError, ClusterError, DataError, ModelError, PlaceError, WorkersError) as error:
            fail(str(error))
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # pressed again, it would kill the telling
            again = ctx.invoked_subcommand in _GO_ON
            rest = " Run the same command again to go on from here." if again else ""
            fail(f"Stopped.{rest}", code=130)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # ``riskscan show | head``: click ends that in silence
            named = f" '{error.filename}'" if error.filename else ""
            fail(f"{error.strerror or error}{named}.")


app = typer.Typer(
    name="riskscan",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Finds the messages in a mailbox export that voice legal concern.",
    epilog="Exit codes: 0 all read; 1 failure; 2 bad usage; 3 something quarantined or not read; "
    "4 figures that do not add up.",
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
app.command("review")(review.review)
app.command("audit")(audit.audit)
app.command("report")(report.report)
app.command("export")(export.export)
app.command("manifest")(manifest.manifest)
app.command("verify")(verify.verify)
app.command("quarantine")(quarantine.quarantine)
app.command("upgrade")(upgrade.upgrade)
app.command("check")(check.check)
app.command("score")(score.score)
app.command("learn")(learn.learn)
app.command("validate")(validate.validate)
app.command("simulate")(simulate.simulate)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("entities")(entities.entities)
app.command("train-entities")(train_entities.train_entities)


def main() -> None:
    """Run the command line."""
    app()
