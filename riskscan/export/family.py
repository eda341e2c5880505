"""A family as documents: a message, its attachments, the messages inside it and theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from riskscan.case.read import Record
from riskscan.case.selection import Origin, embedded, origins
from riskscan.export.natives import Native, natives
from riskscan.mail.parts import MailPart, files_of
from riskscan.sources.item import SourceError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from riskscan.case.read import Case

_RECORDS = 200
_DEPTH = 20  # as deep as messages inside messages are read
_MAIL_TYPES = frozenset(
    {"message/rfc822", "message/global", "application/eml", "application/vnd.ms-outlook"}
)
AS_FOUND, COMPOSED, NONE, WITHHELD, PSEUDONYMISED = (
    "as found", "composed", "not available", "withheld", "pseudonymised",
)  # fmt: skip


@dataclass(slots=True)
class Document:
    """One document of a production.

    ``record`` is the message's, for an attachment that of the message around it. ``data`` is the
    native file, None where there is none; ``native`` says whether it is as found. ``parent`` is
    the document's place in its family, -1 for the first. ``mail`` is the message as RFC 5322.
    ``role``: of what was attached, what it is in the message (docs/attachments.md); ``unread``:
    why not all of it, or of what is inside it, could be read.
    """

    record: Record
    name: str
    ending: str
    text: str
    data: bytes | None
    native: str
    parent: int
    is_mail: bool
    mail: bytes | None = None
    role: str = ""
    unread: list[str] = field(default_factory=list)
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    number: str = ""
    native_path: str = ""
    text_path: str = ""


class Change(Protocol):
    """What becomes of messages on their way out (export/pseudonymise.py)."""

    def record(self, record: Record) -> Record:
        """The record of a message as it is to be told."""

    def message_ids(self, ids: Sequence[str]) -> list[str]:
        """Message-IDs that it names, likewise."""


def families(
    case: Case, ids: Sequence[int], change: Change | None = None
) -> Iterator[list[Document]]:
    """The families of the messages ``ids`` (that stand alone, ascending), each parent first.

    With a ``change`` no native is read: each message is made of its changed record, and of
    attachments there is text alone.
    """
    with case.connect() as connection:
        found = natives(case, ids) if change is None else map(Native, origins(connection, ids))
        for start in range(0, len(ids), _RECORDS):
            for record in case.records_of(ids[start : start + _RECORDS]):
                yield _Family(case, connection, change).of(record, next(found))


class _Family:
    def __init__(self, case: Case, connection: Connection, change: Change | None) -> None:
        self._case = case
        self._connection = connection
        self._change = change
        self._documents: list[Document] = []

    def of(self, record: Record, native: Native) -> list[Document]:
        """All documents of the family of one message."""
        data, mail = native.file, native.mail
        made = self._made(record, "", data if data is not None else mail, mail, -1, native.origin)
        if data is not None:
            made.ending = native.ending
        elif mail is not None:
            made.native = COMPOSED
        self._add(made, record, native.origin.source_id, native.origin.place, 0)
        return self._documents

    def _made(
        self,
        record: Record,
        name: str,
        data: bytes | None,
        mail: bytes | None,
        above: int,
        origin: Origin,
    ) -> Document:
        """A message's document; without ``data`` it is made of the record."""
        state = AS_FOUND if data is not None else COMPOSED
        before, named = origin.in_reply_to, origin.references
        if self._change is not None:
            record, state, name = self._change.record(record), PSEUDONYMISED, ""
            before, named = self._change.message_ids(before), self._change.message_ids(named)
        data = data if data is not None else composed(record, before, named)
        return Document(
            record, name, ".eml", mail_text(record), data, state, above, True, mail,
            in_reply_to=before, references=named,
        )  # fmt: skip

    def _add(
        self, document: Document, record: Record, source_id: int, place: str, depth: int
    ) -> None:
        """Add a message with what is in it: attachments first, then the messages inside.

        ``record`` is the document's, before any change.
        """
        self._documents.append(document)
        above = len(self._documents) - 1
        parts = list(files_of(document.mail)) if document.mail is not None else []
        inside = [p for p in parts if p.embedded]
        known: dict[int, Record] = {}
        if depth < _DEPTH and (parts or document.mail is None):
            numbers = embedded(self._connection, source_id, place)
            records = {r["id"]: r for r in self._case.records_of(sorted(set(numbers.values())))}
            known = {n: records[key] for n, key in sorted(numbers.items())}
        paired = _paired(record, sorted(known)) if document.mail is None else {}
        for position, told, part in _attachments(document.record, parts):
            n, mail = paired.get(position, 0), None
            if part is not None:
                n, mail = _message_in(part, {n: r for n, r in known.items() if n > len(inside)})
            if not n:
                self._documents.append(_attachment(document.record, told, part, above))
                continue
            own = known.pop(n)
            data = part.data if part is not None else None
            made = self._message(own, told["name"], data, mail, above)
            made.role, made.unread = told["role"], told["notes"]
            if data is not None:
                made.ending = _ending(told["name"])
            self._add(made, own, source_id, f"{place}/embedded {n}", depth + 1)
        literal = bool(inside) and _literal(document)
        for n, own in known.items():
            part = inside[n - 1] if n <= len(inside) else None
            data = part.data if part is not None else None
            made = self._message(own, part.name if part is not None else "", data, data, above)
            if made.native == AS_FOUND and not literal:
                made.native = COMPOSED
            self._add(made, own, source_id, f"{place}/embedded {n}", depth + 1)

    def _message(
        self, record: Record, name: str, data: bytes | None, mail: bytes | None, above: int
    ) -> Document:
        (origin,) = origins(self._connection, [record["id"]])
        return self._made(record, name, data, mail, above, origin)


