"""What sources yield: items (raw messages), what was not read, and the limits they keep to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from riskscan.mail.told import Told

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB
_FAULT_MAX = 300  # characters


@dataclass(slots=True, frozen=True)
class Item:
    """One raw message.

    ``source`` is the path relative to the export's parent, archive members after ``!/``;
    ``place`` is where inside: ``offset START+LENGTH`` (mbox, in decompressed bytes) or a file
    name (tree, maildir, eml), or whatever finds the item again in the source. ``data`` is the
    message from its first header on.

    A format that does not hold mail as RFC 5322 text gives ``data`` that was made of it (see
    compose.py), with SHA-256 and length of the bytes as found in ``native_sha256`` and
    ``native_size``, where there are such bytes; so does a file of one message of which ``data``
    is a part (an .emlx, or without the From_ line or byte order mark in front). ``medium`` is
    ``mail``, or ``chat`` for a post, whose text is all authored. Items of equal ``conversation``
    (not "") are one thread, whatever their headers say; the key names the export's own id, as
    ``gmail:1234`` or ``slack:C01/3``. One that names a room of a chat (``mail.room``) is that of
    posts that are parted by day and silence when all are there.
    ``defects`` says what the source had to repair to make ``data``; ``lost``, which parts of the
    message could not be read and why, in a sentence: they are told as not read.
    ``state``: what became of the message by the export's word, in words that begin with
    ``deleted``, ``edited`` or ``an earlier version``; "" for one that is as it was sent.
    ``told``: what the export tells of the message beside it, to be added to what is read of it.
    ``from_line``: the From_ line that stood before it, its bytes as Latin-1.
    """

    source: str
    format: str
    place: str
    custodian: str
    folder: str
    data: bytes
    medium: str = "mail"
    conversation: str = ""
    native_sha256: str = ""
    native_size: int = 0
    defects: tuple[str, ...] = ()
    lost: str = ""
    told: Told | None = None
    state: str = ""
    from_line: str = ""


@dataclass(slots=True, frozen=True)
class NotRead:
    """Bytes that gave no message, and why.

    ``size`` and ``sha256`` are of the bytes at ``place`` (``""`` for ``sha256`` where they could
    not be read). ``lost`` is False for a known companion file that holds no mail of its own.
    """

    source: str
    place: str
    reason: str
    size: int
    sha256: str
    lost: bool


@dataclass(slots=True, frozen=True)
class Claim:
    """What an export says of itself, to be compared with what was read of it.

    ``source`` is the file that says so, ``about`` what it speaks of: a source's name or its
    start (a folder or archive with all that is in it), as in ``Item.source``; "" for its own
    unit. ``START*`` is all whose name starts so, but for what a longer ``START*`` in the same
    folder speaks of. ``START*//NAME`` is the file called NAME among these, wherever it lies;
    ``START*//NAME*`` the mailboxes called so, or so with a mark and endings. ``kind`` is
    ``messages`` (how many there are, embedded ones left out), ``account messages`` (how many in
    those mailboxes), ``conversations`` (of a chat, each a message), ``items`` (of a mailbox:
    messages, and what is told there as no message), ``message id`` (that one of this Message-ID is
    there), ``message name`` (the same, where the export's names are Message-IDs), ``file`` (that it
    is there), ``md5``, ``sha1`` or ``sha256`` (of the file) or ``bytes`` (its size), or how many
    claims cannot be compared: ``message hashes``, ``message sizes``, ``rows``. ``expected`` is the
    figure as text, hashes in lower case.
    """

    source: str
    about: str
    kind: str
    expected: str


Event = Item | NotRead | Claim


@dataclass(slots=True, frozen=True)
class Limits:
    """Bounds against hostile exports; sizes in bytes.

    ``total`` and ``ratio`` bound what one unit may unpack to, all layers added up; ``ratio`` (to
    the size of a packed member, twice as much to the unit's on disk) counts only beyond
    ``ratio_from`` (of the unit: twice that). ``spool`` bounds one nested zip or
    PST. ``deleted`` asks for the items of Outlook data files that no folder holds any more.
    ``columns`` is no bound but the user's word on tables: pairs of field and column (tabular.py).
    """

    message: int = 256 * MIB
    total: int = 1024 * GIB
    ratio: int = 200
    ratio_from: int = 100 * MIB
    depth: int = 5
    members: int = 1_000_000
    spool: int = 4 * GIB
    deleted: bool = False
    columns: tuple[tuple[str, str], ...] = ()


class Unit(Protocol):
    """What is read front to back and resumed by position: a file, or one folder's messages."""

    @property
    def path(self) -> Path:
        """The file or folder on disk."""

    @property
    def export(self) -> Path:
        """The export that it was found in, as an absolute path."""

    @property
    def kind(self) -> str:
        """``mbox``, ``eml``, ``maildir``, ``tree``, ``zip``, ``tar``, ``gz``, ``bz2``, ``xz``."""

    @property
    def source(self) -> str:
        """The path relative to the export's parent, as in ``Item.source``."""

    @property
    def size(self) -> int:
        """Bytes on disk when it was found; 0 where a remote place does not tell."""

    def events(self, skip: int = 0) -> Iterator[Event]:
        """Yield what is inside, in a fixed order, without the first ``skip`` events."""

    def digest(self) -> tuple[str, int]:
        """SHA-256 and number of the bytes on disk now; ``""`` and 0 where they cannot be read.

        A folder's hash is that of the sorted lines ``sha256  name`` of its message files, its
        bytes are theirs.
        """


class SourceError(Exception):
    """Bytes cannot be read on from here; the message says why, in words for a person."""


class LimitError(SourceError):
    """A bound of ``Limits`` was passed: nothing more of this unit is read."""


def failed(error: Exception) -> str:
    """What is told of a fault of ours in a reader: it loses what was being read, not the scan."""
    return f"the reader failed: {type(error).__name__}: {error}"[:_FAULT_MAX]
