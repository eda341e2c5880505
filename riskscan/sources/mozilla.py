"""Thunderbird's own header fields: that a message was deleted, and is still in its file.

A message that a person deletes stays in the mbox, with a mark, until the folder is compacted.
"""

from __future__ import annotations

import re

DELETED = "Deleted, not compacted"
"""Below the folder of a message that carries the mark, as a PST's orphans have one of their own."""

_NEAR = 64 * 1024  # of a message, in which its header block is looked for
_FIELD = b"X-Mozilla-Status:"
_BLANK = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r")
# nsMsgMessageFlags.idl: bits in hexadecimal.
_STATUS = re.compile(rb"(?:\A|[\r\n])X-Mozilla-Status:[ \t]{0,8}([0-9a-f]{4})\s", re.I)
_EXPUNGED = 0x0008


def is_deleted(data: bytes) -> bool:
    """Whether the header block of a message has the mark."""
    # Other mail pays for this search alone; Thunderbird writes it so.
    if data.find(_FIELD, 0, _NEAR) < 0:
        return False
    end = _BLANK.search(data, 0, _NEAR)
    status = _STATUS.search(data, 0, end.start() + 1 if end else min(len(data), _NEAR))
    return status is not None and bool(int(status[1], 16) & _EXPUNGED)


def state_of(folder: str) -> str:
    """The state (``Item.state``) of a message in a folder as ``folder_with_mark`` gives it."""
    return "deleted, not compacted" if folder.endswith(DELETED) else ""


def folder_with_mark(folder: str, data: bytes) -> str:
    """The folder of a message, or ``DELETED`` below it."""
    return "/".join(name for name in (folder, DELETED) if name) if is_deleted(data) else folder
