"""What one row of a load file tells: the headers of its message, its files, its paths."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Iterator
from datetime import datetime

from riskscan.mail.addresses import addresses
from riskscan.mail.dates import parse_date
from riskscan.mail.documents.kind import OLE, kind_of
from riskscan.mail.message import Address
from riskscan.mail.parts import files_of
from riskscan.sources.compose import File, date_field
from riskscan.sources.digests import KINDS
from riskscan.sources.fields import Named, Row
from riskscan.sources.item import SourceError
from riskscan.sources.lines import encoding_of
from riskscan.sources.located import ATTACHMENT, ENTIRE, NATIVE, TEXT
from riskscan.sources.peoplelists import PEOPLE_MAX

PATH_MAX = 1_000
"""Characters: longer is text."""
_MESSAGES_MAX = 100  # inside one message
_PATHS = (
    ("native path", NATIVE), ("file path", ENTIRE), ("text path", TEXT), ("text", ""),
)  # fmt: skip
_PATH = re.compile(r"[^\n]{1,1000}\.(?:txt|text|ocr)|[^\s]{8,1000}", re.I)
_A_COUNT = re.compile(r"\d{1,9}|y|n|yes|no|true|false|none", re.I)
_PICTURES = (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".gif", ".bmp")


def paths_of(row: Row) -> Iterator[tuple[str, str]]:
    """What a row names, or may name: what of (located.py), and the path."""
    for name, kind in _PATHS:
        value = row.get(name)
        if value and len(value) <= PATH_MAX and "\n" not in value:
            if name == "text":
                kind = text_kind(value)
            if kind:
                yield kind, value
    yield from ((ATTACHMENT, path) for path in row.listed("attachments"))


def text_kind(value: str) -> str:
    """As what a text that may be the path of one is looked for; "" where it is none."""
    if ("\\" in value or "/" in value) and _PATH.fullmatch(value):
        return TEXT
    return ENTIRE if "." in value else ""


def files_told(row: Row) -> list[Named]:
    """The attachments that a row tells of by their names alone, in order."""
    if row.files:
        return list(row.files)
    names, hashes = row.listed("attachment names"), row.listed("attachment hashes")
    if len(names) != len(hashes):
        hashes = [""] * len(names)
    told = zip(names, hashes, strict=True)
    return [Named(name, "", digest) for name, digest in told if not _A_COUNT.fullmatch(name)]


def has_words(row: Row) -> bool:
    """Whether a row has a text or a native that may have one, and no mere picture."""
    native = row.get("native path")
    return bool(
        row.get("text") or row.get("text path") or row.get("html") or row.native is not None
        or (native and not is_picture(native))
    )  # fmt: skip


def folder_of(row: Row, native: str) -> str:
    """The mail folder, or the native's old place where that is not the native itself."""
    path = row.get("file path")
    return row.get("folder") or (path if path != native else "")


class Held:
    """What a message holds, and the messages inside it; each file of it stands for one document."""

    def __init__(self, data: bytes) -> None:
        self._hashes: dict[str, list[int]] = {}
        self._names: dict[str, list[int]] = {}
        self._parts: list[tuple[str, bool, bytes]] = []
        self._used: set[int] = set()
        waiting = [data]
        for _ in range(_MESSAGES_MAX):
            if not waiting:
                break
            for part in files_of(waiting.pop()):
                kind = kind_of(part.name, part.content_type, part.data)
                is_mail = part.embedded or kind in ("mail", "msg")
                if part.embedded or kind == "mail":
                    waiting.append(part.data)
                self._add(part.name, part.data, is_mail)

    def _add(self, name: str, data: bytes, is_mail: bool) -> None:
        number = len(self._parts)
        self._parts.append((_sha256(data), is_mail, data if is_mail else b""))
        for digest in _digests(data):
            self._hashes.setdefault(digest, []).append(number)
        if name:
            self._names.setdefault(name.casefold(), []).append(number)

    def take(self, row: Row, native: bytes | None, mail: bytes | None) -> tuple[str, bool] | None:
        """The SHA-256 of the file that is a row's document, and whether it is a message; or None.

        By content, given its ``native`` or a hash, else by name. The ``mail`` of a native that is
        one says the same as what is held, as its own bytes differ.
        """
        told = [row.get(kind).lower() for kind in ("sha256", "sha1", "md5")]
        hashes = [*(_digests(native) if native is not None else ()), *(t for t in told if t)]
        named = self._names.get(row.get("file name").casefold(), [])
        numbers = [n for digest in hashes for n in self._hashes.get(digest, [])]
        if mail is not None:
            numbers += [n for n, part in enumerate(self._parts) if part[1] and _same(part[2], mail)]
        elif native is None:
            # Of mail, vendors hash the fields.
            numbers += [n for n in named if not hashes or self._parts[n][1]]
        for number in numbers:
            if number not in self._used:
                self._used.add(number)
                digest, is_mail, _ = self._parts[number]
                return digest, is_mail
        return None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digests(data: bytes) -> set[str]:
    """The hashes of a file, and with the other line ends, as the transport of text changes them."""
    lines = data.replace(b"\r\n", b"\n")
    found = set()
    for form in {data, lines, lines.replace(b"\n", b"\r\n")}:
        for kind in ("sha256", "sha1", "md5"):
            found.add(hashlib.new(kind, form, usedforsecurity=False).hexdigest())
    return found


