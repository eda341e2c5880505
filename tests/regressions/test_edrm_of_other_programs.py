"""EDRM XML of other programs: contents without encoding, other attributes, more files, tags."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from load_building import edrm
from source_building import items, mail, put, read, zipped

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead

MAIL = (
    '<Document DocID="A1"><Tags><Tag TagName="#From" TagValue="ada@quay.example"/>'
    '<Tag TagName="#Subject" TagValue="crates"/>{tags}</Tags><Files>{files}</Files></Document>'
)


def document(files: str = "", tags: str = "") -> str:
    return MAIL.format(files=files, tags=tags)


def inline(kind: str, text: str, attributes: str = "") -> str:
    return f'<File FileType="{kind}"><InlineContent{attributes}>{text}</InlineContent></File>'


def external(kind: str, name: str, more: str = "") -> str:
    return f'<File FileType="{kind}"><ExternalFile FilePath="F" FileName="{name}"{more}/></File>'


def test_content_without_encoding_is_a_text(tmp_path: Path) -> None:
    (item,) = items(put(tmp_path / "l.xml", edrm(document(inline("Native", "deed")))))
    assert parse_message(item.data).attachments[0].text == "deed"


def test_base64_is_told_or_looks_like_nothing_else(tmp_path: Path) -> None:
    packed = base64.b64encode(mail("native")).decode()
    (item,) = items(put(tmp_path / "l.xml", edrm(document(inline("Native", packed)))))
    assert item.data == mail("native")
    told = inline("Text", base64.b64encode(b"the words").decode(), ' Encoding="Base64"')
    (item,) = items(put(tmp_path / "l.xml", edrm(document(told))))
    assert parse_message(item.data).body.strip() == "the words"


def test_all_files_of_a_document_are_read_or_told(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "t.txt", "p1.tif"):
        put(tmp_path / f"F/{name}", f"this is {name}".encode())
    digest = f' Hash="{hashlib.sha1(b"another").hexdigest()}" HashType="SHA1"'
    files = (
        external("Native", "a.txt") + external("Native", "b.txt")
        + external("Text", "t.txt", digest) + external("Image", "p1.tif")
    )  # fmt: skip
    tags = '<Tag TagName="Colour" TagValue="red"/>'
    events = [e for e in read(put(tmp_path / "l.xml", edrm(document(files, tags))).parent)]
    (item,) = [e for e in events if isinstance(e, Item)]
    assert [a.name for a in parse_message(item.data).attachments] == ["a.txt", "b.txt"]
    assert "another SHA1 than the text has" in " ".join(item.defects)
    notes = {
        e.reason: e.lost for e in events if isinstance(e, NotRead) and e.source.endswith("xml")
    }
    assert notes == {"tags that are not read: Colour": False, "1 page images are not read": False}


def test_a_document_of_pictures_alone_is_lost(tmp_path: Path) -> None:
    alone = f'<Document DocID="A2"><Files>{external("Image", "p.tif")}</Files></Document>'
    events = read(put(tmp_path / "l.xml", edrm(document() + alone)))
    assert any(isinstance(e, NotRead) and e.lost and "OCR" in e.reason for e in events)


def family(kind: str) -> bytes:
    child = '<Document DocId="A2"><Files>' + inline("Native", "plan") + "</Files></Document>"
    related = f'<Relationship {kind} ParentDocId="A1" ChildDocId="A2"/>'
    return edrm(document() + child, related)


def test_families_by_other_names_and_in_a_zip(tmp_path: Path) -> None:
    for kind in ('RelationshipType="Container"', 'Type="Attachment"', ""):
        put(tmp_path / "l.zip", zipped({"l.xml": family(kind)}))
        (item,) = items(tmp_path / "l.zip")
        assert [a.text for a in parse_message(item.data).attachments] == ["plan"]
    assert len(items(put(tmp_path / "d/l.xml", family('Type="Duplicate"')))) == 2


def test_fields_by_their_keys(tmp_path: Path) -> None:
    fields = '<Fields><Field Key="k1" Name="Email From"/><Field Key="k2" Name="Subject"/></Fields>'
    values = (
        '<FieldValues><FieldValue Key="k1" Value="ada@quay.example"/><k2>crates</k2></FieldValues>'
    )
    data = edrm(f'<Document DocID="A1">{values}</Document>').replace(
        b"<Batch>", fields.encode() + b"<Batch>"
    )
    (item,) = items(put(tmp_path / "l.xml", data))
    message = parse_message(item.data)
    assert message.sender is not None
    assert (message.sender.address, message.subject) == ("ada@quay.example", "crates")
