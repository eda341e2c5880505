"""EDRM XML load files: documents, files, families.

Which document is attached to which stands after all documents: where the file can be sought in,
that is read first; in an archive a first look has told it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from riskscan.sources import edrm_xml
from riskscan.sources.digests import KINDS
from riskscan.sources.document import documents
from riskscan.sources.edrm_xml import told
from riskscan.sources.fields import BadRow, Columns, Note, Row
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.rows import decoded, has_words, is_mail_row
from riskscan.sources.stream import FileStream

_NAMES_MAX = 10_000
# Programs that leave the encoding out write base64 in one run or in lines of one length.
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{60,76}\s{1,80})*[A-Za-z0-9+/]*={0,2}")
_BASE64_MIN = 40
_PICTURES = ("image", "images", "tiff", "page")


def edrm_rows(reading: Reading, blob: Blob) -> Iterator[Row | BadRow | Note]:
    """The documents of an EDRM XML file; raises SourceError where it breaks."""
    parents: dict[str, str] = blob.volume.look.parents if blob.volume is not None else {}
    mapping = dict(reading.limits.columns)
    if blob.file is not None and blob.file.seekable():
        blob.file.seek(0)
        parents = edrm_xml.parents_in(FileStream(blob.file))
        blob.file.seek(0)
        blob.stream = FileStream(blob.file)
    unread: dict[str, None] = {}
    pages = alone = 0
    for number, document in enumerate(edrm_xml.documents(blob.stream), 1):
        columns = Columns([name for name, _ in document.tags], mapping, alone=False)
        if len(unread) < _NAMES_MAX:
            unread.update(dict.fromkeys(columns.unknown))
        row = _row(number, document, columns, parents)
        images = sum(kind in _PICTURES for kind, _ in document.files)
        pages += images
        alone += bool(images) and not (has_words(row) or is_mail_row(row))
        yield row
    if note := tags_unread(unread):
        yield note
    if pages:
        lost = f", {alone:,} documents have nothing else (they need OCR)" if alone else ""
        yield Note(f"{pages:,} page images are not read{lost}", lost=bool(alone))


def tags_unread(names: dict[str, None]) -> Note | None:
    """What is to be said of tags whose names do not tell what they hold."""
    if not names:
        return None
    shown = ", ".join(list(names)[:40])
    more = f" and {len(names) - 40:,} more" if len(names) > 40 else ""
    return Note(f"tags that are not read: {shown}{more}")


def _row(
    number: int, document: edrm_xml.Document, columns: Columns, parents: dict[str, str]
) -> Row:
    tags = [value for _, value in document.tags]
    values = columns.values(tags)
    # Files are told by their elements; tags of these names speak of the place of old.
    for name in ("native path", "text path", "id"):
        values.pop(name, None)
    more: list[str] = []
    for file_type, attributes in document.files:
        folder, name = told(attributes, "filepath"), told(attributes, "filename")
        path = "/".join(p for p in (folder, name) if p)
        kind = {"native": "native path", "text": "text path"}.get(file_type)
        if kind is None or not path:
            continue
        if kind in values:
            more.append(path)
            continue
        values[kind] = path
        digest = told(attributes, "hash").strip()
        hashed = KINDS.get(len(digest))
        if kind == "native path":
            values.setdefault("file name", name)
            if hashed:
                values[hashed] = digest
        elif hashed:
            values["text hash"] = digest
    if more:
        values["attachments"] = "; ".join(filter(None, [values.get("attachments", ""), *more]))
    values["id"] = document.id
    if document.id in parents:
        values["parent"] = parents[document.id]
    texts = document.texts
    if texts.get("InlineContent"):
        values["text"] = _inline_text(texts["InlineContent"], document.encodings)
    if texts.get("Custodian") and not values.get("custodian"):
        values["custodian"] = texts["Custodian"].strip()
    if texts.get("LocationURI") and not values.get("folder"):
        values["folder"] = texts["LocationURI"].strip()
    if len(set(document.custodians)) > 1:
        values["custodians"] = "; ".join(dict.fromkeys(document.custodians))
    if document.tags and not columns.fields:
        names = ", ".join(name for name, _ in document.tags)
        values["note"] = f"no field of this document is known: {names[:500]}"
    if document.cut:
        values["note"] = "more tags, files or contents than are read of one document"
    native = None if "native path" in values else _inline(document)
    return Row(number, values, native=native, dated=columns.dated(tags))


def _inline_text(text: str, encodings: dict[str, str]) -> str:
    """The text of a document that stands in the XML, where base64 is told decoded."""
    if encodings.get("InlineContent") == "base64":
        try:
            return decoded(base64.b64decode("".join(text.split()), validate=True))
        except ValueError:
            pass  # text as it is
    return text


def _inline(document: edrm_xml.Document) -> bytes | None:
    """The native that stands in the XML itself, in base64 or as text.

    Where no encoding is told it is a text, but for what no text looks like.
    """
    if document.native is None:
        return None
    encoding, text = document.native
    bare = text.strip()
    untold = not encoding and len(bare) >= _BASE64_MIN and _BASE64.fullmatch(bare)
    if encoding == "base64" or untold:
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except ValueError:
            pass  # text as it is
    return text.encode("utf-8", "replace")


read_edrm = documents("edrm", edrm_rows)
