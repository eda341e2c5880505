"""What reading a document gives, and the bounds that every format keeps to."""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1 << 20
MAX_TEXT = MIB
"""Characters of text kept of one document."""
MAX_UNPACKED = 128 * MIB
"""Bytes that one document may unpack to, all of its parts added up."""
MAX_DEPTH = 2
"""Containers inside one another whose members are read: a document in a zip in a zip is."""
MAX_MEMBERS = 1000
"""Members listed of one attachment, all levels added up."""
MAX_PARTS = 20_000
"""Entries of the directory of a zip file."""


@dataclass(slots=True)
class Member:
    """A file inside a document: its place there (``outer.zip!/inner.docx``), hash and text.

    ``mail`` holds the bytes of a member that is a message (RFC 5322 or Outlook .msg), else b"".
    """

    name: str
    size: int
    sha256: str
    text: str = ""
    unread: str = ""
    mail: bytes = b""


@dataclass(slots=True)
class Document:
    """The text of a document; ``unread`` says why there is none, or not all of it, or is ""."""

    text: str = ""
    unread: str = ""
    members: list[Member] = field(default_factory=list)


class Unreadable(Exception):
    """A document, or the rest of it, cannot be read; the message is the reason for a person."""


class Full(Unreadable):
    """No more text is kept of this document."""

    def __init__(self) -> None:
        super().__init__(f"cut after {MAX_TEXT:,} characters")
