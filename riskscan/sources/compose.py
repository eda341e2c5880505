"""RFC 5322 messages made of what formats hold that are no mail: PST, MSG, chat, load files.

So all that comes after a source (parsing, hashing, export as .eml) knows one form only.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import groupby

from riskscan.mail.message import UNREAD

_TOKEN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&-^_.+")
_CONTROLS = dict.fromkeys([*range(32), 127], " ")
_NAME_MAX = 1000  # characters; a reader of mail cuts names by rules of its own
_NAME_END = 50  # of these, how many are kept of the end, where the extension is
_WORD_BYTES = 45  # of text in one encoded word, which RFC 2047 limits to 75 characters
_ADDRESS_FIELDS = frozenset(
    {
        "from", "to", "cc", "bcc", "sender", "reply-to", "return-path", "resent-from", "resent-to",
        "resent-cc", "resent-bcc", "disposition-notification-to",
    }
)  # fmt: skip
_STRUCTURE = frozenset({"mime-version", "content-type", "content-transfer-encoding"})
_NOT_FIELD_NAME = re.compile(r"[^!-9;-~]")
# The pieces of an address field: a quoted string, an address in angle brackets, words.
_PIECE = re.compile(r'"((?:[^"\\]|\\.){0,1000})"|<[^<>]*>?|[^\s"<>,;:()]+(?:[ \t]+[^\s"<>,;:()]+)*')


@dataclass(slots=True, frozen=True)
class File:
    """An attachment: its bytes as found; ``content_type`` "message/rfc822" for a message.

    ``unread``: why there are none though there is a file; told in the field ``UNREAD``.
    ``alternative``: the body in another form, one of the parts of multipart/alternative.
    """

    name: str
    data: bytes
    content_type: str = "application/octet-stream"
    content_id: str = ""
    unread: str = ""
    alternative: bool = False


def compose(
    headers: Iterable[tuple[str, str]],
    *,
    text: str | None = None,
    html: str | None = None,
    files: Sequence[File] = (),
) -> bytes:
    """A MIME message of header fields (name and value), bodies and attachments.

    Values are encoded by RFC 2047 where they are not ASCII, in address fields the names alone
    (an address that is not ASCII stays as it is, RFC 6532); encoded words in a value stay. Line
    ends are CRLF, bodies UTF-8 in base64, boundaries a hash of what is inside: the same input
    gives the same bytes. Header injection is impossible: control characters become blanks, and
    what may not be in a field's name "-". Fields of the MIME structure are made here: given
    ones are left out.
    """
    # First, or a program that knows its format would show it (RFC 2046 section 5.1.4).
    bodies = [_file_part(file) for file in files if file.alternative]
    if text is not None or html is None:
        bodies.append(_text_part("plain", text or ""))
    if html is not None:
        bodies.append(_text_part("html", html))
    content = bodies[0] if len(bodies) == 1 else _multipart("alternative", bodies)
    attached = [_file_part(file) for file in files if not file.alternative]
    if attached:
        content = _multipart("mixed", [content, *attached])
    return compose_around(headers, content)


def compose_around(headers: Iterable[tuple[str, str]], entity: bytes) -> bytes:
    """A message of header fields, as in ``compose``, and a MIME entity with its own header."""
    lines = [_field(n, value) for n, value in headers if n.strip().lower() not in _STRUCTURE]
    return "\r\n".join([*lines, "MIME-Version: 1.0", ""]).encode() + entity


def mailbox(name: str, address: str) -> str:
    """One mailbox for an address field: ``"Name" <address>`` (RFC 5322 section 3.4).

    A name without address is given with empty brackets: no mail goes there, but a reader sees
    who was meant.
    """
    address = _clean(address).replace("<", "").replace(">", "")
    # In names of Exchange ("/O=Harbour Works/…") and of Notes ("Ada Quay/NA/Rivers@Rivers"),
    # blanks mean something.
    inner = "/" in address or "." not in address.rpartition("@")[2]
    address = (" " if inner else "").join(address.split())
    name = " ".join(_clean(name).split())
    if not name:
        return f"<{address}>" if address else ""
    if name.isascii():
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        shown = _words(name)
    return f"{shown} <{address}>"


def date_field(moment: datetime) -> str:
    """A Date field's value; a moment without zone is taken as UTC."""
    return format_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _field(name: str, value: str) -> str:
    name = _NOT_FIELD_NAME.sub("-", name.strip()) or "-"
    value = _clean(value).strip()
    if not value.isascii():
        if name.lower() in _ADDRESS_FIELDS:
            value = _PIECE.sub(_encoded_piece, value)
        else:
            value = _words(value)
    # Long ASCII values stay whole: only encoded words must be folded.
    return f"{name}: {value}"


