"""The conversation key of a chat post that belongs to no thread of its platform: it names its room.

Which posts of a room are one conversation is known only once all are there: they come in any
order, from several mailboxes, exports and scans. So the reader says the room, and threading
(thread.py) parts its posts by day and silence.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_KEY = re.compile(r"room(?:@(\d{8}T\d{6}))?:(.+)", re.S)
_FORM = "%Y%m%dT%H%M%S"
_LENGTH = len("00010101T000000")


def in_room(room: str, near: datetime | None = None) -> str:
    """The key of a post in ``room``.

    ``near``: the moment at which it stands, if not that of its date; UTC where no zone is told.
    """
    if near is None:
        return f"room:{room}"
    near = near.astimezone(UTC) if near.tzinfo else near
    return f"room@{f'{near:{_FORM}}'.zfill(_LENGTH)}:{room}"


def room_of(conversation: str) -> tuple[str, datetime | None]:
    """The room that a key names ("": none), and the moment at which its post stands, if told."""
    found = _KEY.fullmatch(conversation)
    if found is None:
        return "", None
    try:
        near = datetime.strptime(found[1], _FORM).replace(tzinfo=UTC) if found[1] else None
    except ValueError:
        near = None
    return found[2], near
