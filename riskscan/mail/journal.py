"""Journal reports of Exchange (MS-XJRNL section 2.2): who got a message, beside the message itself.

The body of a report names every recipient of the envelope, also those of blind copies and the
members of lists; the message itself is attached. Here its recipients become known with it. Other
programs write reports after Exchange's: names beside addresses, several on a line, folded lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from riskscan.mail.addresses import MAX_ADDRESSES, addresses
from riskscan.mail.commas import joined_where_sure
from riskscan.mail.headers import Headers
from riskscan.mail.identity import content_hash
from riskscan.mail.message import Address, Message

REPORT = "x-ms-journal-report"
_SENDER = re.compile(r"Sender:", re.I)
_FIELD = re.compile(r"([A-Za-z][\w-]{0,40}):[ \t]{0,20}")
_RECIPIENTS = frozenset({"to", "cc", "bcc", "recipient", "recipients"})
_ALONE = re.compile(r"[^\s:@]{1,320}@[^\s:@]{1,255}\s*\Z")
# By which list, or whose forwarding, a recipient got it: no recipient.
_BY_WAY_OF = re.compile(r"[,;]?[ \t]{0,20}(?:Expanded|Forwarded):[^,;\n]{0,800}", re.I)
_NAMED = 5  # recipients that are named in a defect


def add_recipients(report: Message, headers: Headers) -> None:
    """Add to the messages attached to a report the recipients that it alone names.

    What is no report stays as it is. Of several messages those get them whose Message-ID the
    report tells (Exchange adds a decrypted copy), else the first. Recipients of no known field are
    blind copies. The content hash of a message that got recipients is made anew: who got it counts
    in it. A report without a message, and one with more recipients than are kept, says so.
    """
    if REPORT not in headers or not _SENDER.match(report.body.lstrip()):
        return
    if not report.embedded:
        report.defects.append("a journal report without the message that it reports")
        return
    told: dict[str, tuple[str, Address]] = {}
    wrong: list[str] = []
    own_id, left_out = "", 0
    for field, value in _fields(report.body):
        if field == "message-id":
            own_id = own_id or value.strip(" \t<>")
        if field not in _RECIPIENTS:
            continue
        if len(told) >= MAX_ADDRESSES:
            left_out += 1
            continue
        found, defects = addresses([_BY_WAY_OF.sub("", value)])
        wrong += [defect for defect in defects if defect not in wrong]
        kind = field if field in ("to", "cc") else "bcc"
        for person in joined_where_sure(found):
            told.setdefault(_key(person), (kind, person))
    if left_out:
        wrong.append(f"{left_out:,} further lines of recipients in the journal report are left out")
    reported = [m for m in report.embedded if own_id and m.message_id.strip("<>") == own_id]
    for message in reported or report.embedded[:1]:
        _add(message, told)
    report.defects += wrong


def _fields(body: str) -> Iterator[tuple[str, str]]:
    """Names, in lower case, and values of the fields of a report's body, unfolded."""
    name = ""
    parts: list[str] = []
    begun = False  # does any of the parts hold something?
    for line in body.split("\n"):
        if match := _FIELD.match(line):
            yield name, " ".join(parts)
            name, parts = match[1].lower(), [line[match.end() :]]
            begun = parts[0] != ""
        elif line[:1] in (" ", "\t") or _ALONE.match(line):
            # A list that goes on: in a table of HTML without a comma.
            comma = (
                "," if _ALONE.match(line) and parts and parts[-1].strip()[-1:] not in ",;" else ""
            )
            parts.append(f"{comma}{line.strip()}" if begun else line.strip())
            begun = begun or parts[-1] != ""
        else:
            yield name, " ".join(parts)
            name, parts, begun = "", [], False
    yield name, " ".join(parts)


def _key(person: Address) -> str:
    return (person.address or person.name).casefold()


def _add(message: Message, told: dict[str, tuple[str, Address]]) -> None:
    known = {_key(one) for one in (*message.to, *message.cc, *message.bcc)}
    added = {key: one for key, one in told.items() if key not in known}
    if not added:
        return
    for kind, person in added.values():
        getattr(message, kind).append(person)
    named = ", ".join(person.address or person.name for _, person in list(added.values())[:_NAMED])
    more = f" and {len(added) - _NAMED} more" if len(added) > _NAMED else ""
    message.defects.append(f"recipients that the journal report alone names: {named}{more}")
    message.content_hash = content_hash(message)
