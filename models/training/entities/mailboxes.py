"""Read the unlabelled mailboxes, and the messages whose marks are kept in marks.jsonl."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Mail(NamedTuple):
    """Headers (lower-case names) and body (stripped) of one message."""

    headers: dict[str, str]
    body: str
    mailbox: str


def read(folder: Path) -> Iterator[Mail]:
    """Yield the messages of every ``*.mbox.gz`` of ``folder``."""
    for path in sorted(folder.glob("*.mbox.gz")):
        raw: list[str] = []
        with gzip.open(path, "rt", encoding="latin-1", newline="\n") as lines:
            for line in lines:
                if line.startswith("From ") and (not raw or raw[-1] == "\n"):
                    if raw:
                        yield _split("".join(raw), path.name.removesuffix(".mbox.gz"))
                    raw = []
                else:
                    raw.append(line[1:] if re.match(">+From ", line) else line)
        if raw:
            yield _split("".join(raw), path.name.removesuffix(".mbox.gz"))


def sets() -> dict[str, str]:
    """Return the set ("train", "dev", "test") of each hand-marked message, by Message-ID."""
    rows = [json.loads(line) for line in (HERE / "marks.jsonl").read_text().splitlines()]
    return {row["message_id"]: row["set"] for row in rows}


def marked(folder: Path, which: str) -> Iterator[dict[str, object]]:
    """Yield the hand-marked messages of one set ("train", "dev", "test"), with their text.

    The marks are offsets into the stripped body; the text itself stays in the mailboxes.
    """
    rows = [json.loads(line) for line in (HERE / "marks.jsonl").read_text().splitlines()]
    wanted = {row["message_id"]: row for row in rows if row["set"] == which}
    for mail in read(folder):
        row = wanted.pop(mail.headers.get("message-id", ""), None)
        if row is not None:
            yield {**row, "text": mail.body}


def _split(raw: str, mailbox: str) -> Mail:
    head, _, body = raw.partition("\n\n")
    headers: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", head).split("\n"):
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), value.strip())
    return Mail(headers, body.strip(), mailbox)