def _attachments(
    record: Record, parts: Sequence[MailPart]
) -> Iterator[tuple[int, Record, MailPart | None]]:
    """The files attached to a message, with their places in its record, each with its bytes where
    they are as they were read.

    What is inside a file (``a.zip!/b.txt``) is no document; its text is that of the file.
    """
    unused: dict[str, list[MailPart]] = {}
    for part in parts:
        if not part.embedded:
            unused.setdefault(hashlib.sha256(part.data).hexdigest(), []).append(part)
    within = [a for a in record["attachments"] if "/" in a["name"]]
    for position, told in enumerate(record["attachments"]):
        if "/" in told["name"]:
            continue
        mine = [a for a in within if a["name"].startswith(f"{told['name']}!/")]
        within = [a for a in within if a not in mine]
        texts = [told["text"], *(f"{a['name']}\n{a['text']}" for a in mine if a["text"])]
        same = unused.get(told["sha256"])
        notes = [told["unread"], *(f"{a['name']}: {a['unread']}" for a in mine if a["unread"])]
        whole = told | {
            "text": "\n\n".join(t for t in texts if t),
            "notes": [n for n in notes if n],
        }
        yield position, whole, same.pop(0) if same else None


def _paired(record: Record, numbers: Sequence[int]) -> dict[int, int]:
    """Which attached files are which of the embedded messages, by what the case holds alone.

    Messages out of files are the last that are embedded, in the order of the files, those of an
    archive after it (mail/parse.py); their files have no text of their own.
    """
    files = list(enumerate(record["attachments"]))
    within = [(at, file) for at, file in files if "/" in file["name"]]
    order: list[int] = []
    for position, told in files:
        if "/" in told["name"]:
            continue
        mine = [one for one in within if one[1]["name"].startswith(f"{told['name']}!/")]
        within = [one for one in within if one not in mine]
        order += [at for at, file in [(position, told), *mine] if _may_be_mail(file)]
    return dict(zip(reversed(order), reversed(numbers), strict=False))


