"""What a file is, by its content: the formats that are read, companions, and known others.

``_STEPS`` is the one list of what is told apart, in the order of asking. Each step looks at the
name, or at as few of the first bytes as can exclude it, before it does more: most files are small
messages, and those go through the steps down to ``_mail`` only.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass

from riskscan.mail.fromline import Style, find_separator, first_separator, is_from_line
from riskscan.mail.mime import is_entity
from riskscan.mail.oddhead import holds_block
from riskscan.mail.smime import innermost
from riskscan.sources.cfb import directory_end, is_msg
from riskscan.sources.chatsniff import (
    begins_slack_day,
    chat_kind,
    looks_like_chat,
    may_be_teams,
)
from riskscan.sources.item import SourceError, failed
from riskscan.sources.lines import head_text
from riskscan.sources.loadkinds import load_kind
from riskscan.sources.names import Origin
from riskscan.sources.papers import told
from riskscan.sources.signedfile import secured, signed_too_often
from riskscan.sources.splitter import WINDOW
from riskscan.sources.stream import Stream, peek
from riskscan.sources.utf16 import narrow_head

HEAD = 8 * 1024
_HEADERS_MAX = 64 * 1024
_PAGE_MAX = 1024 * 1024
_OLE_MAX = 256 * 1024 * 1024

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]{0,8}:")
_KNOWN = frozenset(
    b"from to cc bcc date subject received message-id return-path mime-version content-type "
    b"delivered-to reply-to sender content-transfer-encoding dkim-signature envelope-to "
    b"authentication-results in-reply-to references".split()
)
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:\r\n|\n|\r))*")
_ENVELOPE = re.compile(rb">?From ([^\r\n]{0,1000})(?:\r\n|\n|\r)")
_EMLX = re.compile(rb"\A[ \t]*(\d{1,12})[ \t]*\r?\n")
_PLIST = re.compile(rb"\s{0,16}(?:<\?xml|<!DOCTYPE plist|<plist|bplist)")
_MBOX_NAME = re.compile(r"\.(mbox|mbx|mboxrd|mboxo|mboxcl2?)(\.(gz|bz2|xz))?\Z", re.I)
_MSG_NAME = re.compile(r"\.msg(\.(gz|bz2|xz))?\Z", re.I)
_MAIL_NAME = re.compile(r"\.(emlx?|msg|mbox)(\.(gz|bz2|xz))?\Z", re.I)

_OUTLOOK_MAGIC = {b"!BDN": "pst", b"\x78\x9f\x3e\x22": "tnef"}

_COMPANION_NAMES = frozenset(
    {
        ".ds_store", "thumbs.db", "desktop.ini", "maildirfolder", "subscriptions", "maildirsize",
        "courierimapsubscribed", "courierimapuiddb", "courierimapacl", "courierimapkeywords",
    }
)  # fmt: skip
_COMPANION_SHAPES = re.compile(r"(\.msf|\.mozmsgs)\Z|\A(dovecot[-.\w]*|\._.*)\Z", re.I)

# (offset, magic, what it looks like); first match wins.
_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an OLE file (old Office or another, no Outlook message)",
    ),
    (0, b"\xcf\xad\x12\xfe", "an Outlook Express folder (DBX)"),
    (0, b"\x1a\x00\x00\x04\x00\x00", "a Lotus Notes database (NSF)"),
    (0, b"JMF6", "an Outlook Express 4 folder (MBX)"),
    (0, b"%PDF", "PDF"),
    (0, b"{\\rtf", "RTF"),
    (0, b"\x89PNG", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF8", "GIF"),
    (0, b"RIFF", "a RIFF file (WAV, AVI or WebP)"),
    (0, b"ID3", "MP3"),
    (4, b"ftyp", "MP4"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\x28\xb5\x2f\xfd", "zstd data"),
    (0, b"\x1f\x9d", "compress (.Z) data"),
    (0, b"MSCF", "a cabinet archive"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"\x7fELF", "a program (ELF)"),
    (0, b"MZ", "a program (Windows)"),
    (0, b"bplist", "a property list"),
)
_OFFICE = re.compile(
    rb"\A(?:.{26}.{4}(?:\[Content_Types\]\.xml|_rels/|mimetypeapplication/|word/|xl/|ppt/|META-INF/))",
    re.S,
)
# "[00:18:07] Ada: now": words behind a bracket, as no JSON has them.
_BRACKETED = re.compile(rb"""\[[^\[\]{}"\n]{0,80}\][^\S\n]{0,20}[^\s,\]]""")


@dataclass(slots=True, frozen=True)
class Sniffed:
    """``kind`` is the format's name in the registry, ``empty``, ``companion`` or ``""``.

    ``looks_like`` says in words what a file of kind ``companion`` or ``""`` is.
    """

    kind: str
    looks_like: str = ""


class _Look:
    """A stream as far as it was looked at: ``head`` is its first bytes, ``stream`` all of it."""

    def __init__(self, stream: Stream, origin: Origin) -> None:
        self.origin = origin
        self.head, self.stream = peek(stream, HEAD)

    @property
    def cut(self) -> bool:
        """Whether there is more than ``head``."""
        return len(self.head) == HEAD

    @property
    def needed(self) -> int:
        """How many header fields make a message of it: one where the name says so."""
        return 1 if self.origin.in_maildir or _MAIL_NAME.search(self.origin.name) else 2

    def further(self, size: int) -> bytes:
        """More of the first bytes."""
        more, self.stream = peek(self.stream, size)
        return more


def sniff(stream: Stream, origin: Origin) -> tuple[Sniffed, Stream]:
    """Tell a stream's format and give back the whole stream; raises SourceError.

    The name decides only where the content allows either: an mbox of one message, or a message
    with an envelope line.
    """
    look = _Look(stream, origin)
    try:
        for step in _STEPS:
            if found := step(look):
                return found, look.stream
        return Sniffed("", _looks_like(look.head)), look.stream
    except (SourceError, OSError):
        raise
    except Exception as error:
        # Promise 1, as of a reader (reading.py): one odd file must not end the walk.
        raise SourceError(failed(error)) from error


def _empty(look: _Look) -> Sniffed | None:
    if look.head:
        return None
    look.stream.read(1)  # raises when the stream broke at its first byte
    return Sniffed("empty")


def _left_behind(look: _Look) -> Sniffed | None:
    words = _companion(look.head, look.origin.name)
    return Sniffed("companion", words) if words else None


def _paper(look: _Look) -> Sniffed | None:
    """What Google and Microsoft put beside exported mail, and Google Chat: by names."""
    kind, looks_like = told(look.head, look.origin)
    return Sniffed(kind, looks_like) if kind else None


def _by_magic(look: _Look) -> Sniffed | None:
    """PST, TNEF, compressions, archives."""
    kind = _OUTLOOK_MAGIC.get(look.head[:4]) or _packed(look.head)
    return Sniffed(kind) if kind else None


def _outlook(look: _Look) -> Sniffed | None:
    """An Outlook message: its directory may lie far behind."""
    end = directory_end(look.head)
    if not end:
        return None
    head = look.further(end) if len(look.head) < end <= _OLE_MAX else look.head
    # What is cut off before its directory has only its name.
    msg = is_msg(head) or (end > len(head) and _MSG_NAME.search(look.origin.name))
    return Sniffed("msg") if msg else None


def _mail(look: _Look) -> Sniffed | None:
    """An mbox or a single message."""
    head, single = look.head, look.origin.in_maildir
    named_mbox = _MBOX_NAME.search(look.origin.name) is not None
    if first_separator(head) is not None and not single:
        if named_mbox:
            return Sniffed("mbox")
        more = look.further(WINDOW // 4)
        again = first_separator(more)
        several = len(more) >= WINDOW // 4 or (
            again is not None and find_separator(more, again[0] + 5, again[1]) >= 0
        )
        return Sniffed("mbox" if several or not is_message(more, 2) else "message")
    if _emlx_length(head):
        return Sniffed("emlx")
    if named_mbox:
        # Cut at the front, or its first message has no From_ line.
        more = look.further(WINDOW // 4)
        style = Style(cr_only=b"\r" in more and b"\n" not in more)
        if find_separator(more, 0, style) >= 0:
            return Sniffed("mbox")
    if is_message(head, look.needed):
        return Sniffed("message")
    # Its name says what it is: what stands before its headers makes nothing else of it.
    return Sniffed("message") if look.needed == 1 and holds_block(head) else None


def _wide_mail(look: _Look) -> Sniffed | None:
    """A single message saved as UTF-16 (utf16.py)."""
    if b"\0" not in look.head[:2] and not look.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    return Sniffed("message") if is_message(narrow_head(look.head), look.needed) else None


def _signed(look: _Look) -> Sniffed | None:
    """S/MIME in a file of its own: a message, where one was signed (signedfile.py)."""
    words = secured(look.head)
    if not words:
        return None
    content = innermost(look.further(_HEADERS_MAX))
    named = look.origin.name.lower().removesuffix(".p7m")
    mail = is_message(content, look.needed) or is_entity(content, named)
    return Sniffed("message") if mail else Sniffed("", signed_too_often(content) or words)


def _chat(look: _Look) -> Sniffed | None:
    """Slack, Teams, WhatsApp (chatsniff.py)."""
    kind = chat_kind(look.head, look.origin)
    if not kind and look.cut and _looks_like(look.head) == "JSON":
        more = look.further(_HEADERS_MAX)
        kind = chat_kind(more, look.origin)
        if not kind and begins_slack_day(more, look.origin.name):
            kind = "slack"
    return Sniffed(kind) if kind else None


def _load(look: _Look) -> Sniffed | None:
    """Load files and tables (loadkinds.py)."""
    kind = load_kind(look.head, look.origin.name)
    return Sniffed(kind) if kind else None


def _page(look: _Look) -> Sniffed | None:
    """A page that may be a Teams chat (teamshtml.py reads it whole to know)."""
    start = head_text(look.head[:1024]).lstrip("\ufeff \t\r\n")[:200].lower()
    if not start.startswith(("<!doctype html", "<html")):
        return None
    return Sniffed("teams-html") if may_be_teams(look.further(_PAGE_MAX), look.origin) else None


def _long_headers(look: _Look) -> Sniffed | None:
    """A message whose first header has many kilobytes."""
    if not look.cut or _looks_like(look.head) != "text":
        return None
    return Sniffed("message") if is_message(look.further(_HEADERS_MAX), look.needed) else None


_STEPS: tuple[Callable[[_Look], Sniffed | None], ...] = (
    _empty,
    _left_behind,
    _paper,
    _by_magic,
    _outlook,
    _mail,
    _wide_mail,
    _signed,
    _chat,
    _load,
    _page,
    _long_headers,
)


def is_message(head: bytes, needed: int) -> bool:
    """Whether RFC 5322 header fields start the bytes: ``needed`` of them, one well known.

    A byte order mark, blank lines and From_ lines may come first.
    """
    at = message_start(head)
    while line := _ENVELOPE.match(head, at):
        at = line.end()  # a sentence, maybe; but a header follows
    fields = 0
    known = False
    while at < len(head):
        if head[at] in b" \t":
            if not fields:
                return False
        elif field := _FIELD.match(head, at):
            fields += 1
            name = field[1].lower()
            known = known or name in _KNOWN or name.startswith((b"x-", b"resent-"))
            if known and fields >= needed:
                return True
        else:
            return False
        end = _LINE_END.search(head, at)
        if end is None:
            return False
        at = end.end()
    return False


def message_start(head: bytes) -> int:
    """Where the first header line is: after a byte order mark, blank lines and From_ lines."""
    lead = _LEAD.match(head)
    at = lead.end() if lead else 0
    while (line := _ENVELOPE.match(head, at)) and is_from_line(line[1]):
        at = line.end()
    return at


def _emlx_length(head: bytes) -> int:
    """The message's length that an Apple Mail .emlx file starts with, or 0."""
    count = _EMLX.match(head)
    return int(count[1]) if count and is_message(head[count.end() :], 2) else 0


def emlx_extent(data: bytes) -> tuple[int, int, bool] | None:
    """Start and end of the message in an .emlx file, and whether its byte count is right.

    None when it is cut off. A count too small (where a copy made CR LF of the line ends) would
    leave out the end of the message: it goes to the property list then.
    """
    count = _EMLX.match(data)
    if count is None or count.end() + int(count[1]) > len(data):
        return None
    end = count.end() + int(count[1])
    if not data[end:].strip() or _PLIST.match(data, end):
        return count.end(), end, True
    found = data.rfind(b"<?xml", end)
    return count.end(), found if found >= 0 else len(data), False


def _packed(head: bytes) -> str:
    if head.startswith(b"\x1f\x8b\x08"):
        return "gz"
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bz2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "" if _OFFICE.match(head) else "zip"
    # A tar has no magic of its own, but a checksum in octal digits.
    if len(head) >= 512 and head[:1] != b"\0" and head[148:156].strip(b" \0").isdigit():
        if head[257:262] == b"ustar":
            return "tar"
        try:
            tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            return ""
        return "tar"
    return ""


def _companion(head: bytes, name: str) -> str:
    """What a known companion file is, or ""."""
    folded = name.casefold()
    if folded in _COMPANION_NAMES or _COMPANION_SHAPES.search(folded):
        # A message may be called anything: litter is never made of header fields.
        return "" if is_message(head, 2) else "a file that mail programs and desktops leave"
    if folded == "production.json" and b'"riskscan production"' in head:
        return "what riskscan says of a production"
    if folded == "labels.jsonl":
        first = head.split(b"\n", 1)[0]
        try:
            line = json.loads(first)
        except (ValueError, RecursionError):
            return ""
        if isinstance(line, dict) and "message_id" in line and "flag" in line:
            return "labels for riskscan"
    return ""


def _looks_like(head: bytes) -> str:
    for offset, magic, words in _OTHERS:
        if head.startswith(magic, offset):
            return words
    if _OFFICE.match(head):
        return "an Office or OpenDocument file"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    lower = text[:200].lower()
    if lower.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if lower.startswith(b"<?xml"):
        return "XML"
    if b"\0" in head:
        return "binary data"
    if looks_like_chat(head):
        return "a log, or a chat of which neither name nor lines say that it is WhatsApp's"
    if text[:1] in (b"{", b"[") and not _BRACKETED.match(text):
        return "JSON"
    if sum(b < 9 or 13 < b < 32 for b in head) * 20 > len(head):
        return "binary data"
    return "text"
