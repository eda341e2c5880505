"""Place and time of Outlook's appointments and meeting requests (MS-OXOCAL), as an invitation.

They are named properties: what ids those have, each file tells for itself. Text and HTML of the
item stay as they are; the invitation stands beside them, as it does in mail from others.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from riskscan.sources.mapi_values import Values

APPOINTMENT = UUID("00062002-0000-0000-c000-000000000046").bytes_le
"""PSETID_Appointment (MS-OXPROPS section 1.3.2)."""
ADDRESS = UUID("00062004-0000-0000-c000-000000000046").bytes_le
"""PSETID_Address (MS-OXPROPS section 1.3.2)."""
DISTLIST_ONE_OFF_MEMBERS, DISTLIST_MEMBERS = 0x8054, 0x8055  # of PSETID_Address
_CLASSES = ("ipm.appointment", "ipm.schedule.meeting", "ipm.microsoft schedule.mtg")
_LOCATION, _START, _END, _RECURRENCE = 0x8208, 0x820D, 0x820E, 0x8232
_PLAIN_START, _PLAIN_END = 0x0060, 0x0061
_NAMES_MAX = 0x8000  # property ids that can be named
_TEXT_MAX = 10_000  # characters
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def numbered(guids: bytes, entries: bytes) -> dict[int, int]:
    """Property ids of what is read of named properties, by their numbers of MS-OXPROPS.

    ``guids`` and ``entries`` are the streams of a map of names, of one form in MS-PST section 2.4.7
    and MS-OXMSG section 2.2.3.
    """
    found: dict[int, int] = {}
    for at in range(0, min(len(entries) - 7, 8 * _NAMES_MAX), 8):
        number, kind, index = struct.unpack_from("<IHH", entries, at)
        # Of the sets of names two have a number of their own, the others stand in a list.
        set_at = 16 * ((kind >> 1) - 3)
        if kind & 1 or set_at < 0 or not is_read(guids[set_at : set_at + 16], number):
            continue
        found.setdefault(number, 0x8000 + index)
    return found


def is_read(guid: bytes, number: int) -> bool:
    """Whether a named property is one of an appointment, or the members of a list."""
    members = (DISTLIST_ONE_OFF_MEMBERS, DISTLIST_MEMBERS)
    return guid == APPOINTMENT or (guid == ADDRESS and number in members)


def is_appointment(message_class: str) -> bool:
    """Whether items of a message class have a place and a time."""
    return message_class.lower().startswith(_CLASSES)


def invitation(read: Values, ids: Mapping[int, int]) -> bytes:
    """Place and time of an item as iCalendar (RFC 5545), b"" where it has none.

    ``ids`` as of ``numbered``.
    """
    start, end = (
        (read.time(ids[named]) if named in ids else None) or read.time(plain)
        for named, plain in ((_START, _PLAIN_START), (_END, _PLAIN_END))
    )
    place, pattern = (read.text(ids[n]) if n in ids else "" for n in (_LOCATION, _RECURRENCE))
    told = [
        ("LOCATION", place.strip()[:_TEXT_MAX].translate(_ESCAPED)),
        ("DTSTART", _moment(start)),
        ("DTEND", _moment(end)),
        ("COMMENT", pattern.strip()[:_TEXT_MAX].translate(_ESCAPED)),
    ]
    lines = [f"{name}:{value}" for name, value in told if value]
    if not lines:
        return b""
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT"]
    return "\r\n".join([*whole, "END:VCALENDAR", ""]).encode("utf-8", "replace")


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}" if moment else ""
