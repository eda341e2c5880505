"""Attachments as downloads, as far as the export is still there: bytes that nothing interprets."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from pathlib import PurePosixPath
from urllib.parse import quote

from sqlalchemy import select

from riskscan.case import schema
from riskscan.case.read import Case, Record

_LONGEST_NAME = 120
_DEEPEST = 20
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?:\.|\Z)", re.IGNORECASE)


def attachment_bytes(case: Case, record: Record, number: int) -> bytes | None:
    """The bytes of an attachment, read from the export again; None when they are not there.

    Only bytes that hash to what the case holds are given.
    """
    from riskscan.export.natives import natives

    wanted = record["attachments"][number]["sha256"]
    for native in natives(case, [_outermost(case, record["id"])]):
        if native.mail is None:
            return None
        for part in _parts(native.mail):
            if hashlib.sha256(part).hexdigest() == wanted:
                return part
    return None


def _outermost(case: Case, message: int) -> int:
    mail = schema.messages
    with case.connect() as connection:
        for _ in range(_DEEPEST):
            parent = connection.execute(
                select(mail.c.parent_id).where(mail.c.id == message)
            ).scalar()
            if parent is None:
                break
            message = int(parent)
    return message


def _parts(mail: bytes) -> Iterator[bytes]:
    """The decoded bytes of every part of a mail, of the mails in it too."""
    parsed: Message = BytesParser(policy=policy.compat32).parsebytes(mail)
    for part in parsed.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload


def safe_name(name: str) -> str:
    """A file name that no system takes for a path, a device or something to run.

    Letters, digits, and a few signs. Only endings known to do nothing are kept as they are; after
    any other, or none, comes ``.txt`` (what is text) or ``.bin``.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(
        c if c.isalnum() or c in " ._-()" else "_"
        for c in unicodedata.normalize("NFC", last)
        if unicodedata.category(c)[0] != "C"
    )
    stem, dot, ending = " ".join(kept.split()).strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    ending = "".join(c for c in ending if c.isascii() and c.isalnum())[:12]
    stem = stem.strip(" .")[:_LONGEST_NAME].strip(" .") or "attachment"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    told = f"{stem}.{ending}" if ending else stem
    if ending.lower() in _HARMLESS:
        return told
    return f"{told}.txt" if ending.lower() in _TEXT else f"{told}.bin"


# A list of what may be, not of what may not: systems learn to run new endings every year. Formats
# of Office that can hold macros (doc, xls, docm, odt ...) are not among them.
_HARMLESS = frozenset(
    [
        "pdf", "txt", "text", "csv", "tsv", "rtf", "docx", "xlsx", "pptx", "eml", "zip",
        "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "heic", "mp3", "m4a",
        "wav", "ogg", "mp4",
    ]
)  # fmt: skip
# Text that programs run or show: with ".txt" behind, an editor opens it.
_TEXT = frozenset(
    [
        "bat", "cfg", "cmd", "conf", "css", "htm", "html", "ics", "ini", "js", "json", "log",
        "md", "mht", "mhtml", "ps1", "py", "reg", "sh", "shtml", "sql", "svg", "vbs", "vcf",
        "xht", "xhtml", "xml", "xsl", "yaml", "yml",
    ]
)  # fmt: skip


def disposition(name: str) -> str:
    """The Content-Disposition of a download (RFC 6266), with a name for old and new browsers."""
    safe = safe_name(name)
    plain = safe.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
