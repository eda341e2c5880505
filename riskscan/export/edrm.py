"""A production with an EDRM XML load file (1.2): the same natives, texts and numbers as the .dat.

Tags have the names of the EDRM's own list (#From, #Subject, ...) where it has one, else those of
docs/production.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.export.family import Document
from riskscan.export.load_fields import DATE_FORMAT, Profile
from riskscan.export.load_file import Draft, produce
from riskscan.export.production import HashedFile, Numbering
from riskscan.export.pseudonymise import Pseudonymiser
from riskscan.export.withholding import Mode

XML = "DATA/production.xml"
_TAGS = {
    "FROM": "#From", "TO": "#To", "CC": "#CC", "BCC": "#BCC", "SUBJECT": "#Subject",
    "DATESENT": "#DateSent", "DATERECEIVED": "#DateReceived", "HASATTACH": "#HasAttachments",
    "ATTACHNAMES": "#AttachmentNames", "FILENAME": "#FileName", "MESSAGEID": "#MessageID",
    "INREPLYTO": "#InReplyTo", "REFERENCES": "#References", "CUSTODIAN": "#Custodian",
}  # fmt: skip
# Told by elements and attributes of the format itself.
_ELEMENTS = frozenset({"DOCID", "PARENTID", "NATIVEPATH", "TEXTPATH", "ATTACHIDS"})
# xs:dateTime, as readers of EDRM XML take it; all moments are in UTC.
_ISO = "%Y-%m-%dT%H:%M:%SZ"
# What XML 1.0 cannot hold in any form.
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_edrm(
    case: Case,
    folder: Path,
    selection: Selection,
    *,
    numbering: Numbering | None = None,
    fields: Path | None = None,
    privileged: Mode | None = None,
    pseudonyms: Pseudonymiser | None = None,
) -> dict[str, Any]:
    """Produce the selected families into a new ``folder``; returns the figures of production.json.

    A character that XML cannot hold becomes U+FFFD. Raises ProductionError and FieldsError with
    a sentence for the user.
    """
    return produce(
        case, folder, selection, "edrm", _write, numbering=numbering, fields=fields,
        privileged=privileged, pseudonyms=pseudonyms,
    )  # fmt: skip


def _write(draft: Draft) -> None:
    with draft.production.stream(XML) as xml:
        pairs = draft.folder / "relationships.draft"
        with pairs.open("w", encoding="utf-8") as related:
            _documents(draft, xml, related.write)
        xml.write(b"</Documents>\n<Relationships>\n")
        with pairs.open("rb") as lines:
            for line in lines:
                xml.write(line)
        pairs.unlink()
        xml.write(b"</Relationships>\n</Batch>\n</Root>\n")


def _documents(draft: Draft, xml: HashedFile, related: Callable[[str], object]) -> None:
    xml.write(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Root DataInterchangeType="Update" '
        b'MajorVersion="1" MinorVersion="2">\n<Batch>\n<Documents>\n'
    )
    profile = draft.profile
    if profile.date_format == DATE_FORMAT:
        profile = replace(profile, date_format=_ISO)
    for family in draft.families():
        for document in family:
            xml.write(_document(document, family, profile).encode())
            if document.parent >= 0:
                parent = _attribute(family[document.parent].number)
                related(
                    f'<Relationship Type="Attachment" ParentDocID={parent} '
                    f"ChildDocID={_attribute(document.number)}/>\n"
                )


def _document(document: Document, family: Sequence[Document], profile: Profile) -> str:
    kind = "Message" if document.is_mail else "File"
    lines = [
        f"<Document DocID={_attribute(document.number)} DocType={_attribute(kind)}>",
        "<Files>",
    ]
    if document.data is not None:
        digest = hashlib.md5(document.data, usedforsecurity=False).hexdigest()
        lines.append(_file("Native", document.native_path, len(document.data), digest))
    text = document.text.encode("utf-8", "replace")
    digest = hashlib.md5(text, usedforsecurity=False).hexdigest()
    lines += [_file("Text", document.text_path, len(text), digest), "</Files>", "<Tags>"]
    for (field, name), value in zip(profile.columns, profile.values(document, family), strict=True):
        if field in _ELEMENTS or not value:
            continue
        told = value if isinstance(value, str) else "; ".join(value)
        shown = _TAGS.get(field, name) if name == field else name
        dated = field.startswith("DATE") and profile.date_format == _ISO
        kind = "DateTime" if dated else "Text"
        lines.append(
            f'<Tag TagName={_attribute(shown)} TagDataType="{kind}" TagValue={_attribute(told)}/>'
        )
    return "\n".join([*lines, "</Tags>", "</Document>", ""])


def _file(kind: str, path: str, size: int, digest: str) -> str:
    folder, _, name = path.rpartition("\\")
    return (
        f'<File FileType="{kind}"><ExternalFile FilePath={_attribute(folder)} '
        f'FileName={_attribute(name)} FileSize="{size}" Hash="{digest}" HashType="MD5"/></File>'
    )


def _attribute(value: str) -> str:
    # A parser turns line ends and tabs in attributes into blanks where they are not escaped.
    value = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value)
    return quoteattr(value, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
