"""Header blocks: the one place that uses mail-parser (``import mailparser``).

mail-parser is fed the bytes of each header block and holds the stdlib ``email`` Message of it.
Its ``parse`` is overridden, because it decodes everything there is before anybody asks (seven
times the price of the headers) and loses or guesses on the way; what riskscan reads of it are
the header fields, its structural address parser and its date parser. The faults that are put
right here and in mime.py, body.py, addresses.py and dates.py, each with a regression message in
tests/mail/test_parse_faults.py:

- a header that occurs twice turns its value from a string into a list;
- encoded words: undecodable bytes are dropped in silence, unknown charsets read as UTF-8, an
  encoded word next to text or with a blank inside stays as it is, NFC changes the text;
- raw 8-bit header bytes that are not UTF-8 are dropped;
- one line that is no header ends the header block, and From, To and Date become body text;
- so does a field with a blank before its colon, and what follows it is nowhere at all;
- text that is not valid in its declared charset is read as UTF-8 with replacement characters;
- all text parts are collected in two lists, alternatives beside mixed parts, so a reader gets
  each text twice or in the wrong order; format=flowed and HTML are left as they are;
- parts of attached messages are mixed with the parts of the message itself;
- base64 or quoted-printable message/rfc822 is read as if it were not encoded;
- unnamed attachments get a random name, so the same message differs from run to run;
- an attachment's line ends are changed (CR LF to LF) when it is not transfer-encoded;
- dates with two-letter slips (no zone blank, "Sept", ISO 8601, asctime, 24:00) are None;
- addresses that are ambiguous to RFC 5322 are dropped ("Name addr@host", Lotus names);
- nesting beyond Python's recursion limit raises, and cost is quadratic below it.
"""

from __future__ import annotations

import binascii
import functools
import re
from collections.abc import Sequence
from email.parser import BytesHeaderParser

from mailparser import MailParser
from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from riskscan.mail.charset import clean, codec_name, to_text
from riskscan.mail.fromline import is_from_line
from riskscan.mail.oddhead import is_machine_line, told_lines

__all__ = [
    "Headers",
    "content_params",
    "decode_raw",
    "decode_words",
    "parse_mail_date",
    "split_head",
    "strict_addresses",
    "without_comments",
]

# One header block in which every line is a field or the continuation of one.
# Possessive: going back could not help, and remembering where to costs 40 bytes for each.
_WELL_FORMED = re.compile(rb"(?>[!-9;-~]+[ \t]*:[^\n]*\n(?>[ \t][^\n]*\n)*+)*+")
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
# RFC 5322 section 4.5 allows blanks before the colon; to the library the fields end there.
_BLANK_BEFORE_COLON = re.compile(rb"^([!-9;-~]++)[ \t]++:", re.M)
_KNOWN_FIELD = re.compile(
    rb"(?:from|to|cc|subject|date|received|message-id|mime-version|content-[a-z-]{1,40}"
    rb"|return-path|reply-to|sender|x-[a-z0-9-]{1,60})[ \t]*:",
    re.I,
)
# What nobody copies above a text of his own.
_TECHNICAL_FIELD = re.compile(rb"(?:received|message-id|mime-version|return-path)[ \t]*:", re.I)
_LINES_ABOVE = 3  # that are no fields, above such ones
_MARK = b"\xef\xbb\xbf"  # of UTF-8, before the headers of mail that an editor saved
MAX_VALUE = 1 << 20  # characters of one header value that are looked at
_MAX_PARAMS = 16384  # the same for the values that have parameters
_MAX_HEAD = 4 << 20  # bytes of one header block; the library takes a multiple of it


class _Mail(MailParser):  # type: ignore[misc]  # mail-parser has no types
    """mail-parser over one header block; keeps what it parsed instead of decoding it all."""

    def parse(self) -> _Mail:
        return self


# Of a header block there is no body to look for, which takes half of the time of small ones.
_BLOCK = BytesHeaderParser()


class Headers:
    """The fields of one header block, in order of occurrence by lower-case name."""

    __slots__ = ("_fields", "hint")

    def __init__(self, head: bytes) -> None:
        self._fields: dict[str, list[str]] = {}
        self.hint = ""  # charset for 8-bit bytes in header values
        if head:
            for name, value in _Mail(_BLOCK.parsebytes(head)).message.raw_items():
                self._fields.setdefault(name.lower().rstrip(), []).append(value)

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def count(self, name: str) -> int:
        """How often the field occurs."""
        return len(self._fields.get(name, ()))

    def names(self) -> Sequence[str]:
        """The lower-case names of the fields, each once."""
        return tuple(self._fields)

    def all(self, name: str) -> list[str]:
        """Every value of a field, unfolded but not decoded."""
        return [_unfold(value) for value in self._fields.get(name, ())]

    def lists(self, name: str) -> list[str]:
        """As ``all``, but each value as long as it is: of addresses none is left out unsaid."""
        return [_unfold(value, _MAX_HEAD) for value in self._fields.get(name, ())]

    def raw(self, name: str) -> str:
        """The first value of a field that is not blank, unfolded but not decoded; else ""."""
        for value in self._fields.get(name, ()):
            if unfolded := _unfold(value):
                return unfolded
        return ""

    def text(self, name: str) -> str:
        """The first value of a field that is not blank, decoded for reading."""
        return decode_words(self.raw(name), self.hint)


