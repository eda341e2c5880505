"""The MIME tree of a message: parts, their types and their bytes, within fixed bounds.

The stdlib parser recurses for every level of nesting and asks every enclosing boundary at every
line, so hostile mail makes it raise or crawl; it also reads encoded message/rfc822 parts as if
they were plain. Here the body is cut by searching for the boundary, and no level can cost more
than one pass over its bytes.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from riskscan.mail.headers import Headers, content_params, split_head, without_comments
from riskscan.mail.mailfile import is_mail
from riskscan.mail.message import AttachmentRole
from riskscan.mail.roles import SECURED_NAMES
from riskscan.mail.smime import MAX_SIGNATURES, cms_kind, innermost, is_cut

MAX_DEPTH = 120  # levels of multipart inside multipart
MAX_EMBEDDED = 20  # levels of message inside message
MAX_PARTS = 10_000  # parts of one message with all its embedded messages
MAX_NESTED = 512 << 20  # bytes of all multiparts and messages inside others: each holds its own
MAX_SIGNED = 1000  # signed parts of one message that are opened
DOCUMENT_SECONDS = 3.5  # CPU time for the attached documents of one message
MAX_WORK = 1_000_000  # lines and tags of body text that are looked at, see body.py

_EMPTY = Headers(b"")


@dataclass(slots=True)
class Budget:
    """What is left of the bounds for one message and everything in it."""

    parts: int = MAX_PARTS
    embedded: int = MAX_EMBEDDED
    nested: int = MAX_NESTED
    signed: int = MAX_SIGNED
    signatures: int = MAX_SIGNATURES  # around one another
    documents: float = DOCUMENT_SECONDS
    work: int = MAX_WORK


@dataclass(slots=True)
class Part:
    """One MIME entity; ``raw`` is its body before transfer decoding, empty for a multipart.

    ``role``: what it is when it is attached; None where that is not known yet (roles.py).
    ``opened``: what it says is read beside it, not a second time as its text.
    ``unread``: why what it says is read nowhere.
    """

    headers: Headers
    content_type: str
    params: dict[str, str]
    disposition: str
    name: str
    encoding: str
    raw: bytes
    children: list[Part] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    role: AttachmentRole | None = None
    opened: bool = False
    unread: str = ""

    @property
    def charset(self) -> str:
        """The charset that the part declares, as found."""
        return self.params.get("charset", "")

    def walk(self) -> Iterator[Part]:
        """The part and all below it, front to back, without recursion."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))


def read_part(
    headers: Headers, body: bytes, budget: Budget, depth: int = 0, default: str = "text/plain"
) -> Part:
    """The tree of one entity from its headers and body."""
    content_type, params = content_params(headers.raw("content-type"))
    defects: list[str] = []
    if not content_type:
        content_type = default
    elif not _TYPE.fullmatch(content_type):
        content_type, defect = _mend_type(content_type)
        defects.append(defect)
    disposition, extra = content_params(headers.raw("content-disposition"))
    name = extra.get("filename") or params.get("name") or ""
    encoding = without_comments(headers.raw("content-transfer-encoding")).strip(" ;\"'").lower()
    encoding = encoding.replace("quoted printable", "quoted-printable")
    if match := _NEARLY.match(encoding):
        encoding = "base64" if "64" in match[1] else "quoted-printable"
    budget.parts -= 1
    part = Part(
        headers, content_type, params, disposition, clean_name(name), encoding, b"", [], defects
    )
    if not content_type.startswith("multipart/"):
        part.raw = body
        left = budget.parts > 0 and (not depth or budget.nested >= 0)
        if depth < MAX_DEPTH and left and _may_be_signed(part):
            _open_signed(part, budget, depth)
        return part
    budget.nested -= len(body)
    if depth >= MAX_DEPTH or budget.parts <= 0 or (depth and budget.nested < 0):
        part.defects.append("nested too deep" if budget.parts > 0 else "too many parts")
        part.raw, part.disposition = body, "attachment"
        part.content_type, part.name = "application/octet-stream", "too-deep.txt"
        part.role = AttachmentRole.OUTSIDE
        return part
    # Forbidden by RFC 2045, but it occurs; most say so and do not do it.
    if encoding in ("base64", "quoted-printable") and _encoded(body, params.get("boundary", "")):
        decoded, _ = decode_transfer(body, encoding)
        if b"--" in decoded:
            body = decoded
            part.defects.append(f"multipart with transfer encoding {encoding}")
    _cut(part, body, budget, depth)
    return part


