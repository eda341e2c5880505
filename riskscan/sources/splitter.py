"""A streaming splitter for mboxes: mboxo, mboxrd, mboxcl and mboxcl2, told apart by content.

Which lines separate messages says fromline.py. The variants (after the qmail mbox(5) page and
RFC 4155 appendix A):

- mboxo writes a body line ``From `` as ``>From ``; mboxrd adds one ``>`` to ``>From `` too. A
  file that shows ``>>From `` is called mboxrd, one with only ``>From `` mboxo. Unquoting takes
  one ``>`` off ``>From ``; ``>>From `` occurs in the first only, so the bytes come out the same
  whatever the label, and a file with no quoted line is called mboxrd.
- mboxcl and mboxcl2 tell a body's length in Content-Length; the first quotes as mboxo does, the
  second not at all. A file is one of them when at least half of its messages give a length that
  lands on a From_ line or the end: lengths lie. It is mboxcl2 when a body inside such a length
  has a line that starts with ``From ``, else mboxcl.

The variant is decided on the first ``WINDOW`` bytes, so that a file is read once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from riskscan.mail.fromline import (
    FROM_LINE,
    LOOK,
    Style,
    find_separator,
    first_separator,
    is_separator,
    starts_message,
)
from riskscan.sources.item import MIB, SourceError
from riskscan.sources.stream import CHUNK, Peeked, Stream, peek

WINDOW = 16 * MIB
_ENVELOPE_REST = re.compile(rb"(?:>From [^\r\n]*(?:\r\n|\n|\r))+")
_BLANK = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r")
_LENGTH = re.compile(rb"(?:\A|[\r\n])content-length:[ \t]{0,20}(\d{1,15})[ \t]{0,20}[\r\n]", re.I)
# Searching a large file without regard to case is slow, and nobody writes it otherwise.
_LENGTH_SPELLINGS = (b"Content-Length:", b"Content-length:", b"content-length:", b"CONTENT-LENGTH:")
_QUOTED = re.compile(rb"(\A|[\r\n])>(>*From )")
_QUOTED_ONCE = re.compile(rb"(\A|[\r\n])>(From )")
_ANY_FROM = re.compile(rb"[\r\n]From ")
_HEADERS_MAX = 256 * 1024


@dataclass(slots=True)
class Extent:
    """A message's raw extent: From_ line to the next From_ line (or end), blank line included.

    ``data`` is the message, unquoted; None when it was skipped, is over the limit or broken off
    (then ``reason`` says so and ``sha256`` is of the raw extent). ``line`` is its From_ line.
    """

    start: int
    length: int
    data: bytes | None = None
    line: bytes = b""
    reason: str = ""
    sha256: str = ""


def survey(head: bytes, start: int, style: Style) -> Style:
    """Tell the variant from the first bytes of a file whose first From_ line is at ``start``."""
    quoted = _quoted(head)
    variant = "mboxo" if quoted == 1 else "mboxrd"
    if not any(spelling in head for spelling in _LENGTH_SPELLINGS):
        return replace(style, variant=variant)
    splitter = Splitter(
        Peeked(head, _Nothing()), start, replace(style, variant="mboxcl2"), len(head) + 1
    )
    messages = right = 0
    inner = False
    for extent in splitter.extents(0):
        messages += 1
        if splitter.length_was_right:
            right += 1
            inner = inner or (extent.data is not None and _ANY_FROM.search(extent.data) is not None)
    if right and right * 2 >= messages:
        variant = "mboxcl2" if inner else "mboxcl"
    return replace(style, variant=variant)


def _quoted(head: bytes) -> int:
    """The most ``>`` before ``From `` at a line's start: 0, 1, or 2 for two and more."""
    most = 0
    at = head.find(b">From ")
    while at >= 0 and most < 2:
        start = at
        while start and head[start - 1] == 62:
            start -= 1
        if not start or head[start - 1] in (10, 13):
            most = max(most, min(at - start + 1, 2))
        at = head.find(b">From ", at + 6)
    return most


class _Nothing:
    def read(self, size: int, /) -> bytes:
        """Always the end."""
        return b""


def open_mbox(stream: Stream, limit: int) -> Splitter:
    """Survey the first bytes of a stream and return the splitter for it.

    ``limit`` (bytes) is the most that one message may take in memory.
    """
    head, whole = peek(stream, WINDOW)
    found = first_separator(head)
    if found is None:
        # Cut at the front, or a first message without its From_ line.
        style = Style(cr_only=b"\r" in head and b"\n" not in head)
        start = find_separator(head, 0, style)
        start = start if start >= 0 else len(head)
    else:
        start, style = found
    return Splitter(whole, start, survey(head, start, style), limit, lead=head[:start])


