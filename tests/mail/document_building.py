"""Small documents made by hand for the tests: just what a reader needs of each format."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
O = "urn:oasis:names:tc:opendocument:xmlns"  # noqa: E741 (as in the standard)
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def zipped(parts: Mapping[str, str | bytes], password: bool = False) -> bytes:
    """A zip file of parts; ``password`` sets the flag of an encrypted member on all of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (2024, 3, 5, 8, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    data = out.getvalue()
    if password:
        data = data.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\x01\0")
        data = data.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\x01\0")
    return data


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """A .rels part: id to (kind, target)."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{rows}</Relationships>"
    )


def paragraph(text: str) -> str:
    """A paragraph of WordprocessingML with one run."""
    return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def docx(*body: str, **parts: str | bytes) -> bytes:
    """A Word document; ``body`` are paragraphs (text, or WordprocessingML from ``<`` on).

    Names of further parts: ``comments`` for word/comments.xml, or a whole name.
    """
    inner = "".join(b if b.startswith("<") else paragraph(b) for b in body)
    made: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{inner}</w:body></w:document>',
    }
    for name, content in parts.items():
        if "/" in name:
            made[name] = content
        else:
            made[f"word/{name}.xml"] = f'<w:{name} xmlns:w="{W}">{content!s}</w:{name}>'
    return zipped(made)


def xlsx(sheets: Mapping[str, str], strings: Sequence[str] = (), **more: str) -> bytes:
    """A workbook; a sheet is its rows in SpreadsheetML; ``hidden="name"`` hides one of them."""
    state = {more.get("hidden"): ' state="hidden"'}
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="r{i}"{state.get(name, "")}/>'
        for i, name in enumerate(sheets, 1)
    )
    targets = {
        f"r{i}": ("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, 1 + len(sheets))
    }
    targets |= {"rs": ("sharedStrings", "sharedStrings.xml"), "rf": ("styles", "styles.xml")}
    made: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(targets),
        "xl/sharedStrings.xml": f'<sst xmlns="{S}">'
        + "".join(f"<si><t>{escape(s)}</t></si>" for s in strings)
        + "</sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{S}"><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    for i, rows in enumerate(sheets.values(), 1):
        made[f"xl/worksheets/sheet{i}.xml"] = (
            f'<worksheet xmlns="{S}"><sheetData>{rows}</sheetData></worksheet>'
        )
    if "comments" in more:
        made["xl/worksheets/_rels/sheet1.xml.rels"] = relations(
            {"c": ("comments", "../comments1.xml")}
        )
        made["xl/comments1.xml"] = (
            f'<comments xmlns="{S}"><commentList><comment ref="A1"><text><r><t>'
            f"{escape(more['comments'])}</t></r></text></comment></commentList></comments>"
        )
    return zipped(made)


def cell(value: str, kind: str = "n", style: int = 0) -> str:
    """A cell with a value: kind s (shared string number), n, b, str."""
    return f'<c t="{kind}" s="{style}"><v>{escape(value)}</v></c>'


def slide(*lines: str) -> str:
    """The text of a slide or its notes in DrawingML."""
    inner = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in lines)
    return f'<p:sld xmlns:p="{P}" xmlns:a="{A}">{inner}</p:sld>'


def pptx(slides: Sequence[Sequence[str]], notes: Mapping[int, str] | None = None) -> bytes:
    """A presentation that shows its slides last to first, as its list of slides says."""
    numbers = range(1, len(slides) + 1)
    order = "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in reversed(numbers))
    made: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{P}" xmlns:r="{R}">'
        f"<p:sldIdLst>{order}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            {f"r{n}": ("slide", f"slides/slide{n}.xml") for n in numbers}
        ),
    }
    for n, lines in enumerate(slides, 1):
        made[f"ppt/slides/slide{n}.xml"] = slide(*lines)
    for n, text in (notes or {}).items():
        made[f"ppt/slides/_rels/slide{n}.xml.rels"] = relations(
            {"n": ("notesSlide", f"../notesSlides/notesSlide{n}.xml")}
        )
        made[f"ppt/notesSlides/notesSlide{n}.xml"] = slide(text)
    return zipped(made)


def opendocument(
    content: str, kind: str = "text", styles: str = "", encrypted: bool = False
) -> bytes:
    """An OpenDocument file; ``content`` is what is in office:body."""
    names = " ".join(
        f'xmlns:{short}="{O}:{name}:1.0"'
        for short, name in (
            ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"),
            ("draw", "drawing"), ("presentation", "presentation"),
        )
    )  # fmt: skip
    names += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    locked = '<m:encryption-data m:checksum="x"/>' if encrypted else ""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {names}><office:body>{content}"
            "</office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {names}>{styles}</office:document-styles>",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{O}:manifest:1.0">'
            f'<m:file-entry m:full-path="content.xml">{locked}</m:file-entry></m:manifest>',
        }
    )


def ole(*streams: str) -> bytes:
    """The start of an OLE file with these streams in its directory: enough to tell its kind."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    entries = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for name in streams)
    return head + entries


def compound(**streams: bytes) -> bytes:
    """An OLE file (MS-CFB version 3) with these streams in its root, each in whole sectors."""
    contents = [
        data.ljust(max(4096, -(-len(data) // 512) * 512), b"\0") for data in streams.values()
    ]
    table = [0xFFFFFFFD, 0xFFFFFFFE]  # sector 0: this table; sector 1: the directory
    entries = [_entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)]
    for number, (name, data) in enumerate(zip(streams, contents, strict=True), 1):
        start, count = len(table), len(data) // 512
        after = number + 1 if number < len(contents) else 0xFFFFFFFF
        entries.append(_entry(name, 2, after, start, len(data), child=False))
        table += [*range(start + 1, start + count), 0xFFFFFFFE]
    assert len(table) <= 128 and len(entries) <= 4
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096,
                        0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)  # fmt: skip
    head = head.ljust(512, b"\xff")
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return head + fat + b"".join(entries).ljust(512, b"\0") + b"".join(contents)


def _entry(name: str, kind: int, link: int, start: int, size: int, child: bool = True) -> bytes:
    text = name.encode("utf-16-le")
    right, below = (0xFFFFFFFF, link) if child else (link, 0xFFFFFFFF)
    links = struct.pack("<BBIII", kind, 1, 0xFFFFFFFF, right, below)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<H", len(text) + 2)
        + links
        + bytes(36)
        + (struct.pack("<IQ", start, size))
    )


def xls(rows: Sequence[Sequence[str | float]], locked: bool = False) -> bytes:
    """A workbook of Excel 97 (MS-XLS) with one hidden sheet named Costs."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    begin = struct.pack("<HHHHII", 0x600, 5, 0xDBB, 1996, 0, 6)
    password = record(0x2F, bytes(6)) if locked else b""
    name = b"\x05\0Costs"
    size = len(record(0x809, begin)) + len(password) + 4 + 6 + len(name) + 4
    book = record(0x809, begin) + password
    book += record(0x85, struct.pack("<IBB", size, 1, 0) + name) + record(0x0A, b"")
    assert len(book) == size
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0xDBB, 1996, 0, 6))
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            at = struct.pack("<HHH", y, x, 0)
            if isinstance(value, str):
                text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
                sheet += record(0x204, at + text)
            else:
                sheet += record(0x203, at + struct.pack("<d", value))
    return compound(Workbook=book + sheet + record(0x0A, b""))


def pdf(
    *pages: str | bytes,
    password: str | None = None,
    note: str = "",
    attached: tuple[str, bytes] | None = None,
) -> bytes:
    """A PDF; a page is lines of text, or ``b""`` for a picture without text.

    ``password``: encrypted with it as the user's password (RC4, 40 bit); "" opens without.
    """
    objects: list[bytes] = [b"", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]

    def add(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    key = hashlib.md5(b"key").digest()[:5]
    owner = bytes(32)
    if password is not None:
        padded = (password.encode() + _PADDING)[:32]
        ending = owner + struct.pack("<i", -4) + b"0123456789abcdef"
        key = hashlib.md5(padded + ending).digest()[:5]

    def stream(content: bytes, entries: bytes = b"") -> int:
        packed = zlib.compress(content)
        if password is not None:
            salted = key + struct.pack("<I", len(objects) + 1)[:3] + b"\0\0"
            packed = _rc4(hashlib.md5(salted).digest()[:10], packed)
        return add(
            b"<</Filter/FlateDecode/Length %d%s>>stream\n%s\nendstream"
            % (len(packed), entries, packed)
        )

    kids = []
    for page in pages:
        if isinstance(page, bytes):
            image = stream(
                b"\x7f" * 64,
                b"/Type/XObject/Subtype/Image/Width 8/Height 8/BitsPerComponent 8"
                b"/ColorSpace/DeviceGray",
            )
            shown = stream(b"q 500 0 0 700 50 50 cm /I Do Q")
            resources = b"<</XObject<</I %d 0 R>>>>" % image
        else:
            lines = b"".join(
                b"(%s) Tj T* " % line.encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)")
                for line in page.split("\n")
            )
            shown = stream(b"BT /F 12 Tf 14 TL 50 750 Td " + lines + b"ET")
            resources = b"<</Font<</F 3 0 R>>>>"
        extra = b""
        if note:
            said = add(
                b"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/T(Nora Quill)/Contents(%s)>>"
                % note.encode()
            )
            extra = b"/Annots[%d 0 R]" % said
        kids.append(
            add(
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R/Resources %s%s>>"
                % (shown, resources, extra)
            )
        )
    names = b""
    if attached:
        inner = stream(attached[1], b"/Type/EmbeddedFile")
        name = attached[0].encode()
        spec = add(b"<</Type/Filespec/F(%s)/UF(%s)/EF<</F %d 0 R>>>>" % (name, name, inner))
        names = b"/Names<</EmbeddedFiles<</Names[(%s) %d 0 R]>>>>" % (name, spec)
    objects[0] = b"<</Type/Catalog/Pages 2 0 R%s>>" % names
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (
        b" ".join(b"%d 0 R" % k for k in kids),
        len(kids),
    )
    trailer = b""
    if password is not None:
        check = _rc4(key, _PADDING)
        locked = add(
            b"<</Filter/Standard/V 1/R 2/Length 40/P -4/O<%s>/U<%s>>>"
            % (owner.hex().encode(), check.hex().encode())
        )
        identity = b"0123456789abcdef".hex().encode()
        trailer = b"/Encrypt %d 0 R/ID[<%s><%s>]" % (locked, identity, identity)
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(places) + 1,
        trailer,
        start,
    )
    return bytes(out)


_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) & 255])
    return bytes(out)