_ENCODED_FIELD = re.compile(rb"^Content-[A-Za-z-]{1,40}:[^\n]{0,300}?=3D", re.M | re.I)


def _encoded(body: bytes, boundary: str) -> bool:
    """Is a multipart encoded as a whole: without boundaries, or with =3D in a part's headers?"""
    line = boundary.encode("utf-8", "surrogateescape").rstrip()
    return not line or not _boundaries(body, line)[0] or bool(_ENCODED_FIELD.search(body))


_SIGNED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})

_UNKNOWN = "application/octet-stream"
_UNTYPED = frozenset({_UNKNOWN, "application/x-octet-stream", "application/x-msdownload"})
_OF_ENTITIES = ("content-type", "content-transfer-encoding", "mime-version")
_CMS_HEAD = 256  # bytes, encoded, in which a CMS says what it is


def _may_be_signed(part: Part) -> bool:
    """By its type, or its bytes where that says nothing (RFC 8551 section 3.9)."""
    if part.content_type in _SIGNED_TYPES:
        return True
    if part.content_type not in _UNTYPED and not part.name.lower().endswith(".p7m"):
        return False
    head, _ = decode_transfer(part.raw[:_CMS_HEAD], part.encoding)
    return cms_kind(head) == "signed"


def _open_signed(part: Part, budget: Budget, depth: int) -> None:
    """Give a signed part two children: the entity in it, and itself as it was found.

    What is signed and has no header fields is no entity (RFC 8551 section 3.1) but a file, as of
    ``contract.pdf.p7m``; a signed file that is a message is one that is attached.
    """
    part.unread = _beyond(budget)
    if part.unread:
        part.defects.append(f"a signed part that is not opened: {part.unread}")
        return
    signed = decode_transfer(part.raw, part.encoding)[0]
    content = innermost(signed)
    if not content:
        return
    if is_cut(signed):
        part.defects.append("a signed part is cut off: what was signed may go on")
    budget.signed -= 1
    budget.nested -= len(content)
    found = replace(part, opened=True)
    inner = unsigned(part.name)
    apart = bool(depth) and part.name.lower() not in {"", *SECURED_NAMES}
    head, body, defects = split_head(content)
    headers = Headers(head)
    entity = not cms_kind(content) and _of_entity(headers, inner)
    if apart and entity and (is_mail(content) or not _is_secured(part)):
        kind, own, role = "message/rfc822", f"{part.name}.eml", None
    elif cms_kind(content) or (apart and not entity):
        kind, own, role = _UNKNOWN, inner, AttachmentRole.MEMBER
    else:
        budget.signatures -= 1
        child = read_part(headers, body, budget, depth + 1)
        budget.signatures += 1
        child.defects += defects
        part.children = [child, found]
        return
    file = Part(_EMPTY, kind, {}, "attachment", own, "binary", content, role=role)
    part.children = [found, file]


def _beyond(budget: Budget) -> str:
    """Why no signed part may be opened any more, or ""."""
    if budget.signatures <= 0:
        return f"signed more than {MAX_SIGNATURES} times: not read"
    return f"one of more than {MAX_SIGNED:,} signed parts: not read" if budget.signed <= 0 else ""


def is_entity(content: bytes, name: str) -> bool:
    """Whether bytes that were signed are a MIME entity or a message: its header tells.

    ``name`` as of ``unsigned``: in a file with an ending "From:" alone may begin a text.
    """
    return not cms_kind(content) and _of_entity(Headers(split_head(content)[0]), name)


def _of_entity(headers: Headers, name: str) -> bool:
    return any(f in headers for f in _OF_ENTITIES) or ("from" in headers and "." not in name)


def unsigned(name: str) -> str:
    """The name of a file without the endings of its signatures."""
    while name.lower().endswith(".p7m"):
        name = name[:-4]
    return name


