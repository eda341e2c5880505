"""When a message without a readable Date header was on its way: what its carriers wrote.

The topmost Received field comes first: the recipient's own server wrote it, last of all, and no
sender can forge it; mail programs show it as the time of arrival. Then what tells delivery or
sending anew, and last the From_ line of an mbox (RFC 4155).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from riskscan.mail.dates import parse_date
from riskscan.mail.headers import Headers
from riskscan.mail.message import Message

_FIELDS = ("received", "delivery-date", "resent-date", "x-originalarrivaltime")  # of Exchange
_MOST = 20  # values of one field that are looked at
_CHARACTERS = 2_000  # of a value
# Programs that know no date write the first instant that their clock can tell.
_FIRST = datetime(1970, 1, 3, tzinfo=UTC)
_AFTER_SENDER = re.compile(r"\s*(?:\S+@\S+|-|MAILER-DAEMON)\s+", re.I)
_YEAR_BEHIND_ZONE = re.compile(r"([+-]\d{4})\s+(\d{4})\s*$")  # as Google Vault writes
_FILETIME = re.compile(r"\.\d{1,9}|FILETIME=.*|[()]", re.S)  # beside X-OriginalArrivalTime's date


def date_by_arrival(message: Message, headers: Headers) -> None:
    """Give a message without date that of its arrival; its ``defects`` say whose it is."""
    for name in _FIELDS:
        for value in headers.all(name)[:_MOST]:
            text = value[-_CHARACTERS:]
            if name == "received":
                text = text.rpartition(";")[2]
            elif name == "x-originalarrivaltime":
                text = _FILETIME.sub(" ", text)
            said = "topmost readable Received" if name == "received" else name.title()
            if _take(message, text, f"the {said} header"):
                return


def date_by_from_line(message: Message, line: str) -> None:
    """Give a message without date that of the From_ line that stood before it.

    ``line`` is what stands behind "From " there.
    """
    text = _AFTER_SENDER.sub("", line[:_CHARACTERS], count=1).strip()
    _take(message, _YEAR_BEHIND_ZONE.sub(r"\2 \1", text), "the From_ line of the mbox")


def _take(message: Message, text: str, whose: str) -> bool:
    found, defect = parse_date(text.strip())
    if found is None or found < _FIRST:
        return False
    message.date, message.date_from = found, whose
    message.defects.append(f"the date is that of {whose}")
    if "UTC" in defect:
        message.defects.append(defect)
    return True
