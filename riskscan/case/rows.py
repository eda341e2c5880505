"""What the stages hand to the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskscan.mail.message import Message

if TYPE_CHECKING:
    from riskscan.case.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Parsed:
    """A message read from a source at ``place``; ``raw`` figures are of its bytes as found.

    ``medium`` and ``conversation`` as in ``sources.Item``.
    """

    place: str
    folder: str
    raw_sha256: str
    raw_bytes: int
    message: Message
    medium: str = "mail"
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not become a message. ``kind``: quarantined, not read, or companion."""

    kind: str
    place: str
    reason: str
    bytes: int
    sha256: str
    source: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an export says of itself; see ``sources.Claim``."""

    source: str
    about: str
    kind: str
    expected: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One event of a unit, in the order it was read; ``source`` names format and custodian.

    ``lost``: which parts of a message could not be read, and why; told among what was not read.
    """

    source: str
    format: str
    custodian: str
    result: Parsed | Prepared | Unread | Claimed
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence with a signal. Offsets are into the body, subject or attachment text."""

    segment: str
    attachment: int | None
    start: int
    end: int
    text: str
    signal: str
    score: float


@dataclass(frozen=True, slots=True)
class Scored:
    """What the score stage says of one message."""

    message: int
    score: float
    flagged: bool
    signals: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """An entity; ``segment`` is "subject" or "authored", offsets are into subject or body."""

    segment: str
    start: int
    end: int
    text: str
    label: str
