"""Which text of a message is its body, and what else in it is an attachment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from riskscan.mail.charset import to_text
from riskscan.mail.headers import Headers
from riskscan.mail.html import MAX_HTML, Page, html_to_text, read_page, without_pictures
from riskscan.mail.message import AttachmentRole
from riskscan.mail.mime import MAX_PARTS, Budget, Part, decode_transfer, uuencoded
from riskscan.mail.pgp import ENCRYPTED, PGP, unarmored
from riskscan.mail.roles import Shown, role_of
from riskscan.mail.said import Said, sequence, sequence_hash

__all__ = ["Chosen", "choose_body", "html_to_text", "part_text", "unflow"]


@dataclass(slots=True, eq=False)
class _Piece:
    text: str
    format: str
    part: Part


class _Taken:
    """Pieces that are shown, and what they say, to compare others with."""

    def __init__(self, pieces: list[_Piece], budget: Budget) -> None:
        self.pieces = pieces
        self._text = _joined(pieces)
        self._said: Said | None = None
        work = _COMPARED * len(self._text) // _LINE
        self.affordable = work <= budget.work
        budget.work -= work if self.affordable else 0
        self.letters = sequence(self._text) if self.affordable else ""

    def lacks(self, text: str) -> bool:
        """Does another text say something that these do not? Also where nobody can tell."""
        if not self.affordable:
            return True
        self._said = self._said or Said(self._text)
        return self._said.lacks(text)


@dataclass(slots=True)
class Chosen:
    """The body of a message, and the parts that are not in it, in order, each with its role."""

    shown: Shown  # parts, by the HTML of the body and its alternatives
    text: str = ""
    format: str = "none"  # "plain", "html" (text made of HTML) or "none"
    attached: list[Part] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)  # uuencoded inside the text
    defects: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)  # as that of a Message
    targets: list[str] = field(default_factory=list)  # likewise
    budget: Budget = field(default_factory=Budget)
    headers: Headers = field(default_factory=lambda: Headers(b""))  # of the message
    taken: _Taken | None = None


def choose_body(root: Part, hint: str = "", budget: Budget | None = None) -> Chosen:
    """Choose the body of the message whose MIME tree is ``root``.

    Text parts of multipart/mixed are joined in order. Of the alternatives the plain text is
    taken, unless it is empty, only says that the message is in HTML, or the HTML says far more; one
    that is not taken and says something else is attached.
    ``hint`` is a charset for text that declares none. ``budget`` is that of the message and all
    that is inside it; by default a new one.
    """
    chosen = Chosen(Shown(root), budget=budget or Budget(), headers=root.headers)
    pieces = _pieces(root, chosen, hint, top=True, alone=True)
    if not any(p.text.strip() for p in pieces):
        pieces += _invitation(root, chosen, hint)
    texts = [p.text.strip("\n") for p in pieces if p.text.strip()]
    if len(texts) > 1:
        chosen.text = "\n\n".join(texts) + "\n"
    else:
        chosen.text = "".join(p.text for p in pieces if p.text.strip())
    if texts:
        formats = {p.format for p in pieces if p.text.strip()}
        chosen.format = "html" if "html" in formats else "plain"
    chosen.shown.mark(chosen.attached)
    if PGP in chosen.text:
        _attach_encrypted(chosen)
    return chosen


def _attach_encrypted(chosen: Chosen) -> None:
    """Make parts of what is encrypted in the body, as PGP/MIME has them (RFC 3156)."""
    read = unarmored(chosen.text)
    if read.left:
        chosen.defects.append("too many PGP blocks in the text: the rest is text")
    for block in read.encrypted:
        part = Part(
            Headers(b""), "application/octet-stream", {}, "attachment", ENCRYPTED, "binary",
            block.encode(),
        )  # fmt: skip
        part.role = AttachmentRole.SECURITY
        chosen.attached.append(part)


def _invitation(root: Part, chosen: Chosen, hint: str) -> list[_Piece]:
    """What an invitation says in a message that has no other text (RFC 6047 section 2.4)."""
    for part in chosen.attached:
        if part.content_type not in _CALENDARS or (
            part.disposition == "attachment" and part is not root
        ):
            continue
        raw, _ = decode_transfer(part.raw, part.encoding)
        work = raw.count(b"\n") + len(raw) // _LINE
        if len(raw) > _MAX_INVITATION or work > chosen.budget.work:
            continue  # its text is read as that of a file
        from riskscan.mail.documents.calendars import calendar_text

        chosen.budget.work -= work
        if text := calendar_text(raw, part.charset or hint):
            part.opened = True
            if not part.name:
                part.role = AttachmentRole.ALTERNATIVE
            return [_Piece(text, "plain", part)]
    return []


def _pieces(
    part: Part,
    chosen: Chosen,
    hint: str,
    within: str = "",
    *,
    top: bool = False,
    alone: bool = False,
) -> list[_Piece]:
    """The body pieces of one part; everything else below it goes into ``chosen.attached``.

    ``within`` as in ``role_of``. Recursion is bounded by mime.MAX_DEPTH.
    """
    chosen.defects += part.defects
    kind = part.content_type
    if part.children:
        if kind == "multipart/alternative":
            return _alternative(part, chosen, hint)
        if kind == "multipart/related":
            return _related(part, chosen, hint)
        out: list[_Piece] = []
        around = kind if kind.startswith("multipart/") else within  # a signed part is none
        for child in part.children:
            out += _pieces(child, chosen, hint, around, top=not out)
        return out
    if not _is_body(part, top, alone):
        part.role = part.role or role_of(part, within)
        chosen.attached.append(part)
        return []
    return [_text_piece(part, chosen, hint)]


MAX_BODY = 16 << 20  # characters of one text part
_MAX_INVITATION = 256 * 1024  # bytes of one that is the body
_CALENDARS = frozenset({"text/calendar", "application/ics"})
_BODY_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})


def _is_body(part: Part, first: bool, alone: bool) -> bool:
    """Is this leaf shown as text of the message?

    ``first``: no text stands before it; ``alone``: it is all of the message.
    """
    if part.disposition == "attachment" and not (first and not part.name and _plain_or_html(part)):
        return False
    if part.content_type in _BODY_TYPES:
        return first or not part.name
    if part.content_type in _CALENDARS:
        return False  # see _invitation
    # A message that is nothing but text of some other type is what the writer wrote; as a part it
    # is attached, as all other readers have it.
    return alone and part.content_type.startswith("text/") and not part.name


def _plain_or_html(part: Part) -> bool:
    return part.content_type in ("text/plain", "text/html")


def _text_piece(part: Part, chosen: Chosen, hint: str) -> _Piece:
    raw, defect = decode_transfer(part.raw, part.encoding, text=True)
    if defect:
        chosen.defects.append(defect)
    is_html = part.content_type == "text/html"
    if not is_html and b"begin " in raw:
        raw = _without_uuencoded(raw, chosen)
    text, defect = part_text(part, raw, hint)
    if defect:
        chosen.defects.append(defect)
    if is_html and len(text) > MAX_HTML:
        text = without_pictures(text)
    read = _affordable(text[: MAX_HTML if is_html else MAX_BODY], is_html, chosen.budget)
    if len(read) < len(text):
        # What no person wrote is not searched to its end; the attachment says that it was there.
        chosen.defects.append("body too long: the rest is not read, all of it is an attachment")
        part.role = AttachmentRole.ALTERNATIVE
        chosen.attached.append(part)
        text = read
    if is_html:
        chosen.shown.read(text)
        return _html_piece(read_page(text), part, chosen)
    if part.content_type != "text/plain":
        return _Piece(_unrich(text) if "rich" in part.content_type else text, "plain", part)
    if part.params.get("format", "").lower() == "flowed":
        text = unflow(text, part.params.get("delsp", "").lower() == "yes")
    elif _HTML_START.match(text) and (page := read_page(text)).text:
        chosen.shown.read(text)
        return _html_piece(page, part, chosen)  # HTML that says it is plain text
    return _Piece(text, "plain", part)


def _html_piece(page: Page, part: Part, chosen: Chosen) -> _Piece:
    """The text of a page; what else there is in it, in ``chosen.unshown`` and ``targets``."""
    chosen.targets += page.targets
    if page.asides:
        subject = sequence(chosen.headers.text("subject"))  # which many programs make the title
        if asides := {own for said in page.asides if (own := sequence(said)) not in subject}:
            chosen.unshown.append(sequence_hash("\n".join(sorted(asides))))
    return _Piece(page.text, "html", part)


_LINE = 64  # characters that take about the time of a line or a tag
_COMPARED = 4  # to compare a text takes as many times as long as to read it


def _affordable(text: str, is_html: bool, budget: Budget) -> str:
    """As much of ``text``, from its start, as there is work left for in the budget, which pays.

    Reading takes the more time the shorter the lines are, or the denser the tags.
    """
    mark, weight = ("<", 2) if is_html else ("\n", 1)  # a tag is read, and may make a line
    while (work := weight * text.count(mark) + len(text) // _LINE) > budget.work:
        text = text[: int(len(text) * min(budget.work / work, 0.75))]
    budget.work -= work
    return text


_HTML_START = re.compile(r"\s{0,200}(?:<!doctype html|<html[\s>]|<head[\s>]|<body[\s>])", re.I)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z,0-9-]{0,60}>")


def _unrich(text: str) -> str:
    """text/enriched (RFC 1896) and text/richtext without their commands."""
    text = re.sub(r"<nl>|<br>|</paragraph>", "\n", text, flags=re.I)
    return _TAG.sub("", text).replace("<<", "<")


def _without_uuencoded(raw: bytes, chosen: Chosen) -> bytes:
    out: list[bytes] = []
    at = 0
    for start, end, content, name in uuencoded(raw):
        if len(chosen.files) >= MAX_PARTS:
            chosen.defects.append(f"more than {MAX_PARTS:,} files in the text: the rest is text")
            break
        out.append(raw[at:start])
        chosen.files.append((name, content))
        at = end
    out.append(raw[at:])
    return b"".join(out)


_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9._:-]{2,40})", re.I)


def part_text(part: Part, raw: bytes, hint: str = "") -> tuple[str, str]:
    """The text of decoded bytes by the part's charset, with ``\\n`` line ends; and a defect."""
    return decoded(raw, part.charset, hint, html=part.content_type == "text/html")


