"""What reading a document gives, and the bounds that every format keeps to."""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1 << 20
SECONDS = 3.0
"""CPU time for one document, after which no more of it is read."""
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
    """The text of a document; ``unread`` says why there is none, or not all of it, or is "".

    ``seconds`` is the CPU time that reading it took.
    """

    text: str = ""
    unread: str = ""
    members: list[Member] = field(default_factory=list)
    seconds: float = field(default=0.0, compare=False)


class Unreadable(Exception):
    """A document, or the rest of it, cannot be read; the message is the reason for a person."""


class Full(Unreadable):
    """No more text is kept of this document."""

    def __init__(self) -> None:
        super().__init__(f"cut after {MAX_TEXT:,} characters")


class Late(Unreadable):
    """Reading this document has taken all the time that it may."""

    def __init__(self) -> None:
        super().__init__("cut: it takes too long to read")
