"""What of a MAPI message was lost by damage of the file that it is in, in words for a person.

Readers put it into ``MapiMessage.repaired``, each part in a sentence that begins with ``DAMAGED``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from riskscan.sources.mapi import MapiAttachment, MapiMessage

DAMAGED = "damaged in the data file"
TOO_LARGE = "too large"
NAMED = "a named property, which is not read"
_LISTED = "damaged parts of this message"
# Of the message itself, or of one in it.
_RTF = re.compile(r"(?:\A|: )RTF body(?:: cut off|: its checksum is wrong| not read: )")
_LOST_MAX = 2_000  # characters


def damaged_parts(message: MapiMessage) -> list[str]:
    """What is damaged of a message, each part in a sentence that begins with ``DAMAGED``."""
    return [
        one
        for one in message.repaired
        if one.startswith(DAMAGED) and not one.startswith(f"{DAMAGED}: {NAMED}")
    ]


def list_damage(message: MapiMessage) -> list[str]:
    """What is damaged of a message; it is listed with the attachments that cannot be read, too."""
    lost = damaged_parts(message)
    # A signed message is told by having one attachment.
    if lost and not message.message_class.lower().startswith("ipm.note.smime"):
        why = "; ".join(one.removeprefix(f"{DAMAGED}: ") for one in lost)
        message.attachments.append(MapiAttachment(_LISTED, "", "", b"", f"damaged: {why[:1000]}"))
    return lost


def lost_parts(message: MapiMessage, damaged: Sequence[str]) -> str:
    """Which parts of a message cannot be read, and why, in a sentence; "" where all can.

    ``damaged``: what ``damaged_parts`` told of it.
    """
    told = [one.removeprefix(f"{DAMAGED}: ") for one in damaged]
    told += [
        f"attachment {one.name[:80]!r} ({one.unread.removeprefix('damaged: ')})"
        for one in message.attachments
        if one.unread.startswith("damaged: ") and one.name != _LISTED
    ]
    told += [
        one
        for one in message.repaired
        if one.startswith("the recipients cannot be read") or _RTF.search(one)
    ]
    large = [
        f"attachment {one.name[:80]!r} is {one.unread}"
        for one in message.attachments
        if one.unread.startswith(TOO_LARGE)
    ]
    parts = [f"{DAMAGED}: {'; '.join(told)[:_LOST_MAX]}"] if told else []
    parts += ["; ".join(large)[:_LOST_MAX]] if large else []
    return "; ".join([*parts, "the rest of the message is stored"]) if parts else ""