class Splitter:
    """Splits a stream at its separators; holds one message and a chunk, never more.

    ``start`` is where the first From_ line is and ``lead`` what lies before it. After the last
    extent ``error`` says where the stream broke, if so.
    """

    def __init__(
        self, stream: Stream, start: int, style: Style, limit: int, lead: bytes = b""
    ) -> None:
        self._stream = stream
        self._start = start
        self.style = style
        self._limit = limit
        self._needle = b"\rFrom " if style.cr_only else b"\nFrom "
        self._buf = bytearray()
        self._pos = 0  # where the message at hand starts in the buffer
        self._base = 0  # offset in the stream of the buffer's first byte
        self._end = False
        self._hash = hashlib.sha256()
        self._hashed = 0  # bytes of the message at hand that were hashed and dropped
        self.lead = lead
        self.error: SourceError | None = None
        self.error_told = False  # whether an extent carries the error already
        self.length_was_right = False

    def extents(self, skip: int) -> Iterator[Extent]:
        """Yield every message's extent in order; ``data`` is not made for the first ``skip``."""
        while len(self._buf) < self._start and self._fill():
            pass
        self._pos = min(self._start, len(self._buf))
        while self._pos < len(self._buf) or self._fill():
            end, body_end = self._find_end()
            yield self._take(end, body_end, skip > 0)
            skip -= 1

    @property
    def offset(self) -> int:
        """How many bytes of the stream are split so far."""
        return self._base + self._pos - self._hashed

    def _fill(self) -> bool:
        """Read a chunk on to the buffer; False at the end (or where the stream broke)."""
        if self._end:
            return False
        if self._pos > CHUNK:
            del self._buf[: self._pos]
            self._base += self._pos
            self._pos = 0
        try:
            data = self._stream.read(CHUNK)
        except SourceError as error:
            self.error = error
            data = b""
        if not data:
            self._end = True
            return False
        self._buf += data
        return True

    def _find_end(self) -> tuple[int, int | None]:
        """Where the next message starts, and where the body ends if its length says; relative."""
        self.length_was_right = False
        if self.style.by_length:
            told = self._end_by_length()
            if told is not None:
                self.length_was_right = True
                return told
        scan = 5
        while True:
            at = self._buf.find(self._needle, self._pos + scan)
            if at < 0:
                scan = max(scan, len(self._buf) - self._pos - 6)
                if not self._fill():
                    return len(self._buf) - self._pos, None
                scan = self._drop_oversize(scan)
                continue
            if len(self._buf) - at < LOOK:
                scan = at - self._pos
                if self._fill():
                    scan = self._drop_oversize(scan)
                    continue
                at = self._pos + scan
            if starts_message(self._buf, at, self.style):
                return at + 1 - self._pos, None
            scan = at + 1 - self._pos

    def _drop_oversize(self, scan: int) -> int:
        """Hash and drop what is scanned of a message over the limit; the new scan position."""
        if not self._hashed and scan <= self._limit:
            return scan
        cut = scan - 4
        if cut < CHUNK // 2:
            return scan
        with memoryview(self._buf) as view:
            self._hash.update(view[self._pos : self._pos + cut])
        self._hashed += cut
        self._base += self._pos + cut
        del self._buf[: self._pos + cut]
        self._pos = 0
        return 4

    def _end_by_length(self) -> tuple[int, int] | None:
        """The end that Content-Length tells, if it lands on a From_ line or the end."""
        blank = None
        while True:
            blank = _BLANK.search(self._buf, self._pos, self._pos + _HEADERS_MAX)
            if blank or len(self._buf) - self._pos >= _HEADERS_MAX or not self._fill():
                break
        if blank is None:
            return None
        length = _LENGTH.search(self._buf, self._pos, blank.end())
        if length is None:
            return None
        body_end = blank.end() - self._pos + int(length[1])
        if body_end > self._limit:
            return None
        while len(self._buf) - self._pos < body_end + LOOK and self._fill():
            pass
        at = self._pos + body_end
        size = len(self._buf)
        if at > size or (at == size and self.error is not None):
            return None
        for line_end in (b"", b"\r\n", b"\n", b"\r"):
            next_at = at + len(line_end)
            if not self._buf.startswith(line_end, at):
                continue
            if next_at == size or (
                self._buf[next_at - 1] in b"\r\n" and is_separator(self._buf, next_at, self.style)
            ):
                return next_at - self._pos, body_end
        return None

    def _take(self, end: int, body_end: int | None, skipped: bool) -> Extent:
        """Make the extent of the message at hand, ``end`` bytes on, and move past it."""
        start = self._base + self._pos - self._hashed
        extent = Extent(start, self._hashed + end)
        stop = self._pos + end
        broken = self.error is not None and self._end and stop == len(self._buf)
        self.error_told = broken
        if skipped:
            pass
        elif broken or self._hashed or end > self._limit:
            with memoryview(self._buf) as view:
                self._hash.update(view[self._pos : stop])
            extent.sha256 = self._hash.hexdigest()
            extent.reason = (
                f"the message is not whole: {self.error}"
                if broken
                else f"the message is larger than {self._limit:,} bytes"
            )
        else:
            line = FROM_LINE.match(self._buf, self._pos)
            extent.line = line[0] if line else b""
            extent.data = self._message(self._pos + len(extent.line), stop, body_end)
        if self._hashed or extent.sha256:
            self._hash = hashlib.sha256()
            self._hashed = 0
        self._pos = stop
        return extent

    def _message(self, start: int, stop: int, body_end: int | None) -> bytes:
        buf = self._buf
        rest = _ENVELOPE_REST.match(buf, start, start + 4 * LOOK)
        start = rest.end() if rest else start
        if body_end is not None:
            stop = max(start, self._pos + body_end)
        elif buf.endswith((b"\r\n\r\n", b"\n\r\n"), start, stop):
            stop -= 2
        elif buf.endswith((b"\n\n", b"\r\r"), start, stop):
            stop -= 1
        with memoryview(buf) as view:
            data = bytes(view[start:stop])
        if self.style.variant == "mboxcl2" or b">From " not in data:
            return data
        blank = _BLANK.search(data)
        if data[:1] in (b"\r", b"\n"):  # no headers at all
            cut = 0
        elif blank is None:
            return data
        else:
            # The header's last line end stays with the body, for a quoted line right after it.
            cut = blank.end() - 1
        quoted = _QUOTED_ONCE if self.style.variant == "mboxcl" else _QUOTED
        return data[:cut] + quoted.sub(rb"\1\2", data[cut:])
