"""``riskscan show``: the worst messages of a case, or one message, in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from riskscan.case.read import Case, Record
from riskscan.cli.console import out, print_json
from riskscan.cli.harmless import line, plain
from riskscan.cli.place import CaseArgument
from riskscan.export.report_words import attachment_role, state_mark

_MARK = "bold black on yellow"
_GREY = "dim"


def show(
    case: CaseArgument,
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
        console = out()
        counts = opened.counts()
        console.print(
            f"{counts['flagged']:,} of {counts['scored']:,} messages flagged; "
            f"the first {len(records)}:\n"
        )
        for record in records:
            _row(record, console)


def _row(record: Record, console: Console) -> None:
    score = "  -  " if record["score"] is None else f"{record['score']:.3f}"
    # A style of the whole text would show through in what is appended.
    head = Text().append(f"{score} ", style="bold red" if record["flagged"] else "")
    head.append(f"{(record['date'] or '')[:10]:10}  ", style=_GREY)
    head.append(_person(record["sender_name"], record["sender"]), style="cyan")
    if mark := _state(record):
        head.append(f"  [{mark}]", style="magenta")
    head.append("  " + (line(record["subject"]) or "(no subject)"), style="bold")
    head.append(f"  {', '.join(record['signals'])}  #{record['id']}", style=_GREY)
    console.print(head)
    for finding in record["findings"][:1]:
        console.print(Text(f"      “{line(finding['text'])}”", style="italic"))


def _state(record: Record) -> str:
    """What became of a message, and of copies of it to which something else happened."""
    own = state_mark(record["state"])
    others = dict.fromkeys(state_mark(copy["state"]) for copy in record["duplicates"])
    return ", ".join(
        [*([own] if own else []), *(f"a copy {mark}" for mark in others if mark not in ("", own))]
    )


def _one(record: Record, case: Case) -> None:
    console = out()
    people: dict[str, list[str]] = {"to": [], "cc": [], "bcc": []}
    for person in record["recipients"]:
        people[person["kind"]].append(_person(person["name"], person["address"]))
    fields: list[tuple[str, Text | str]] = [
        ("Score", f"{record['score']:.3f}" if record["score"] is not None else "not scored"),
        ("Signals", ", ".join(record["signals"]) or "none"),
        ("Message-ID", line(record["message_id"])),
        ("From", _person(record["sender_name"], record["sender"])),
        *((kind.capitalize(), ", ".join(several)) for kind, several in people.items() if several),
        ("Date", _dated(record)),
        *((("State", line(record["state"])),) if record["state"] else ()),
        ("Subject", _marked(record, "subject", console)),
        *(("Privileged?", line(f"{h['reason']} (a hint)")) for h in record["privilege_hints"]),
        ("Custodians", line(", ".join(record["custodians"]))),
        *((("Control no.", line(record["control_number"])),) if record["control_number"] else ()),
        ("Source", line(f"{record['source']} ({record['place']})")),
        *(
            ("Copy", line(f"{copy['custodian']}: {copy['state']}"))
            for copy in record["duplicates"]
            if copy["state"]
        ),
        *(("Noted", line(noted)) for noted in record["defects"]),
    ]
    for name, value in fields:
        console.print(Text().append(f"{name:<11} ", style=_GREY).append(value))
    console.print()
    console.print(_marked(record, "authored", console))
    for number, attachment in enumerate(record["attachments"]):
        named = f"\n[{line(attachment['name'])}, {attachment['bytes']:,} bytes"
        told = attachment_role(attachment["role"]), line(attachment["unread"])
        named += "".join(f", {one}" for one in told if one) + "]"
        console.print(Text(named, style=_GREY))
        if any(f["attachment"] == number for f in record["findings"]):
            console.print(_marked(record, "attachment", console, number))
    thread = case.thread(record["thread_id"]) if record["thread_id"] else []
    if len(thread) > 1:
        console.print(Text(f"\nThread of {len(thread)} messages", style="bold"))
        for other in thread:
            mark = "→" if other["id"] == record["id"] else " "
            told = state_mark(other["state"]), "flagged" if other["flagged"] else ""
            console.print(
                Text(
                    f"{mark} #{other['id']:<7} {(other['date'] or '')[:16]:16}  "
                    f"{_person(other['sender_name'], other['sender_address'])}  "
                    f"{', '.join(one for one in told if one)}"
                )
            )


def _dated(record: Record) -> str:
    """When it was sent, and how that was written."""
    date, found = line(record["date"] or ""), line(record["date_header"])
    return f"{date} (as found: {found})" if date and found else date or found


def _person(name: str, address: str) -> str:
    both = f"{name} <{address}>" if name and address and name != address else address or name
    return line(both) or "(unknown)"


def _marked(record: Record, segment: str, console: Console, attachment: int | None = None) -> Text:
    """The text of a segment with its findings marked; what the sender did not write is dim."""
    source = {
        "subject": record["subject"],
        "authored": record["body"],
        "attachment": record["attachments"][attachment]["text"] if attachment is not None else "",
    }[segment]
    # Harmless first: rich takes controls out, and all marks behind would shift.
    text = Text(plain(source))
    if segment == "authored":
        for part in record["segments"]:
            if part["role"] != "authored":
                text.stylize(_GREY, part["start"], part["end"])
    marks = [
        (finding["start"], finding["end"])
        for finding in record["findings"]
        if finding["segment"] == segment and finding["attachment"] == attachment
    ]
    for start, end in marks:
        text.stylize(_MARK, start, end)
    if console.color_system is None:
        # Nothing to mark with in a file or a pipe, or under NO_COLOR. From the end on, so that the
        # places before stay right.
        signs = [*((end, "<<<") for _, end in marks), *((start, ">>>") for start, _ in marks)]
        for at, sign in sorted(signs, reverse=True):
            text = text[:at].append(sign).append(text[at:])
    return text
