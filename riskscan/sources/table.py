"""Tables as text (CSV, RFC 4180, and its cousins with another delimiter), in bounded memory."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from riskscan.sources import lines
from riskscan.sources.item import MIB, SourceError
from riskscan.sources.lines import codec_of, head_text
from riskscan.sources.stream import Stream, peek

ROW_MAX = 8 * MIB
"""Characters of one row: more is no table."""
_COLUMNS_MAX = 2000
_HEAD = 64 * 1024
_DELIMITERS = (",", "\t", ";", "|")
# What Excel takes for the delimiter, in a line before the header.
_TOLD = re.compile(r"\"?sep=([^\w\s\"]|\t)\"?[,;\t]*\s*", re.I)


def fold(name: str) -> str:
    """A column's name as it is compared: letters and digits, lower case."""
    return "".join(c for c in name.casefold() if c.isalnum())


def delimiter_of(text: str) -> str:
    """The delimiter that a line ``sep=`` tells, or that parts the header into most pieces.

    What is in quotes is left out.
    """
    line, told = _first_lines(text[:_HEAD])
    bare = "".join(line.split('"')[::2])
    return told or max(_DELIMITERS, key=bare.count)


def header_of(head: bytes) -> list[str]:
    """The first row of a table that starts with ``head``; [] when it is none."""
    line, told = _first_lines(head_text(head))
    if "\0" in line or not line:
        return []
    try:
        return next(csv.reader([line], delimiter=told or delimiter_of(line)), [])
    except csv.Error:
        return []


def _first_lines(text: str) -> tuple[str, str]:
    """The line of the header, and the delimiter that a line before it tells, or ""."""
    told = ""
    for line in re.split(r"[\r\n]+", text.lstrip("\ufeff")):
        if not told and (match := _TOLD.fullmatch(line)):
            told = match[1]
        elif not is_blank(line):
            return line, told
    return "", told


def is_blank(line: str) -> bool:
    """Whether a line before the header holds nothing, or delimiters alone."""
    return not line.strip("".join(_DELIMITERS) + " \r\n")


def says_delimiter(line: str) -> bool:
    """Whether a line before the header is Excel's, which tells the delimiter (``sep=;``)."""
    return _TOLD.fullmatch(line) is not None


def columns(head: bytes) -> list[str]:
    """The folded names in the first row of a table that starts with ``head``; [] if it is none."""
    return [fold(name) for name in header_of(head)]


def rows(stream: Stream) -> Iterator[dict[str, str]]:
    """The rows after the first, as folded column name to value; blank rows are left out.

    The text is decoded by ``codec_of``. Raises SourceError for a row of more than ``ROW_MAX``
    characters and for what is no table.
    """
    csv.field_size_limit(max(csv.field_size_limit(), ROW_MAX))
    read = _Lines(stream)
    reader = csv.reader(_from_header(read), delimiter=delimiter_of(read.head))
    names: list[str] = []
    try:
        for row in reader:
            read.row = 0
            if not names:
                names = [fold(n) for n in row]
                if len(names) > _COLUMNS_MAX:
                    raise SourceError(f"a table of more than {_COLUMNS_MAX:,} columns")
            elif any(row):
                yield dict(zip(names, (v.strip() for v in row), strict=False))
    except csv.Error as error:
        raise SourceError(f"line {read.number:,} is no row of a table ({error})") from error


def _from_header(read: _Lines) -> Iterator[str]:
    """The lines of a table from its header on."""
    before = True
    for line in read:
        before = before and (is_blank(line) or says_delimiter(line))
        if before:
            read.row = 0
        else:
            yield line


def text_lines(stream: Stream) -> Iterator[str]:
    """The lines of a text file, decoded as ``rows`` does; raises SourceError for an endless one."""
    read = _Lines(stream)
    for line in read:
        read.row = 0
        yield line


class _Lines:
    """The lines of a stream, line ends kept; ``row`` counts characters, for the reader to reset."""

    def __init__(self, stream: Stream) -> None:
        head, stream = peek(stream, _HEAD)
        self.head = head_text(head)
        self._lines = lines.lines(stream, *codec_of(head), ROW_MAX + 1)
        self.row = 0
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self.row += len(line.text)
        if not line.text or self.row > ROW_MAX:
            raise SourceError(f"a row of more than {ROW_MAX:,} characters: no table")
        return line.text
