"""Attachments: what is recorded of every part that is not the body, and the text in it."""

from __future__ import annotations

import hashlib
import time

from riskscan.mail.body import decoded
from riskscan.mail.documents.document import MAX_TEXT, Document, Full, Member
from riskscan.mail.documents.kind import kind_of
from riskscan.mail.html import html_to_text
from riskscan.mail.message import Attachment
from riskscan.mail.mime import Budget

__all__ = ["MAX_TEXT", "Recorded", "record"]

Recorded = tuple[Attachment, bytes]
"""An attachment, and its bytes if it is a file that holds a message, else b""."""
_READ_APART = frozenset({"pdf", "zip", "rtf", "xls", "calendar"})
_MAIL = frozenset({"mail", "msg"})
# Of files in files, which come without. Not asked of mimetypes, whose answer depends on the
# machine and on Python: the same export gives the same case everywhere.
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
_TYPES = {
    "csv": "text/csv", "doc": "application/msword", "eml": "message/rfc822", "gif": "image/gif",
    "docx": f"{_OFFICE}.wordprocessingml.document", "htm": "text/html", "html": "text/html",
    "ics": "text/calendar", "jpeg": "image/jpeg", "jpg": "image/jpeg", "log": "text/plain",
    "msg": "application/vnd.ms-outlook", "odp": f"{_OPEN}.presentation",
    "ods": f"{_OPEN}.spreadsheet", "odt": f"{_OPEN}.text", "pdf": "application/pdf",
    "png": "image/png", "ppt": "application/vnd.ms-powerpoint",
    "pptx": f"{_OFFICE}.presentationml.presentation", "rtf": "application/rtf",
    "tif": "image/tiff", "tiff": "image/tiff", "txt": "text/plain", "vcf": "text/vcard",
    "xls": "application/vnd.ms-excel", "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "zip": "application/zip",
}  # fmt: skip


def record(
    name: str,
    content_type: str,
    raw: bytes,
    charset: str,
    hint: str,
    budget: Budget,
    *,
    opaque: bool = False,
) -> list[Recorded]:
    """Record a file with its text, then what is inside it (``a.zip!/b.txt``), depth first.

    ``hint`` is a charset for text that declares none. Plain text and HTML are read here, every
    other document in a process of its own (documents/process.py) while ``budget`` has time left.
    ``opaque``: a message, if it is one, is read as plain text.
    """
    made = Attachment(name, content_type, len(raw), hashlib.sha256(raw).hexdigest())
    kind = kind_of(name, content_type, raw)
    if kind in _MAIL and not opaque:
        return [(made, raw)]
    inside: list[Recorded] = []
    if kind in ("text", "html", "mail"):
        made.text, made.unread = _text(raw, charset, hint, kind == "html")
    elif kind in _READ_APART:
        read = _document(made, raw, charset, budget)
        made.text, made.unread = read.text, read.unread
        inside = [(_member(member), member.mail) for member in read.members]
    else:
        made.unread = kind
    return [(made, b""), *inside]


def _member(member: Member) -> Attachment:
    kind = _TYPES.get(member.name.rpartition(".")[2].lower(), "application/octet-stream")
    return Attachment(member.name, kind, member.size, member.sha256, member.text, member.unread)


def _text(raw: bytes, charset: str, hint: str, html: bool) -> tuple[str, str]:
    # Some four bytes a character at the most, and tags.
    most = MAX_TEXT * (8 if html else 4)
    text, _ = decoded(raw[:most], charset, hint, html)
    text = html_to_text(text) if html else text
    cut = len(text) > MAX_TEXT or len(raw) > most
    return text[:MAX_TEXT], str(Full()) if cut else ""


def _document(made: Attachment, raw: bytes, charset: str, budget: Budget) -> Document:
    from riskscan.mail.documents.process import read

    if budget.documents <= 0:
        return Document("", "not read: the attachments of this message take too long")
    start = time.monotonic()
    try:
        return read(made.name, made.content_type, raw, charset, made.sha256)
    except OSError as error:
        return Document("", f"not read: no process for documents can be started ({error})")
    finally:
        budget.documents -= time.monotonic() - start