def split_head(data: bytes) -> tuple[bytes, bytes, list[str]]:
    """Part a message or MIME part into header block and body, with defects.

    RFC 5322 ends the header block at the first empty line. Lines in it that are no field are
    left out when fields follow them; otherwise the body begins there. Bare carriage returns
    inside a header line are blanks: no field can be smuggled in behind one.
    """
    if data.startswith(_MARK) and _FIELD.match(data, len(_MARK)):
        data = data[len(_MARK) :]
    if data.startswith((b"\n", b"\r\n")):
        return b"", data[1:] if data[:1] == b"\n" else data[2:], []
    end, start = _empty_line(data)
    head, body = data[:end], data[start:]
    if start == len(data) and not head.endswith(b"\n"):
        head += b"\n"
    if b"\r" in head:
        head = head.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    if b"\0" in head:
        head = head.replace(b"\0", b"")
    defects: list[str] = []
    if not _WELL_FORMED.fullmatch(head):
        head, body, defects = _mend(head, body)
    if len(head) > _MAX_HEAD:
        head = head[: head.rfind(b"\n", 0, _MAX_HEAD) + 1] or head[:_MAX_HEAD] + b"\n"
        defects = [*defects, f"more than {_MAX_HEAD:,} bytes of headers: the rest is not read"]
    if b" :" in head or b"\t:" in head:
        head = _BLANK_BEFORE_COLON.sub(rb"\1:", head)
    return head, body, defects


def _empty_line(data: bytes) -> tuple[int, int]:
    """Where the first empty line begins and ends; both at the end of ``data`` if there is none.

    One with the end of the first line is looked for first: to look for the other kind may take
    a pass over all of ``data``, at each level of nesting.
    """
    marks = [b"\n\n", b"\n\r\n"]
    line = data.find(b"\n")
    if data[line - 1 : line] == b"\r":
        marks.reverse()
    found = len(data)
    start = found
    for mark in marks:
        at = data.find(mark, 0, found)
        if at >= 0:
            found, start = at + 1, at + len(mark)
    return found, start


def _mend(head: bytes, body: bytes) -> tuple[bytes, bytes, list[str]]:
    """Leave out what is no field in a header block, or end the block before it.

    Looks at the start of a block that is too long, and leaves the rest to whoever cuts it.
    """
    if len(head) > _MAX_HEAD:
        at = head.rfind(b"\n", 0, _MAX_HEAD) + 1 or _MAX_HEAD
        head, beyond = head[:at], head[at:]
    else:
        beyond = b""
    lines = head.splitlines(keepends=True)
    fields_from = len(lines)  # from this line on there are only fields, one of them known
    known = technical = False
    for i in range(len(lines) - 1, -1, -1):
        line = lines[i]
        if not (_FIELD.match(line) or line[:1] in b" \t"):
            break
        known = known or bool(_KNOWN_FIELD.match(line))
        technical = technical or bool(_TECHNICAL_FIELD.match(line))
        if line[:1] not in b" \t":  # at the very begin of a block, there is nothing to continue
            fields_from = i
    if not known:
        fields_from = len(lines)
    kept: list[bytes] = []
    dropped: list[bytes] = []
    for i, line in enumerate(lines):
        if _FIELD.match(line) or (line[:1] in (b" ", b"\t") and kept):
            kept.append(line)
        elif (i == 0 and _is_from_line(line)) or not line.strip():
            continue
        elif (
            i < fields_from < len(lines)
            and (
                kept
                or line.startswith((b" ", b"\t", b"From "))
                or is_machine_line(line)
                or (technical and i < _LINES_ABOVE)
            )
            and not _begins_body(lines, i, kept, len(dropped))
        ):
            dropped.append(line)
        else:
            rest = b"".join(lines[i:]) + beyond
            body = rest + b"\n" + body if body else rest
            defect = "no empty line between headers and body" if kept else "no headers"
            return b"".join(kept), body, [defect]
    defects = [told_lines(dropped, "in the headers")] if dropped else []
    return b"".join(kept) + beyond, body, defects


