"""Messages whose header block does not stand at their first byte, or is indented throughout.

Such come of mail that was copied out of another text, saved with what a server answered, or begun
with marks that nobody sees.
"""

from __future__ import annotations

import re

from riskscan.mail.fromline import is_from_line

_LOOK = 64 * 1024  # bytes at the start that are looked at
_BLOCK_MOST = 1 << 20  # bytes of a block that is unindented
_ODD_LINES = 3  # before the headers
_INDENT_MOST = 40  # blanks
# Byte order mark, blanks that are no ASCII, NUL, blank lines.
_LEAD = re.compile(
    rb"(?>\xef\xbb\xbf|\xff\xfe|\xfe\xff|\xe2\x80[\x8b-\x8f]|\xc2\xa0|\0"
    rb"|[ \t]{0,200}(?:\r\n|\n|\r))*+"
)
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]{0,8}:")
_INDENTED = re.compile(rb"[ \t]{1,%d}(?=[!-9;-~]{1,100}[ \t]{0,8}:)" % _INDENT_MOST)
# Answers of servers, requests, rules, fields written amiss, single tokens that are no word: what
# no person writes.
_MACHINE = re.compile(
    rb"HTTP/\d|\+OK(?:[ \t]+\d|[ \t]*[\r\n])|\* \d{1,10} [A-Z]{4}"
    rb"|[2-5]\d\d[ -](?:\d|OK\b|[\w.-]{1,100} E?SMTP)|(?:GET|POST|PUT|HEAD) /\S{0,400} HTTP/"
    rb"|X-[A-Z][A-Za-z-]{1,60} |(?:X[ _][A-Z][\w-]{1,60}|Return[ _]Path|Reply[ _]To|Message[ _]ID"
    rb"|MIME[ _]Version|Content[ _](?:Type|Length|Transfer[ _]Encoding)|Delivered[ _]To"
    rb"|Envelope[ _](?:To|From)|In[ _]Reply[ _]To|User[ _]Agent)[ \t]{0,8}:"
    rb"|(?:X-)?Status[ \t]{1,8}[ROD]{1,3}[ \t]{0,8}\r?\n"
    rb"|[-=_*#~+]{3}(?:[^\w\r\n]|\d|mail\b|message\b|part\b){0,60}\r?\n"
    rb"|(?=[!-~]{0,199}[\d/=_\\@])[!-~]{1,200}\r?\n",
    re.ASCII,
)
_FROM = re.compile(rb">{0,9}From ([^\r\n]*)")
_TOLD = 200  # characters of lines that are no header
_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r)")
# A text begins with "Note:" or "To:" as well; two of these beside each other are a message's.
_KNOWN = frozenset(
    b"from to cc subject date received message-id return-path mime-version content-type "
    b"delivered-to reply-to sender x-mailer".split()
)


def without_marks(data: bytes) -> bytes:
    """A message without what nobody sees before its first field: blank lines, NULs, marks."""
    data = data.lstrip(b"\r\n\0")
    if data[:1] >= b"\x80":
        lead = _LEAD.match(data, 0, _LOOK)
        if lead and _FIELD.match(data, lead.end()):
            return data[lead.end() :]
    return data


def is_machine_line(line: bytes) -> bool:
    """Whether a line, its end included, is one that programs write above a message."""
    begin = _FROM.match(line)
    return is_from_line(begin[1]) if begin else _MACHINE.match(line) is not None


def told_lines(lines: list[bytes], where: str) -> str:
    """What a defect says of lines that are no header: how many, and what stands on them."""
    text = " ".join(b" ".join(lines)[: 4 * _TOLD].decode("utf-8", "replace").split())
    several = "1 line {} is" if len(lines) == 1 else f"{len(lines):,} lines {{}} are"
    return f"{several.format(where)} no header: {text[:_TOLD]}"


def odd_start(data: bytes) -> tuple[bytes, str]:
    """A message with its header block at the front, and what was odd; both empty for no message.

    Up to three lines that are no header may stand before the block, blank lines behind them too,
    and all its lines may be indented alike. Two well known fields make a header block.
    """
    head = data[:_LOOK]
    odd: list[bytes] = []
    at = _past_lead(head, 0)
    while len(odd) <= _ODD_LINES and at < len(head):
        indent = _INDENTED.match(head, at)
        if _fields(head, at, indent[0] if indent else b"") > 1:
            told = [told_lines(odd, "before the headers")] if odd else []
            told += ["the headers are indented"] * (indent is not None)
            found = _unindented(data, at, indent[0]) if indent else data[at:]
            return found, ", ".join(told) or "marks before the headers"
        line = _LINE.match(head, at)
        # What somebody wrote above a copied header block is a text, not an odd start.
        if line is None or not is_machine_line(line[0]):
            break
        odd.append(line[0])
        at = _past_lead(head, line.end())
    return b"", ""


def holds_block(data: bytes) -> bool:
    """Whether a header block stands behind at most three lines, whoever wrote these."""
    head = data[:_LOOK]
    at = _past_lead(head, 0)
    for _ in range(_ODD_LINES + 1):
        indent = _INDENTED.match(head, at)
        if _fields(head, at, indent[0] if indent else b"") > 1:
            return True
        line = _LINE.match(head, at)
        if line is None:
            return False
        at = _past_lead(head, line.end())
    return False


def _past_lead(head: bytes, at: int) -> int:
    lead = _LEAD.match(head, at)
    return lead.end() if lead else at


def _fields(head: bytes, at: int, indent: bytes) -> int:
    """How many well known fields begin at ``at``, each line after ``indent``."""
    names: set[bytes] = set()
    begun = False
    while at < len(head) and len(names) < 2:
        start = at + len(indent) if head.startswith(indent, at) else at
        if field := _FIELD.match(head, start):
            begun = True
            names.add(field[1].lower())
            names &= _KNOWN
        elif not begun or head[start : start + 1] not in (b" ", b"\t"):
            break
        line = _LINE.match(head, at)
        if line is None:
            break
        at = line.end()
    return len(names)


def _unindented(data: bytes, at: int, indent: bytes) -> bytes:
    """The message at ``at``, ``indent`` taken off the lines of its header block."""
    lines: list[bytes] = []
    stop = at + _BLOCK_MOST
    while at < stop and (line := _LINE.match(data, at)) and line[0].startswith(indent):
        at = line.end()
        if not line[0].strip():
            lines.append(b"\n")
            break
        lines.append(line[0][len(indent) :])
    return b"".join(lines) + data[at:]
