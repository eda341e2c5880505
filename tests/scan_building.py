"""Invented mail for the tests of scan and case, and the contents of a case to compare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select

from riskscan.case import schema
from riskscan.case.location import Place
from riskscan.case.open import connect

WORRY = "What we do with these invoices is illegal: hide them so nobody can trace it back."
PLAIN = "The crates arrive on Thursday morning."


def mail(
    number: int = 1,
    body: str = PLAIN,
    *,
    subject: str = "crates",
    sender: str = "Nora Quill <nora@quayside.example>",
    to: str = "Ben Tarn <ben@quayside.example>",
    message_id: str | None = None,
    headers: str = "",
    content: str = "text/plain; charset=utf-8",
) -> bytes:
    """One message; ``number`` makes its Message-ID and its minute."""
    own = f"<{number}@quayside.example>" if message_id is None else message_id
    head = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: Tue, 05 Mar 2024 {8 + number // 60 % 12:02}:{number % 60:02}:00 +0000",
        *([f"Message-ID: {own}"] if own else []),
        *([headers] if headers else []),
        "MIME-Version: 1.0",
        f"Content-Type: {content}",
    ]
    return ("\n".join(head) + "\n\n" + body + "\n").encode()


def multipart(number: int, parts: Sequence[str], **more: Any) -> bytes:
    """A multipart/mixed message of parts, each with its own headers."""
    body = "".join(f"--edge\n{part}\n" for part in parts) + "--edge--\n"
    return mail(number, body, content="multipart/mixed; boundary=edge", **more)


def text_part(text: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\n{text}"


def attached(name: str, text: str) -> str:
    return (
        f'Content-Type: text/plain; charset=utf-8; name="{name}"\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n{text}'
    )


def embedded(message: bytes) -> str:
    return "Content-Type: message/rfc822\n\n" + message.decode()


def write_mbox(file: Path, messages: Iterable[bytes]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        for message in messages:
            quoted = re.sub(rb"(?m)^(>*From )", rb">\1", message)
            stream.write(b"From nora@quayside.example Tue Mar  5 08:00:00 2024\n" + quoted + b"\n")
    return file


def write_tree(folder: Path, messages: Iterable[bytes], ending: str = ".eml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(messages, 1):
        (folder / f"{number:04}{ending}").write_bytes(message)
    return folder


def contents(case: Place) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but ``runs``, sorted."""
    engine = connect(case)
    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            return {
                name: sorted((tuple(r) for r in connection.execute(select(table))), key=repr)
                for name, table in sorted(schema.metadata.tables.items())
                if name != "runs" and name in there
            }
    finally:
        engine.dispose()


@dataclass(frozen=True)
class Named:
    """An entity as the pipeline gives it."""

    text: str
    label: str
    start: int
    end: int


def capitals(_nlp: object, texts: Iterable[str]) -> list[list[Named]]:
    """A stand-in for the entity pipeline: each capitalised word is a person."""
    return [
        [Named(m.group(), "PERSON", m.start(), m.end()) for m in re.finditer(r"\b[A-Z]\w*", text)]
        for text in texts
    ]
