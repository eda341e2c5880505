"""The properties of a MAPI object, wherever they lie, to the message that mapi.py makes mail of.

Property ids are those of MS-OXPROPS.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from riskscan.mail.charset import to_text
from riskscan.mail.mime import MAX_EMBEDDED
from riskscan.sources.appointment import (
    DISTLIST_MEMBERS,
    DISTLIST_ONE_OFF_MEMBERS,
    invitation,
    is_appointment,
)
from riskscan.sources.compose import mailbox
from riskscan.sources.item import LimitError, SourceError
from riskscan.sources.mapi import MapiAttachment, MapiMessage, MapiRecipient
from riskscan.sources.mapi_damage import TOO_LARGE
from riskscan.sources.mapi_values import Getter, Values

_KINDS = {1: "to", 2: "cc", 3: "bcc"}
_SHOWN = (("to", 0x0E04), ("cc", 0x0E03), ("bcc", 0x0E02))
_UNSENT = 8  # in PR_MESSAGE_FLAGS
_BY_REFERENCE = {2, 3, 4, 7}  # PR_ATTACH_METHOD
_PART_COST = 256
_REFUSED_MAX = 10  # attachments
# What a contact tells, MS-OXOCNTC section 2.2.1.
_CONTACT = (
    ("Name", 0x3001), ("Nickname", 0x3A4F), ("Title", 0x3A17), ("Department", 0x3A18),
    ("Organization", 0x3A16), ("Phone", 0x3A08), ("Phone", 0x3A1B), ("Mobile", 0x3A1C),
    ("Phone at home", 0x3A09), ("Phone", 0x3A1A), ("Pager", 0x3A21), ("Fax", 0x3A24),
    ("Street", 0x3A29), ("City", 0x3A27), ("Country", 0x3A26), ("Web", 0x3A51),
)  # fmt: skip
_REPLIES_MAX = 16 * 1024  # bytes
_FIELD_NAME = re.compile(r"[!-9;-~]{1,200}")
_ONE_OFF = bytes.fromhex("812b1fa4bea310199d6e00dd010f5402")


class Part(Getter, Protocol):
    """A message: its properties, recipients and attachments; all raise SourceError."""

    def recipients(self) -> Iterable[Getter]:
        """The rows of the recipient table."""

    def attachments(self) -> Iterable[Attached | SourceError]:
        """The attachments; an error for one that cannot be opened."""

    def named(self) -> Iterable[tuple[str, int]]:
        """The header fields that are named properties: name and property id."""

    def appointment(self) -> Mapping[int, int]:
        """The ids of named properties of appointments and lists, by their numbers of MS-OXPROPS."""


class Attached(Getter, Protocol):
    """An attachment; all raise SourceError, and LimitError for more than ``most`` bytes."""

    def message(self) -> Part | None:
        """The message that it is, if it is one."""

    def files(self, name: str, repaired: list[str], most: int) -> list[tuple[str, bytes]] | None:
        """Name and bytes of the files that an OLE object holds; None where it is none."""

    def content(self, most: int) -> bytes | None:
        """Its bytes; None where it has none of its own."""


class Allowance:
    """Counts the bytes that a message may yet take, with all that is attached to it."""

    def __init__(self, size: int) -> None:
        self.left = size
        self._size = size
        self._refused = 0

    def take(self, size: int) -> None:
        """Count bytes, and a little for the part that has them; raises LimitError."""
        self.left -= size + _PART_COST
        if self.left < 0:
            raise LimitError(f"the message is larger than {self._size:,} bytes")

    def refuse(self) -> str:
        """Why an attachment is left out for which too little is left; LimitError for very many."""
        self._refused += 1
        if self._refused > _REFUSED_MAX:
            raise LimitError(f"the message is larger than {self._size:,} bytes")
        return f"{TOO_LARGE}: a message may have {self._size:,} bytes in all"


def message_of(
    part: Part,
    repaired: list[str] | None = None,
    allowance: Allowance | None = None,
    depth: int = 0,
    codec: str = "",
) -> MapiMessage:
    """The message, whatever of it can be read; what had to be repaired goes into ``repaired``.

    Raises LimitError beyond the allowance; without one, what holds the part is its bound.
    """
    repaired = [] if repaired is None else repaired
    allowance = allowance or Allowance(sys.maxsize)
    read = Values(part, repaired, codec)
    sent, received = read.time(0x0039), read.time(0x0E06)
    if sent is None and (received is None or read.integer(0x0E07) & _UNSENT):
        # What was never sent (a draft, a note, an appointment) is as old as its last change.
        received = read.time(0x3008) or read.time(0x3007) or received
    html: bytes | str | None = read.binary(0x1013)
    if html is None:
        html = read.body(0x1013)
    text, rtf = read.body(0x1000), read.binary(0x1009)
    if not (text or html or rtf):
        text = read.body(0x1001) or text  # PR_REPORT_TEXT: why a message did not arrive
    message = MapiMessage(
        message_class=read.text(0x001A) or "IPM.Note",
        headers=read.text(0x007D) or _named_headers(part, read),
        subject=_subject(read),
        sent=sent,
        received=received,
        message_id=read.text(0x1035),
        in_reply_to=read.text(0x1042),
        references=read.text(0x1039),
        text=text,
        html=html,
        rtf=rtf,
        codepage=read.integer(0x3FDE),
        about=_about(part, read),
        repaired=repaired,
    )
    if read.integer(0x0E07) & _UNSENT and message.message_class.lower().startswith("ipm.note"):
        repaired.append("a draft: never sent")
    allowance.take(sum(map(len, (message.text or "", message.html or "", message.rtf or ""))))
    known = _add_recipients(message, part, read, allowance)
    message.sender = _sender(read, known)
    message.sent_by = _sent_by(read, known, message.sender)
    message.reply_to = _reply_to(read)
    if is_appointment(message.message_class) and (made := invitation(read, part.appointment())):
        allowance.take(len(made))
        message.attachments.append(MapiAttachment("", "text/calendar", "", made, alternative=True))
    _add_attachments(message, part, allowance, depth, read.codec)
    return message


def _about(part: Part, read: Values) -> str:
    """What a contact or a distribution list tells, a line each; "" for what is none."""
    kind = read.text(0x001A).lower()
    if kind.startswith("ipm.contact"):
        told = [(label, read.text(key)) for label, key in _CONTACT]
    elif kind.startswith("ipm.distlist"):
        told = [("Member", one) for one in _members(part.appointment(), read)]
    else:
        return ""
    return "\n".join(f"{label}: {value}" for label, value in told if value)


def _members(ids: Mapping[int, int], read: Values) -> list[str]:
    """Who is in a distribution list (MS-OXOCNTC section 2.2.2).

    Every member stands as a one-off entry id too; what names another contact alone tells no name.
    """
    for number in (DISTLIST_ONE_OFF_MEMBERS, DISTLIST_MEMBERS):
        members = read.binaries(ids[number]) if number in ids else []
        if members:
            unnamed = "a contact that the list does not name"
            return [mailbox(*_one_off_names(one)) or unnamed for one in members]
    return []


def _subject(read: Values) -> str:
    subject = read.text(0x0037)
    if subject[:1] == "\x01":
        subject = subject[2:]  # where the prefix ("RE: ") ends, MS-PST 2.5.3.1.1.1
    return subject or read.text(0x003D) + read.text(0x0E1D)


def _add_recipients(
    message: MapiMessage, part: Part, read: Values, allowance: Allowance
) -> dict[str, str]:
    """Add the recipients; gives the SMTP addresses of their other addresses in lower case."""
    known: dict[str, str] = {}
    try:
        for row in part.recipients():
            allowance.take(0)
            values = Values(row, message.repaired, read.codec)
            message.recipients.append(_recipient(values))
            known[values.text(0x3003).lower()] = message.recipients[-1].address
    except LimitError:
        raise
    except SourceError as error:
        message.repaired.append(f"the recipients cannot be read: {error}")
    if not message.recipients:
        for kind, key in _SHOWN:
            names = [name.strip() for name in read.text(key).split(";")]
            message.recipients += [
                MapiRecipient(kind, n, n if _is_address(n) else "") for n in names if n
            ]
    return known


def _is_address(name: str) -> bool:
    return "@" in name and " " not in name.strip()


def _named_headers(part: Part, read: Values) -> str:
    """The header fields of a message that never travelled (MS-OXCMAIL section 2.2.3.10)."""
    found = ((n, read.text(key)) for n, key in part.named() if _FIELD_NAME.fullmatch(n))
    return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in found if value)


def _sender(read: Values, known: dict[str, str]) -> MapiRecipient | None:
    """PR_SENT_REPRESENTING, else PR_SENDER; the first address that SMTP knows.

    ``known`` are the SMTP addresses of X.500 names that the message tells elsewhere.
    """
    name = read.text(0x0042, 0x0C1A)
    found = (read.text(key) for key in (0x5D02, 0x5D01, 0x0065, 0x0C1F))
    address = next((a for a in found if "@" in a), "")
    if not address:
        own = read.text(0x0065, 0x0C1F)
        # Who made the message and who changed it last are mostly who sent it.
        for key, smtp in ((0x4023, 0x5D0A), (0x4025, 0x5D0B)):
            known.setdefault(read.text(key).lower(), read.text(smtp))
        address = known.get(own.lower()) or _of_account(read, own) or own
    return MapiRecipient("from", name, address) if name or address else None


def _sent_by(
    read: Values, known: dict[str, str], sender: MapiRecipient | None
) -> MapiRecipient | None:
    """PR_SENDER where it is somebody else than PR_SENT_REPRESENTING, whom ``sender`` names."""
    name, own, represented = read.text(0x0C1A), read.text(0x0C1F), read.text(0x0065)
    if not own or not represented or own.casefold() == represented.casefold() or sender is None:
        return None
    smtp = read.text(0x5D01)
    address = smtp if "@" in smtp else known.get(own.lower()) or own
    same = address.casefold() == sender.address.casefold()
    # One of them may be an X.500 name of the same person.
    if same or (name.casefold() == sender.name.casefold() and ("@" in own) != ("@" in represented)):
        return None
    return MapiRecipient("sender", name, address)


def _reply_to(read: Values) -> list[MapiRecipient]:
    """PR_REPLY_RECIPIENT_ENTRIES, a list of entry ids (MS-OXCDATA section 2.3.3)."""
    data = (read.binary(0x004F) or b"")[:_REPLIES_MAX]
    names = [name.strip() for name in read.text(0x0050).split(";")]
    found: list[MapiRecipient] = []
    at = 8  # after their number and size
    while at + 4 < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        if address := _one_off(data[at + 4 : at + 4 + size]):
            number = len(found)
            name = names[number] if number < len(names) else ""
            found.append(MapiRecipient("reply-to", "" if name == address else name, address))
        at += 4 + size + -size % 4
    return found


def _of_account(read: Values, own: str) -> str:
    """The SMTP address beside an X.500 one in the account that sent the message, or "".

    PR_PRIMARY_SEND_ACCOUNT and PR_NEXT_SEND_ACCT of Exchange: number, X.500 address, SMTP address.
    """
    for key in (0x0E28, 0x0E29):
        parts = read.text(key).split("\1")
        if own and own.casefold() in (part.casefold() for part in parts):
            return next((part for part in parts if "@" in part), "")
    return ""


def _recipient(read: Values) -> MapiRecipient:
    name = read.text(0x3001, 0x5FF6, 0x3A20)
    found = (read.text(key) for key in (0x39FE, 0x3003, 0x403E))
    address = next((a for a in found if "@" in a), "")
    if not address:
        entry_id = read.binary(0x0FFF) or read.binary(0x5FF7) or b""
        address = _one_off(entry_id) or read.text(0x3003)
    if not address and _is_address(name):
        address = name
    # The upper bits say that the message was sent again (MS-OXOMSG section 3.1.4).
    return MapiRecipient(_KINDS.get(read.integer(0x0C15) & 0xF, "to"), name, address)


def _one_off(entry_id: bytes) -> str:
    """The SMTP address of a one-off entry id (MS-OXCDATA section 2.2.5.1), or ""."""
    return _one_off_names(entry_id, ("SMTP",))[1]


def _one_off_names(entry_id: bytes, kinds: Sequence[str] = ()) -> tuple[str, str]:
    """Name and address of a one-off entry id, "" for what it does not have.

    ``kinds``: of which types of address, in upper case; () for all.
    """
    if entry_id[4:20] != _ONE_OFF or len(entry_id) < 24:
        return "", ""
    if entry_id[23] & 0x80:
        strings = entry_id[24:4096].decode("utf-16-le", "replace").split("\0")
    else:
        strings = to_text(entry_id[24:4096])[0].split("\0")
    if len(strings) < 3 or (kinds and (strings[1].upper() not in kinds or "@" not in strings[2])):
        return strings[0], ""
    return strings[0], strings[2]


def _add_attachments(
    message: MapiMessage, part: Part, allowance: Allowance, depth: int, codec: str
) -> None:
    number = 0
    try:
        for attached in part.attachments():
            number += 1
            allowance.take(0)
            if isinstance(attached, SourceError):
                message.repaired.append(f"attachment {number} cannot be read: {attached}")
                message.attachments.append(_unread(f"attachment {number}", f"damaged: {attached}"))
                continue
            message.attachments += _attachments(attached, message.repaired, allowance, depth, codec)
    except LimitError:
        raise
    except SourceError as error:
        message.repaired.append(f"the attachments cannot be read: {error}")
        message.attachments.append(_unread("attachments", f"damaged: {error}"))


def _unread(name: str, why: str, content_type: str = "", content_id: str = "") -> MapiAttachment:
    return MapiAttachment(name, content_type, content_id, b"", why)


def _attachments(
    attached: Attached, repaired: list[str], allowance: Allowance, depth: int, codec: str
) -> list[MapiAttachment]:
    """What one attachment holds: one file as a rule, several of an OLE object."""
    read = Values(attached, repaired, codec)
    name = read.text(0x3707, 0x3704, 0x3001)
    content_type, content_id = read.text(0x370E), read.text(0x3712)
    try:
        if (inner := attached.message()) is not None:
            return _embedded(inner, name, content_id, repaired, allowance, depth, read.codec)
        files = attached.files(name, repaired, allowance.left)
        data = attached.content(allowance.left) if files is None else None
    except LimitError:
        why = allowance.refuse()
        repaired.append(f"attachment {name[:80]!r} is {why}")
        return [_unread(name, why, content_type, content_id)]
    except SourceError as error:
        repaired.append(f"attachment {name[:80]!r} cannot be read: {error}")
        return [_unread(name, f"damaged: {error}", content_type, content_id)]
    if files is not None:
        allowance.take(sum(len(own) for _, own in files))
        return [MapiAttachment(own_name, "", content_id, own) for own_name, own in files]
    allowance.take(len(data or b""))
    if not data:
        path = read.text(0x370D, 0x3708)
        link = read.integer(0x3705) in _BY_REFERENCE or bool(path)
        why = f"only a link to {path[:200]!r}" if link else "empty"
        repaired.append(f"attachment {name[:80]!r} is {why}")
        if link:
            return [_unread(name, f"not in the export: {why}", content_type, content_id)]
    return [MapiAttachment(name, content_type, content_id, data or b"")]


def _embedded(
    inner: Part,
    name: str,
    content_id: str,
    repaired: list[str],
    allowance: Allowance,
    depth: int,
    codec: str,
) -> list[MapiAttachment]:
    if depth >= MAX_EMBEDDED:
        repaired.append("messages nested too deep: the innermost are left out")
        return [_unread(name or "message", "messages nested too deep: not read")]
    found: list[str] = []
    message = message_of(inner, found, allowance, depth + 1, codec)
    title = name or message.subject
    repaired += [f"in the attached message {title[:80]!r}: {what}" for what in found]
    return [MapiAttachment(title, "message/rfc822", content_id, message)]