def decoded(raw: bytes, charset: str, hint: str = "", html: bool = False) -> tuple[str, str]:
    """The text of bytes with ``\\n`` line ends, and a defect; HTML may name its own charset."""
    if html and not charset and (found := _META.search(raw[:4096])):
        charset = found.group(1).decode("ascii")
    text, defect = to_text(raw, charset, hint)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, defect


_SAYS_HTML = re.compile(
    r"html|view (?:this|the|it)|mime|browser|e-?mail client|does not support|click here",
    re.I,
)
_WORDS = re.compile(r"\w+")


def _alternative(part: Part, chosen: Chosen, hint: str) -> list[_Piece]:
    plain: list[_Piece] = []
    rich: list[_Piece] = []
    read: list[list[_Piece]] = []
    for child in part.children:
        before = len(chosen.attached)
        pieces = _pieces(child, chosen, hint, part.content_type, top=True)
        read.append(pieces)
        if any(p.format == "html" for p in pieces):
            rich = pieces  # the last is the best, says RFC 2046 section 5.1.4
        elif pieces:
            if plain and not _richer(pieces, plain):
                continue
            plain = pieces
        elif len(chosen.attached) == before:
            continue
    taken = rich if rich and (not plain or _richer(rich, plain)) else plain
    _keep_others(read, taken, chosen)
    return taken


