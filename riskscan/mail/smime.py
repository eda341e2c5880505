"""Signed S/MIME messages (RFC 8551 section 3.5.2): the MIME entity inside application/pkcs7-mime.

A signature of this kind hides the message from whoever does not know S/MIME, but encrypts
nothing. Signatures are not verified: whether they hold is for others to find out.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
# Content types by their object identifiers: RFC 5652, RFC 5083 (authenticated), RFC 3274.
_KINDS = {
    _SIGNED_DATA: "signed",
    bytes.fromhex("2a864886f70d010703"): "encrypted",
    bytes.fromhex("2a864886f70d010704"): "encrypted",  # signed and enveloped, PKCS #7 version 1.5
    bytes.fromhex("2a864886f70d010706"): "encrypted",
    bytes.fromhex("2a864886f70d0109100117"): "encrypted",
    bytes.fromhex("2a864886f70d0109100109"): "compressed",
}
_SEQUENCE, _OID, _OCTETS, _CONTEXT_0 = 0x30, 0x06, 0x04, 0xA0
_CONSTRUCTED = 0x20
_MAX_LENGTH_BYTES = 8
_MAX_DEPTH = 16
_HEAD = 256  # bytes in which a CMS says what it is
_FEW_PIECES = 200  # of any size; programs write a kilobyte or more in each
_LEAST_PIECE = 64  # bytes of file for each of more
MAX_SIGNATURES = 10  # around one another, of one file
# RFC 7468 section 8 and 9; many write the base64 without the lines around it.
_ARMOR = re.compile(rb"\s{0,100}-----BEGIN (?:CMS|PKCS ?#?7[A-Z ]{0,20})-----[ \t]*\r?\n")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]{16}")


@dataclass(slots=True, frozen=True)
class _Element:
    """One element of the basic encoding rules (X.690): tag, and where its content lies.

    ``end`` is None for an indefinite length: the content ends at its end-of-contents mark.
    """

    tag: int
    start: int
    end: int | None


def cms_kind(data: bytes) -> str:
    """``signed``, ``encrypted`` or ``compressed`` by the first bytes of a CMS; "" for others."""
    data = _bare(data[:_HEAD])
    outer = _element(data, 0)
    if outer is None or outer.tag != _SEQUENCE:
        return ""
    kind = _element(data, outer.start)
    if kind is None or kind.tag != _OID:
        return ""
    return _KINDS.get(data[kind.start : kind.end], "")


def signed_content(data: bytes) -> bytes:
    """What was signed in a CMS SignedData (RFC 5652 section 5), or b"" when ``data`` is none.

    Definite and indefinite lengths are read, and octet strings in pieces; of a cut file what is
    there; of very many small pieces nothing. Linear in the size of ``data``.
    """
    data = _bare(data)
    at = _signed_at(data)
    return b"" if at is None else _octets(data, at)


def is_cut(data: bytes) -> bool:
    """Whether what was signed in a CMS SignedData goes on behind the end of ``data``."""
    data = _bare(data)
    at = _signed_at(data)
    end = _after(data, at)
    return at is not None and (end is None or end > len(data))


def _signed_at(data: bytes) -> int | None:
    """Where the octets stand that were signed; None where ``data`` is no CMS SignedData."""
    outer = _element(data, 0)
    if outer is None or outer.tag != _SEQUENCE:
        return None
    kind = _element(data, outer.start)
    if kind is None or data[kind.start : kind.end] != _SIGNED_DATA or kind.end is None:
        return None
    wrapped = _element(data, kind.end)
    signed = _element(data, wrapped.start) if wrapped else None
    if signed is None or signed.tag != _SEQUENCE:
        return None
    # Version and digest algorithms stand before the content.
    at: int | None = signed.start
    for _ in range(2):
        at = _after(data, at)
    content = _element(data, at) if at is not None else None
    if content is None or content.tag != _SEQUENCE:
        return None
    at = _after(data, content.start)  # its type
    explicit = _element(data, at) if at is not None else None
    if explicit is None or explicit.tag != _CONTEXT_0:
        return None
    return explicit.start


def innermost(data: bytes) -> bytes:
    """What was signed, by however many one after the other (``contract.pdf.p7m.p7m``).

    Of more than MAX_SIGNATURES a CMS that is signed still; b"" as ``signed_content`` says.
    """
    content = signed_content(data)
    for _ in range(MAX_SIGNATURES - 1):
        if cms_kind(content) != "signed":
            break
        content = signed_content(content)
    return content


def _bare(data: bytes) -> bytes:
    """The bytes of a CMS that is written in letters (base64); all else as it is."""
    armor = _ARMOR.match(data)
    at = armor.end() if armor else 0
    if not armor and not (data.startswith(b"MI") and _BASE64.match(data)):
        return data
    end = data.find(b"-----END ", at)
    letters = data[at : end if end >= 0 else None].translate(None, b" \t\r\n=")
    if len(letters) % 4 == 1:
        letters = letters[:-1]  # it breaks off
    try:
        return binascii.a2b_base64(letters + b"==")
    except binascii.Error:
        return data


def _element(data: bytes, at: int) -> _Element | None:
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
        return None
    tag, first = data[at], data[at + 1]
    start = at + 2
    if first < 0x80:
        return _Element(tag, start, start + first)
    if first == 0x80:
        return _Element(tag, start, None) if tag & _CONSTRUCTED else None
    count = first & 0x7F
    if count > _MAX_LENGTH_BYTES or start + count > len(data):
        return None
    length = int.from_bytes(data[start : start + count])
    return _Element(tag, start + count, start + count + length)


def _after(data: bytes, at: int | None) -> int | None:
    """Where the element at ``at`` ends, or None when that cannot be told."""
    depth = 0
    while at is not None:
        element = _element(data, at)
        if element is None:
            return None
        if element.end is None:
            depth += 1
            at = element.start
            if depth > _MAX_DEPTH:
                return None
            continue
        at = element.end
        if depth and element.tag == 0 and element.end == element.start:
            depth -= 1
        if not depth:
            return at
    return None


def _octets(data: bytes, at: int) -> bytes:
    """An octet string, whole or in pieces."""
    element = _element(data, at)
    if element is None or element.tag & ~_CONSTRUCTED != _OCTETS:
        return b""
    if not element.tag & _CONSTRUCTED:
        return data[element.start : element.end]
    end = len(data) if element.end is None else min(element.end, len(data))
    most = _FEW_PIECES + len(data) // _LEAST_PIECE
    pieces: list[bytes] = []
    at = element.start
    while at < end:
        piece = _element(data, at)
        if piece is None or piece.tag != _OCTETS or piece.end is None:
            break
        if len(pieces) == most:
            return b""
        pieces.append(data[piece.start : min(piece.end, end)])
        at = piece.end
    return b"".join(pieces)
