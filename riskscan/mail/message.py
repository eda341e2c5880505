"""The message: what every parser produces and everything after it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """The role of a run of a body; only AUTHORED text is ever a finding."""

    AUTHORED = "authored"
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"


class AttachmentRole(StrEnum):
    """What an attachment is in its message (docs/attachments.md)."""

    FILE = "file"  # mail programs list it
    INLINE = "inline"  # the HTML of the body shows it
    ALTERNATIVE = "alternative"  # the body in another form
    OUTSIDE = "outside"  # outside the MIME parts
    REPORT = "report"  # on delivery, for machines
    SECURITY = "security"  # a signature, or what is signed or encrypted, as it travelled
    MEMBER = "member"  # inside another attachment
    MISSING = "missing"  # stands for a file whose bytes are not there


@dataclass(slots=True, frozen=True)
class Segment:
    """Characters ``start`` to ``end`` (end exclusive) of a body, with one role."""

    role: Role
    start: int
    end: int


# So much of what a message quotes or forwards is read beside what its author wrote.
QUOTED_CHARACTERS = 4_000


def quoted_head(body: str, segments: Iterable[tuple[str, int, int]]) -> str:
    """The first ``QUOTED_CHARACTERS`` of what a body quotes or forwards.

    ``segments`` are role, start and end.
    """
    parts, length = list[str](), 0
    for role, start, end in segments:
        if role in (Role.QUOTED, Role.FORWARDED) and length < QUOTED_CHARACTERS:
            parts.append(body[start : min(end, start + QUOTED_CHARACTERS)].strip())
            length += len(parts[-1])
    return "\n\n".join(parts)[:QUOTED_CHARACTERS]


@dataclass(slots=True, frozen=True)
class Address:
    """A mailbox of RFC 5322 section 3.4: display name (may be empty) and address, as found."""

    name: str
    address: str


@dataclass(slots=True)
class Attachment:
    """An attachment; ``size`` in bytes after transfer decoding, ``text`` when it could be read.

    ``unread`` says why there is no text, or not all of it, where a person would expect some:
    "encrypted", "a scan without text layer", "damaged: ..."; "" otherwise. ``portable_sha256``:
    the hash with LF for line ends that are the transport's, where that makes another one, so that
    a message says the same in an mbox and as a file.
    """

    name: str
    content_type: str
    size: int
    sha256: str
    text: str = ""
    unread: str = ""
    portable_sha256: str = ""
    role: AttachmentRole = AttachmentRole.FILE


UNREAD = "x-riskscan-unread"
"""Header field of an empty part that stands for a file that a source could not read: why."""


ALL_CUSTODIANS = "all custodians that the load file tells: "
"""How the defect begins that names, parted by "; ", who held a message that a vendor kept once."""


@dataclass(slots=True)
class Message:
    """One parsed email.

    ``date`` is aware and in UTC, or None when there is none that can be read; ``date_header`` is
    the header as found, and ``date_from`` whose date it is where not that header's (not stored).
    ``body`` is text with ``\\n`` line ends; ``segments`` cover it from 0 to its length without gap
    or overlap. ``embedded`` holds the message/rfc822 parts, in order.
    ``state`` is what its source says became of it ("deleted ...", "edited ..."), "" for nothing.
    ``defects`` names what had to be repaired, in words for a person. ``unshown`` holds a hash of
    each alternative of the body that has other letters or digits than the body, and of what its
    HTML tells some readers only (as tooltips do); not stored. ``targets``: those of links that the
    text does not show; not stored. ``further_senders``: the authors behind the first; ``defects``
    names them, else not stored.
    """

    message_id: str = ""
    mih: str = ""
    content_hash: str = ""
    subject: str = ""
    date: datetime | None = None
    date_header: str = ""
    date_from: str = ""
    sender: Address | None = None
    further_senders: list[Address] = field(default_factory=list)
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    bcc: list[Address] = field(default_factory=list)
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    folder: str = ""
    state: str = ""
    body: str = ""
    body_format: str = "none"
    segments: list[Segment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    embedded: list[Message] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)

    @property
    def quoted(self) -> str:
        """The head of what the body quotes or forwards (``quoted_head``)."""
        return quoted_head(self.body, ((s.role, s.start, s.end) for s in self.segments))

    @property
    def authored(self) -> str:
        """The authored segments of the body, joined by a line end."""
        return "\n".join(
            self.body[s.start : s.end].strip("\n") for s in self.segments if s.role is Role.AUTHORED
        )
