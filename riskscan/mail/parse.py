"""Bytes to message: the one way in for every format that brings raw mail.

mail-parser reads the header blocks (headers.py); mime.py cuts the parts, body.py chooses the
text, segment.py finds who wrote what, identity.py names the result.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from riskscan.mail.addresses import addresses, fill_names
from riskscan.mail.arrival import date_by_arrival, date_by_from_line
from riskscan.mail.attachments import MAX_TEXT, Recorded, record
from riskscan.mail.body import choose_body
from riskscan.mail.charset import codec_name, sure_guess
from riskscan.mail.commas import joined, joined_where_sure
from riskscan.mail.dates import parse_date
from riskscan.mail.documents.kind import OLE, TNEF
from riskscan.mail.fromline import FROM_LINE
from riskscan.mail.headers import Headers, split_head
from riskscan.mail.identity import content_hash, mih
from riskscan.mail.invisible import turned, whole_words
from riskscan.mail.journal import add_recipients
from riskscan.mail.message import UNREAD, Address, Attachment, AttachmentRole, Message
from riskscan.mail.mime import MAX_PARTS, Budget, Part, decode_transfer, of_transport, read_part
from riskscan.mail.oddhead import odd_start, without_marks
from riskscan.mail.protected import PLACEHOLDERS, signed_subject
from riskscan.mail.segment import segment

__all__ = ["MailError", "Outlook", "parse_message"]

Outlook = Callable[[bytes], tuple[bytes, list[str]]]
"""Makes RFC 5322 mail of an Outlook message file (.msg), and says what had to be repaired.

Raises ValueError with the reason why it cannot.
"""

_MAX_SUBJECT = 10_000  # characters
_MAX_IDS = 2_000  # ids kept of one References header
_MAX_DEFECTS = 100
_MAX_REASON = 300  # characters


class MailError(ValueError):
    """The bytes are no mail; ``reason`` says why, in words for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Family:
    """What a message and all that is inside it have in common."""

    budget: Budget = field(default_factory=Budget)
    outlook: Outlook | None = None


def parse_message(data: bytes, outlook: Outlook | None = None, from_line: bytes = b"") -> Message:
    """Parse one mail message (RFC 5322, MIME), everything filled in.

    ``outlook`` reads attached Outlook messages; without it they are listed as not read.
    ``from_line`` is the From_ line of the mbox that it is of, with its line end: the date of a
    message without any other.

    Whatever can be read is read, and ``defects`` says what had to be repaired. All text in the
    result can be encoded as UTF-8. Time and memory are bounded by the size of ``data``.

    Raises MailError when there is nothing to read: no bytes, or no headers and no text.
    """
    if not data.strip(b" \t\r\n\0"):
        raise MailError("empty: no mail in it")
    if b"\n" not in data[:100_000] and b"\r" in data[:100_000]:
        data = data.replace(b"\r", b"\n")  # line ends of an old Macintosh
    headers, body, defects = _head(data)
    if not headers:
        if _binary(data):
            raise MailError("no mail headers, and not text")
        defects = ["no headers"]
    message = _message(headers, body, defects, _Family(outlook=outlook))
    if message.date is None and (line := FROM_LINE.match(from_line or data)):
        date_by_from_line(message, line[1].decode("ascii", "replace"))
    return message


def _head(data: bytes) -> tuple[Headers, bytes, list[str]]:
    """Headers, body and defects of a message, also of one that begins oddly."""
    end = data.find(b"\n", 0, 1000)
    if data[max(0, end - 2) : end] == b"\r\r":
        data = data.replace(b"\r\r\n", b"\r\n")  # line ends that were made CR LF twice
    head, body, defects = split_head(without_marks(data))
    headers = Headers(head)
    if not headers:
        mended, odd = odd_start(data)
        if mended:
            head, body, defects = split_head(mended)
            return Headers(head), body, [odd, *defects]
    return headers, body, defects


def _binary(data: bytes) -> bool:
    sample = data[:4096]
    if b"\0" in sample:
        return True
    return len(sample.translate(None, _TEXT_BYTES)) * 20 > len(sample)


_TEXT_BYTES = bytes([*range(8, 14), 27, *range(32, 127), *range(128, 256)])


