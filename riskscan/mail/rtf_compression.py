"""Compressed RTF, as Outlook keeps bodies (MS-OXRTFCP).

What can be read is given even where the checksum or the length is wrong.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from zlib import crc32

_MAX_COMPRESSED = 16 << 20  # bytes that are expanded


class RtfError(ValueError):
    """The bytes are no RTF, or not compressed as they should be; the message says why."""


@dataclass(slots=True, frozen=True)
class Decompressed:
    """RTF, and what was wrong with its compression ("" for nothing)."""

    data: bytes
    repaired: str = ""


_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D  # "LZFu", "MELA"
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096


def decompress_rtf(data: bytes) -> Decompressed:
    """Undo the compression of PR_RTF_COMPRESSED (MS-OXRTFCP section 3.1).

    A wrong length or checksum and a cut are borne: what can be read is given, with a word on
    what was wrong. Every two bytes give seventeen at the most. Raises RtfError.
    """
    if data.lstrip(b"\0 \r\n")[:5] == b"{\\rtf":
        return Decompressed(data, "not compressed")
    if len(data) < 16:
        raise RtfError("shorter than its header")
    size, raw_size, kind, crc = struct.unpack_from("<IIII", data)
    content = data[16 : max(16, size + 4)]
    repaired = "cut off" if len(content) < size - 12 else ""
    if kind == _PLAIN:
        return Decompressed(content[:raw_size], repaired)
    if kind != _COMPRESSED:
        raise RtfError("neither compressed nor plain RTF")
    # The checksum of the format is that of zip without its first and last inversion.
    if not repaired and crc32(content, 0xFFFFFFFF) ^ 0xFFFFFFFF != crc:
        repaired = "its checksum is wrong"
    if len(content) > _MAX_COMPRESSED:
        repaired = f"longer than {_MAX_COMPRESSED:,} bytes: the rest is not read"
    out, ended = _expand(content[:_MAX_COMPRESSED])
    if not ended and not repaired and len(out) < raw_size:
        repaired = "cut off"
    return Decompressed(out[:raw_size] if raw_size else out, repaired)


def _expand(content: bytes) -> tuple[bytes, bool]:
    """The bytes, and whether their end was marked."""
    out = bytearray(_DICTIONARY)
    start = len(out)
    # Positions in the window of 4,096 bytes are those of ``out``, counted from its beginning.
    at, length = 0, len(content)
    while at < length:
        control = content[at]
        at += 1
        if not control:
            out += content[at : at + 8]
            at += 8
            continue
        for bit in range(8):
            if at >= length:
                break
            if not control >> bit & 1:
                out.append(content[at])
                at += 1
                continue
            if at + 1 >= length:
                break
            pointer = content[at] << 8 | content[at + 1]
            at += 2
            offset, count = pointer >> 4, (pointer & 15) + 2
            back = (len(out) - offset) % _WINDOW
            if back == 0:
                return bytes(out[start:]), True
            source = len(out) - back
            if source < 0:  # never written: zeros, as in a fresh window
                out += b"\0" * count
            elif back >= count:
                out += out[source : source + count]
            else:
                run = out[source:]
                out += (run * (count // back + 1))[:count]
    return bytes(out[start:]), False