_OTHER = "an alternative says something else: it is an attachment"
_UNCOMPARED = "too many alternatives to compare: those that are not shown are attachments"


def _keep_others(read: list[list[_Piece]], taken: list[_Piece], chosen: Chosen) -> None:
    """Attach the alternatives that say something else than the one that is taken.

    Mail programs show one alternative, and not all the same one: text that only some readers
    see would be read by nobody here. One that differs by less is told in ``chosen.unshown``, so
    that no message is a copy of one that says something else to some readers. Alternatives stand in
    alternatives: what is taken is looked through once as long as it stays the same, and paid for.
    """
    others = [pieces for pieces in read if pieces is not taken and _joined(pieces).strip()]
    if not others:
        return
    known = chosen.taken
    if known is None or known.pieces != taken:
        known = chosen.taken = _Taken(taken, chosen.budget)
    for pieces in others:
        letters = sequence(_joined(pieces))
        if letters == known.letters or not letters:
            continue
        for piece in pieces:
            if not known.lacks(piece.text):
                continue
            if not any(piece.part is part for part in chosen.attached):
                piece.part.role = AttachmentRole.ALTERNATIVE
                chosen.attached.append(piece.part)
            chosen.defects.append(_OTHER if known.affordable else _UNCOMPARED)
        chosen.unshown.append(sequence_hash(letters))


