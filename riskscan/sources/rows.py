"""What one row of a load file tells: the headers of its message, its files, its paths."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass

from riskscan.mail.documents.kind import kind_of
from riskscan.mail.parts import files_of
from riskscan.sources.compose import File, date_field
from riskscan.sources.fields import Row, moment
from riskscan.sources.lines import encoding_of

PATH_MAX = 1_000
"""Characters: longer is text."""
_MESSAGES_MAX = 100  # inside one message
_PICTURES = (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".gif", ".bmp")


def paths_of(row: Row) -> Iterator[str]:
    """The paths of files that a row names, or may name."""
    for name in ("native path", "file path", "text path", "text"):
        value = row.get(name)
        if value and len(value) <= PATH_MAX and "\n" not in value and "." in value:
            yield value
    yield from row.listed("attachments")


def folder_of(row: Row, native: str) -> str:
    """The mail folder, or the native's old place where that is not the native itself."""
    path = row.get("file path")
    return row.get("folder") or (path if path != native else "")


@dataclass(slots=True, frozen=True)
class Held:
    """What a message holds: hashes (SHA-256 and MD5) and folded names of its attachments."""

    hashes: set[str]
    names: set[str]


def held_by(data: bytes) -> Held:
    """What the message ``data`` holds, and the messages inside it."""
    hashes: set[str] = set()
    names: set[str] = set()
    waiting = [data]
    for _ in range(_MESSAGES_MAX):
        if not waiting:
            break
        for part in files_of(waiting.pop()):
            if part.embedded or kind_of(part.name, part.content_type, part.data) == "mail":
                waiting.append(part.data)
            hashes.add(hashlib.sha256(part.data).hexdigest())
            hashes.add(hashlib.md5(part.data, usedforsecurity=False).hexdigest())
            names.add(part.name.casefold())
    return Held(hashes, names - {""})


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


def is_mail_row(row: Row) -> bool:
    """Whether the fields are those of a mail, and not of a loose file."""
    return bool(row.get("message id") or row.get("to") or (row.get("from") and row.get("subject")))


def headers_of(row: Row) -> list[tuple[str, str]]:
    """The header fields that a row tells; a date that cannot be read stays as found."""
    when = moment(row.get("date"), row.get("time"), row.get("zone"))
    sent = date_field(when) if when else f"{row.get('date')} {row.get('time')}".strip()
    ident = row.get("message id")
    if ident and "<" not in ident:
        ident = f"<{ident}>"
    told = [
        ("From", row.sender()),
        ("To", row.people("to")),
        ("Cc", row.people("cc")),
        ("Bcc", row.people("bcc")),
        ("Date", sent),
        ("Subject", row.get("subject") or row.get("title") or row.get("file name")),
        ("Message-ID", ident),
        ("In-Reply-To", _ids(row, "in reply to")),
        ("References", _ids(row, "references")),
    ]
    return [(name, value) for name, value in told if value]


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
    encoding, skip = encoding_of(data[:4])
    try:
        return data[skip:].decode(encoding)
    except UnicodeDecodeError:
        fallback = "cp1252" if encoding == "utf-8" else encoding
        return data[skip:].decode(fallback, "replace")
