"""Fuzz targets of riskscan.mail.documents: the text of attached files."""

from __future__ import annotations

import sys
from pathlib import Path

from mail_targets import Target
from source_targets import BETWEEN

sys.path.append(str(Path(__file__).resolve().parents[1] / "mail"))


def document(name: str) -> Target:
    """A document of this name, told apart by its content."""

    def read(data: bytes) -> None:
        from document_damage import check

        from riskscan.mail.documents import document_text

        check(document_text(name, "application/octet-stream", data))

    return read


def package(kind: str) -> Target:
    """An Office or OpenDocument file whose parts ``BETWEEN`` parts (document_damage.PARTS)."""
    as_document = document("a")

    def read(data: bytes) -> None:
        from document_damage import filled

        as_document(filled(kind, data.split(BETWEEN)))

    return read


def attachment(data: bytes) -> None:
    """Bytes whose name and content type are told in lines before them."""
    from document_damage import check

    from riskscan.mail.documents import document_text

    name, _, rest = data.partition(b"\n")
    kind, _, content = rest.partition(b"\n")
    check(document_text(name.decode("utf-8", "replace"), kind.decode("latin-1"), content))


DOCUMENT_TARGETS: dict[str, Target] = {
    "attachment": attachment,
    "pdf": document("a.pdf"),
    "office": document("a.zip"),
    "word": package("word"),
    "spreadsheet": package("spreadsheet"),
    "presentation": package("presentation"),
    "opendocument": package("opendocument"),
    "xls": document("a.xls"),
    "calendar": document("a.ics"),
}