def _message(headers: Headers, body: bytes, defects: list[str], family: _Family) -> Message:
    root = read_part(headers, body, family.budget)
    hint = _hint(root)
    headers.hint = _hint_for_headers(root, headers, hint)
    message = Message(defects=defects)
    _read_headers(message, headers)
    if (signed := signed_subject(root)) and signed != message.subject:
        outside = message.subject
        defects.append(f"the subject is the one that was signed; outside stands: {outside}")
        told = signed if outside in PLACEHOLDERS else f"{signed} [outside: {outside}]"
        message.subject = told[:_MAX_SUBJECT]
    chosen = choose_body(root, hint, family.budget)
    message.body, message.body_format = chosen.text, chosen.format
    message.unshown, message.targets = chosen.unshown, chosen.targets
    defects += chosen.defects
    read = whole_words(message.body), whole_words(message.subject)
    if read != (message.body, message.subject):
        message.body, message.subject = read
        defects.append("invisible characters inside words are left out")
    if turned(message.body) or turned(message.subject):
        defects.append("marks turn the direction of text: it is shown otherwise than written")
    recorded: list[Recorded] = []
    for part in chosen.attached:
        recorded += _attach(message, part, family, hint)
    for name, raw in chosen.files:
        recorded += record(name, _UNKNOWN, raw, "", hint, family.budget)
    message.attachments = [made for made, _ in recorded if "/" not in made.name]
    if message.embedded:
        add_recipients(message, headers)
    message.segments = segment(message.body)
    message.mih = mih(message.message_id)
    if not (message.body or message.subject or message.sender or message.date_header):
        message.unshown += _all_of(message, headers, body)
    message.content_hash = content_hash(message)
    # After the hash, in which the files that were attached stand for all that is inside them.
    message.attachments += [made for made, _ in recorded if "/" in made.name]
    for made, mail in recorded:
        if mail:
            _embed_file(message, made, mail, hint, family)
    add_recipients(message, headers)  # again: the message may be attached as a file
    if len(defects) > 1:
        message.defects = list(dict.fromkeys(defects))[:_MAX_DEFECTS]
    return message


def _all_of(message: Message, headers: Headers, body: bytes) -> list[str]:
    """A hash of the whole of a message of which nothing is understood, else none.

    Two such ones are not the same because nobody knows what they say.
    """
    people = message.sender, *message.to, *message.cc, *message.bcc
    said = message.subject, message.body.strip(), message.attachments
    if any((message.message_id, message.date_header, *people, *said)):
        return []
    digest = hashlib.sha256(body)
    for name in headers.names():
        for value in headers.all(name):
            digest.update(f"\n{name}:{value}".encode("utf-8", "surrogateescape"))
    return [digest.hexdigest()]


def _hint(root: Part) -> str:
    """A charset that the message names somewhere, for its bytes that come without one."""
    if root.charset:
        return root.charset
    for part in root.walk() if root.children else ():
        if part.charset and codec_name(part.charset) not in ("", "ascii"):
            return part.charset
    return ""


def _hint_for_headers(root: Part, headers: Headers, hint: str) -> str:
    """``hint``, or where that tells nothing, what encoded words name or the body clearly is."""
    if codec_name(hint) not in ("", "ascii", "utf-8"):
        return hint
    values = [headers.raw(name) for name in _WRITTEN]
    if all(value.isascii() or _is_utf8(value) for value in values):
        return hint
    for word in _ENCODED.finditer("\n".join(values)):
        if codec_name(word[1]) not in ("", "ascii", "utf-8", "cp1252"):
            return word[1]
    for part in root.walk():
        if part.content_type in ("text/plain", "text/html") and part.disposition != "attachment":
            raw, _ = decode_transfer(part.raw[:_GUESSED_BYTES], part.encoding, text=True)
            return sure_guess(raw) or hint
    return hint


def _is_utf8(value: str) -> bool:
    try:
        value.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return False
    return True


_WRITTEN = ("subject", "from", "to", "cc", "bcc", "reply-to", "sender")
_ENCODED = re.compile(r"=\?([A-Za-z0-9._:-]{1,40})(?:\*[A-Za-z0-9-]{1,20})?\?[bBqQ]\?")
_GUESSED_BYTES = 16 * 1024


