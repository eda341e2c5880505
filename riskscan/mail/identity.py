"""Who a message is: the EDRM Message Identification Hash, and a hash of what it says."""

from __future__ import annotations

import hashlib

from riskscan.mail.message import Address, Message


def mih(message_id: str) -> str:
    """The EDRM Message Identification Hash: MD5, in hex, of the Message-ID with its angle
    brackets, without blanks and folding. "" for a message without Message-ID.

    EDRM MIH specification 1.0 (2023); an id without brackets is hashed as it is.
    """
    value = "".join(message_id.split())
    if not value.strip("<>"):
        return ""
    # The hash is a name that other tools compute too, not a safeguard.
    return hashlib.md5(value.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def content_hash(message: Message) -> str:
    """SHA-256, in hex, of what the message says, to whom and when, but not of its transport.

    Taken in: sender address; the set of recipient addresses (to, cc and bcc together); date to
    the second in UTC, or the date header as found when it cannot be read (of its arrival each
    copy tells another date); subject and body with blanks folded; the letters and digits of
    alternatives that are not the body's, and of what HTML tells some readers only; the targets of
    links that the text does not show; the hashes of attachments (with LF for the transport's line
    ends) and of embedded messages. Names of attachments are not: of one file they differ between
    mail programs. Addresses and names are compared without regard to case. The set of further
    senders follows the first. Every field is preceded by its length, so no two different messages
    are joined to the same bytes.
    """
    recipients = {_person(a) for a in (*message.to, *message.cc, *message.bcc)}
    if message.date and not message.date_from:
        date = message.date.isoformat(timespec="seconds")
    else:
        date = "header:" + fold(message.date_header)
    inside = _files(message) + [e.content_hash or content_hash(e) for e in message.embedded]
    return _digest(
        _senders(message),
        sorted(recipients - {""}),
        [date],
        [fold(message.subject)],
        [fold(message.body)],
        sorted(inside),
        *_unshown(message),
        *([["targets", *sorted(set(message.targets))]] if message.targets else []),
    )


def copy_hash(message: Message) -> str:
    """SHA-256, in hex, of the Message-ID and of all that `content_hash` takes in but the date and
    the targets of links, which gateways write anew for each who gets a message.

    Of a message that was sent on its way again the copies have it in common. The Message-ID alone
    does not tell: anybody can write that of another message, which would hide this one; and who
    else got a message (a blind copy stands in the sender's own) must not be hidden by what others
    got. "" for a message without Message-ID.
    """
    named = mih(message.message_id)
    if not named:
        return ""
    return _digest(
        ["copy", named],
        _senders(message),
        sorted({_person(a) for a in (*message.to, *message.cc, *message.bcc)} - {""}),
        [fold(message.subject)],
        [fold(message.body)],
        sorted(_files(message)),
        *_unshown(message),
    )


def _senders(message: Message) -> list[str]:
    """The first author, and the set of the others."""
    first = _person(message.sender) if message.sender else ""
    return [first, *sorted({_person(a) for a in message.further_senders})]


def _unshown(message: Message) -> list[list[str]]:
    """No field at all for most messages, whose alternatives say the same."""
    return [sorted(set(message.unshown))] if message.unshown else []


def _files(message: Message) -> list[str]:
    # Of a file that could not be read nobody knows that it is the same as another one. A file that
    # was attached stands for all that is inside it ("a.zip!/b.txt").
    return [
        f"{a.name} {a.unread}" if a.unread and not a.size else a.portable_sha256 or a.sha256
        for a in message.attachments
        if "/" not in a.name
    ]


def _digest(*fields: list[str]) -> str:
    digest = hashlib.sha256()
    for values in fields:
        digest.update(b"%d:" % len(values))
        for value in values:
            data = value.encode("utf-8", "replace")
            digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


def fold(text: str) -> str:
    """``text`` with every run of blanks and line ends as one blank, none at the ends."""
    return " ".join(text.split())


def _person(address: Address) -> str:
    return "".join((address.address or address.name).split()).casefold()
