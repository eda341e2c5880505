"""From_ lines, which stand between the messages of an mbox, and how one file writes them.

What separates messages is a From_ line (RFC 4155 appendix A): ``From sender date`` after a blank
line (or at the start), followed by a header line. "From " in a body is not enough, unlike in
Python's mailbox. Where the line is odd (other dates, words behind the date, no date), or no blank
line stands before it, the start of a mail header must follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What a From_ line and the header line after it may take; candidates wait for so much.
LOOK = 2048
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
# asctime, RFC 5322 and ISO dates as found in From_ lines; years and zones stand in any order.
_DATE = re.compile(
    rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?[ \t]{1,4}"
    rb"(?:" + _MONTH + rb"[ \t]{1,4}\d{1,2}|\d{1,2}[ \t-]{1,2}" + _MONTH + rb"(?:[ \t-]\d{2,4})?)"
    rb",?[ \t]{1,4}(?:\d{4}[ \t]{1,4})?\d{1,2}:\d\d"
    rb"|\b\d{4}-\d\d-\d\d[T \t]\d\d:\d\d",
    re.I,
)
# What may stand behind the minutes: seconds, zone, year, the way that UUCP mail went.
_TAIL = re.compile(
    rb"(?::\d\d(?:[.,]\d{1,9})?)?"
    rb"(?>[ \t]{0,4}(?:\d{2,4}|[+-]\d\d:?\d\d|[A-Z]{1,5}(?:[+-]\d{1,4})?|\([^()]{0,60}\)))*+"
    rb"(?:[ \t]{1,4}remote from [^\r\n]*)?[ \t]*\Z"
)
FROM_LINE = re.compile(rb"From ([^\r\n]{0,1000})(?:\r\n|\n|\r)")
# Who a From_ line names: an address (Eudora: ???@???), or what stands for nobody.
_SENDER = re.compile(rb"[ \t]*(?:[^\s@]{1,320}@[^\s@]{1,255}|-|MAILER-DAEMON)(?=[ \t]|\Z)", re.I)
_HEADER = re.compile(rb"[!-9;-~]{1,100}[ \t]{0,8}:|>From ")
_NAMES = (
    rb"(?:X-[A-Za-z0-9-]{1,60}|Received|Return-Path|Delivered-To|Envelope-To|Message-ID|MIME-Version"
    rb"|Date|From|To|Cc|Bcc|Sender|Reply-To|Subject|Content-Type|Status|DKIM-Signature"
    rb"|Authentication-Results|References|In-Reply-To|User-Agent|FCC)"
)
_KNOWN = re.compile(_NAMES + rb"[ \t]{0,8}:", re.I)
_INDENTED = re.compile(rb"[ \t]{1,8}" + _NAMES + rb"[ \t]{0,8}:", re.I)
# A line of a header: a field with its name, or the continuation of one.
_HEADER_LINE = re.compile(rb"(?:([!-9;-~]{1,100})[ \t]{0,8}:|[ \t])[^\r\n]{0,1000}(?:\r\n|\n|\r)")
_ODD_LINE = re.compile(rb"[^\r\n]{1,1000}(?:\r\n|\n|\r)")
_ODD_LINES = 2  # no header themselves, before those of a message
_PROSE_ENDS = (b":", b",", b".", b";", b"!", b"?")
_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")
_LEAD_MAX = 64 * 1024


@dataclass(slots=True, frozen=True)
class Style:
    """How one file is written; the last two by what its first From_ line shows."""

    variant: str = "mboxrd"
    cr_only: bool = False
    no_date: bool = False
    no_headers: bool = False

    @property
    def by_length(self) -> bool:
        """Whether Content-Length is believed (where it lands right)."""
        return self.variant in ("mboxcl", "mboxcl2")


def is_from_line(text: bytes) -> bool:
    """Whether what stands behind "From " on a line is that of a From_ line, and no sentence."""
    return not text.strip() or _dated(text) or _SENDER.match(text) is not None


def _dated(text: bytes) -> bool:
    date = _DATE.search(text)
    return date is not None and _TAIL.match(text, date.end()) is not None


def is_separator(buf: bytes | bytearray, at: int, style: Style) -> bool:
    """Whether a From_ line with what must follow it starts at ``at`` (blank line not checked)."""
    line = FROM_LINE.match(buf, at)
    if line is None:
        return False
    text, after = line[1], line.end()
    if _dated(text):
        if _HEADER.match(buf, after) or _INDENTED.match(buf, after):
            return True
        if style.no_headers and buf[after : after + 1] in (b"\r", b"\n"):
            return True
    elif text.strip() in (b"", b"-"):
        # Thunderbird of today writes nothing but "From ".
        return _KNOWN.match(buf, after) is not None
    elif style.no_date and len(text.split()) == 1 and _HEADER.match(buf, after):
        return True
    known = _DATE.search(text) is not None or _SENDER.match(text) is not None
    # "From bob@x.example, this morning:" begins a quotation.
    odd = _ODD_LINES if _dated(text) else 0
    return known and text.rstrip()[-1:] not in _PROSE_ENDS and _mail_starts(buf, at, odd)


def starts_message(buf: bytes | bytearray, end: int, style: Style) -> bool:
    """Whether a message starts after the line end at ``end``, which "From " follows."""
    if not is_separator(buf, end + 1, style):
        return False
    return _after_blank(buf, end) or _mail_starts(buf, end + 1)


def _mail_starts(buf: bytes | bytearray, at: int, odd: int = 0) -> bool:
    """Whether the From_ line at ``at`` is one without doubt, as one without a blank line must be.

    Two fields that all mail has must follow it, with nothing between them that is no header, and
    before them at most ``odd`` lines that are none.
    """
    line = FROM_LINE.match(buf, at)
    if line is None or not line[1].strip():
        return False
    stop = at + LOOK - 1
    at = line.end()
    names: set[bytes] = set()
    while len(names) < 2:
        if match := _HEADER_LINE.match(buf, at, stop):
            if match[1] and _KNOWN.match(match[1] + b":"):
                names.add(match[1].lower())
        elif odd and not names and (match := _ODD_LINE.match(buf, at, stop)):
            odd -= 1
        else:
            return False
        at = match.end()
    return True


def first_separator(head: bytes) -> tuple[int, Style] | None:
    """Where the From_ line at the file's start is, after blank lines, and the file's style.

    None when the file does not start with one. A date may be missing from it when it is one word
    and a known header follows, and the headers may be missing when a date is there.
    """
    lead = _LEAD.match(head, 0, _LEAD_MAX)
    at = lead.end() if lead else 0
    while at and head[at - 1 : at] not in (b"\r", b"\n", b"\xbf"):
        at -= 1
    line = FROM_LINE.match(head, at)
    if line is None:
        return None
    cr_only = b"\r" in head and b"\n" not in head
    after = line.end()
    style = Style(
        cr_only=cr_only,
        no_date=not _dated(line[1])
        and len(line[1].split()) == 1
        and _KNOWN.match(head, after) is not None,
        no_headers=head[after : after + 1] in (b"\r", b"\n"),
    )
    return (at, style) if is_separator(head, at, style) else None


def find_separator(head: bytes, start: int, style: Style) -> int:
    """The first separator inside a file at or after ``start``, or -1."""
    needle = b"\rFrom " if style.cr_only else b"\nFrom "
    at = head.find(needle, start)
    while at >= 0:
        if starts_message(head, at, style):
            return at + 1
        at = head.find(needle, at + 1)
    return -1


def _after_blank(buf: bytes | bytearray, end: int) -> bool:
    """Whether the line end at ``end`` is that of a blank line."""
    if buf[end] == 13:
        return end > 0 and buf[end - 1] == 13
    if end and buf[end - 1] == 10:
        return True
    return end > 1 and buf[end - 1] == 13 and buf[end - 2] in (10, 13)