def _same(one: bytes, other: bytes) -> bool:
    """Whether two messages say the same."""
    from riskscan.mail.parse import MailError, parse_message
    from riskscan.sources.mapi import to_mail
    from riskscan.sources.msg import read_msg_bytes

    try:
        if one.startswith(OLE):
            one = to_mail(read_msg_bytes(one))
        first, second = parse_message(one), parse_message(other)
    except (MailError, SourceError, ValueError):
        return False
    if first.content_hash == second.content_hash:
        return True
    return bool(first.mih) and first.mih == second.mih and first.body == second.body


def hash_differs(row: Row, data: bytes) -> tuple[str, ...]:
    """What is to be said of a native that is not the one whose hash the load file tells."""
    for name in ("sha256", "sha1", "md5"):
        told = row.get(name).lower()
        if len(told) != hashlib.new(name, usedforsecurity=False).digest_size * 2:
            continue
        if hashlib.new(name, data, usedforsecurity=False).hexdigest() != told:
            return (
                f"the load file tells another {name.upper()} than the native has: {told} "
                "(some vendors hash the fields of an email instead)",
            )
        break
    return ()


def text_differs(row: Row, data: bytes) -> tuple[str, ...]:
    """What is to be said of a text that is not the one whose hash the load file tells."""
    told = row.get("text hash").lower()
    kind = KINDS.get(len(told))
    if not kind or hashlib.new(kind, data, usedforsecurity=False).hexdigest() == told:
        return ()
    return (f"the load file tells another {kind.upper()} than the text has: {told}",)


def is_mail_row(row: Row) -> bool:
    """Whether the fields are those of a mail, and not of a loose file."""
    return bool(row.get("message id") or row.get("to") or (row.get("from") and row.get("subject")))


def headers_of(row: Row, when: datetime | None) -> list[tuple[str, str]]:
    """The header fields that a row tells; a date that cannot be read stays as found.

    One that programs write for none does not: mail would have it as a day.
    """
    sent = f"{row.get('date') or row.get('received') or row.get('modified')} {row.get('time')}"
    sent = sent.strip() if parse_date(sent.strip())[0] is None else ""
    ident = row.get("message id")
    if ident and "<" not in ident:
        ident = f"<{ident}>"
    told = [
        ("From", row.sender()),
        ("To", row.people("to")),
        ("Cc", row.people("cc")),
        ("Bcc", row.people("bcc")),
        ("Date", date_field(when) if when else sent),
        ("Subject", row.get("subject") or row.get("title") or row.get("file name")),
        ("Message-ID", ident),
        ("In-Reply-To", _ids(row, "in reply to")),
        ("References", _ids(row, "references")),
    ]
    return [(name, value) for name, value in told if value]


def people_in(row: Row) -> Iterator[tuple[str, Address]]:
    """Whom a row names as sender (kind "from") and as recipients."""
    yield from (("from", one) for one in addresses([row.sender()])[0])
    for kind in ("to", "cc", "bcc"):
        yield from ((kind, one) for one in addresses([row.people(kind)])[0])


def people_left_out(row: Row) -> Iterator[str]:
    """What is to be said of the fields of a row that tell more people than are read."""
    for field in ("from", "to", "cc", "bcc"):
        if more := row.people_left_out(field):
            yield (
                f"{PEOPLE_MAX + more:,} people in the field {field}: the first {PEOPLE_MAX:,} are "
                f"kept, {more:,} left out"
            )


def _ids(row: Row, field: str) -> str:
    """Message-IDs, each in angle brackets."""
    known = row.lists.get(field)
    pieces = known or row.get(field).replace(";", " ").replace(",", " ").split()
    return " ".join(p if p.startswith("<") else f"<{p}>" for p in pieces)


def file_of(row: Row, path: str, data: bytes, *, mail: bool) -> File:
    """A row's native as an attachment; ``mail``: it is a message, to be read as one."""
    name = row.get("file name") or base_name(path)
    if mail and not path.lower().endswith(".msg"):
        return File(name, data, "message/rfc822")
    return File(name, data, type_of(path) if mail else type_of(name))


def base_name(path: str) -> str:
    """The name of the file at a path of a load file."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def type_of(name: str) -> str:
    """The media type that a file name tells."""
    guessed, packed = mimetypes.guess_type(f"x{name[-20:]}", strict=False)
    if not guessed or packed or guessed.startswith(("message/", "multipart/")):
        return "application/octet-stream"
    return guessed


def is_picture(path: str) -> bool:
    """Whether a native is a picture: its text is what somebody else read in it."""
    return path.lower().endswith(_PICTURES)


def decoded(data: bytes) -> str:
    """A text file's text: by its byte order mark, as UTF-8, or else as Windows-1252."""
    encoding, skip = encoding_of(data[:4096])
    try:
        return data[skip:].decode(encoding)
    except UnicodeDecodeError:
        fallback = "cp1252" if encoding == "utf-8" else encoding
        return data[skip:].decode(fallback, "replace")
