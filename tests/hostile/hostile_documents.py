"""Hostile attachments of any size, each in a message: what takes long to read, or never ends."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable

from hostile_mail import HEAD

Maker = Callable[[int], bytes]

_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_WORD = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'

_FROM = b"From a Fri Jul  5 09:05:07 2024\n"
_PAGE = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=e\n\n"
_SIGNED = bytes.fromhex(
    "308006092a864886f70d010702a08030800201013100308006092a864886f70d010701a0802480"
)


def attached(name: bytes, data: bytes) -> bytes:
    """A message with one file."""
    head = HEAD + b"Content-Type: application/octet-stream; name=" + name
    return head + b"\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(data)


def filled(name: bytes, before: bytes, unit: bytes) -> Maker:
    """A file of one unit, over and over."""

    def make(size: int) -> bytes:
        return attached(name, before + unit * max(1, size * 3 // 4 // len(unit)))

    return make


def zipped(members: dict[str, bytes], name: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, data in members.items():
            archive.writestr(zipfile.ZipInfo(one), data, zipfile.ZIP_DEFLATED)
    return attached(name, file.getvalue())


def word(before: bytes, unit: bytes) -> Maker:
    """A Word document of one unit, packed; three times the size when unpacked."""

    def make(size: int) -> bytes:
        text = _WORD + before + unit * max(1, size * 3 // len(unit))
        return zipped({"[Content_Types].xml": _TYPES, "word/document.xml": text}, b"a.docx")

    return make


def many(name: bytes, kind: bytes, text: bytes) -> Maker:
    """Very many files, each small."""

    def make(size: int) -> bytes:
        one = b"--edge\nContent-Type: " + kind + b"; name=" + name + b"\n\n" + text + b"\n"
        head = HEAD + b"Content-Type: multipart/mixed; boundary=edge\n\n"
        return head + one * max(1, size // len(one)) + b"--edge--\n"

    return make


def zip_of_documents(size: int) -> bytes:
    """A zip of many Word documents that are all alike but for their names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("word/document.xml", _WORD + b"<w:p/>" * (size // 600))
    return zipped({f"{i}.docx": file.getvalue() for i in range(100)}, b"a.zip")


MAIL: dict[str, Maker] = {
    "rtf braces in a picture": filled(b"a.rtf", b"{\\rtf1 {\\pict ", b"{}"),
    "rtf groups": filled(b"a.rtf", b"{\\rtf1 ", b"{"),
    "rtf words": filled(b"a.rtf", b"{\\rtf1 ", b"\\b"),
    "rtf characters": filled(b"a.rtf", b"{\\rtf1 ", b"\\'e9"),
    "rtf text": filled(b"a.rtf", b"{\\rtf1 ", b"The crates arrive.\\par\n"),
    "html elements": filled(b"a.html", b"<html>", b"<ul><li>a"),
    "html files": many(b"a.html", b"text/html", b"<ul><li>a" * 20_000),
    "text files": many(b"a.txt", b"text/plain", b"crates\n" * 100_000),
    "calendar lines": filled(b"a.ics", b"BEGIN:VCALENDAR\n", b"X:1\n"),
    "calendar quotes": filled(b"a.ics", b"BEGIN:VCALENDAR\n", b'ATTENDEE;CN="a"'),
    "calendar folds": filled(b"a.ics", b"BEGIN:VCALENDAR\n", b"\n "),
    "pdf without objects": filled(b"a.pdf", b"%PDF-1.4\n", b"1 0 obj<<>>endobj\n"),
    "pdf arrays": filled(b"a.pdf", b"%PDF-1.4\n1 0 obj", b"["),
    "word paragraphs": word(b"<w:body>", b"<w:p/>"),
    "word elements in elements": word(b"<w:body>", b"<w:p>"),
    "word text": word(b"<w:body>", b"<w:p><w:r><w:t>a</w:t></w:r></w:p>"),
    "zip of documents": zip_of_documents,
    "mbox of empty messages": filled(b"a.mbox", b"", _FROM + b"A: b\n\n"),
    "mbox of From_ lines": filled(b"a.mbox", _FROM + b"A: b\n\n", _FROM),
    "header without end": filled(b"a", b"From: a@b.example\n", b"Received: by c\n"),
    "blank lines below a header": filled(b"a", b"From: a@b.example\nMessage-ID: <1@b>\n", b"\n"),
    "saved page of parts": filled(b"a.mht", _PAGE, b"--e\n\na\n"),
    "signed content in pieces": filled(b"a.p7m", _SIGNED, b"\x04\x01a"),
    "old office file": filled(b"a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"W\0o\0r\0k\0b\0o\0"),
}
