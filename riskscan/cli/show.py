"""``riskscan show``: the worst messages of a case, or one message, in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from riskscan.case.read import Case, Record
from riskscan.cli.console import out, print_json

_MARK = "bold black on yellow"
_GREY = "dim"
# Control characters of hostile mail must not reach the terminal.
_HARMLESS = {c: "\N{REPLACEMENT CHARACTER}" for c in range(32) if c not in (9, 10)}
_HARMLESS |= {c: "\N{REPLACEMENT CHARACTER}" for c in range(127, 160)}
_HARMLESS |= {c: "" for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}


def show(
    case: Annotated[Path, typer.Argument(help="Folder of the case.")],
    message: Annotated[
        str | None,
        typer.Argument(metavar="[MESSAGE-ID]", help="A Message-ID or number of the list."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many messages to list.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print records as JSON.")] = False,
) -> None:
    """List the messages that a lawyer should read, worst first; or show one with its findings."""
    with Case(case) as opened:
        if message is not None:
            record = opened.record(message)
            if as_json:
                print_json(record)
            else:
                _one(record, opened)
            return
        records = list(opened.records(limit=top))
        if as_json:
            print_json(records)
            return
        counts = opened.counts()
        out.print(
            f"{counts['flagged']:,} of {counts['stored'] + counts['embedded']:,} messages flagged; "
            f"the first {len(records)}:\n"
        )
        for record in records:
            _line(record)


def plain(text: str) -> str:
    """Text of a mail without what a terminal would obey."""
    return text.translate(_HARMLESS)


def _line(record: Record) -> None:
    score = "  -  " if record["score"] is None else f"{record['score']:.3f}"
    head = Text(f"{score} ", style="bold red" if record["flagged"] else "")
    head.append(f"{(record['date'] or '')[:10]:10}  ", style=_GREY)
    head.append(plain(_person(record["sender_name"], record["sender"])), style="cyan")
    head.append("  " + plain(record["subject"] or "(no subject)"), style="bold")
    head.append(f"  {', '.join(record['signals'])}  #{record['id']}", style=_GREY)
    out.print(head)
    for finding in record["findings"][:1]:
        out.print(Text("      “" + " ".join(plain(finding["text"]).split()) + "”", style="italic"))


def _one(record: Record, case: Case) -> None:
    people = {"to": [], "cc": [], "bcc": []}  # type: dict[str, list[str]]
    for person in record["recipients"]:
        people[person["kind"]].append(_person(person["name"], person["address"]))
    fields: list[tuple[str, Any]] = [
        ("Score", f"{record['score']:.3f}" if record["score"] is not None else "not scored"),
        ("Signals", ", ".join(record["signals"]) or "none"),
        ("Message-ID", record["message_id"]),
        ("From", _person(record["sender_name"], record["sender"])),
        *((kind.capitalize(), ", ".join(several)) for kind, several in people.items() if several),
        ("Date", record["date"] or record["date_header"]),
        ("Subject", record["subject"]),
        ("Custodians", ", ".join(record["custodians"])),
        ("Source", f"{record['source']} ({record['place']})"),
    ]
    for name, value in fields:
        line = Text(f"{name:<11} ", style=_GREY)
        line.append(_marked(record, "subject") if name == "Subject" else Text(plain(str(value))))
        out.print(line)
    out.print()
    out.print(_marked(record, "authored"))
    for number, attachment in enumerate(record["attachments"]):
        out.print(
            Text(f"\n[{plain(attachment['name'])}, {attachment['bytes']:,} bytes]", style=_GREY)
        )
        if any(f["attachment"] == number for f in record["findings"]):
            out.print(_marked(record, "attachment", number))
    thread = case.thread(record["thread_id"]) if record["thread_id"] else []
    if len(thread) > 1:
        out.print(Text(f"\nThread of {len(thread)} messages", style="bold"))
        for other in thread:
            mark = "→" if other["id"] == record["id"] else " "
            flag = "flagged" if other["flagged"] else ""
            out.print(
                Text(
                    f"{mark} #{other['id']:<7} {(other['date'] or '')[:16]:16}  "
                    f"{plain(_person(other['sender_name'], other['sender_address']))}  {flag}"
                )
            )


def _person(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and name != address else address or name or "(unknown)"


def _marked(record: Record, segment: str, attachment: int | None = None) -> Text:
    """The text of a segment with its findings marked; what the sender did not write is dim."""
    source = {
        "subject": record["subject"],
        "authored": record["body"],
        "attachment": record["attachments"][attachment]["text"] if attachment is not None else "",
    }[segment]
    text = Text(source)
    if segment == "authored":
        for part in record["segments"]:
            if part["role"] != "authored":
                text.stylize(_GREY, part["start"], part["end"])
    for finding in record["findings"]:
        if finding["segment"] == segment and finding["attachment"] == attachment:
            text.stylize(_MARK, finding["start"], finding["end"])
    # Replaced one for one, or removed after the spans are set: offsets stay right.
    text.plain = source.translate({c: "\N{REPLACEMENT CHARACTER}" for c in _HARMLESS})
    return text
