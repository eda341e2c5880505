"""``riskscan export``: the messages of a case as tables, as mail, or as a production."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.cli.collapse import Collapse
from riskscan.cli.console import fail
from riskscan.cli.harmless import plain
from riskscan.cli.place import CaseArgument, here
from riskscan.export.log_terms import LogTerms
from riskscan.export.remote import Target
from riskscan.export.targets import FOLDERS, FORMATS, Terms, format_of, write

if TYPE_CHECKING:
    from riskscan.export.production import Numbering

# As in detect.classifier.SIGNALS, which takes long to import.
Signal = StrEnum(
    "Signal",
    "legal_doubt ethical_unease concealment spoliation admission escalation pressure threat",
)
Verdict = StrEnum("Verdict", "flag not unsure hot")
_DAY = "%Y-%m-%d"
_MOMENTS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")
_PRODUCTION = "Productions"
_WHICH = "Which messages"
_LOG = "Privilege log"
_PSEUDONYMS = "Pseudonyms"


def export(
    case: CaseArgument,
    to: Annotated[
        Target,
        typer.Option(
            "--to",
            parser=Target,
            metavar="PATH",
            help="File or folder to write, here or on s3:// and the like.",
        ),
    ],
    form: Annotated[
        Literal[
            "jsonl",
            "csv",
            "xlsx",
            "parquet",
            "mbox",
            "eml",
            "concordance",
            "edrm",
            "privilege-log",
        ]
        | None,
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
        datetime | None,
        typer.Option(
            parser=_first_out,
            metavar="[%Y-%m-%d|%Y-%m-%dT%H:%M:%S]",
            help="Only sent on this day or earlier, or before this moment (UTC).",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    decision: Annotated[
        list[Verdict] | None,
        typer.Option(help="Only with this decision; may be repeated.", rich_help_panel=_WHICH),
    ] = None,
    collapse: Annotated[
        list[Collapse] | None,
        typer.Option(
            help="One message for its near-duplicates, or for those of its thread that it"
            " includes; may be repeated. Duplicates are always one.",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    privileged: Annotated[
        Literal["withhold", "placeholder", "include"] | None,
        typer.Option(
            help="Families that a reviewer calls privileged: leave out, replace by slip sheets that"
            " keep the control numbers (productions), or include. By default tables include"
            " them, mail and productions withhold them.",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(
            help="Prefix of control numbers: DOC, of logs PRIV, where none is given.",
            rich_help_panel=_PRODUCTION,
        ),
    ] = None,
    start: Annotated[
        int | None,
        typer.Option(
            min=0, help="First control number, by default 1.", rich_help_panel=_PRODUCTION
        ),
    ] = None,
    digits: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=18,
            help="Digits of a number, by default 7, of logs 5.",
            rich_help_panel=_PRODUCTION,
        ),
    ] = None,
    start_after: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Go on numbering where this earlier production ended; may be repeated.",
            rich_help_panel=_PRODUCTION,
        ),
    ] = None,
    fields: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="TOML file that selects and renames the fields of the load file.",
            rich_help_panel=_PRODUCTION,
        ),
    ] = None,
    by: Annotated[
        Literal["document", "thread"],
        typer.Option(help="A line a document, or a thread.", rich_help_panel=_LOG),
    ] = "document",
    describe_with: Annotated[
        Literal["none", "subject"],
        typer.Option(
            help="What a description has beside metadata; a subject may give things away.",
            rich_help_panel=_LOG,
        ),
    ] = "none",
    hints: Annotated[
        bool,
        typer.Option(
            "--hints",
            help="Also messages that only hint at privilege, marked as not decided.",
            rich_help_panel=_LOG,
        ),
    ] = False,
    basis: Annotated[
        Literal["attorney-client", "work-product", "both"] | None,
        typer.Option(
            help="The basis where a reviewer's note does not tell it.", rich_help_panel=_LOG
        ),
    ] = None,
    production: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Log the slip sheets of this production, by their numbers.",
            rich_help_panel=_LOG,
        ),
    ] = None,
    pseudonymise: Annotated[
        bool,
        typer.Option(
            "--pseudonymise",
            help="Replace people, addresses, phones and accounts; natives become text.",
            rich_help_panel=_PSEUDONYMS,
        ),
    ] = False,
    key: Annotated[
        Path | None,
        typer.Option(
            parser=here,
            metavar="PATH",
            help="File of the key, kept apart; one that exists is used and extended.",
            rich_help_panel=_PSEUDONYMS,
        ),
    ] = None,
) -> None:
    """Export the unique messages of a case: tables worst first; productions by whole families."""
    chosen = form or format_of(to.name)
    if chosen is None:
        raise typer.BadParameter(
            f"'{to.name.name}' does not tell what to write: end it in "
            f"{', '.join('.' + f for f in FORMATS)}, or give --format.",
            param_hint="--to",
        )
    if pseudonymise != (key is not None):
        raise typer.BadParameter("--pseudonymise needs --key FILE, and --key --pseudonymise.")
    if start_after and any(told is not None for told in (prefix, start, digits)):
        raise typer.BadParameter(
            "--start-after tells prefix, start and digits: give it without them."
        )
    selection = Selection(
        flagged=flagged,
        min_score=min_score,
        signals=tuple(str(s) for s in signal or ()),
        custodians=tuple(map(_stored, custodian or ())),
        since=_utc(since),
        until=_utc(until),
        decisions=tuple(str(d) for d in decision or ()),
        collapse=tuple(str(c) for c in collapse or ()),
    )
    with Case(case) as opened:
        try:
            terms = Terms(
                numbering=_numbering(chosen, prefix, start, digits, start_after or ()),
                fields=fields,
                privileged=privileged,
                key=key,
                log=LogTerms(by, describe_with, hints, basis, production),
            )
            with to.made(folder=chosen in FOLDERS) as place:
                told = write(opened, place, chosen, selection, terms)
        except ValueError as error:
            fail(str(error) if str(error).endswith(".") else f"{error}.")
    typer.echo(f"{told.sentence()}: {plain(str(to))}")
    for note in told.notes:
        typer.echo(plain(note))


def _stored(name: str) -> str:
    """A name with the bytes of another charset as a case has them: escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _numbering(
    form: str, prefix: str | None, start: int | None, digits: int | None, earlier: Sequence[Path]
) -> Numbering | None:
    from riskscan.export.production import Numbering, after

    if earlier:
        return after(earlier)
    log = form == "privilege-log"
    return Numbering(
        prefix if prefix is not None else "PRIV" if log else "DOC",
        1 if start is None else start,
        digits or (5 if log else 7),
    )


def _first_out(told: str) -> datetime:
    """The first moment after a day that is told, or the moment that is told."""
    moment = next((m for form in _MOMENTS if (m := _read(told, form)) is not None), None)
    if moment is not None:
        return moment
    if (day := _read(told, _DAY)) is None:
        raise typer.BadParameter(
            f"'{told}' is neither a day ({_DAY}) nor a moment ({_MOMENTS[0]})."
        )
    # No day comes after the last one of the calendar: then its last moment.
    return datetime.max if day.date() == date.max else day + timedelta(days=1)


def _read(told: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(told, form)
    except ValueError:
        return None


def _utc(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
