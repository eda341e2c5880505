"""Concordance load files (.dat): þ around values, DC4 between them, ® for line ends in them.

The format has no standard of its own; this is what Concordance and its peers write and take. The
characters that mean something are escaped in a value as riskscan's own productions do it: DLE
(U+0010) and four hexadecimal digits. See docs/production.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from riskscan.sources.document import documents
from riskscan.sources.fields import BadRow, Columns, Note, Row, headers_again
from riskscan.sources.item import MIB
from riskscan.sources.lines import Line, codec_of, lines
from riskscan.sources.loadkinds import QUOTE, SEPARATOR, codec_of_dat
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import peek

NEWLINE, ESCAPE = "\u00ae", "\x10"
ROW_MAX = 16 * MIB
"""Characters of one row."""
COLUMNS_MAX = 5_000
_BETWEEN = f"{QUOTE}{SEPARATOR}{QUOTE}"
# Lists keep their ";" apart from those in a value; C0 controls would stop other programs.
_SPECIAL = {QUOTE, NEWLINE, *(chr(c) for c in range(32) if c not in (9, 10))}
_TO_ESCAPE = re.compile("[" + re.escape("".join(sorted(_SPECIAL))) + "\ud800-\udfff]")
_ESCAPED = re.compile(ESCAPE + "(00[01][0-9A-F]|00AE|00FE|003B|D[89A-F][0-9A-F]{2})")


class Record(NamedTuple):
    """A row: its number (0: the header), its values, by column those of lists kept apart."""

    number: int
    values: list[str]
    lists: dict[int, tuple[str, ...]]


def escape(value: str) -> str:
    """A value as it stands between two þ: line feeds as ®, what would be misread as escapes."""
    value = _TO_ESCAPE.sub(lambda m: f"{ESCAPE}{ord(m[0]):04X}", value)
    return value.replace("\n", NEWLINE)


def escape_item(value: str) -> str:
    """One value of a list, whose own ";" must not part it."""
    return escape(value).replace(";", f"{ESCAPE}003B")


def unescape_list(value: str) -> tuple[str, ...]:
    """The values of a list with an escaped ";" in it; () for any other value.

    Only riskscan's productions have these, so ";" without the escape parts the list.
    """
    if f"{ESCAPE}003B" not in value:
        return ()
    return tuple(unescape(v).strip() for v in value.split(";") if v.strip())


def unescape(value: str) -> str:
    """The value that ``escape`` was given; of other programs' files only ® is changed."""
    value = value.replace(NEWLINE, "\n")
    if ESCAPE in value:
        value = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), value)
    return value


def values_of(text: str) -> list[str]:
    """The values of one row without its line end, still escaped.

    A value may lack its þ; þ inside a value is kept where no separator or end follows it.
    """
    if text.startswith(QUOTE) and text.endswith(QUOTE) and len(text) > 1:
        inner = text[1:-1].split(_BETWEEN)
        if not any(SEPARATOR in value for value in inner):
            return inner
    return [_bare(piece) for piece in text.split(SEPARATOR)]


def _bare(piece: str) -> str:
    if len(piece) > 1 and piece.startswith(QUOTE) and piece.endswith(QUOTE):
        return piece[1:-1]
    return piece.strip(QUOTE)


def _is_open(text: str, was_open: bool) -> bool:
    """Whether a value with þ goes on after the end of this line."""
    text = text.rstrip("\r\n")
    if was_open and SEPARATOR not in text:
        return not text.endswith(QUOTE)
    last = text[text.rfind(SEPARATOR) + 1 :]
    if not last.startswith(QUOTE):
        return False
    return len(last) == 1 or not last.endswith(QUOTE)


def records(blob: Blob) -> Iterator[Record | BadRow]:
    """The rows of a .dat, values unescaped.

    Raises SourceError where the stream breaks.
    """
    head, stream = peek(blob.stream, 8 * 1024)
    codec, errors = codec_of_dat(head) or codec_of(head)
    number = -1
    columns = 0
    pending: list[str] = []
    size = 0

    def done(text: str) -> Record | BadRow:
        values = values_of(text.rstrip("\r\n"))
        if number and len(values) != columns:
            return _bad(number, text, f"{len(values):,} columns, and the header has {columns:,}")
        lists = {i: parted for i, v in enumerate(values) if (parted := unescape_list(v))}
        return Record(number, [unescape(v) for v in values], lists)

    def broken() -> BadRow:
        return _bad(number, "".join(pending), "a value has no þ at its end")

    for line in lines(stream, codec, errors, ROW_MAX):
        alone = _whole_row(line, columns)
        if pending and alone:
            yield broken()
            pending, size = [], 0
        if not pending:
            if line.text and not line.text.strip("\r\n\x1a "):
                continue
            number += 1
        pending.append(line.text)
        size += len(line.text)
        if not line.text or size > ROW_MAX:
            reason = f"a row of more than {ROW_MAX:,} characters"
            yield BadRow(number, reason, line.size or size, line.sha256)
            pending, size = [], 0
        elif not _is_open(line.text, len(pending) > 1):
            made = done("".join(pending))
            pending, size = [], 0
            if number == 0 and not isinstance(made, BadRow):
                columns = len(made[1])
            yield made
    if pending:
        yield broken()


def _whole_row(line: Line, columns: int) -> bool:
    """Whether a line is a row by itself: a value left open before it is then broken off."""
    text = line.text.rstrip("\r\n")
    return (
        columns > 1
        and text.startswith(QUOTE)
        and text.endswith(QUOTE)
        and text.count(_BETWEEN) == columns - 1
    )


def _bad(number: int, text: str, reason: str) -> BadRow:
    data = text.encode("utf-8", "replace")
    return BadRow(number, reason, len(data), hashlib.sha256(data).hexdigest())


def concordance_rows(reading: Reading, blob: Blob) -> Iterator[Row | BadRow | Note]:
    """The documents of a .dat; raises SourceError where the stream breaks."""
    columns = Columns(())
    header: list[str] = []
    again = 0
    for record in records(blob):
        if isinstance(record, BadRow):
            yield record
            if record.number == 0:
                return
            continue
        number, values, lists = record
        if number == 0:
            if len(values) > COLUMNS_MAX:
                yield BadRow(0, f"more than {COLUMNS_MAX:,} columns: not read")
                return
            header = values
            columns = Columns(values, dict(reading.limits.columns), alone=False)
            if not columns.fields & {"native path", "text path", "text", "subject", "from"}:
                shown = ", ".join(values[:20])
                yield BadRow(0, f"none of its columns tells of mail (it has {shown})")
                return
            if note := columns.note():
                yield note
        elif values == header:
            again += 1
        else:
            kept = columns.lists(values, lists)
            yield Row(number, columns.values(values), kept, dated=columns.dated(values))
    yield from headers_again(again)


read_concordance = documents("concordance", concordance_rows)