def _read_headers(message: Message, headers: Headers) -> None:
    defects = message.defects
    for name in ("from", "date", "subject", "message-id"):
        if headers.count(name) > 1:
            defects.append(f"header {name} occurs more than once: the first is used")
    message.message_id = _message_id(headers)
    subject = headers.text("subject")
    message.subject = subject[:_MAX_SUBJECT]
    if len(subject) > _MAX_SUBJECT:
        defects.append(f"subject of {len(subject):,} characters: cut to {_MAX_SUBJECT:,}")
    message.date_header = headers.text("date")[:1000]
    message.date, defect = parse_date(message.date_header)
    if defect:
        defects.append(defect)
    elif not message.date_header:
        defects.append("no date header")
    if message.date is None:
        date_by_arrival(message, headers)
    message.to = _recipients(headers, "to", "x-to", defects)
    message.cc = _recipients(headers, "cc", "x-cc", defects)
    message.bcc = _recipients(headers, "bcc", "x-bcc", defects)
    if senders := _senders(headers, defects):
        message.sender, message.further_senders = senders[0], senders[1:]
    _tell_others(message, headers)
    message.in_reply_to = _ids(headers.lists("in-reply-to"), "in-reply-to", defects)
    message.references = _ids(headers.lists("references"), "references", defects)
    folder = headers.text("x-folder") or headers.text("x-gmail-labels")
    message.folder = folder[:1000]


def _recipients(headers: Headers, name: str, lotus: str, defects: list[str]) -> list[Address]:
    if name not in headers:
        return []
    values = headers.lists(name)
    found, more = addresses(values, headers.hint)
    defects += more
    # Brackets without an address end a name: "Smith <>, Bob <bob@x.example>" are two.
    if not any("<>" in value for value in values):
        found = joined_where_sure(found)
    return fill_names(found, headers, lotus)


def _senders(headers: Headers, defects: list[str]) -> list[Address]:
    """The authors of a From field, each once, and who else is there is told.

    RFC 5322 section 3.6.2 allows several. Of a message without any, the one who sent it.
    """
    for name in ("from", "sender", "return-path"):
        values = [value for value in headers.lists(name) if value]
        if name == "from":
            values = [_ON_BEHALF.sub(r"\1, ", value) for value in values]
        people: list[Address] = []
        for some in (values[:1], values[1:] if name == "from" else []):
            found, more = addresses(some, headers.hint)
            people += joined(found)
            defects += more
        if not people:
            continue
        people[:1] = fill_names(people[:1], headers, "x-from")
        if name != "from":
            defects.append(f"no from header: sender taken from {name}")
            return people[:1]
        once: dict[str, Address] = {}
        for one in fill_names(people, headers, "x-from"):
            once.setdefault((one.address or one.name).casefold(), one)
        senders = list(once.values())
        if others := senders[1:]:
            more = [f"and {len(others) - _MOST_SENDERS:,} more"] * (len(others) > _MOST_SENDERS)
            told = ", ".join([_shown(one) for one in others[:_MOST_SENDERS]] + more)
            defects.append(f"further senders: {told}")
        return senders
    return []


def _shown(one: Address) -> str:
    """A mailbox in words for a person."""
    return (f"{one.name} <{one.address}>" if one.address else one.name).strip()[:_MAX_REASON]


_MOST_SENDERS = 10  # told
# "Ada <ada@x.example> on behalf of Bob <bob@x.example>", as Outlook shows it.
_ON_BEHALF = re.compile(r"(@[^<>@\s]{1,255}>)\s{1,20}on behalf of\s{1,20}", re.I)
_MOST_REPLIES = 10
# On list mail both name the list's machinery, on every message.
_OF_LISTS = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "precedence")


def _tell_others(message: Message, headers: Headers) -> None:
    """Say who sent a message for its author, and who else is to get the answers.

    Sender and Reply-To of RFC 5322 section 3.6.2, where they name anybody else than From. Not of
    list mail.
    """
    own = message.sender.address.casefold() if message.sender else ""
    if any(name in headers for name in _OF_LISTS):
        return
    for name, most, said in (
        ("sender", 1, "sent by {} on behalf of the sender"),
        ("reply-to", _MOST_REPLIES, "answers are to go to {}"),
    ):
        if not own or name not in headers:
            continue
        found, _ = addresses(headers.all(name)[:1], headers.hint)
        others = [one for one in found if one.address and one.address.casefold() != own]
        if told := [_shown(one) for one in others[:most]]:
            message.defects.append(said.format(", ".join(told)))


_ID = re.compile(r"<([^<>]{1,998})>")


def _message_id(headers: Headers) -> str:
    value = headers.text("message-id")[:2000]
    match = _ID.search(value)
    return f"<{''.join(match.group(1).split())}>" if match else value


def _ids(values: list[str], name: str, defects: list[str]) -> list[str]:
    """The message ids of References or In-Reply-To headers, in order, each once.

    ``defects`` is told of those that are too many to keep.
    """
    found: dict[str, None] = {}
    for value in values:
        for match in _ID.finditer(value):
            bare = "".join(match.group(1).split())
            if "@" in bare or " " not in match.group(1):
                found[f"<{bare}>"] = None
    ids = [i.encode("utf-8", "replace").decode() for i in found]
    if len(ids) <= _MAX_IDS:
        return ids
    defects.append(f"{name} of {len(ids):,} ids: the first and the last {_MAX_IDS - 1:,} are kept")
    # RFC 5322 section 3.6.4: the first names the root, the last ones the nearest.
    return [ids[0], *ids[-_MAX_IDS + 1 :]]


