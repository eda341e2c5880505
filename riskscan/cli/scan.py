"""``riskscan scan``: exports into a case, then the report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from riskscan.cli.bars import progress_bars
from riskscan.cli.console import EXIT_FAILURE, EXIT_INCOMPLETE, amount, print_json, size
from riskscan.cli.harmless import line, plain
from riskscan.cli.place import CaseOption
from riskscan.engine import peak_rss
from riskscan.paths import is_remote
from riskscan.scanning import COPIES_BYTES, Summary, run_scan

REPORT = "report.html"
_NAMED = 5  # of what was not read
_NAMED_LENGTH = 240  # characters


def scan(
    exports: Annotated[
        list[str],
        typer.Argument(
            metavar="EXPORT...",
            help="Files or folders: mailboxes, chats, load files, archives. Or s3://BUCKET/....",
        ),
    ],
    case: CaseOption,
    custodian: Annotated[
        str | None,
        typer.Option(help="Whose mailbox it is; by default told from the names of the files."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Model folder; by default the one that riskscan brings.")
    ] = None,
    encoder: Annotated[
        bool,
        typer.Option(
            "--encoder/--no-encoder",
            help="Let the model's encoder read what ranks high: better, and about half as fast. "
            "What scored a case is noted: another choice later scores all of it again.",
        ),
    ] = True,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Score from which on a message is flagged; default: the model's own."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Worker processes; 0 works in this one. Default: cores."),
    ] = None,
    engine: Annotated[
        Literal["local", "dask"],
        typer.Option(help="Where batches run: on this machine, or on a dask cluster."),
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Of the dask cluster, as tls://host:8786; by default one is started here.",
        ),
    ] = None,
    shards: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="Workers read the exports themselves and write what they parse here: a folder, "
            "or s3://..., that all of them see.",
        ),
    ] = None,
    entities: Annotated[
        Literal["all", "flagged", "none"],
        typer.Option(help="In which messages to find people, organisations, laws and sums."),
    ] = "all",
    entity_model: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Entity pipeline of riskscan train-entities."
        ),
    ] = None,
    counsel: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="List of addresses, domains and names of counsel."
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="TOML file: which column of a table holds what."
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="The same here: text=Body,from=Sender. May be repeated."),
    ] = None,
    deleted_items: Annotated[
        bool,
        typer.Option(
            "--deleted-items", help="Outlook data files: also what no folder holds any more."
        ),
    ] = False,
    copies_gib: Annotated[
        int,
        typer.Option(min=1, help="Disk that copies of a remote export may take, in GiB."),
    ] = COPIES_BYTES // 2**30,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only faults.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Scan mailbox exports for messages that voice legal concern, and write the report.

    Run it again to go on after an interruption; what is already in the case is not read twice.
    """
    from riskscan.case.read import Case
    from riskscan.export.report import write_report
    from riskscan.sources.tabular import MappingError, parse_mapping, read_mapping

    try:
        told = (read_mapping(mapping) if mapping else {}) | (parse_mapping(columns or []))
    except MappingError as error:
        raise typer.BadParameter(str(error), param_hint="--map") from error
    for export in exports:
        if not (is_remote(export) or Path(export).exists()):
            raise typer.BadParameter(f"there is no '{export}'.", param_hint="EXPORT...")
    if scheduler is not None and engine != "dask":
        raise typer.BadParameter("it is for --engine dask.", param_hint="--scheduler")
    if shards is not None and engine != "dask":
        raise typer.BadParameter("it is for --engine dask.", param_hint="--shards")
    if workers is None:
        workers = os.cpu_count() or 1
    with progress_bars(hidden=quiet or as_json) as bars:
        summary = run_scan(
            exports,
            case,
            custodian=custodian,
            model=model,
            encoder=encoder,
            threshold=threshold,
            workers=workers,
            entities=entities,
            entity_model=entity_model,
            counsel=counsel,
            columns=told,
            deleted_items=deleted_items,
            engine=engine,
            scheduler=scheduler,
            shards=shards,
            space=copies_gib * 2**30,
            progress=bars,
        )
    written = write_report(case, case.product(REPORT))
    # The workers are gone by now, so the report's memory does not add to theirs.
    summary = replace(summary, peak_memory=max(summary.peak_memory, peak_rss()))
    if as_json:
        print_json(summary.as_dict() | {"report": str(written)})
    elif not quiet:
        with Case(case) as opened:
            lost = opened.unread("not read", _NAMED)
        _tell(summary, written, lost)
    if not summary.adds_up:
        raise typer.Exit(EXIT_FAILURE)
    if not summary.complete:
        raise typer.Exit(EXIT_INCOMPLETE)


def _tell(summary: Summary, report: Path, lost: Sequence[Mapping[str, Any]]) -> None:
    """Print the figures; ``lost``: some of what was not read, to be named."""
    s = summary
    lines = [
        f"Found        {s.found:>9,} messages = {s.stored:,} stored + {s.duplicates:,} duplicates"
        f" + {s.quarantined:,} quarantined",
    ]
    for number, name, what in (
        (s.embedded, "Embedded", "inside other messages, stored with them"),
        (s.companions, "Left", "known files and items that are no mail, or not asked for"),
        (s.not_read, "Not read", "files, or parts of files and messages: the report says why"),
        (s.attachments_unread, "Attachments", "without readable text: the report says why"),
        (
            s.differing_duplicates,
            "Differing",
            "duplicates by Message-ID and people with other dates",
        ),
        (s.changed_exports, "Changed", "exports changed while they were read"),
        (s.unfinished, "Unfinished", "exports that an earlier scan did not read to their end"),
        (s.missing, "Missing", "messages or files that an export's own lists name: see the report"),
        (
            s.claims_differing,
            "Claims",
            "counts, sizes or hashes in an export's own lists do not hold: see the report",
        ),
        (s.failed, "Failed", "messages ended the process that scored them or sought entities"),
    ):
        if number:
            lines.append(f"{name:<12} {number:>9,} {what}")
            lines += _named(lost, number) if name == "Not read" else []
    if not s.found:
        lines.append("No message was found in what you named.")
    # Resumed behind its reading, or with nothing new to read, a scan has no rate.
    rate = f"{s.rate:,.0f}" if s.rate >= 10 else f"{s.rate:.1f}"
    read = f" for {amount(s.read, 'message')} ({rate} a second)" if s.read else ""
    lines += [
        f"Flagged      {s.flagged:>9,} messages",
        f"Took         {s.seconds:>9,.1f} s{read}, peak memory {size(s.peak_memory)}",
    ]
    if not s.adds_up:
        lines.append("The figures do not add up: please report this as a fault.")
    lines.append(f"Report: {plain(str(report))}")
    typer.echo("\n".join(lines))


def _named(lost: Sequence[Mapping[str, Any]], number: int) -> list[str]:
    told = [
        f"{one['source']}{', ' * bool(one['place'])}{one['place']}: {one['reason']}" for one in lost
    ]
    lines = [f"{'':13}{line(one)[:_NAMED_LENGTH]}" for one in told]
    if number > len(told):
        lines.append(f"{'':13}and {number - len(told):,} more: riskscan manifest lists them")
    return lines
