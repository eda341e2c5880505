"""Attachments: what is recorded of every part that is not the body."""

from __future__ import annotations

import hashlib

from riskscan.mail.body import part_text
from riskscan.mail.html import html_to_text
from riskscan.mail.message import Attachment
from riskscan.mail.mime import Part, decode_transfer

MAX_TEXT = 1 << 20  # characters of text kept of one attachment
_TEXT_ENDINGS = (".csv", ".txt", ".log", ".md", ".htm", ".html", ".tsv", ".ics", ".vcf")
_TEXT_TYPES = frozenset(
    {
        "application/csv",
        "application/xhtml+xml",
        "message/delivery-status",
        "message/disposition-notification",
        "message/external-body",
        "message/feedback-report",
        "message/global-delivery-status",
        "message/global",
        "message/partial",
        "message/rfc822",
    }
)


def attachment(part: Part, hint: str = "") -> tuple[Attachment, str]:
    """Record a part; also returns a defect in its transfer encoding, or ""."""
    raw, defect = decode_transfer(part.raw, part.encoding)
    made = Attachment(part.name, part.content_type, len(raw), hashlib.sha256(raw).hexdigest())
    kind = part.content_type
    ending = part.name.lower()
    # application/octet-stream is what senders call a file whose type they do not know.
    readable = kind.startswith("text/") or kind in _TEXT_TYPES
    if readable or (kind.startswith("application/") and ending.endswith(_TEXT_ENDINGS)):
        # Some four bytes a character at the most, and tags; what is cut off here is not text kept.
        html = kind in ("text/html", "application/xhtml+xml") or ending.endswith((".htm", ".html"))
        text, _ = part_text(part, raw[: MAX_TEXT * (8 if html else 4)], hint)
        made.text = (html_to_text(text) if html else text)[:MAX_TEXT]
    return made, defect


def file_attachment(name: str, raw: bytes) -> Attachment:
    """Record a file that was found uuencoded in the text of a message."""
    kind = "application/octet-stream"
    made = Attachment(name, kind, len(raw), hashlib.sha256(raw).hexdigest())
    if name.lower().endswith(_TEXT_ENDINGS):
        part = Part.__new__(Part)
        part.params, part.content_type = {}, kind
        made.text = part_text(part, raw[: MAX_TEXT * 4])[0][:MAX_TEXT]
    return made