_UNKNOWN = "application/octet-stream"


def _attach(message: Message, part: Part, family: _Family, hint: str) -> list[Recorded]:
    """Embed a part that is a message; record any other as attachment."""
    kind = part.content_type
    raw, defect = decode_transfer(part.raw, part.encoding)
    found = [defect] if defect else []
    failed = ""
    first = kind == "message/partial" and part.params.get("number") == "1"
    if kind in ("message/rfc822", "message/global", "message/news") or first:
        repaired = ["first part of a message sent in several parts"] if first else []
        failed = _embed(message, raw, repaired + found, family)
        if not failed:
            return []
        message.defects.append(failed)
    message.defects += found
    if raw.startswith(TNEF) and family.outlook is not None:
        return _open_tnef(message, part.name, kind, raw, family)
    recorded = record(
        part.name, kind, raw, part.charset, hint, family.budget,
        opaque=bool(failed), opened=part.opened or bool(part.unread),
    )  # fmt: skip
    made, _ = recorded[0]
    made.role = part.role or AttachmentRole.FILE
    made.unread = part.unread or made.unread
    if not made.text and (why := part.headers.text(UNREAD)[:_MAX_REASON]):
        made.unread = why
        if not raw:
            made.role = AttachmentRole.MISSING
    if of_transport(part.raw, part.encoding):
        plain, _ = decode_transfer(part.raw.replace(b"\r\n", b"\n"), part.encoding)
        made.portable_sha256 = hashlib.sha256(plain).hexdigest()
    return recorded


_WORDS = re.compile(r"\w+")


def _open_tnef(
    message: Message, name: str, content_type: str, raw: bytes, family: _Family
) -> list[Recorded]:
    """Record a winmail.dat and take what is in it for the message's own.

    It holds the message a second time, as Outlook keeps it, and the only copy of its files. Its
    text is the body where there is no other; where it says something else, that of the file.
    """
    (made, _), *_ = recorded = record(name, content_type, raw, "", "", family.budget)
    assert family.outlook is not None
    if family.budget.embedded <= 0 or family.budget.parts <= 0:
        return recorded
    try:
        mail, repaired = family.outlook(raw)
    except ValueError as error:
        made.unread = f"damaged: {error}"
        return recorded
    made.unread = ""
    message.defects += repaired
    head, body, _ = split_head(mail)
    chosen = choose_body(read_part(Headers(head), body, family.budget), budget=family.budget)
    if not message.body.strip():
        message.body, message.body_format = chosen.text, chosen.format
    elif _WORDS.findall(chosen.text) != _WORDS.findall(message.body):
        made.text = chosen.text[:MAX_TEXT]
    family.budget.embedded -= 1
    for part in chosen.attached:
        recorded += _attach(message, part, family, "")
    family.budget.embedded += 1
    return recorded


def _embed(message: Message, raw: bytes, repaired: list[str], family: _Family) -> str:
    """Add the mail in ``raw`` to the embedded messages; returns why it cannot be, or ""."""
    headers, body, defects = _head(raw)
    budget = family.budget
    budget.nested -= len(raw)
    if budget.parts <= 0:
        return f"more than {MAX_PARTS:,} parts: the messages behind them are attachments"
    if budget.embedded <= 0 or budget.nested < 0:
        return "messages nested too deep: the rest is an attachment"
    if not headers:
        return "attached message without headers: kept as attachment"
    budget.embedded -= 1
    message.embedded.append(_message(headers, body, defects + repaired, family))
    budget.embedded += 1
    return ""


def _embed_file(message: Message, made: Attachment, raw: bytes, hint: str, family: _Family) -> None:
    """Embed the message that is in the file recorded as ``made``, which says so if it fails."""
    repaired: list[str] = []
    if raw.startswith(OLE):
        if family.outlook is None:
            made.unread = "an Outlook message: not read"
            return
        try:
            raw, repaired = family.outlook(raw)
        except ValueError as error:
            made.unread = f"damaged: {error}"
            return
    if failed := _embed(message, raw, repaired, family):
        message.defects.append(failed)
        (read, _), *_ = record(
            made.name, made.content_type, raw, "", hint, family.budget, opaque=True
        )
        made.text, made.unread = read.text, read.unread
