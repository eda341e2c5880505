"""The files inside a message as bytes: attachments and embedded messages, as parse.py has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from riskscan.mail.body import choose_body
from riskscan.mail.headers import Headers, split_head
from riskscan.mail.mime import Budget, decode_transfer, read_part

_MESSAGE_TYPES = frozenset({"message/rfc822", "message/global", "message/news"})
_ENCODED = frozenset({"base64", "quoted-printable", "x-uuencode", "uuencode", "x-uue", "uue"})


@dataclass(slots=True, frozen=True)
class MailPart:
    """An attachment (transfer encoding undone) or an embedded message."""

    name: str
    content_type: str
    data: bytes
    embedded: bool


def files_of(data: bytes) -> Iterator[MailPart]:
    """Yield what ``parse_message(data)`` has as ``attachments`` and ``embedded``, in their order.

    The n-th that is not ``embedded`` is the n-th attachment, its hash the same; the n-th that
    is, the n-th embedded message. Only what is directly in the message: for what is in an
    embedded one, call it again with its data.
    """
    if b"\n" not in data[:100_000] and b"\r" in data[:100_000]:
        data = data.replace(b"\r", b"\n")
    head, body, _ = split_head(data.lstrip(b"\r\n\0"))
    root = read_part(Headers(head), body, Budget())
    chosen = choose_body(root, root.charset)
    for part in chosen.attached:
        kind = part.content_type
        raw, _ = decode_transfer(part.raw, part.encoding)
        inner = kind in _MESSAGE_TYPES or (
            kind == "message/partial" and part.params.get("number") == "1"
        )
        if inner and Headers(split_head(raw.lstrip(b"\r\n"))[0]):
            plain = part.encoding not in _ENCODED
            yield MailPart(part.name, kind, part.raw if plain else raw, True)
        else:
            yield MailPart(part.name, kind, raw, False)
    for name, raw in chosen.files:
        yield MailPart(name, "application/octet-stream", raw, False)
