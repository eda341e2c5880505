"""``riskscan entities``: who and what a case is about, how it was merged, and corrections."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine

from riskscan.case.location import Location
from riskscan.case.open import CaseError
from riskscan.cli.console import amount, out, print_json
from riskscan.cli.harmless import line
from riskscan.cli.place import CaseArgument

_KINDS = {"address": "Addresses", "name": "Display names", "named": "In texts"}


def entities(
    case: CaseArgument,
    label: Annotated[
        str | None,
        typer.Option(help="Only these: PERSON, ORG, REGULATOR, COURT, LAW, LOC, MONEY …"),
    ] = None,
    near_findings: Annotated[
        bool,
        typer.Option(
            "--near-findings",
            help="Only who wrote or got a flagged message or stands by a finding.",
        ),
    ] = False,
    counsel_only: Annotated[
        bool, typer.Option("--counsel-only", help="Only people who are marked as counsel.")
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="How many to list.")] = 30,
    show: Annotated[
        str | None, typer.Option(metavar="NAME", help="What was merged into one, and why.")
    ] = None,
    join: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Say that two names or addresses are one."),
    ] = None,
    split: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="NAME FORM", help="Say that a form is not the one of that name."),
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back the last --join, --split or --counsel.")
    ] = False,
    counsel: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="List of addresses, domains and names of counsel."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Rank people, organisations, laws and sums by the flagged messages that they stand in.

    What --join, --split and --counsel say is kept in the case and holds for every later scan.
    """
    from riskscan.case.merged import forms_of, ranking
    from riskscan.case.store import connect

    correcting = bool(join or split or counsel or undo)
    if correcting:
        _correct(case, join, split, counsel, undo)
    engine = connect(case)
    try:
        if show is not None:
            found = _found(engine, show)
            merged = [{**one, "forms": forms_of(engine, one["id"])} for one in found]
            if as_json:
                print_json(merged)
            else:
                for one in merged:
                    _one(one)
            return
        if correcting and not as_json:
            return
        rows = ranking(engine, label=label.upper() if label else None, near_findings=near_findings)
    finally:
        engine.dispose()
    if counsel_only:
        rows = [row for row in rows if row["counsel"]]
    if as_json:
        print_json(rows[:top])
    else:
        _ranked(rows, top)


def _ranked(rows: list[dict[str, Any]], top: int) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title, justify in (
        ("flagged", "right"), ("messages", "right"), ("label", "left"), ("name", "left"),
        ("first", "left"), ("last", "left"),
    ):  # fmt: skip
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    for row in rows[:top]:
        name = Text(line(row["name"]))
        if row["alone"]:
            name.append(" (which one is open)", style="dim")
        if row["counsel"]:
            name.append(" counsel", style="bold magenta")
        table.add_row(
            f"{row['flagged']:,}", f"{row['messages']:,}", row["label"], name,
            (row["first"] or "")[:10], (row["last"] or "")[:10],
        )  # fmt: skip
    out().print(table)
    if len(rows) > top:
        typer.echo(f"{amount(len(rows) - top, 'more is', 'more are')} not listed; see --top.")


def _one(merged: dict[str, Any]) -> None:
    console = out()
    console.print(Text(line(merged["name"]), style="bold").append(f"  {merged['label']}", "dim"))
    for kind, title in _KINDS.items():
        forms = [form for form in merged["forms"] if form["kind"] == kind]
        if forms:
            console.print(Text(title, style="dim"))
        for form in forms:
            text = Text(f"  {line(form['form'])}").append(f"  ×{form['number']:,}", "dim")
            if form["rule"]:
                why = f"  {form['rule']}" + (f" ({line(form['other'])})" if form["other"] else "")
                text.append(why, "cyan")
            if form["message_id"]:
                text.append(f"  #{form['message_id']}", "dim")
            console.print(text)
    console.print()


def _found(engine: Engine, name: str) -> list[dict[str, Any]]:
    from riskscan.case.merged import find_merged

    found = find_merged(engine, name)
    if not found:
        raise CaseError(f"Nobody and nothing in the case is named '{name}'.")
    return found


def _correct(
    case: Location,
    join: tuple[str, str] | None,
    split: tuple[str, str] | None,
    counsel: Path | None,
    undo: bool,
) -> None:
    """Note the corrections and merge the case anew."""
    from riskscan.case.people import add_corrections, undo_corrections
    from riskscan.case.store import connect, open_case
    from riskscan.stages.corrections import joining, splitting
    from riskscan.stages.merging import merge
    from riskscan.stages.privilege import read_counsel_list
    from riskscan.stages.progress import Silent

    connect(case).dispose()  # a fault when there is no case: none is made here
    made = read_counsel_list(counsel) if counsel else []
    with open_case(case) as store:
        if undo:
            undone = undo_corrections(store.engine)
            typer.echo(f"Took back {amount(len(undone), 'correction')}.", err=True)
        if join is not None:
            made += joining(store.engine, *join)
        if split is not None:
            made += splitting(store.engine, *split)
        number = add_corrections(store.engine, made)
        merge(store, Silent())
    if made:
        typer.echo(f"Noted {amount(number, 'correction')}.", err=True)
    typer.echo("riskscan report writes the report anew.", err=True)
