"""Which reader reads which kind of document, and the members of containers."""

from __future__ import annotations

import hashlib
import re
import time
import zipfile
from collections.abc import Callable

from riskscan.mail.body import decoded
from riskscan.mail.charset import clean
from riskscan.mail.documents.document import (
    MAX_DEPTH,
    MAX_MEMBERS,
    MAX_TEXT,
    MAX_UNPACKED,
    MIB,
    SECONDS,
    Document,
    Late,
    Member,
    Unreadable,
)
from riskscan.mail.documents.flow import Flow
from riskscan.mail.documents.kind import kind_of
from riskscan.mail.documents.package import Package
from riskscan.mail.documents.relations import related
from riskscan.mail.html import html_to_text
from riskscan.mail.mailfile import mail_in
from riskscan.mail.pgp import unarmored
from riskscan.mail.smime import MAX_SIGNATURES, cms_kind, innermost, is_cut

Inner = list[tuple[str, bytes | str]]
"""Name and bytes of files in a document, or in place of the bytes the reason why not."""

LARGEST_MEMBER = 32 * MIB
_MAIL = frozenset({"mail", "msg"})
_WORD = "word/document.xml"  # names whole files that Word shows as part of it


class _Budget:
    """What is left for all members of one attachment."""

    def __init__(self, seconds: float) -> None:
        self.until = time.process_time() + seconds
        self.members = MAX_MEMBERS
        self.bytes = MAX_UNPACKED
        self.text = 4 * MAX_TEXT


def read_document(
    name: str, content_type: str, data: bytes, charset: str = "", seconds: float = SECONDS
) -> Document:
    """What ``document_text`` of this package says that it gives, in ``seconds`` of CPU time."""
    began = time.process_time()
    found: list[Member] = []
    document = _read(name, content_type, data, charset, f"{name}!/", 0, _Budget(seconds), found)
    document.members = found
    document.seconds = time.process_time() - began
    return document


def _read(
    name: str,
    content_type: str,
    data: bytes,
    charset: str,
    place: str,
    depth: int,
    budget: _Budget,
    found: list[Member],
) -> Document:
    """The text of one document, its members appended to ``found``; recursion: MAX_DEPTH."""
    kind = kind_of(name, content_type, data)
    if kind not in _READERS and kind != "signed":
        return Document("", "" if kind in _MAIL else kind)
    flow = Flow(budget.until)
    inner: Inner = []
    unread = ""
    try:
        if kind == "signed":
            unread = _signed(name, data, inner)
        else:
            unread = _READERS[kind](data, charset, flow, inner)
    except Unreadable as error:
        unread = str(error)
    except MemoryError:
        unread = "cut: it takes too much memory to read"
    except Exception as error:
        # A fault of a reader or its library is told like damage: nothing else may be lost by it.
        unread = f"damaged: its reader failed ({type(error).__name__}: {str(error)[:150]})"
    # What is signed is no deeper for it: many a zip holds signed files alone.
    _members(inner, place, depth + (kind != "signed"), budget, found)
    return Document(flow.text(), unread)


def _members(inner: Inner, place: str, depth: int, budget: _Budget, found: list[Member]) -> None:
    for name, content in inner:
        if budget.members <= 0:
            return
        budget.members -= 1
        member = Member(place + _harmless(name), 0, "")
        found.append(member)
        if isinstance(content, str):
            member.unread = content
            continue
        member.size, member.sha256 = len(content), hashlib.sha256(content).hexdigest()
        budget.bytes -= len(content)
        if budget.bytes < 0:
            member.unread = f"larger than {MAX_UNPACKED // MIB} MiB unpacked, with all before it"
        elif depth > MAX_DEPTH:
            member.unread = f"inside more than {MAX_DEPTH} containers"
        elif kind_of(name, "", content) in _MAIL:
            member.mail = mail_in(content)
        elif time.process_time() > budget.until:
            member.unread = str(Late())
        else:
            inside = f"{member.name}!/"
            read = _read(name, "", content, "", inside, depth, budget, found)
            member.text, member.unread = read.text[: max(0, budget.text)], read.unread
            if len(member.text) < len(read.text):
                member.unread = f"cut after {len(member.text):,} characters"
            budget.text -= len(read.text)


_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _harmless(name: str) -> str:
    """The path of a member, for a person: it is never opened."""
    parts = [p for p in name.replace("\\", "/").split("/") if p not in ("", ".", "..")]
    return clean(_UNSAFE.sub("", "/".join(parts)))[:240] or "without a name"


