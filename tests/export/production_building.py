"""Cases to produce from, and what is in a production."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from scan_building import (
    WORRY,
    attached,
    embedded,
    mail,
    multipart,
    text_part,
    write_mbox,
    write_tree,
)

from riskscan.case.read import Case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.sources.concordance import records
from riskscan.sources.fields import BadRow
from riskscan.sources.names import Container, Origin
from riskscan.sources.reading import Blob
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent

INNER = multipart(31, [text_part("inner"), attached("deep.txt", "deep")], subject="inner").replace(
    b"edge", b"inner"
)
BOX = [
    mail(1),
    multipart(
        2,
        [text_part(WORRY), attached("plan; one.txt", "the plan"), embedded(INNER),
         attached("b.txt", "second")],
        subject="Report® þ one",
        headers="Cc: Lee Moss <lee@quayside.example>\nReferences: <1@quayside.example>\n"
        "Received: from a by b; Tue, 05 Mar 2024 09:00:00 +0100",
    ),
    mail(3, "From the quay\n>From there\n", subject="lines"),
]  # fmt: skip


def make_case(folder: Path) -> Path:
    """A case of two custodians: Ada has all, Bo a copy of the first and one of his own.

    The second message is flagged, as if a model had scored it.
    """
    write_mbox(folder / "in/ada.mbox", BOX)
    write_tree(folder / "in/bo/Sent", [BOX[0], mail(5, "mine", subject="own")])
    case = reread(folder / "in", folder / "case")
    with closing(sqlite3.connect(case / "case.sqlite")) as connection:
        connection.execute("UPDATE messages SET score = 0.1, flagged = 0, signals = '[]'")
        connection.execute(
            "UPDATE messages SET score = 0.9, flagged = 1, signals = ? WHERE id = 2",
            ('["legal_doubt"]',),
        )
        connection.execute(
            "INSERT INTO findings (message_id, segment, start, end, text, signal, score) "
            "VALUES (2, 'authored', 0, ?, ?, 'legal_doubt', 0.9)",
            (len(WORRY), WORRY),
        )
        connection.commit()
    return case


def reread(export: Path, case: Path) -> Path:
    """A new case of what an export wrote: read, not scored."""
    from riskscan.case.store import open_case

    with open_case(case) as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
    return case


def contents(case: Path) -> set[tuple[str, ...]]:
    """What the messages of a case are, apart from where they lie."""
    with Case(case) as opened:
        return {(r["content_hash"], r["mih"], r["body"]) for r in opened.records()}


class _File:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int, /) -> bytes:
        out, self._data = self._data[:size], self._data[size:]
        return out


def dat_of(production: Path) -> list[dict[str, str]]:
    """The rows of a production's load file by the names of its columns."""
    data = (production / "DATA/production.dat").read_bytes()
    rows = []
    for record in records(Blob(Origin((Container(""),), "x"), _File(data))):
        assert not isinstance(record, BadRow)
        rows.append(record[1])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
