"""Line-level precision, recall and F1 of segmentation against hand-marked messages.

    python benchmarks/segments.py --marks benchmarks/data/segment_marks.jsonl --mail DIR

DIR holds mbox files, plain or gzipped. Each line of the marks file is a JSON object with
``message_id``, ``roles`` (one letter a line of the body: a authored, Q quoted, F forwarded,
S signature, D disclaimer, - blank) and optionally ``set``. Blank lines do not count.
"""

from __future__ import annotations

import argparse
import email
import email.message
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from riskscan.mail.message import Role
from riskscan.mail.segment import segment

LETTERS = {
    Role.AUTHORED: "a",
    Role.QUOTED: "Q",
    Role.FORWARDED: "F",
    Role.SIGNATURE: "S",
    Role.DISCLAIMER: "D",
}


def read_marks(path: Path, only: str) -> dict[str, str]:
    """Roles by Message-ID, of the set named ``only`` (all sets when empty)."""
    marks = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            mark = json.loads(line)
            if not only or mark.get("set", "") == only:
                marks[mark["message_id"]] = mark["roles"]
    return marks


def messages(folder: Path) -> Iterator[email.message.Message]:
    """The messages of the mbox files (mboxrd) of a folder, plain or gzipped."""
    for path in sorted(folder.glob("*.mbox*")):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for chunk in re.split(rb"(?:\A|\n)From [^\n]*\n", data)[1:]:
            yield email.message_from_bytes(chunk)


def body_of(message: email.message.Message) -> str:
    """The body of a plain-text message, with ``\\n`` line ends and mboxrd's quoting undone."""
    payload = message.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = data.decode(message.get_content_charset() or "latin-1")
    except (LookupError, UnicodeDecodeError):
        text = data.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"(?m)^>(>*From )", r"\1", text)


def letters(body: str) -> str:
    """One letter a line of the body: the role that segmentation gives it."""
    out = []
    at = index = 0
    segments = segment(body)
    for line in body.split("\n"):
        while index + 1 < len(segments) and segments[index].end <= at:
            index += 1
        out.append(LETTERS[segments[index].role] if segments else "a")
        at += len(line) + 1
    return "".join(out)


def count(marks: dict[str, str], mail: Path) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Pairs (marked, found) of lines, and the Message-IDs whose lines do not fit the marks."""
    pairs: Counter[tuple[str, str]] = Counter()
    unfit = []
    wanted = dict(marks)
    for message in messages(mail):
        roles = wanted.pop(str(message["Message-ID"]), None)
        if roles is None:
            continue
        found = letters(body_of(message))
        short = min(len(found), len(roles))
        if roles[short:].strip("-") or len(found) > len(roles) + 1:
            unfit.append(str(message["Message-ID"]))
            continue
        pairs.update(
            pair for pair in zip(roles[:short], found[:short], strict=True) if pair[0] != "-"
        )
    return pairs, unfit + sorted(wanted)


def scores(pairs: Counter[tuple[str, str]], group: str) -> tuple[float, float, float, int]:
    """Precision, recall, F1 and number of marked lines of the roles in ``group`` together."""
    hit = sum(n for (a, b), n in pairs.items() if a in group and b in group)
    found = sum(n for (_, b), n in pairs.items() if b in group)
    marked = sum(n for (a, _), n in pairs.items() if a in group)
    precision = hit / found if found else 1.0
    recall = hit / marked if marked else 1.0
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0, marked


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 when a marked message is missing or does not fit."""
    parser = argparse.ArgumentParser(description="F1 of segmentation against hand-marked lines")
    parser.add_argument("--marks", type=Path, required=True)
    parser.add_argument("--mail", type=Path, required=True)
    parser.add_argument("--set", default="", help="only the marks of this set (dev, test)")
    options = parser.parse_args(arguments)
    marks = read_marks(options.marks, options.set)
    pairs, unfit = count(marks, options.mail)
    print(f"{len(marks) - len(unfit)} of {len(marks)} messages, {sum(pairs.values())} lines")
    rows = [(role.value, letter) for role, letter in LETTERS.items()]
    for name, group in [*rows, ("history (Q or F)", "QF")]:
        precision, recall, f1, marked = scores(pairs, group)
        print(f"{name:18} P {precision:.4f}  R {recall:.4f}  F1 {f1:.4f}  lines {marked}")
    for message_id in unfit:
        print(f"not measured: {message_id}", file=sys.stderr)
    return 1 if unfit else 0


if __name__ == "__main__":
    sys.exit(main())
