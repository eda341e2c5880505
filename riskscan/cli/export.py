"""``riskscan export``: the messages of a case as tables, as mail, or as a production."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.cli.console import fail
from riskscan.cli.harmless import plain
from riskscan.export.targets import FORMATS, TABLES, format_of, write

# As in detect.classifier.SIGNALS, which takes long to import.
Signal = StrEnum(
    "Signal",
    "legal_doubt ethical_unease concealment spoliation admission escalation pressure threat",
)
Verdict = StrEnum("Verdict", "flag not unsure hot")
Collapse = StrEnum("Collapse", [("near", "near-duplicates"), ("threads", "threads")])
_PRODUCTION = "Productions"
_WHICH = "Which messages"


def export(
    case: Annotated[Path, typer.Argument(help="Folder of the case.")],
    to: Annotated[Path, typer.Option("--to", help="File or folder to write.")],
    form: Annotated[
        Literal["jsonl", "csv", "xlsx", "parquet", "mbox", "eml", "concordance", "edrm"] | None,
        typer.Option("--format", help="By default told by the ending of the file."),
    ] = None,
    flagged: Annotated[
        bool, typer.Option("--flagged", help="Only flagged messages.", rich_help_panel=_WHICH)
    ] = False,
    min_score: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Only of this score or more.", rich_help_panel=_WHICH),
    ] = None,
    signal: Annotated[
        list[Signal] | None,
        typer.Option(help="Only with this signal; may be repeated.", rich_help_panel=_WHICH),
    ] = None,
    custodian: Annotated[
        list[str] | None,
        typer.Option(help="Only of this custodian; may be repeated.", rich_help_panel=_WHICH),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only sent at or after (UTC).", rich_help_panel=_WHICH)
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="Only sent before (UTC).", rich_help_panel=_WHICH)
    ] = None,
    decision: Annotated[
        list[Verdict] | None,
        typer.Option(help="Only with this decision; may be repeated.", rich_help_panel=_WHICH),
    ] = None,
    collapse: Annotated[
        list[Collapse] | None,
        typer.Option(
            help="One message for its near-duplicates, or for those of its thread that it"
            " includes; may be repeated.",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    include_privileged: Annotated[
        bool,
        typer.Option(
            "--include-privileged",
            help="Also what reviewers call privileged, which mail and productions leave out.",
            rich_help_panel=_WHICH,
        ),
    ] = False,
    prefix: Annotated[
        str, typer.Option(help="Prefix of control numbers.", rich_help_panel=_PRODUCTION)
    ] = "DOC",
    start: Annotated[
        int, typer.Option(min=0, help="First control number.", rich_help_panel=_PRODUCTION)
    ] = 1,
    digits: Annotated[
        int,
        typer.Option(min=1, max=18, help="Digits of a number.", rich_help_panel=_PRODUCTION),
    ] = 7,
    fields: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="TOML file that selects and renames the fields of the load file.",
            rich_help_panel=_PRODUCTION,
        ),
    ] = None,
) -> None:
    """Export the unique messages of a case: tables worst first; productions by whole families."""
    chosen = form or format_of(to)
    if chosen is None:
        raise typer.BadParameter(
            f"'{to.name}' does not tell what to write: end it in "
            f"{', '.join('.' + f for f in FORMATS)}, or give --format.",
            param_hint="--to",
        )
    selection = Selection(
        flagged=flagged,
        min_score=min_score,
        signals=tuple(str(s) for s in signal or ()),
        custodians=tuple(custodian or ()),
        since=_utc(since),
        until=_utc(until),
        decisions=tuple(str(d) for d in decision or ()),
        privileged=include_privileged or chosen in TABLES,
        collapse=tuple(str(c) for c in collapse or ()),
    )
    with Case(case) as opened:
        try:
            told = write(
                opened, to, chosen, selection,
                prefix=prefix, start=start, digits=digits, fields=fields,
            )  # fmt: skip
        except ValueError as error:
            fail(str(error) if str(error).endswith(".") else f"{error}.")
    typer.echo(f"{told.sentence()}: {plain(str(to))}")
    for note in told.notes:
        typer.echo(plain(note))


def _utc(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
