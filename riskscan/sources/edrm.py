"""EDRM XML load files: documents, files, families.

Which document is attached to which stands after all documents: where the file can be sought in,
that is read first.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from riskscan.sources import edrm_xml
from riskscan.sources.digests import KINDS
from riskscan.sources.document import documents
from riskscan.sources.fields import BadRow, Columns, Row
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import FileStream


def edrm_rows(reading: Reading, blob: Blob) -> Iterator[Row | BadRow]:
    """The documents of an EDRM XML file; raises SourceError where it breaks."""
    parents: dict[str, str] = {}
    mapping = dict(reading.limits.columns)
    if blob.file is not None and blob.file.seekable():
        blob.file.seek(0)
        parents = edrm_xml.parents_in(FileStream(blob.file))
        blob.file.seek(0)
        blob.stream = FileStream(blob.file)
    for number, document in enumerate(edrm_xml.documents(blob.stream), 1):
        yield _row(number, document, parents, mapping)


def _row(
    number: int,
    document: edrm_xml.Document,
    parents: dict[str, str],
    mapping: dict[str, str],
) -> Row:
    names = [name for name, _ in document.tags]
    columns = Columns(names, mapping, alone=False)
    values = columns.values([value for _, value in document.tags])
    # Files are told by their elements; tags of these names speak of the place of old.
    for name in ("native path", "text path", "id"):
        values.pop(name, None)
    for file_type, attributes in document.files:
        path = "/".join(
            p for p in (attributes.get("FilePath", ""), attributes.get("FileName", "")) if p
        )
        kind = {"native": "native path", "text": "text path"}.get(file_type)
        if kind and path and kind not in values:
            values[kind] = path
            if kind == "native path":
                values.setdefault("file name", attributes.get("FileName", ""))
                digest = attributes.get("Hash", "").strip()
                hashed = KINDS.get(len(digest))
                if hashed:
                    values[hashed] = digest
    values["id"] = document.id
    if document.id in parents:
        values["parent"] = parents[document.id]
    texts = document.texts
    if texts.get("InlineContent"):
        values["text"] = texts["InlineContent"]
    if texts.get("Custodian") and not values.get("custodian"):
        values["custodian"] = texts["Custodian"].strip()
    if texts.get("LocationURI") and not values.get("folder"):
        values["folder"] = texts["LocationURI"].strip()
    if len(set(document.custodians)) > 1:
        values["custodians"] = "; ".join(dict.fromkeys(document.custodians))
    if names and not columns.fields:
        values["note"] = f"no field of this document is known: {', '.join(names)[:500]}"
    native = None if "native path" in values else _inline(document)
    return Row(number, values, native=native)


def _inline(document: edrm_xml.Document) -> bytes | None:
    """The native that stands in the XML itself, in base64 or as text."""
    if document.native is None:
        return None
    encoding, text = document.native
    if encoding in ("", "base64"):
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except ValueError:
            pass  # text as it is
    return text.encode("utf-8", "replace")


read_edrm = documents("edrm", edrm_rows)