def _encoded_piece(match: re.Match[str]) -> str:
    piece = match[0]
    if piece.isascii() or piece.startswith("<"):
        return piece
    if match[1] is not None:
        return _words(re.sub(r"\\(.)", r"\1", match[1]))
    out: list[str] = []
    for is_address, words in groupby(piece.split(), lambda word: "@" in word):
        phrase = " ".join(words)
        out.append(phrase if is_address or phrase.isascii() else _words(phrase))
    return " ".join(out)


def _words(value: str) -> str:
    """A text as encoded words, each with whole characters (RFC 2047 section 5)."""
    made: list[str] = []
    data = value.encode()
    at = 0
    while at < len(data):
        end = min(at + _WORD_BYTES, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        made.append(f"=?utf-8?b?{base64.b64encode(data[at:end]).decode()}?=")
        at = end
    return "\r\n ".join(made)


def _clean(value: str) -> str:
    return _encodable(value.translate(_CONTROLS))


def _encodable(value: str) -> str:
    """A text that UTF-8 can carry: surrogate pairs joined, lone ones U+FFFD."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _text_part(kind: str, text: str) -> bytes:
    data = _encodable(text).encode()
    return (
        f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + _base64(data)


def _file_part(file: File) -> bytes:
    name = _clean(file.name)
    if len(name) > _NAME_MAX:
        name = name[: _NAME_MAX - _NAME_END] + name[-_NAME_END:]
    lines = [
        f"Content-Type: {_content_type(file.content_type)}",
        f"Content-Disposition: {'inline' if file.alternative else 'attachment'}"
        + (_filename(name) if name else ""),
    ]
    if content_id := "".join(_clean(file.content_id).split()).strip("<>"):
        lines.append(f"Content-ID: <{content_id}>")
    if lines[0].endswith(" message/rfc822"):
        # RFC 2046 section 5.2.1 allows no base64 here.
        return "\r\n".join([*lines, "", ""]).encode() + file.data
    if file.unread:
        lines.append(_field(UNREAD, file.unread))
    lines.append("Content-Transfer-Encoding: base64")
    return "\r\n".join([*lines, "", ""]).encode() + _base64(file.data)


def _content_type(given: str) -> str:
    kind = given.partition(";")[0].strip().lower()
    main, _, sub = kind.partition("/")
    # Bytes that were found as one file are not to be cut in parts.
    if not (main and sub and _TOKEN.issuperset(main + sub)) or main == "multipart":
        return "application/octet-stream"
    return kind


def _filename(name: str) -> str:
    if name.isascii() and not {'"', "\\"} & set(name) and "=?" not in name:
        return f'; filename="{name}"'
    return "; filename*=utf-8''" + "".join(  # RFC 2231
        chr(b) if chr(b) in _TOKEN else f"%{b:02X}" for b in name.encode()
    )


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _multipart(kind: str, parts: Sequence[bytes]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    boundary = f"=_{digest.hexdigest()[:40]}"
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    mark = f"--{boundary}\r\n".encode()
    body = b"".join(b"%b%b\r\n" % (mark, part) for part in parts)
    return b"%b%b--%b--\r\n" % (head, body, boundary.encode())
