"""``riskscan scan``: exports into a case, then the report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from riskscan.cli.console import EXIT_FAILURE, EXIT_INCOMPLETE, amount, err, out, print_json, size
from riskscan.export.report import write_report
from riskscan.scan import Summary, run_scan

REPORT = "report.html"


class Bars:
    """A progress bar a stage on standard error."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._messages = 0

    def start(self, stage: str, total: int, unit: str) -> None:
        self._messages = 0
        self._task = self._progress.add_task(stage, total=max(total, 1), rate="")

    def advance(self, amount: int, messages: int) -> None:
        assert self._task is not None
        self._messages += messages
        task = self._progress.tasks[self._task]
        rate = f"{self._messages / task.elapsed:,.0f} messages/s" if task.elapsed else ""
        self._progress.update(self._task, advance=amount, rate=rate)

    def finish(self) -> None:
        assert self._task is not None
        self._progress.update(self._task, completed=self._progress.tasks[self._task].total)


def scan(
    exports: Annotated[
        list[Path],
        typer.Argument(
            metavar="EXPORT...",
            exists=True,
            help="Files or folders: mbox, Maildir, .eml, archives.",
        ),
    ],
    case: Annotated[Path, typer.Option("--case", help="Folder of the case; made when new.")],
    custodian: Annotated[
        str | None,
        typer.Option(help="Whose mailbox it is; by default told from the names of the files."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Model folder; by default the one that riskscan brings.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Worker processes; 0 works in this one. Default: cores."),
    ] = None,
    entities: Annotated[
        Literal["all", "flagged", "none"],
        typer.Option(help="In which messages to find people, organisations, laws and sums."),
    ] = "all",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only faults.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Scan mailbox exports for messages that voice legal concern, and write the report.

    Run it again to go on after an interruption; what is already in the case is not read twice.
    """
    if workers is None:
        workers = os.cpu_count() or 1
    with Progress(
        TextColumn("{task.description:<9}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[rate]:>18}"),
        TimeRemainingColumn(),
        console=err,
        disable=quiet or as_json or not err.is_terminal,
    ) as progress:
        summary = run_scan(
            exports,
            case,
            custodian=custodian,
            model=model,
            workers=workers,
            entities=entities,
            progress=Bars(progress),
        )
    written = write_report(case, case / REPORT)
    if as_json:
        print_json(summary.as_dict() | {"report": str(written)})
    elif not quiet:
        _tell(summary, written)
    if not summary.adds_up:
        raise typer.Exit(EXIT_FAILURE)
    if not summary.complete:
        raise typer.Exit(EXIT_INCOMPLETE)


def _tell(summary: Summary, report: Path) -> None:
    s = summary
    lines = [
        f"Found        {s.found:>9,} messages = {s.stored:,} stored + {s.duplicates:,} duplicates"
        f" + {s.quarantined:,} quarantined",
    ]
    if s.embedded:
        lines.append(f"Embedded     {s.embedded:>9,} messages inside others, stored with them")
    if s.companions:
        lines.append(f"Left         {amount(s.companions, 'file'):>9} that hold no mail")
    if s.not_read:
        lines.append(f"Not read     {amount(s.not_read, 'file'):>9}: see the report for reasons")
    if s.differing_duplicates:
        lines.append(
            f"Differing    {s.differing_duplicates:>9,} duplicates by Message-ID have other content"
        )
    if s.changed_exports:
        lines.append(f"[red]Changed      {s.changed_exports:>9,} exports changed while read[/red]")
    lines.append(f"[bold]Flagged      {s.flagged:>9,} messages[/bold]")
    lines.append(
        f"Took         {s.seconds:>9,.1f} s for {amount(s.read, 'message')} "
        f"({s.rate:,.0f} a second), peak memory {size(s.peak_memory)}"
    )
    if not s.adds_up:
        lines.append("[red]The figures do not add up: please report this as a fault.[/red]")
    for line in lines:
        out.print(line)
    out.print(f"Report: {report}", markup=False)
