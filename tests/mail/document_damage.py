"""Damage to documents for property tests and fuzzing, and what must be true of whatever is read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from document_building import (
    A,
    P,
    S,
    W,
    cell,
    docx,
    opendocument,
    paragraph,
    pdf,
    pptx,
    relations,
    slide,
    xls,
    xlsx,
    zipped,
)

from riskscan.mail.documents import Document
from riskscan.mail.documents.document import MAX_MEMBERS, MAX_TEXT

# Every reason that a reader may give for what it did not read (docs/attachments.md).
LISTED = re.compile(
    r"|encrypted|damaged: (?!its reader failed|the process).+|cut after .+|more than .+ files in it"
    r"|cut: it takes too long to read|more than .+ MiB of text in its cells|larger than .+"
    r"|a scan without text layer|.+ pages are scans without text layer|inside more than .+"
    r"|.+: not read(?: where it is attached)?|a TIFF picture, without text layer"
    r"|a signed message \(S/MIME\) that is not read|bytes that the zip's directory does not name.+"
    r"|not a format that riskscan reads",
    re.S,
)


def check(document: Document) -> None:
    """Raise where a document is not text or a listed reason, storable and within its bounds."""
    assert LISTED.fullmatch(document.unread), document.unread
    assert len(document.text) <= MAX_TEXT
    assert len(document.members) <= MAX_MEMBERS
    document.text.encode()
    for member in document.members:
        assert LISTED.fullmatch(member.unread), member.unread
        assert len(member.name) > 0
        (member.name + member.text).encode()
    assert sum(len(member.text) for member in document.members) <= 4 * MAX_TEXT


_WORRY = "We both know that these invoices are false."


def word() -> bytes:
    """A Word document with everything that is read of one."""
    return docx(
        "Minutes",
        "<w:p><w:pPr><w:tabs/></w:pPr><w:del><w:r><w:delText>never</w:delText></w:r></w:del>"
        "<w:r><w:t>paid</w:t><w:tab/><w:br/></w:r></w:p>",
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>crates</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        comments=f'<w:comment w:author="Nora Quill">{paragraph(_WORRY)}</w:comment>',
        footnotes=f"<w:footnote>{paragraph('see annex')}</w:footnote>",
        header1=paragraph("Quayside"),
    )


def workbook() -> bytes:
    """A workbook with shared strings, a date, a hidden sheet and a comment."""
    rows = f"<row>{cell('0', 's')}{cell('45000', 'n', 1)}{cell('1', 'b')}{cell('1.5')}</row>"
    inline = "<row><c t='inlineStr'><is><t>inline</t></is></c></row>"
    return xlsx({"Costs": rows, "Real": inline}, ["Crates"], hidden="Real", comments=_WORRY)


def slides() -> bytes:
    """A presentation with notes."""
    return pptx([["Second slide"], ["First slide", "with two lines"]], {1: _WORRY})


def open_text() -> bytes:
    """An OpenDocument text with a deletion, a comment, a table and a header."""
    return opendocument(
        "<office:text><text:tracked-changes><text:deletion><text:p>gone</text:p></text:deletion>"
        "</text:tracked-changes><text:p>We pay<office:annotation><dc:creator>Nora</dc:creator>"
        '<text:p>no</text:p></office:annotation><text:s text:c="3"/><text:tab/></text:p>'
        '<table:table table:name="Costs"><table:table-row><table:table-cell><text:p>1</text:p>'
        "</table:table-cell></table:table-row></table:table></office:text>",
        styles="<style:header><text:p>Quayside</text:p></style:header>",
    )


def portable() -> bytes:
    """A PDF with text, a picture, a note and an attached file."""
    return pdf("One page\nof text", b"", note=_WORRY, attached=("a.txt", b"inside"))


def old_workbook() -> bytes:
    """A workbook of Excel 97."""
    return xls([["Crates", 12, 1.5], [], ["Bribe für Ben"]])


INVITATION = (
    b'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nORGANIZER;CN="Nora; Quill":mailto:nora@quay.example\r\n'
    b"DTSTART;TZID=Europe/Berlin:20240305T080000\r\nSUMMARY:Crates\\, all\r\n  of them\r\n"
    b"ATTENDEE;CN=Ben:mailto:ben@quay.example\r\nDESCRIPTION:Never\\nwrite it down\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)
CONTACT = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Quill;Nora;;;\r\nFN:Nora Quill\r\nTEL;WORK;VOICE:+49 30 1\r\n"
    b"NOTE;CHARSET=utf-8;ENCODING=QUOTED-PRINTABLE:gr=C3=BC=\r\n=C3=9Fe\r\nEND:VCARD\r\n"
)

# What XML of documents may hold that is none, or leads astray.
HOSTILE = [
    "<w:t>", "</w:t>", "</w:p></w:p>", "<w:tbl><w:tr><w:tc>" * 30, "<a><b>" * 300, "&#0;", "&amp",
    "&#xD800;", "<!DOCTYPE x [<!ENTITY e 'ha'>]>", "&e;", "<![CDATA[<w:t>]]>", "<?xml ?>", "<!--",
    "-->", '<c t="s" s="99999999999999999999"><v>-1</v></c>', "<v>\u0664\u0665</v>", 's="1"',
    '<c t="n" s="1"><v>1e999</v></c>', '<c t="n" s="1"><v>nan</v></c>', "<v>-7e9</v>",
    f'<w:p xmlns:w="{W}"><w:del><w:t>x', f'<p:sldId xmlns:p="{P}" id="1"/>', "<numFmt/>",
    '<numFmt formatCode="[$-409]yyyy" numFmtId="14"/>', f'<xf xmlns="{S}" numFmtId="x"/>',
    '<Relationship Id="r1" Type="/worksheet" Target="../../../../etc/passwd"/>',
    '<Relationship Id="n" Type="/notesSlide" Target="slide1.xml"/>', 'Target="/xl/workbook.xml"',
    '<text:s text:c="999"/>' * 50, f'<a:t xmlns:a="{A}">', "\ufeff", "\x00", "\ud7ff\ue000", "\x1b",
]  # fmt: skip


def parts_of(data: bytes) -> dict[str, bytes]:
    """The members of a zip file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def package(parts: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file of members in this order, whose names may occur twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts:
            info = zipfile.ZipInfo(name, (2024, 3, 5, 8, 0, 0))
            info.compress_type = method
            archive.writestr(info, content)
    return out.getvalue()


# The parts that fuzzing fills, in the order in which it does.
PARTS: dict[str, list[str]] = {
    "word": [
        "word/document.xml", "word/comments.xml", "word/footnotes.xml", "word/header1.xml",
        "word/charts/chart1.xml", "[Content_Types].xml", "word/embeddings/a.xlsx",
    ],
    "spreadsheet": [
        "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml", "xl/styles.xml", "xl/comments1.xml",
        "xl/worksheets/_rels/sheet1.xml.rels", "xl/worksheets/sheet2.xml", "[Content_Types].xml",
    ],
    "presentation": [
        "ppt/presentation.xml", "ppt/_rels/presentation.xml.rels", "ppt/slides/slide1.xml",
        "ppt/slides/_rels/slide1.xml.rels", "ppt/notesSlides/notesSlide1.xml",
        "ppt/comments/comment1.xml", "[Content_Types].xml",
    ],
    "opendocument": ["content.xml", "styles.xml", "META-INF/manifest.xml", "mimetype"],
}  # fmt: skip
_ALWAYS = {
    "word": "[Content_Types].xml", "spreadsheet": "[Content_Types].xml",
    "presentation": "[Content_Types].xml", "opendocument": "mimetype",
}  # fmt: skip
MADE = {
    "word": word, "spreadsheet": workbook, "presentation": slides, "opendocument": open_text,
}  # fmt: skip


def filled(kind: str, contents: Sequence[bytes]) -> bytes:
    """A package of a kind whose parts have these contents; it is taken for that kind whatever."""
    parts = dict(zip(PARTS[kind], contents, strict=False))
    first = {"opendocument": b"application/vnd.oasis.opendocument.text"}.get(kind, b"<Types/>")
    parts.setdefault(_ALWAYS[kind], first)
    return package(list(parts.items()))


def commented_slides() -> bytes:
    """A presentation with a comment of old and a slide that the show leaves out."""
    parts = parts_of(slides())
    name = "ppt/slides/_rels/slide1.xml.rels"
    parts[name] = relations(
        {
            "n": ("notesSlide", "../notesSlides/notesSlide1.xml"),
            "c": ("comments", "../comments/comment1.xml"),
        }
    ).encode()
    parts["ppt/comments/comment1.xml"] = (
        f'<p:cmLst xmlns:p="{P}"><p:cm><p:text>{_WORRY}</p:text></p:cm></p:cmLst>'.encode()
    )
    parts["ppt/slides/slide9.xml"] = slide("left out").encode()
    return zipped(parts)