def _may_be_mail(told: Record) -> bool:
    if told["text"] or told["unread"] or not told["bytes"]:
        return False
    return told["content_type"] in _MAIL_TYPES or _ending(told["name"]) in (".eml", ".msg")


def _literal(document: Document) -> bool:
    """Whether a message's mail is bytes of its native, and that is as found."""
    if document.native != AS_FOUND or document.data is None or document.mail is None:
        return False
    return document.mail in document.data


def _message_in(part: MailPart, known: Mapping[int, Record]) -> tuple[int, bytes | None]:
    """Which of the embedded messages a file is (.eml, .msg), and it as RFC 5322; or 0."""
    if not known:
        return 0, None
    from riskscan.mail.documents.kind import kind_of
    from riskscan.mail.mailfile import mail_in
    from riskscan.mail.parse import parse_message
    from riskscan.sources.mapi import to_mail
    from riskscan.sources.msg import read_msg_bytes

    try:
        kind = kind_of(part.name, part.content_type, part.data)
        if kind not in ("mail", "msg"):
            return 0, None
        data = mail_in(part.data) if kind == "mail" else to_mail(read_msg_bytes(part.data))
        digest = parse_message(data, lambda raw: (to_mail(read_msg_bytes(raw)), [])).content_hash
    except (ValueError, SourceError):
        return 0, None
    found = next((n for n, r in known.items() if r["content_hash"] == digest), 0)
    return found, data


def _attachment(record: Record, told: Record, part: MailPart | None, above: int) -> Document:
    data = part.data if part is not None else None
    state = AS_FOUND if data is not None else NONE
    ending = _ending(told["name"])
    return Document(
        record, told["name"], ending, told["text"], data, state, above, False, role=told["role"],
        unread=told["notes"],
    )  # fmt: skip


def _ending(name: str) -> str:
    _, dot, ending = name.rpartition(".")
    safe = dot and ending.isascii() and ending.isalnum() and len(ending) <= 8
    return f".{ending.lower()}" if safe else ".bin"


def person(name: str, address: str) -> str:
    """A person as ``Name <address>``."""
    if name and address and name != address:
        return f"{name} <{address}>"
    return address or name


def recipients(record: Record, kind: str) -> list[str]:
    """The recipients of one kind (to, cc, bcc)."""
    return [person(p["name"], p["address"]) for p in record["recipients"] if p["kind"] == kind]


def mail_text(record: Record) -> str:
    """The extracted text of a message: who, when, what about, then the body."""
    told = [
        ("From", person(record["sender_name"], record["sender"])),
        ("Sent", record["date"] or record["date_header"]),
        *((kind.capitalize(), "; ".join(recipients(record, kind))) for kind in ("to", "cc", "bcc")),
        ("Subject", record["subject"]),
        ("Attachments", "; ".join(a["name"] for a in record["attachments"])),
    ]
    head = "\n".join(f"{name}: {' '.join(value.split())}" for name, value in told if value)
    return f"{head}\n\n{record['body']}"


def composed(
    record: Record, in_reply_to: Sequence[str] = (), references: Sequence[str] = ()
) -> bytes:
    """A message of what the case holds, for one whose bytes are gone: text, without attachments."""
    from riskscan.sources.compose import compose, date_field, mailbox

    def several(kind: str) -> str:
        people = (
            mailbox(p["name"], p["address"]) for p in record["recipients"] if p["kind"] == kind
        )
        return ", ".join(p for p in people if p)

    date = record["date"]
    sent = date_field(datetime.fromisoformat(date)) if date else record["date_header"]
    headers = [
        ("From", mailbox(record["sender_name"], record["sender"])),
        ("To", several("to")),
        ("Cc", several("cc")),
        ("Bcc", several("bcc")),
        ("Date", sent),
        ("Subject", record["subject"]),
        ("Message-ID", record["message_id"]),
        ("In-Reply-To", " ".join(in_reply_to)),
        ("References", " ".join(references)),
    ]
    return compose([(n, v) for n, v in headers if v], text=record["body"])
