"""The conversation of a Teams post that lies in a mailbox as an item: its room.

Each post is an item of its own, in any order, in mailboxes and files that are read apart. A room is
told by its id in the headers, else by all people in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from riskscan.mail.room import in_room

HEADERS_MAX = 256 * 1024
"""Characters of headers in which a room's id is looked for."""

# The id of a channel, a meeting or a chat of several, as Teams writes it; not of two people's chat.
_ROOM = re.compile(r"\b19:[\w.-]{1,200}@thread\.(?:v2|tacv2|skype)", re.I)


def teams_room(headers: str, people: Iterable[str]) -> str:
    """The conversation of a post with these headers; "" where nothing tells its room.

    ``people``: the address, else the name, of its sender and of each recipient.
    """
    room = _ROOM.search(headers[:HEADERS_MAX])
    said = room[0] if room else "\n".join(sorted({p.strip().casefold() for p in people} - {""}))
    if not said:
        return ""
    digest = hashlib.sha256(said.casefold().encode("utf-8", "replace")).hexdigest()
    return in_room(f"teams:{digest[:24]}")


def teams_room_of(data: bytes) -> str:
    """The same for a post saved as RFC 5322 text."""
    from riskscan.mail.addresses import addresses
    from riskscan.mail.headers import Headers, split_head

    head = split_head(data)[0]
    headers = Headers(head)
    values = [value for name in ("from", "to", "cc", "bcc") for value in headers.lists(name)]
    people = (one.address or one.name for one in addresses(values, headers.hint)[0])
    return teams_room(head[:HEADERS_MAX].decode("utf-8", "replace"), people)
