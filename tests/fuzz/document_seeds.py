"""Seeds of the targets for attached documents."""

from __future__ import annotations

from document_building import docx, pdf, zipped
from document_damage import (
    CONTACT,
    INVITATION,
    MADE,
    PARTS,
    commented_slides,
    old_workbook,
    open_text,
    parts_of,
    portable,
    slides,
    word,
    workbook,
)
from source_targets import BETWEEN


def _parts(kind: str, data: bytes) -> bytes:
    found = parts_of(data)
    return BETWEEN.join(found.get(name, b"") for name in PARTS[kind])


DOCUMENTS: dict[str, list[bytes]] = {
    "pdf": [portable(), pdf("x", password="tide"), pdf("x", password=""), pdf()],
    "office": [
        *(word(), workbook(), slides(), open_text()),
        zipped({"a.docx": docx("Minutes"), "b.zip": zipped({"c.txt": "c"}), "../d.eml": "To: x"}),
        zipped({"a.txt": "x"}, password=True),
    ],
    **{kind: [_parts(kind, make())] for kind, make in MADE.items()},
    "presentation": [_parts("presentation", commented_slides())],
    "xls": [old_workbook()],
    "calendar": [INVITATION, CONTACT],
    "attachment": [
        b"a.csv\ntext/csv\nname;sum\nNora;5\n",
        b"a.txt\n\n\xff\xfea\0b\0",
        b"a.html\ntext/html\n<html><p>The crates",
        b"a.rtf\napplication/rtf\n{\\rtf1 a}",
        b"a.eml\nmessage/rfc822\nFrom: a@b.example\nSubject: s\n\nx",
        b"smime.p7m\napplication/pkcs7-mime\n0\x80\x06\x09",
        b"a.bin\n\n%PDF-1.4",
    ],
}