def _is_from_line(line: bytes) -> bool:
    """Whether a line is what stands before a message in an mbox."""
    line = line.removeprefix(b">")
    return line.startswith(b"From ") and is_from_line(line[5:].rstrip(b"\r\n"))


def _begins_body(lines: list[bytes], at: int, kept: list[bytes], dropped: int) -> bool:
    """Is a line that is no field the first of the body: behind a line of blanks, or a boundary?"""
    if at and not lines[at - 1].strip():
        return True
    mark = lines[at].strip()
    # Not asked of each line of many: it takes a look at all fields.
    return dropped < 10 and mark[:2] == b"--" < mark and any(mark[2:] in field for field in kept)


def _unfold(value: str, most: int = MAX_VALUE) -> str:
    value = value[:most]
    if "\n" in value or "\r" in value:
        return " ".join(line.strip() for line in value.splitlines()).strip()
    return value.strip()


# The text of a word must not hold "?"; broken ones do, so a bounded second form allows it.
_WORD = re.compile(r"=\?([^?\s]{0,80})\?([bBqQ])\?([^?]*|(?:[^?]|\?(?!=)){0,1000})\?=", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def decode_words(value: str, hint: str = "") -> str:
    """Decode the encoded words (RFC 2047) and raw 8-bit bytes of a header value.

    Lenient where mail is broken: words beside text, with blanks inside, with a language suffix
    (RFC 2231) or with a multi-byte character split over two words. ``hint`` is the charset of
    raw bytes that are not UTF-8.
    """
    if "=?" not in value:
        return _readable(decode_raw(value, hint))
    out: list[str] = []
    pending: list[bytes] = []  # decoded bytes of neighbouring words of one charset
    charset = ""
    at = 0
    for match in _WORD.finditer(value):
        between = value[at : match.start()]
        at = match.end()
        name = match.group(1).split("*", 1)[0].lower()
        if pending and (between.strip() or name != charset):
            out.append(to_text(b"".join(pending), charset, hint)[0])
            pending.clear()
            out.append(decode_raw(between, hint) if between.strip() else "")
        elif between.strip():
            out.append(decode_raw(between, hint))
        elif not out and not pending:
            out.append(between)
        charset = name
        pending.append(_word_bytes(match.group(2), match.group(3), charset))
    if pending:
        out.append(to_text(b"".join(pending), charset, hint)[0])
    out.append(decode_raw(value[at:], hint))
    return _readable("".join(out))


def _word_bytes(encoding: str, text: str, charset: str) -> bytes:
    try:
        # Against RFC 2047 there may be characters in it that are not ASCII.
        raw = text.encode("ascii" if text.isascii() else codec_name(charset), "surrogateescape")
    except (UnicodeError, LookupError):
        raw = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
    raw = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))


def decode_raw(value: str, hint: str = "") -> str:
    """A header value with its raw 8-bit bytes read: as UTF-8, as ``hint``, or by a guess."""
    if value.isascii() and "\x1b$" not in value:
        return value
    return to_text(value.encode("utf-8", "surrogateescape"), "", hint)[0]


def _readable(text: str) -> str:
    if text.isprintable():
        return text.strip()
    return _CONTROLS.sub(" ", clean(text)).strip()


@functools.lru_cache(maxsize=1024)
def content_params(value: str) -> tuple[str, dict[str, str]]:
    """Read a Content-Type or Content-Disposition value: lower-case value and its parameters.

    Parameters are decoded by RFC 2231 (continued, with charset) or, where senders did so
    against RFC 2047, by encoded words. Do not change the dictionary: it is shared.
    """
    value = _flat(value[:_MAX_PARAMS])
    head, _, rest = value.partition(";")
    found: dict[str, str] = {}
    for match in _PARAM.finditer(";" + rest):
        name = match.group(1).lower()
        quoted = match.group(2)
        text = (
            re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else _text(match.group(3), name)
        )
        found.setdefault(name, text)
    head = _CONTROLS.sub("", without_comments(head)).strip(' \t"').lower()
    return head, _join_continued(found)


def without_comments(value: str) -> str:
    """A value without the comments (RFC 822 section 3.4.3) beside its one word."""
    return _COMMENT.sub(" ", _flat(value)).split("(", 1)[0] if "(" in value else value