def _joined(pieces: list[_Piece]) -> str:
    return "\n".join(p.text for p in pieces)


_MARKUP = re.compile(r"<[^<>]{1,2000}>")  # HTML that says it is plain text has no more words


def _richer(rich: list[_Piece], plain: list[_Piece]) -> bool:
    """Does the first say clearly more than the second (or the second nothing at all)?"""
    text = "".join(p.text for p in plain).strip()
    if not text:
        return True
    few = len(_WORDS.findall(text[:20_000]))
    many = sum(len(_WORDS.findall(_said(p))) for p in rich)
    if many > 2 * few + 40:
        return True
    return few < 60 and many > few and bool(_SAYS_HTML.search(text)) and len(text) < 600


def _said(piece: _Piece) -> str:
    text = piece.text[:40_000]
    return text if piece.format == "html" else _MARKUP.sub("", text)


def _related(part: Part, chosen: Chosen, hint: str) -> list[_Piece]:
    """The root of a multipart/related (RFC 2387) is shown; what it refers to is attached."""
    start = part.params.get("start", "").strip()
    root = part.children[0]
    for child in part.children:
        if start and child.headers.raw("content-id") == start:
            root = child
            break
    kind = part.content_type
    out = _pieces(root, chosen, hint, kind, top=True)
    for child in part.children:
        if child is not root:
            out += _pieces(child, chosen, hint, kind, top=not any(p.text.strip() for p in out))
    return out


def unflow(text: str, delsp: bool = False) -> str:
    """Join the flowed lines of format=flowed text (RFC 3676) that are not quoted.

    A line that ends in a blank goes on in the next one, but for the signature line "-- ".
    ``delsp`` drops the blank that says so. Quoted lines stay as they are, each with its marks, as
    most readers show them.
    """
    out: list[str] = []
    paragraph: list[str] = []
    for line in text.split("\n"):
        quoted = line.startswith(">")
        content = line[1:] if line.startswith(" ") else line  # space-stuffed
        signature = content == "-- "
        if paragraph and (quoted or signature):
            out.append("".join(paragraph))
            paragraph = []
        if quoted or signature:
            out.append(content)
            continue
        flows = content.endswith(" ")
        paragraph.append(content[:-1] if delsp and flows else content)
        if not flows:
            out.append("".join(paragraph))
            paragraph = []
    if paragraph:
        out.append("".join(paragraph))
    return "\n".join(out)
