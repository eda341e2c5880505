"""A parsed message as the rows that a case keeps of it, but for what only the case knows.

Made where the message is parsed, in a worker: the one process that writes the case has no more to
do than to tell duplicates and number the rows. Plain tuples, which cross to it cheaply.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import NamedTuple

from riskscan.case.rows import Parsed
from riskscan.mail.identity import copy_hash
from riskscan.mail.message import Message, Role

Recipient = tuple[int, str, str, str]
"""Position, kind, name and address."""

File = tuple[int, str, str, int, str, str, str, str]
"""An attachment: position, name, content type, bytes, SHA-256, text, why there is no text, role."""

FoundSpan = tuple[str, int | None, int, int, str, str, float]
"""A finding: segment, attachment, start, end, text, signal, score."""


class Rated(NamedTuple):
    """What a model says of a message; ``signals`` as JSON."""

    score: float
    flagged: bool
    signals: str
    findings: tuple[FoundSpan, ...]


class Prepared(NamedTuple):
    """A message. The first ``COLUMNS`` are those of the table ``messages``, JSON as text.

    ``rated``: where the worker that parsed it has scored it as well.
    """

    place: str
    folder: str
    medium: str
    conversation: str
    state: str
    message_id: str
    mih: str
    content_hash: str
    raw_sha256: str
    raw_bytes: int
    date: str | None
    date_header: str
    sender_name: str
    sender_address: str
    subject: str
    in_reply_to: str
    references: str
    body_format: str
    defects: str
    text_hash: str
    text_length: int
    body: str
    segments: str
    copy_hash: str
    recipients: tuple[Recipient, ...]
    files: tuple[File, ...]
    embedded: tuple[Prepared, ...]
    rated: Rated | None = None

    @property
    def hashes(self) -> tuple[str, ...]:
        """What tells whether a case has the message already."""
        return tuple(one for one in (self.content_hash, self.copy_hash) if one)

    def family(self) -> Iterator[Prepared]:
        """The message and all that are embedded in it, at any depth."""
        yield self
        for inner in self.embedded:
            yield from inner.family()


COLUMNS = Prepared._fields[: Prepared._fields.index("body")]


def prepare(parsed: Parsed) -> Prepared:
    """The rows of a message and of those embedded in it."""
    return _prepared(parsed, parsed.message, parsed.place)


def _prepared(parsed: Parsed, message: Message, place: str) -> Prepared:
    sender = message.sender
    segments = message.segments
    return Prepared(
        place,
        parsed.folder or message.folder,
        parsed.medium,
        # What the export says of a mail's thread, it does not say of one that is attached to it.
        parsed.conversation if message is parsed.message or parsed.medium == "chat" else "",
        message.state,
        message.message_id,
        message.mih,
        message.content_hash,
        parsed.raw_sha256,
        parsed.raw_bytes,
        message.date.isoformat() if message.date else None,
        message.date_header,
        sender.name if sender else "",
        sender.address if sender else "",
        message.subject,
        json.dumps(message.in_reply_to),
        json.dumps(message.references),
        message.body_format,
        json.dumps(message.defects),
        text_hash(message),
        len(message.subject) + len(message.body) + sum(len(a.text) for a in message.attachments),
        message.body,
        json.dumps([[str(s.role), s.start, s.end] for s in segments]),
        copy_hash(message),
        tuple(
            (position, kind, person.name, person.address)
            for position, (kind, person) in enumerate(
                (kind, person)
                for kind, people in (("to", message.to), ("cc", message.cc), ("bcc", message.bcc))
                for person in people
            )
        ),
        tuple(
            (number, a.name, a.content_type, a.size, a.sha256, a.text, a.unread, str(a.role))
            for number, a in enumerate(message.attachments)
        ),
        tuple(
            _prepared(parsed, embedded, f"{place}/embedded {number}")
            for number, embedded in enumerate(message.embedded, 1)
        ),
    )


def text_hash(message: Message) -> str:
    """SHA-256 of all that the score stage reads of a message; equal texts are scored once."""
    pieces = [message.subject]
    pieces += [message.body[s.start : s.end] for s in message.segments if s.role is Role.AUTHORED]
    pieces.append("")
    pieces += [a.text for a in message.attachments if a.text]
    if quoted := message.quoted:
        pieces += ["", "", quoted]
    return hashlib.sha256(json.dumps(pieces).encode()).hexdigest()