def _flat(value: str) -> str:
    """A value whose comments hold no comments, and no semicolon, of their own.

    The text of parameters stays, for brackets there may be part of it; a semicolon in them is NUL.
    """
    if "(" not in value:
        return value
    kept: list[str] = []
    depth, quoted, escaped, at = 0, False, False, 0
    while at < len(value):
        char = value[at]
        mark = "" if escaped else char
        escaped = mark == "\\"
        if mark == "=" and not depth and not quoted and (text := _TEXT.match(value, at)):
            end = _end_of_text(value, text.end())
            if end < 0:
                return value
            kept.append(value[at:end].replace(";", "\0"))
            at = end
            continue
        at += 1
        if mark == '"' and not depth:
            quoted = not quoted
        elif mark == "(" and not quoted:
            depth += 1
            if depth > 1:
                continue
        elif mark == ")" and depth:
            depth -= 1
            if depth:
                continue
        kept.append(" " if depth and mark == ";" else char)
    return value if depth else "".join(kept)


def _end_of_text(value: str, start: int) -> int:
    """Where the text of a parameter ends: at a semicolon that parts it from the next one.

    In brackets it does so before more of a file's name; in those within a word, before any
    parameter. -1: they do not close.
    """
    depth, within_word = 0, False
    for i in range(start, len(value)):
        char = value[i]
        if char == "(":
            within_word = within_word if depth else not value[i - 1].isspace()
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif char == ";" and (
            not depth or (_NEXT_PARAM if within_word else _NEXT_PIECE).match(value, i)
        ):
            return i
    return -1 if depth else len(value)


def _text(value: str, name: str) -> str:
    """The text of a parameter without the comments before and behind it."""
    value = value.replace("\0", ";").strip()
    if value[:1] == "(":
        rest = value[_closing(value) :]
        # "(1).pdf" is a file's name.
        if rest.strip() and (rest[0].isspace() or not name.startswith(("name", "filename"))):
            value = rest
    return _bare(value, name)


def _bare(value: str, name: str) -> str:
    """A value without quotes, and without the comment behind it; "a (1)" is a file's name."""
    value = value.strip().removeprefix('"')  # a quoted string that nothing ends
    if value[-1:] != ")":
        return value
    before = value[: len(value) - _closing(value[::-1].translate(_TURNED))].rstrip()
    if not before or (name.startswith(("name", "filename")) and not _ENDING.search(before)):
        return value
    return before


def _closing(value: str) -> int:
    """The end of the bracket with which a value begins; its length, if nothing closes it."""
    depth = 0
    for i, char in enumerate(value):
        depth += (char == "(") - (char == ")")
        if not depth:
            return i + 1
    return len(value)


_TURNED = str.maketrans("()", ")(")
_TEXT = re.compile(r"=(?:(?=\()|\s*(?=[^\s(\"]))")
_NEXT_PARAM = re.compile(r";\s*[^\s=;\"()]{1,100}\s*=")
_NEXT_PIECE = re.compile(r";\s*(?:file)?name\*\d", re.I)
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_ENDING = re.compile(r"\.(?=\d{0,4}[A-Za-z])[A-Za-z0-9]{1,5}\Z")  # ".2024" is a year
_PARAM = re.compile(
    r';\s*(?:\([^()]{0,500}\)\s*)?([^\s=;"]{1,100}?)\s*(?:\([^()]{0,500}\)\s*)?=\s*'
    r'(?:\([^()]{0,500}\)\s*(?="))?(?:"((?:[^"\\]|\\.)*)"|([^;]*))',
    re.S,
)
_CONTINUED = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?")


def _join_continued(found: dict[str, str]) -> dict[str, str]:
    """Put RFC 2231 parameters (name*, name*0, name*1*) together and decode all values."""
    out: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, text in found.items():
        match = _CONTINUED.fullmatch(name)
        if match:
            number = int(match.group(2) or 0)
            extended = match.group(2) is None or match.group(3) is not None
            pieces.setdefault(match.group(1), []).append((number, extended, text))
        else:
            out[name] = decode_words(text)
    for name, parts in pieces.items():
        parts.sort(key=lambda piece: piece[0])
        charset = ""
        raw: list[bytes] = []
        for i, (_, extended, text) in enumerate(parts):
            if extended and i == 0 and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            data = text.encode("utf-8", "surrogateescape")
            raw.append(_percent(data) if extended else data)
        value = to_text(b"".join(raw), charset)[0]
        # Some gateways cut an encoded word (RFC 2047) over the pieces instead.
        plain = not any(extended for _, extended, _ in parts)
        out[name] = decode_words(value) if plain else _readable(value)
    return out


def _percent(data: bytes) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes((int(m.group(1), 16),)), data)


def strict_addresses(value: str) -> tuple[list[tuple[str, str]], list[str]]:
    """mail-parser's structural reading: (name, address) pairs, and the items it gave up on."""
    given_up: list[dict[str, object]] = []
    pairs = get_addresses(value, defects=given_up, decode_names=False)
    lost = [str(d["raw"]) for d in given_up if not d["recovered"]]
    return [(name, address) for name, address in pairs if address], lost
