"""Attachments: what is recorded of every part that is not the body, and the text in it."""

from __future__ import annotations

import hashlib
import time

from riskscan.mail.body import decoded
from riskscan.mail.documents.document import MAX_TEXT, SECONDS, Document, Full, Member
from riskscan.mail.documents.kind import kind_of
from riskscan.mail.html import MAX_HTML, html_to_text, without_pictures
from riskscan.mail.mailfile import mail_in
from riskscan.mail.message import Attachment, AttachmentRole
from riskscan.mail.mime import Budget
from riskscan.mail.pgp import unarmored
from riskscan.mail.savedpage import read_page

__all__ = ["MAX_TEXT", "Recorded", "record"]

Recorded = tuple[Attachment, bytes]
"""An attachment, and its bytes if it is a file that holds a message, else b""."""
_READ_APART = frozenset({"pdf", "zip", "rtf", "xls", "calendar", "mailbox", "signed"})
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
    opened: bool = False,
    of_page: bool = False,
) -> list[Recorded]:
    """Record a file with its text, then what is inside it (``a.zip!/b.txt``), depth first.

    ``hint`` is a charset for text that declares none. Plain text and HTML are read here, every
    other document in a process of its own (documents/process.py) while ``budget`` has time left.
    ``opaque``: a message, if it is one, is read as plain text. ``opened``: what the file says is
    read elsewhere. ``of_page``: it is a file in a saved page; pages in pages are read as text.
    """
    made = Attachment(name, content_type, len(raw), hashlib.sha256(raw).hexdigest())
    if opened:
        return [(made, b"")]
    kind = kind_of(name, content_type, raw)
    if kind in _MAIL and not opaque:
        return [(made, mail_in(raw))]
    inside: list[Recorded] = []
    if kind == "html":
        made.text, made.unread = _html(raw, charset, hint, budget)
    elif kind == "page" and not of_page and (page := read_page(raw, budget)).text:
        made.text = page.text[:MAX_TEXT]
        made.unread = str(Full()) if len(page.text) > MAX_TEXT else ""
        for own, its_type, data in page.files:
            place = f"{name}!/{own}"
            found = record(
                place, its_type, data, charset, hint, budget, opaque=opaque, of_page=True
            )
            found[0][0].role = AttachmentRole.MEMBER
            inside += found
    elif kind in ("text", "mail", "page"):
        made.text, made.unread = _text(raw, charset, hint)
    elif kind in _READ_APART:
        read = _document(made, raw, charset, budget)
        made.text, made.unread = read.text, read.unread
        inside = [(_member(member), member.mail) for member in read.members]
    else:
        made.unread = kind
    return [(made, b""), *inside]


def _member(member: Member) -> Attachment:
    kind = _TYPES.get(member.name.rpartition(".")[2].lower(), "application/octet-stream")
    made = Attachment(member.name, kind, member.size, member.sha256, member.text, member.unread)
    made.role = AttachmentRole.MEMBER
    return made


_LATE = "not read: the attachments of this message take too long"


def _text(raw: bytes, charset: str, hint: str) -> tuple[str, str]:
    most = MAX_TEXT * 4  # bytes of so many characters, at the most
    text, _ = decoded(raw[:most], charset, hint)
    read = unarmored(text[:MAX_TEXT])
    if read.encrypted:
        return read.text, "encrypted"
    cut = len(text) > MAX_TEXT or len(raw) > most
    return read.text, str(Full()) if cut else ""


def _html(raw: bytes, charset: str, hint: str, budget: Budget) -> tuple[str, str]:
    if budget.documents <= 0:
        return "", _LATE
    began = time.process_time()
    most = MAX_TEXT * 8  # tags take more than the text
    html, _ = decoded(raw[:most], charset, hint, html=True)
    if len(html) > MAX_HTML:
        html = without_pictures(html)
    text = html_to_text(html)
    budget.documents -= time.process_time() - began
    cut = len(text) > MAX_TEXT or len(raw) > most or len(html) > MAX_HTML
    return text[:MAX_TEXT], str(Full()) if cut else ""


def _document(made: Attachment, raw: bytes, charset: str, budget: Budget) -> Document:
    from riskscan.mail.documents.process import read

    seconds = min(SECONDS, budget.documents)
    if seconds <= 0:
        return Document("", _LATE)
    try:
        document = read(made.name, made.content_type, raw, charset, made.sha256, seconds)
    except OSError as error:
        return Document("", f"not read: no process for documents can be started ({error})")
    budget.documents -= document.seconds
    return document
