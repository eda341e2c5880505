"""Attached files that hold mail, told by their bytes: one message, as .emlx too, or an mbox."""

from __future__ import annotations

import re

from riskscan.mail.fromline import FROM_LINE, find_separator, first_separator

_HEAD = 64 * 1024  # bytes in which a header ends
_COUNT = re.compile(rb"\s{0,10}(\d{1,10})[ \t]{0,20}\r?\n")  # before the message of an .emlx
_PROPERTIES = re.compile(rb"<(?:\?xml|!DOCTYPE plist|plist)", re.I)
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]{0,8}:")
# RFC 5322 and 2045. A text that somebody saved has a sender too; these are written by programs.
_SENT = frozenset({b"from", b"received", b"return-path", b"delivered-to"})
_PROGRAM = frozenset(
    {b"mime-version", b"content-type", b"content-transfer-encoding", b"received", b"message-id"}
)
_QUOTED = re.compile(rb"^>(>{0,100}From )", re.M)


def is_mail(data: bytes) -> bool:
    """Whether the bytes are a whole message: a header that a program wrote, and something below.

    Mere headers, and what looks like them in a text, are none.
    """
    head = mail_in(data[: 2 * _HEAD]).lstrip(b"\xef\xbb\xbf\r\n")
    at = 0
    names: set[bytes] = set()
    for line in head.split(b"\n"):
        at += len(line) + 1
        line = line.rstrip(b"\r")
        if not line:
            break
        if field := _FIELD.match(line):
            names.add(field[1].lower())
        elif not names or line[:1] not in (b" ", b"\t"):
            return False
    else:
        return False  # no end of the header
    return bool(names & _SENT and names & _PROGRAM and head[at:].strip())


def mail_in(data: bytes) -> bytes:
    """The message of an .emlx (a line with its length before it), or of an mbox of one message."""
    if count := _COUNT.match(data[:64]):
        end = count.end() + int(count[1])
        behind = data[end : end + 100].lstrip()
        # Mail of Apple has a list of properties behind the message; else the count is wrong.
        return data[count.end() : end if not behind or _PROPERTIES.match(behind) else None]
    if data.startswith(b"From ") and first_separator(data[:_HEAD]):
        return _message(data)
    return data


def is_mailbox(data: bytes) -> bool:
    """Whether the bytes are an mbox."""
    return data.startswith(b"From ") and first_separator(data[:_HEAD]) is not None


def messages_of(data: bytes) -> list[bytes]:
    """The messages of an mbox, without their From_ lines."""
    found = first_separator(data[:_HEAD])
    if found is None:
        return []
    start, style = found
    messages: list[bytes] = []
    while start >= 0:
        following = find_separator(data, start + 5, style)
        end = following if following >= 0 else len(data)
        messages.append(_QUOTED.sub(rb"\1", _message(data[start:end])))
        start = following
    return messages


def _message(data: bytes) -> bytes:
    line = FROM_LINE.match(data)
    return data[line.end() :] if line else data
