"""Text lines of a stream in bounded memory, whatever the encoding; an endless line is cut."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from riskscan.sources.stream import Stream

_BUFFER = 256 * 1024


@dataclass(slots=True, frozen=True)
class Line:
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
