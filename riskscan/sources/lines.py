"""Text of a stream in bounded memory: its encoding, and its lines; an endless line is cut."""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Iterator
from typing import NamedTuple

from riskscan.mail.charset import is_narrow
from riskscan.sources.stream import Stream

_BUFFER = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before that of UTF-16, with which it starts.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def encoding_of(head: bytes) -> tuple[str, int]:
    """Encoding and length of the byte order mark; UTF-16 without one is told by its NULs.

    A mark of UTF-16 or UTF-32 before text of one byte a character is none of its.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            narrow = name != "utf-8" and is_narrow(head[len(bom) :])
            return "utf-8" if narrow else name, len(bom)
    if len(head) >= 4 and head[1] == head[3] == 0 and head[0] and head[2]:
        return "utf-16-le", 0
    if len(head) >= 4 and head[0] == head[2] == 0 and head[1] and head[3]:
        return "utf-16-be", 0
    return "utf-8", 0


def codec_of(head: bytes) -> tuple[str, str]:
    """Codec, which takes the byte order mark away, and error handler of a text by its first bytes.

    UTF-8, UTF-16 (with or without byte order mark), UTF-32 (with one) and, where bytes are no
    UTF-8, Windows-1252.
    """
    encoding, skip = encoding_of(head)
    if encoding == "utf-8":
        return ("utf-8-sig" if skip else "utf-8"), "riskscan-cp1252"
    return (encoding[:6] if skip else encoding), "replace"


def head_text(head: bytes) -> str:
    """The first bytes of a text as text, whatever they are."""
    encoding, skip = encoding_of(head)
    return head[skip:].decode(encoding, "replace")


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if not error.start and error.object.startswith(_WIDE_MARKS):
        return "", len(_WIDE_MARKS[0])  # before text that is not wide, see encoding_of
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("riskscan-cp1252", _as_cp1252)


class Line(NamedTuple):
    """One line with its line end, or what there was of one that is too long.

    For such a line ``text`` is "", and ``size`` and ``sha256`` are of the whole line.
    """

    text: str
    size: int = 0
    sha256: str = ""


class _Raw(io.RawIOBase):
    """A Stream as the standard library reads it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def lines(stream: Stream, encoding: str, errors: str, limit: int) -> Iterator[Line]:
    """Lines ending in ``\\r\\n``, ``\\n`` or ``\\r``, as found; raises SourceError.

    Of a line of more than ``limit`` characters only size and hash are kept.
    """
    raw: io.RawIOBase = _Raw(stream)
    buffered = io.BufferedReader(raw, _BUFFER)
    text = io.TextIOWrapper(buffered, encoding, errors, newline="")
    back = "utf-8" if encoding == "utf-8-sig" else encoding
    while line := text.readline(limit):
        if len(line) < limit or line.endswith(("\n", "\r")):
            yield Line(line)
            continue
        digest, size = hashlib.sha256(), 0
        while line:
            data = line.encode(back, "replace")
            digest.update(data)
            size += len(data)
            if line.endswith(("\n", "\r")):
                break
            line = text.readline(limit)
        yield Line("", size, digest.hexdigest())
