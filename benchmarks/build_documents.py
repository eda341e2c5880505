"""Builds the documents attached to the stories: PDF, Word, Excel and PowerPoint, of their text.

Just what a reader needs of each format. Same text, same bytes.
"""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

_OFFICE = "http://schemas.openxmlformats.org"
_RELATION = f"{_OFFICE}/officeDocument/2006/relationships"
_W = f'xmlns:w="{_OFFICE}/wordprocessingml/2006/main"'
_S = f'xmlns="{_OFFICE}/spreadsheetml/2006/main"'
_P = f'xmlns:p="{_OFFICE}/presentationml/2006/main" xmlns:a="{_OFFICE}/drawingml/2006/main"'
_R = f'xmlns:r="{_RELATION}"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EPOCH = (2020, 1, 1, 0, 0, 0)
_TYPES = {
    "document": "wordprocessingml.document.main",
    "comments": "wordprocessingml.comments",
    "workbook": "spreadsheetml.sheet.main",
    "sheet1": "spreadsheetml.worksheet",
    "presentation": "presentationml.presentation.main",
    "slide": "presentationml.slide",
}


def document(name: str, text: str) -> bytes:
    """The bytes of an attachment: ``text`` in the format that the ending of ``name`` says.

    In .docx a line "Comment by X: ..." is a comment; in .xlsx a line is a row and a semicolon
    parts cells; in .pptx an empty line parts slides. Any other ending: the text as UTF-8.
    """
    builders = {"pdf": _pdf, "docx": _docx, "xlsx": _xlsx, "pptx": _pptx}
    builder = builders.get(name.rpartition(".")[2].lower())
    return builder(text.strip("\n").split("\n")) if builder else text.encode()


def _package(main: str, parts: dict[str, str], relations: dict[str, dict[str, str]]) -> bytes:
    """An Office Open XML package; ``relations``: part to (target to kind)."""
    overrides = ""
    for name in parts:
        stem = name.rpartition("/")[2].removesuffix(".xml")
        kind = _TYPES["slide" if stem.startswith("slide") else stem]
        overrides += (
            f'<Override PartName="/{name}" '
            f'ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
        )
    types = (
        f'<Types xmlns="{_OFFICE}/package/2006/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>"
    )
    files = {"[Content_Types].xml": types, "_rels/.rels": _relations({main: "officeDocument"})}
    for part, targets in relations.items():
        folder, _, stem = part.rpartition("/")
        files[f"{folder}/_rels/{stem}.rels"] = _relations(targets)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files | parts).items():
            info = zipfile.ZipInfo(name, _EPOCH)
            archive.writestr(info, _HEAD + content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _relations(targets: dict[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATION}/{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), 1)
    )
    return f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">{rows}</Relationships>'


def _docx(lines: list[str]) -> bytes:
    body = comments = ""
    number = 0
    for line in lines:
        who, colon, said = line.removeprefix("Comment by ").partition(": ")
        if not (line.startswith("Comment by ") and colon):
            body += f"<w:p>{_run(line)}</w:p>"
            continue
        comments += (
            f'<w:comment w:id="{number}" w:author={quoteattr(who)}><w:p>{_run(said)}</w:p>'
            "</w:comment>"
        )
        mark = f'<w:r><w:commentReference w:id="{number}"/></w:r></w:p>'
        body = body.removesuffix("</w:p>") + mark
        number += 1
    parts = {"word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>"}
    relations = {}
    if comments:
        parts["word/comments.xml"] = f"<w:comments {_W}>{comments}</w:comments>"
        relations["word/document.xml"] = {"comments.xml": "comments"}
    return _package("word/document.xml", parts, relations)


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _xlsx(lines: list[str]) -> bytes:
    rows = "".join(
        "<row>"
        + "".join(
            f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in line.split(";")
        )
        + "</row>"
        for line in lines
    )
    sheet = f"<sheetData>{rows}</sheetData>"
    book = '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'
    return _package(
        "xl/workbook.xml",
        {
            "xl/workbook.xml": f"<workbook {_S} {_R}>{book}</workbook>",
            "xl/worksheets/sheet1.xml": f"<worksheet {_S}>{sheet}</worksheet>",
        },
        {"xl/workbook.xml": {"worksheets/sheet1.xml": "worksheet"}},
    )


def _pptx(lines: list[str]) -> bytes:
    slides = "\n".join(lines).split("\n\n")
    parts = {}
    listed = ""
    for number, slide in enumerate(slides, 1):
        listed += f'<p:sldId id="{255 + number}" r:id="rId{number}"/>'
        text = "".join(
            f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in slide.split("\n")
        )
        shape = (
            '<p:sp><p:nvSpPr><p:cNvPr id="2" name="Text"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>'
            f"<p:txBody><a:bodyPr/>{text}</p:txBody></p:sp>"
        )
        parts[f"ppt/slides/slide{number}.xml"] = (
            f'<p:sld {_P}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/>'
            f"<p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{shape}</p:spTree></p:cSld></p:sld>"
        )
    shown = {f"slides/slide{n}.xml": "slide" for n in range(1, len(slides) + 1)}
    show = f"<p:presentation {_P} {_R}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
    parts = {"ppt/presentation.xml": show} | parts
    return _package("ppt/presentation.xml", parts, {"ppt/presentation.xml": shown})


def _pdf(lines: list[str]) -> bytes:
    shown = b"BT /F 11 Tf 15 TL 56 780 Td "
    for line in lines:
        for piece in _wrapped(line):
            text = piece.encode("cp1252")
            for mark in (b"\\", b"(", b")"):
                text = text.replace(mark, b"\\" + mark)
            shown += b"(%s) Tj T* " % text
    shown += b"ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    out = b"%PDF-1.4\n"
    table = b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    size = len(objects) + 1
    out += b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\n" % (size, table, size)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def _wrapped(line: str, width: int = 90) -> list[str]:
    pieces = [""]
    for word in line.split(" "):
        if len(pieces[-1]) + len(word) > width:
            pieces.append("")
        pieces[-1] += f"{word} "
    return [piece.rstrip() for piece in pieces]
