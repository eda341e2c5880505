"""How the commands speak: plain sentences to people, JSON to machines, faults to standard error."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import typer
from rich.console import Console

from riskscan.cli.harmless import escape, plain

EXIT_FAILURE = 1
EXIT_INCOMPLETE = 3


def out() -> Console:
    """Where people read."""
    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    """Where people read of faults and progress."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def fail(sentence: str, code: int = EXIT_FAILURE) -> NoReturn:
    """Say what went wrong on standard error and end with ``code``."""
    typer.echo(f"riskscan: {plain(sentence)}", err=True)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    """One JSON document on standard output; what a terminal would obey is escaped."""
    typer.echo(escape(json.dumps(value, ensure_ascii=False, indent=2)))


def amount(number: int, singular: str, plural: str = "") -> str:
    """ "1 message", "1,234 messages"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def size(number: float) -> str:
    """Bytes for people, in binary units."""
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number:,.0f} {unit}"
        number /= 1024
    return f"{number:,.2f} GiB"
