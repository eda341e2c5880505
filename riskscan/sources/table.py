"""Tables as text (CSV, RFC 4180, and its tab and semicolon cousins), read in bounded memory."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator

from riskscan.sources.item import MIB, SourceError
from riskscan.sources.stream import Stream

ROW_MAX = 8 * MIB
"""Characters of one row: more is no table."""
_COLUMNS_MAX = 2000
_PIECE = 64 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS = (",", "\t", ";")


def fold(name: str) -> str:
    """A column's name as it is compared: letters and digits, lower case."""
    return "".join(c for c in name.casefold() if c.isalnum())


def encoding_of(head: bytes) -> tuple[str, int]:
    """Encoding and length of the byte order mark; UTF-16 without one is told by its NULs."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, len(bom)
    if len(head) >= 4 and head[1] == head[3] == 0 and head[0] and head[2]:
        return "utf-16-le", 0
    if len(head) >= 4 and head[0] == head[2] == 0 and head[1] and head[3]:
        return "utf-16-be", 0
    return "utf-8", 0


def columns(head: bytes) -> list[str]:
    """The folded names in the first row of a table that starts with ``head``; [] if it is none."""
    encoding, skip = encoding_of(head)
    text = head[skip:].decode(encoding, "replace")
    line = text.splitlines()[0] if text.strip() else ""
    if not line or "\0" in line:
        return []
    try:
        return [fold(c) for c in next(csv.reader([line], delimiter=_delimiter(line)), [])]
    except csv.Error:
        return []


def rows(stream: Stream) -> Iterator[dict[str, str]]:
    """The rows after the first, as folded column name to value; blank rows are left out.

    UTF-8, UTF-16 (with or without byte order mark) and, where bytes are no UTF-8, Windows-1252.
    Raises SourceError for a row of more than ``ROW_MAX`` characters and for what is no table.
    """
    csv.field_size_limit(max(csv.field_size_limit(), ROW_MAX))
    lines = _Lines(stream)
    first = next(iter(lines), "")
    reader = csv.reader(_chain(first, lines), delimiter=_delimiter(first))
    names: list[str] = []
    try:
        for row in reader:
            lines.row = 0
            if not names:
                names = [fold(n) for n in row]
                if len(names) > _COLUMNS_MAX:
                    raise SourceError(f"a table of more than {_COLUMNS_MAX:,} columns")
            elif any(row):
                yield dict(zip(names, (v.strip() for v in row), strict=False))
    except csv.Error as error:
        raise SourceError(f"line {lines.number:,} is no row of a table ({error})") from error


def lines(stream: Stream) -> Iterator[str]:
    """The lines of a text file, decoded as ``rows`` does; raises SourceError for an endless one."""
    whole = _Lines(stream)
    for line in whole:
        whole.row = 0
        yield line


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _chain(first: str, rest: _Lines) -> Iterator[str]:
    if first:
        yield first
    yield from rest


class _Lines:
    """The lines of a stream, line ends kept; ``row`` counts characters, for the reader to reset."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._pending: list[str] = []
        self._ready: Iterator[str] = iter(())
        self._decoder: codecs.IncrementalDecoder | None = None
        self._ended = False
        self.row = 0
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._ready, None)
        while line is None:
            if self._ended:
                raise StopIteration
            self._fill()
            line = next(self._ready, None)
        self.number += 1
        self.row += len(line)
        self._check(self.row)
        return line

    def _fill(self) -> None:
        data = self._stream.read(_PIECE)
        text = self._decode(data)
        if not data:
            self._ended = True
            self._ready = iter(["".join(self._pending)] if self._pending else [])
            self._pending = []
            return
        end = text.rfind("\n") + 1
        if not end:
            self._pending.append(text)
            self._check(self.row + sum(map(len, self._pending)))
            return
        whole = "".join(self._pending) + text[:end]
        self._pending = [text[end:]] if end < len(text) else []
        # By line feeds alone: splitlines also cuts at U+2028 and the like.
        self._ready = (line + "\n" for line in whole.split("\n")[:-1])

    def _decode(self, data: bytes) -> str:
        if self._decoder is None:
            encoding, skip = encoding_of(data)
            errors = "riskscan-cp1252" if encoding == "utf-8" else "replace"
            self._decoder = codecs.getincrementaldecoder(encoding)(errors)
            data = data[skip:]
        return self._decoder.decode(data, not data)

    @staticmethod
    def _check(size: int) -> None:
        if size > ROW_MAX:
            raise SourceError(f"a row of more than {ROW_MAX:,} characters: no table")


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("riskscan-cp1252", _as_cp1252)
