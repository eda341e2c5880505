"""What a part that is not the body is in its message: a file, or what no mail program lists as one.

docs/attachments.md has the list in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from riskscan.mail.message import AttachmentRole

if TYPE_CHECKING:
    from riskscan.mail.mime import Part

# RFC 3464, 8098, 5965, 3886, 6522 section 3, 6533.
_REPORTS = frozenset(
    {
        "message/delivery-status", "message/disposition-notification", "message/feedback-report",
        "message/tracking-status", "message/global-delivery-status",
        "message/global-disposition-notification", "message/global-headers", "text/rfc822-headers",
        "message/rfc822-headers",
    }
)  # fmt: skip
_SIGNATURES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
_SIGNATURE_NAMES = frozenset({"", "signature.asc", "pgp.sig"})
_SECURED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SECURED_NAMES = frozenset({"smime.p7m", "smime.p7s", "smime.p7z"})  # RFC 8551 section 3.2.1
_RTF = frozenset({"application/rtf", "application/x-rtf"})
# How a page refers to what these header fields of a part name.
_FIELDS = {
    "content-id": re.compile(r"cid:([^\s\"'<>)]{1,500})", re.I),
    "content-location": re.compile(
        r"\b(?:src|background)[ \t]{0,5}=[ \t]{0,5}[\"']?([^\"'\s>]{1,1000})", re.I
    ),
}


def role_of(part: Part, within: str) -> AttachmentRole:
    """The role of a part that is not the body.

    ``within``: the type of the multipart that it stands in, "" for all of a message. Whether the
    body refers to it: see ``Shown``.
    """
    kind, name = part.content_type, part.name.lower()
    if kind in _REPORTS:
        return AttachmentRole.REPORT
    if _secures(kind, name, within):
        return AttachmentRole.SECURITY
    # Some programs put true files among the alternatives; those are no texts and have names.
    other = kind.startswith("text/") or kind in _RTF or not name
    if within == "multipart/alternative" and part.disposition != "attachment" and other:
        return AttachmentRole.ALTERNATIVE
    return AttachmentRole.FILE


def _secures(kind: str, name: str, within: str) -> bool:
    """A signature, or what is signed or encrypted as it travelled; not a signed file."""
    if within == "multipart/encrypted" or kind == "application/pgp-encrypted":
        return True
    if name in SECURED_NAMES:
        return True
    if kind in _SIGNATURES:
        return within == "multipart/signed" or name in _SIGNATURE_NAMES
    return kind in _SECURED and (not name or not within)


class Shown:
    """Which parts of a message the HTML of its body shows.

    By Content-ID (RFC 2392) or Content-Location (RFC 2557). Linear in the pages, of which nothing
    is kept but what names a part.
    """

    def __init__(self, root: Part) -> None:
        self._named: dict[str, set[str]] = {}
        self._found: set[tuple[str, str]] = set()
        for part in root.walk():
            for field in _FIELDS:
                if own := _own(part, field):
                    self._named.setdefault(field, set()).add(own)

    def read(self, page: str) -> None:
        """Take in what a page of the body refers to."""
        for field, named in self._named.items():
            for match in _FIELDS[field].finditer(page):
                if (reference := _plain(match[1])) in named:
                    self._found.add((field, reference))

    def mark(self, parts: Iterable[Part]) -> None:
        """Give the role ``inline`` to those parts that the pages show."""
        for part in parts if self._found else ():
            if part.content_type in ("text/plain", "text/html"):
                continue
            if part.role in (AttachmentRole.FILE, AttachmentRole.ALTERNATIVE) and any(
                (field, _own(part, field)) in self._found for field in _FIELDS
            ):
                part.role = AttachmentRole.INLINE


def _own(part: Part, field: str) -> str:
    return _plain(part.headers.raw(field).strip().strip("<>")) if field in part.headers else ""


def _plain(reference: str) -> str:
    return unquote(unescape(reference)).strip()