def _is_secured(part: Part) -> bool:
    """Is it the message as it travelled, and not a file that somebody attached?"""
    name = part.name.lower()
    return part.content_type in _SIGNED_TYPES or not name or name.endswith((".p7m", ".p7s", ".p7z"))


_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")


def _mend_type(content_type: str) -> tuple[str, str]:
    squeezed = re.sub(r"\s", "", content_type[:255])
    if _TYPE.fullmatch(squeezed):
        return squeezed, "blank in the content type"
    first = content_type.split()[0] if content_type.split() else ""
    if _TYPE.fullmatch(first):  # "text/plain charset=…" without the semicolon
        return first, "content type that is not well-formed"
    if content_type in ("text", "plain", "html", "multipart"):
        meant = {"html": "text/html", "multipart": "multipart/mixed"}
        return meant.get(content_type, "text/plain"), "content type that is not well-formed"
    return "text/plain", "content type that is not well-formed: read as text"


def _cut(part: Part, body: bytes, budget: Budget, depth: int) -> None:
    """Cut the body of a multipart at its boundary lines into ``part.children``."""
    boundary = part.params.get("boundary", "").encode("utf-8", "surrogateescape").rstrip()
    cuts, closed = _boundaries(body, boundary) if boundary else ([], False)
    if not cuts:
        guessed = _guess_boundary(body)
        if guessed:
            part.defects.append("multipart whose boundary had to be guessed")
            cuts, closed = _boundaries(body, guessed)
    if not cuts:
        part.defects.append("multipart without parts")
        part.raw = body
        part.content_type = "text/plain"
        return
    if not closed:
        part.defects.append("multipart without its closing boundary")
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    preamble = body[: cuts[0].before].strip()
    if len(preamble) >= 400 or not _BOILERPLATE.search(preamble):
        _extra_text(part, preamble, "preamble.txt")
    behind = False
    for i, (_, start, closing) in enumerate(cuts):
        last = i + 1 == len(cuts)
        end = len(body) if last else cuts[i + 1].before
        if closing:
            _extra_text(part, body[start:end].strip(), "epilogue.txt")
            behind = True
            continue
        if budget.parts <= 1:
            part.defects.append(f"more than {MAX_PARTS} parts: the rest is one attachment")
            name = "further-parts.txt"
            kind = "application/octet-stream"
            part.children.append(_outside(kind, name, body[start:]))
            budget.parts = 0
            break
        entity = body[start:end]
        if last and not entity.strip():
            break
        head, content, defects = split_head(entity)
        if not head and defects == ["no headers"]:
            defects = []  # a part without headers is legal: it is text/plain
            head, content = b"", entity
        del entity  # not to be held by each level of nesting
        child = read_part(Headers(head), content, budget, depth + 1, default)
        child.defects += defects
        if behind and not child.children:
            part.defects.append("a part behind the closing boundary: kept as an attachment")
            child.disposition, child.name = "attachment", child.name or "epilogue.txt"
            child.role = AttachmentRole.OUTSIDE
        part.children.append(child)


class _Cut(NamedTuple):
    """A boundary line: where the content before it ends, and after it starts; is it the last?"""

    before: int
    start: int
    closing: bool


def _boundaries(body: bytes, boundary: bytes) -> tuple[list[_Cut], bool]:
    """The boundary lines in ``body``, and whether one of them is the closing one.

    Behind that one a boundary counts only where a part begins, with a header.
    """
    line = b"--" + boundary
    cuts: list[_Cut] = []
    closed = False
    at = 0
    while (found := body.find(line, at)) >= 0:
        at = found + len(line)
        if found and body[found - 1] != 10:
            continue
        end = body.find(b"\n", at)
        end = len(body) if end < 0 else end
        if end - at > 200:
            continue
        tail = body[at:end].strip()
        if tail and tail != b"--":
            continue
        closing = tail == b"--"
        if closed and (closing or not _FIELD.match(body, end + 1)):
            if cuts[-1].closing:
                continue
            closing = True  # the end of a part behind the closing line
        before = found
        if before and body[before - 1] == 10:
            before -= 2 if body[before - 2 : before - 1] == b"\r" else 1
        before = max(before, cuts[-1].start if cuts else 0)
        cuts.append(_Cut(before, min(end + 1, len(body)), closing))
        at = end
        closed = closed or closing
        if len(cuts) > MAX_PARTS + 1:
            break
    return cuts, closed