def _pdf(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    from riskscan.mail.documents.pdf import read_pdf

    return read_pdf(data, flow, inner)


def _zip(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    """An Office or OpenDocument file with what is embedded in it, or else an archive."""
    package = Package(data, flow.until)
    if reader := _package_reader(package):
        chunks = {n for _, kind, n in related(package, _WORD) if kind == "aFChunk"}
        for name in package.names:
            embedded = "/embeddings/" in name and name.partition("/")[0] in ("word", "xl", "ppt")
            if embedded or name in chunks:
                inner.append((name, _content(package, name)))
        reader(package, flow)
        return package.faults[0] if package.faults else package.unnamed
    left = MAX_MEMBERS
    encrypted = 0
    for entry in package.entries[:left]:
        content = _content(package, entry)
        encrypted += content == "encrypted"
        inner.append((entry.filename, content))
    if len(package.entries) > left:
        return f"cut after {left:,} of {len(package.entries):,} files"
    return "encrypted" if encrypted else package.unnamed


def _content(package: Package, part: str | zipfile.ZipInfo) -> bytes | str:
    try:
        return package.read(part, LARGEST_MEMBER)
    except Unreadable as error:
        return str(error)


def _package_reader(package: Package) -> Callable[[Package, Flow], None] | None:
    """The reader of an Office or OpenDocument file, None for any other zip file."""
    names = package.names
    if "[Content_Types].xml" in package:
        if any(n.startswith("word/") for n in names):
            from riskscan.mail.documents.word import read_word

            return read_word
        if any(n.startswith("xl/") for n in names):
            from riskscan.mail.documents.spreadsheet import read_spreadsheet

            return read_spreadsheet
        if any(n.startswith("ppt/") for n in names):
            from riskscan.mail.documents.presentation import read_presentation

            return read_presentation
    if "mimetype" in package:
        kind = _content(package, "mimetype")
        if isinstance(kind, bytes) and kind.startswith(b"application/vnd.oasis.opendocument"):
            from riskscan.mail.documents.opendocument import read_opendocument

            return read_opendocument
    if "Index.zip" in package or any(name.endswith(".iwa") for name in names):
        raise Unreadable("an Apple iWork file: not read")
    return None


def _rtf(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    from riskscan.mail.rtf import rtf_content

    content = rtf_content(data, MAX_TEXT + 1)
    flow.add(content.text)
    return str(Late()) if content.cut else ""


def _calendar(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    from riskscan.mail.documents.calendars import read_calendar

    read_calendar(data, charset, flow)
    return ""


def _text(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    text, _ = decoded(data[: MAX_TEXT * 4 + 4], charset)
    read = unarmored(text)
    flow.add(read.text)
    return "encrypted" if read.encrypted else ""


def _html(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    text, _ = decoded(data[: MAX_TEXT * 16], charset, html=True)
    flow.add(html_to_text(text))
    return f"cut after {MAX_TEXT * 16:,} bytes" if len(data) > MAX_TEXT * 16 else ""


def _page(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    from riskscan.mail.mime import Budget
    from riskscan.mail.savedpage import read_page

    page = read_page(data, Budget())
    flow.add(page.text)
    inner += [(name, raw) for name, _, raw in page.files]
    return ""


def _mailbox(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    from riskscan.mail.mailfile import messages_of

    messages = messages_of(data)
    inner += [(f"{n}.eml", one) for n, one in enumerate(messages[:MAX_MEMBERS], 1)]
    left = len(messages) - len(inner)
    return f"cut after {len(inner):,} of {len(messages):,} messages" if left > 0 else ""


def _signed(name: str, data: bytes, inner: Inner) -> str:
    """The file in a signed one (.p7m), a MIME entity as a mail; signatures are not verified."""
    from riskscan.mail.mime import is_entity, unsigned

    content = innermost(data)
    if cms_kind(content) == "signed":
        return f"signed more than {MAX_SIGNATURES} times: not read"
    own = unsigned(name.replace("\\", "/").rpartition("/")[2])
    inner.append((f"{own}.eml" if is_entity(content, own) else own, content))
    return "damaged: it is cut off, and the file in it may go on" if is_cut(data) else ""


def _xls(data: bytes, charset: str, flow: Flow, inner: Inner) -> str:
    from riskscan.mail.documents.old_spreadsheet import read_old_spreadsheet

    read_old_spreadsheet(data, flow)
    return ""


_READERS: dict[str, Callable[[bytes, str, Flow, Inner], str]] = {
    "pdf": _pdf,
    "zip": _zip,
    "rtf": _rtf,
    "xls": _xls,
    "calendar": _calendar,
    "text": _text,
    "html": _html,
    "page": _page,
    "mailbox": _mailbox,
}
