"""What an export tells of a message beside the message itself: texts of its files, people.

Load files come with a text for each document, read by the vendor's programs: of scans, of sound,
of what was encrypted. It stands where the file's own reading gives none, and beside it where it
says something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from riskscan.mail.documents.document import MAX_TEXT, Full
from riskscan.mail.identity import content_hash
from riskscan.mail.message import Address, Attachment, AttachmentRole, Message
from riskscan.mail.ownhead import without_own_head
from riskscan.mail.said import Said
from riskscan.mail.segment import segment

_OWN = 5  # words that a text has alone, from which on it says something else
_OWN_OF_SHORT = 2  # the same, where they are a third of its words
_OWN_OF_LINE = 3  # the same, where they stand in one line: what is read wrongly is scattered
_TINY = 3  # words of a text of which each one counts
_ENOUGH = 10  # words of a text that is no mere notice ("produced in native format")
_FEW = 1_000  # people
# What stands in heads beside the fields of a message.
_LABELS = frozenset(
    {
        "from", "sent", "date", "to", "cc", "bcc", "subject", "attachments", "attachment",
        "importance", "priority", "sensitivity", "high", "normal", "low",
    }
)  # fmt: skip
_DAY = timedelta(days=1)


@dataclass(slots=True, frozen=True)
class ToldText:
    """A text of one document: an attachment's by its SHA-256, or "" for another one's.

    ``body``: it is the message's own. ``name``: of the file that it was made of.
    """

    name: str
    text: str
    sha256: str = ""
    body: bool = False


@dataclass(slots=True, frozen=True)
class Told:
    """What is told of one message; ``by`` says who does, in words for a person.

    ``people``: kind (from, to, cc, bcc) and whom. ``date``: when it was sent; ``unsure`` says
    what of that is guessed.
    """

    by: str
    texts: tuple[ToldText, ...] = ()
    people: tuple[tuple[str, Address], ...] = ()
    date: datetime | None = None
    unsure: tuple[str, ...] = ()


def add_told(message: Message, told: Told) -> None:
    """Add to a message what it lacks of what is told of it; its ``defects`` say what was added.

    The content hash is made anew where something was.
    """
    said: list[str] = []
    before = len(message.defects)
    _add_people(message, told)
    _compare_dates(message, told)
    waiting = {id(a): a for one in _messages(message) for a in one.attachments}
    known = _known(message) if told.texts else set()
    for one in told.texts:
        found = next((a for a in waiting.values() if one.sha256 and a.sha256 == one.sha256), None)
        if found is not None:
            del waiting[id(found)]
            added = _add_to_file(message, found, one, told.by)
        else:
            added = _add_body(message, one, told.by, known)
            added = added or _add_beside(message, one, told.by, known)
        if added:
            known |= Said(one.text).words
            said.append(hashlib.sha256(one.text.encode("utf-8", "replace")).hexdigest())
    message.unshown += said
    if len(message.defects) > before:
        message.content_hash = content_hash(message)


def _messages(message: Message) -> Iterator[Message]:
    """A message and all that are in it."""
    waiting = [message]
    while waiting:
        one = waiting.pop(0)
        yield one
        waiting += one.embedded


# ---- texts


def _add_to_file(message: Message, file: Attachment, told: ToldText, by: str) -> bool:
    text = told.text[:MAX_TEXT]
    words = Said(text).words
    if not file.text.strip():
        if not words:
            return False
        file.text = text
        why = f" (its own: {file.unread})" if file.unread else ""
        message.defects.append(f"the text of {file.name} is that of {by}{why}")
    elif _says_more(text, Said(file.text).words):
        file.text = f"{file.text}\n\n{text}"[:MAX_TEXT]
        message.defects.append(f"the text of {file.name} is followed by that of {by}")
    else:
        return False
    if len(words) >= _ENOUGH:
        file.unread = str(Full()) if len(told.text) > MAX_TEXT else ""
    return True


def _add_body(message: Message, told: ToldText, by: str, known: set[str]) -> bool:
    """Make the text the body of a message that has none."""
    if not told.body or message.body.strip():
        return False
    bare = _bare(message, told.text)
    text = told.text if bare is None else bare
    if not Said(text).words - known:
        return False
    message.body, message.body_format = text, "plain"
    message.segments = segment(text)
    message.defects.append(f"the body is the text of {by}: the mail itself has none that is read")
    return True


def _add_beside(message: Message, told: ToldText, by: str, known: set[str]) -> bool:
    """Attach a text that says something which the message does not."""
    heads = (_bare(one, told.text) for one in _messages(message))
    text = next((bare for bare in heads if bare is not None), told.text)
    if not _says_more(text, known):
        return False
    data = told.text.encode("utf-8", "replace")
    name = told.name if told.name.lower().endswith(".txt") else f"{told.name}.txt"
    made = Attachment(name, "text/plain", len(data), hashlib.sha256(data).hexdigest())
    made.text, made.role = told.text[:MAX_TEXT], AttachmentRole.ALTERNATIVE
    message.attachments.append(made)
    message.defects.append(f"{by} has another text than the mail: it is attached as {name}")
    return True


def _says_more(text: str, ours: set[str]) -> bool:
    theirs = Said(text).words
    own = theirs - ours
    if len(own) >= _OWN or (len(own) >= _OWN_OF_SHORT and len(own) * 3 >= len(theirs)):
        return True
    if own and len(theirs) <= _TINY:
        return True
    return len(own) >= _OWN_OF_LINE and any(
        len(own & Said(line).words) >= _OWN_OF_LINE for line in text.splitlines()
    )


def _bare(message: Message, text: str) -> str | None:
    """A text without the head that repeats the message's own fields; None where it has none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    sender = f"{message.sender.name} {message.sender.address}" if message.sender else ""
    known, dated = " ".join(_fields(message)), message.date is not None
    bare = without_own_head(text, sender, message.subject, known, dated)
    return None if bare is text else bare