_FIELD = re.compile(rb"[!-9;-~]{1,100}:")
_DELIMITER = re.compile(rb"^--([^\s][^\n]{3,200}?)[ \t\r]*\n(?=Content-[A-Za-z-]{1,40}:)", re.M)


def _guess_boundary(body: bytes) -> bytes:
    """The boundary of a multipart that does not name it right, or b""."""
    match = _DELIMITER.search(body[:65536])
    return match.group(1) if match else b""


_BOILERPLATE = re.compile(rb"mime|multi-?part|html", re.I)


def _extra_text(part: Part, text: bytes, name: str) -> None:
    """Keep text outside the parts of a multipart, which no mail reader shows, as attachment."""
    if len(text) < 8:
        return
    part.defects.append(f"text outside the parts: kept as {name}")
    part.children.append(_outside("text/plain", name, text))


def _outside(content_type: str, name: str, raw: bytes) -> Part:
    part = Part(_EMPTY, content_type, {}, "attachment", name, "", raw)
    part.role = AttachmentRole.OUTSIDE
    return part


UUENCODINGS = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r?\n)")
# "x-base64", "base64, 7bit", "base64; charset=utf-8"
_NEARLY = re.compile(r"(?:x-|mime-)?(base ?64|b64|quoted-printable)(?![\w-])")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(b for b in range(256) if b not in _BASE64)


def decode_transfer(raw: bytes, encoding: str, text: bool = False) -> tuple[bytes, str]:
    """Undo a content transfer encoding (RFC 2045 section 6), with a defect when it is faulty.

    ``text`` says that a person will read the result: line ends that are not encoded become LF.
    """
    if encoding == "base64":
        return _base64(raw, text)
    if text and of_transport(raw, encoding):
        raw = raw.replace(b"\r\n", b"\n")
    if encoding == "quoted-printable":
        if b"=" in raw:
            raw = binascii.a2b_qp(_SOFT_BREAK.sub(b"=", raw))  # what =0D=0A says stays as it is
        return raw, ""
    if encoding in UUENCODINGS:
        for _, _, decoded, _ in uuencoded(raw):
            return decoded, ""
        return raw, "uuencoded part that cannot be read"
    if encoding == "binary":
        return raw, ""
    defect = ""
    if encoding and encoding not in ("7bit", "8bit", "7-bit", "8-bit", "7bits", "8bits", "none"):
        defect = f"transfer encoding {encoding[:40]!r} is not known: left as it is"
    return raw, defect


_OWN_LINES = frozenset({"base64", "binary", *UUENCODINGS})


def of_transport(raw: bytes, encoding: str) -> bool:
    """Are there line ends that the transport may have made CRLF, and another one LF?

    Those that are not encoded (in quoted-printable: not written as =0D=0A).
    """
    return encoding not in _OWN_LINES and b"\r\n" in raw


_MAX_BLOCKS = 500_000  # with padding of their own; those behind are decoded as one


def _base64(raw: bytes, text: bool) -> tuple[bytes, str]:
    """Decode base64; for ``text`` also find the plain text that some list software appends."""
    tail = b""
    defect = ""
    if text and (match := _NO_BASE64_LINE.search(raw)) and not _goes_on(raw[match.start() :]):
        padded = _PADDED.match(raw, match.start())
        end = padded.end() if padded else match.start()
        raw, tail = raw[:end], raw[end:]
        defect = "text after the base64 of a part: kept" if raw.strip() else "not base64: kept"
    compact = raw.translate(None, _NOT_BASE64)
    content, _, rest = compact.partition(b"=")
    rest = rest.lstrip(b"=")
    if rest and not text and _behind_the_end(raw):
        return _base64_block(content), "text after the base64 of a part: left out"
    if rest:
        # Some mailers encode in blocks, each with its own padding.
        *blocks, last = re.split(rb"=+", rest, maxsplit=_MAX_BLOCKS)
        blocks = [content, *blocks, last.replace(b"=", b"")]
        decoded = b"".join(map(_base64_block, blocks))
        return _appended(decoded, tail), defect or "base64 goes on after its end"
    if len(content) % 4 == 1:
        defect = defect or "base64 that breaks off"
    return _appended(_base64_block(content), tail), defect


