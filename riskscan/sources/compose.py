"""RFC 5322 messages made of what formats hold that are no mail: PST, MSG, chat, load files.

So all that comes after a source (parsing, hashing, export as .eml) knows one form only.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime

_TOKEN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&-^_.+")
_CONTROLS = dict.fromkeys([*range(32), 127], " ")
_NAME_MAX = 255


@dataclass(slots=True, frozen=True)
class File:
    """An attachment: its bytes as found; ``content_type`` "message/rfc822" for a message."""

    name: str
    data: bytes
    content_type: str = "application/octet-stream"
    content_id: str = ""


def compose(
    headers: Iterable[tuple[str, str]],
    *,
    text: str | None = None,
    html: str | None = None,
    files: Sequence[File] = (),
) -> bytes:
    """A MIME message of header fields (name and decoded value), bodies and attachments.

    Values are encoded by RFC 2047 where they are not ASCII; address fields are to be given as
    made by ``mailbox``. Line ends are CRLF, bodies UTF-8 in base64, boundaries a hash of what is
    inside: the same input gives the same bytes. Header injection is impossible: control
    characters become blanks.
    """
    lines = [_field(name, value) for name, value in headers]
    bodies = []
    if text is not None or html is None:
        bodies.append(_text_part("plain", text or ""))
    if html is not None:
        bodies.append(_text_part("html", html))
    content = bodies[0] if len(bodies) == 1 else _multipart("alternative", bodies)
    if files:
        content = _multipart("mixed", [content, *map(_file_part, files)])
    return "\r\n".join([*lines, "MIME-Version: 1.0", ""]).encode() + content


def mailbox(name: str, address: str) -> str:
    """One mailbox for an address field, encoded: ``"Name" <address>`` (RFC 5322 section 3.4)."""
    address = "".join(_clean(address).replace("<", "").replace(">", "").split())
    name = " ".join(_clean(name).split())
    if not name:
        return f"<{address}>" if address else ""
    shown = _encoded(name)
    if shown == name:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{shown} <{address}>"


def date_field(moment: datetime) -> str:
    """A Date field's value; a moment without zone is taken as UTC."""
    return format_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _field(name: str, value: str) -> str:
    return f"{name}: {_encoded(_clean(value).strip())}"


def _clean(value: str) -> str:
    return value.translate(_CONTROLS).encode("utf-8", "replace").decode()


def _encoded(value: str) -> str:
    # Long ASCII values stay whole: only encoded words must be folded.
    if value.isascii():
        return value
    return Header(value, "utf-8", maxlinelen=200).encode(linesep="\r\n")


def _text_part(kind: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return (
        f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + _base64(data)


def _file_part(file: File) -> bytes:
    name = _clean(file.name)[:_NAME_MAX]
    kind = file.content_type.lower()
    main, _, sub = kind.partition("/")
    if not (main and sub and _TOKEN.issuperset(main + sub)):
        kind = "application/octet-stream"
    parameter = f'; filename="{name}"'
    if not name.isascii() or {'"', "\\"} & set(name):
        parameter = "; filename*=utf-8''" + "".join(  # RFC 2231
            chr(b) if chr(b) in _TOKEN else f"%{b:02X}" for b in name.encode("utf-8", "replace")
        )
    lines = [f"Content-Type: {kind}", f"Content-Disposition: attachment{parameter if name else ''}"]
    if content_id := "".join(_clean(file.content_id).split()).strip("<>"):
        lines.append(f"Content-ID: <{content_id}>")
    if kind == "message/rfc822":
        # RFC 2046 section 5.2.1 allows no base64 here.
        return "\r\n".join([*lines, "", ""]).encode() + file.data
    lines.append("Content-Transfer-Encoding: base64")
    return "\r\n".join([*lines, "", ""]).encode() + _base64(file.data)


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