def _fields(message: Message) -> Iterator[str]:
    people = (*message.to, *message.cc, *message.bcc, *message.further_senders)
    for person in (*people, message.sender) if message.sender else people:
        yield f"{person.name} {person.address}"
    yield message.subject
    yield message.date_header
    for file in message.attachments:
        yield file.name


def _known(message: Message) -> set[str]:
    """The words of a message and of all that is in it."""
    known = set(_LABELS)
    for one in _messages(message):
        for text in (*_fields(one), one.body, *(a.text for a in one.attachments)):
            known |= Said(text).words
    return known


# ---- people and date


def _add_people(message: Message, told: Told) -> None:
    """Add the recipients that the mail lacks; another sender is only told."""
    senders = [message.sender, *message.further_senders] if message.sender else []
    own = (*message.to, *message.cc, *message.bcc, *senders)
    known = {p.address.casefold() for p in own} | {p.name.casefold() for p in own}
    words = {w for p in own for w in Said(f"{p.name} {p.address}").words}
    added: list[str] = []
    # Damaged addresses are put together in more than one way.
    whole = " ".join(known) if len(known) < _FEW else ""
    for kind, person in told.people:
        shown = person.address or person.name
        # A name alone is somebody else's only where nobody has a word of it.
        if (
            shown.casefold() in known
            or shown.casefold() in whole
            or ("@" not in shown and Said(_name(shown)).words & words)
        ):
            continue
        known.add(shown.casefold())
        if kind == "from":
            message.defects.append(f"{told.by} tells another sender: {shown}")
            continue
        getattr(message, kind).append(person)
        added.append(shown)
    if added:
        more = f" and {len(added) - 5} more" if len(added) > 5 else ""
        first = ", ".join(added[:5])
        message.defects.append(f"recipients that {told.by} alone tells: {first}{more}")


def _name(shown: str) -> str:
    """A name, of an address of Exchange ("/O=Quay/CN=RECIPIENTS/CN=ADA") the last part."""
    return shown.rpartition("=")[2] if shown.startswith("/") else shown


def _compare_dates(message: Message, told: Told) -> None:
    if told.date is None:
        return
    if message.date is None:
        message.date = told.date.astimezone(UTC).replace(microsecond=0)
        message.defects.append(f"the date is that of {told.by}: the mail itself has none")
        message.defects += told.unsure
    elif not told.unsure and abs(message.date - told.date) > _DAY:
        message.defects.append(f"{told.by} tells another date: {told.date:%Y-%m-%d %H:%M %z}")
