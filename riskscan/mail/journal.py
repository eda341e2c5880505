"""Journal reports of Exchange (MS-XJRNL section 2.2): who got a message, beside the message itself.

The body of a report names every recipient of the envelope, also those of blind copies and the
members of lists; the message itself is attached. Here its recipients become known with it.
"""

from __future__ import annotations

import re

from riskscan.mail.addresses import MAX_ADDRESSES
from riskscan.mail.headers import Headers
from riskscan.mail.identity import content_hash
from riskscan.mail.message import Address, Message

REPORT = "x-ms-journal-report"
_SENDER = re.compile(r"Sender:[ \t]", re.I)
_RECIPIENT = re.compile(
    r"^(To|Cc|Bcc|Recipients?):[ \t]{1,20}<?([^\s<>,;]{1,320}@[^\s<>,;]{1,255})>?",
    re.I | re.M,
)
_NAMED = 5  # recipients that are named in a defect


def add_recipients(report: Message, headers: Headers) -> None:
    """Add to the messages attached to a report the recipients that it alone names.

    What is no report stays as it is. Recipients of no known field are blind copies. The content
    hash of a message that got recipients is made anew: who got it counts in it.
    """
    if REPORT not in headers or not report.embedded or not _SENDER.match(report.body.lstrip()):
        return
    told: dict[str, tuple[str, Address]] = {}
    for found in _RECIPIENT.finditer(report.body):
        kind = found[1].lower()
        person = Address("", found[2])
        told.setdefault(found[2].casefold(), (kind if kind in ("to", "cc") else "bcc", person))
        if len(told) == MAX_ADDRESSES:
            break
    _add(report.embedded[0], told)  # a report has one


def _add(message: Message, told: dict[str, tuple[str, Address]]) -> None:
    known = {one.address.casefold() for one in (*message.to, *message.cc, *message.bcc)}
    added = {key: one for key, one in told.items() if key not in known}
    if not added:
        return
    for kind, person in added.values():
        getattr(message, kind).append(person)
    named = ", ".join(person.address for _, person in list(added.values())[:_NAMED])
    more = f" and {len(added) - _NAMED} more" if len(added) > _NAMED else ""
    message.defects.append(f"recipients that the journal report alone names: {named}{more}")
    message.content_hash = content_hash(message)