def _appended(text: bytes, tail: bytes) -> bytes:
    """``text`` and what stands below it, on a line of its own."""
    apart = text and tail and not text.endswith(b"\n") and not tail[:1].isspace()
    return text + b"\n" + tail if apart else text + tail


def _behind_the_end(raw: bytes) -> bool:
    """Does text follow the first padding, as a virus scanner adds it, rather than more base64?"""
    end = raw.index(b"=")
    found = _NO_BASE64_LINE.search(raw, end)
    return found is not None and not _goes_on(raw[found.start() :])


def _goes_on(tail: bytes) -> bool:
    """Is this still base64, with junk in it, rather than text appended to it?"""
    lines = [line.strip() for line in tail[:8192].splitlines()[1:] if line.strip()]
    return 2 * sum(len(x) > 16 and not x.strip(_BASE64) for x in lines) > len(lines)


# A line with a blank in it, or with what the alphabet does not have; leading blanks are borne.
_NO_BASE64_LINE = re.compile(rb"^(?![ \t]*[A-Za-z0-9+/=]*[ \t\r]*$)", re.M)
_PADDED = re.compile(rb"[ \t]*+[A-Za-z0-9+/]++={1,2}(?=[ \t])")  # the last line, text behind it


def _base64_block(content: bytes) -> bytes:
    if len(content) % 4 == 1:
        content = content[:-1]
    return binascii.a2b_base64(content + b"=" * (-len(content) % 4))


_UU_ROOM = 1 << 20
_UU_FAILED = 20_000  # beginnings without an end after which no more are looked for
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n", re.M)


def uuencoded(raw: bytes) -> Iterator[tuple[int, int, bytes, str]]:
    """The uuencoded files in plain text: (start, end, bytes, name) of each complete one."""
    at = 0
    failed = 0
    while failed < _UU_FAILED and (match := _UU_BEGIN.search(raw, at)):
        at = match.end()
        failed += 1
        out: list[bytes] = []
        size = 0
        position = at
        while position < len(raw):
            end = raw.find(b"\n", position)
            end = len(raw) if end < 0 else end
            line = raw[position:end].rstrip(b"\r")
            position = end + 1
            if line == b"end":
                name = match.group(1).decode("utf-8", "replace")
                yield match.start(), min(position, len(raw)), b"".join(out), clean_name(name)
                at = position
                failed -= 1
                break
            if line in (b"", b"`", b" "):
                continue
            if len(line) > 1 + 84 or not 33 <= line[0] <= 96:
                break
            try:
                out.append(_uu_line(line))
            except binascii.Error:
                break
            # A line whose blanks were stripped stands for zeros: two bytes may be 63.
            size += len(out[-1])
            if size > _UU_ROOM + 4 * (position - at):
                break
        if position >= len(raw):
            return


def _uu_line(line: bytes) -> bytes:
    """Decode a line; some encoders fill its last group with junk, or add a check character."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        size = (line[0] - 32) & 63
        if len(line) > 2 + (size + 2) // 3 * 4:
            raise
        return binascii.a2b_uu(line[: (size * 4 + 5) // 3])


_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_name(name: str) -> str:
    """A file name from mail without directories, control and direction characters; may be ""."""
    name = _UNSAFE.sub("", name.replace("\\", "/")).rstrip("/ ").rsplit("/", 1)[-1].strip()
    if name in (".", ".."):
        return ""
    encoded = name.encode("utf-8", "replace")
    if len(encoded) > 240:
        stem, dot, ending = name.rpartition(".")
        keep = ending if dot and len(ending.encode()) <= 16 else ""
        room = 240 - len(keep.encode()) - 1
        short = (stem if keep else name).encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
        return f"{short}.{keep}" if keep else short
    return encoded.decode("utf-8")
