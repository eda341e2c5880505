"""What a stage takes from the case: message ids in batches, and their texts in pieces."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from riskscan.case import schema
from riskscan.case.store import Store, pieces
from riskscan.mail.message import Role, quoted_head

Piece = tuple[str, int | None, int, str]
"""A run of text: segment, attachment number, its offset there, the text."""

Texts = tuple[int, str, list[Piece]]
"""A message's id, its text hash and its pieces: subject, authored segments, attachments."""

QUOTED = "quoted"
"""The segment of a piece that others wrote."""

_ROWS = 10_000
# Longer runs are cut at a line end, so that whoever reads them needs bounded memory.
LONGEST_PIECE = 500_000


class Pending:
    """The messages that pass a test, in an order, in batches bounded by number and characters.

    Taken once: the list cannot change under the stage that works it off. 16 bytes a message.
    """

    def __init__(
        self, store: Store, test: ColumnElement[bool], *order: ColumnElement[object]
    ) -> None:
        mail = schema.messages
        self._ids, self._lengths = array("q"), array("q")
        statement = select(mail.c.id, mail.c.text_length).where(test).order_by(*order, mail.c.id)
        statement = statement.execution_options(yield_per=_ROWS)
        with store.engine.connect() as connection:
            for key, length in connection.execute(statement):
                self._ids.append(key)
                self._lengths.append(length)

    def __len__(self) -> int:
        return len(self._ids)

    def batches(self, messages: int, characters: int) -> Iterator[list[int]]:
        """Ids, at most ``messages`` and about ``characters`` of text at once, one at least."""
        batch: list[int] = []
        size = 0
        for key, length in zip(self._ids, self._lengths, strict=True):
            if batch and (len(batch) >= messages or size + length > characters):
                yield batch
                batch, size = [], 0
            batch.append(key)
            size += length
        if batch:
            yield batch


def read_texts(store: Store, ids: Sequence[int], *, whole: bool = True) -> list[Texts]:
    """The texts of messages in the order of ``ids``; ``whole``: attachments and quotations too."""
    mail, bodies, files = schema.messages, schema.texts, schema.attachments
    found: dict[int, Texts] = {}
    with store.engine.connect() as connection:
        for some in pieces(ids):
            for row in connection.execute(
                select(
                    mail.c.id, mail.c.subject, mail.c.text_hash, bodies.c.body, bodies.c.segments
                )
                .join_from(mail, bodies)
                .where(mail.c.id.in_(some))
            ):
                parts = written_pieces(row.subject, row.body, row.segments)
                found[row.id] = (row.id, row.text_hash, parts)
                if whole:
                    parts += quoted_pieces(row.body, row.segments)
            if not whole:
                continue
            for file in connection.execute(
                select(files.c.message_id, files.c.position, files.c.text)
                .where(files.c.message_id.in_(some), files.c.text != "")
                .order_by(files.c.message_id, files.c.position)
            ):
                found[file.message_id][2].extend(attached_pieces(file.position, file.text))
    return [found[key] for key in ids]


def written_pieces(subject: str, body: str, segments: Iterable[Sequence[Any]]) -> list[Piece]:
    """Subject and authored text of a message; ``segments`` as the table ``texts`` has them."""
    parts: list[Piece] = [("subject", None, 0, subject)]
    for role, start, end in segments:
        if role == Role.AUTHORED:
            parts += _cut("authored", None, start, body[start:end])
    return parts


def quoted_pieces(body: str, segments: Iterable[Sequence[Any]]) -> list[Piece]:
    """The head of what a message quotes or forwards: read beside the rest, never shown."""
    head = quoted_head(body, ((role, start, end) for role, start, end in segments))
    return [(QUOTED, None, 0, head)] if head else []


def attached_pieces(position: int, text: str) -> Iterator[Piece]:
    """The text of an attachment."""
    return _cut("attachment", position, 0, text)


def _cut(segment: str, attachment: int | None, offset: int, text: str) -> Iterator[Piece]:
    start = 0
    while len(text) - start > LONGEST_PIECE:
        end = text.rfind("\n", start, start + LONGEST_PIECE) + 1 or start + LONGEST_PIECE
        yield segment, attachment, offset + start, text[start:end]
        start = end
    yield segment, attachment, offset + start, text[start:]
