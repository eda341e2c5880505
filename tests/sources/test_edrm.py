"""EDRM XML load files: files, tags, families by relationship, hostile XML."""

from __future__ import annotations

from pathlib import Path

import pytest
from load_building import edrm
from source_building import items, mail, not_read, put, read, subjects

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

NATIVE = (
    '<Document DocID="A1" DocType="Message"><Files><File FileType="Native">'
    '<ExternalFile FilePath="NATIVES\\1" FileName="a1.eml" '
    'Hash="00000000000000000000000000000000"/>'
    '</File></Files><Tags><Tag TagName="#Subject" TagDataType="Text" TagValue="ignored"/></Tags>'
    "<Locations><Location><Custodian>Nora Quill</Custodian></Location></Locations></Document>"
)
COMPOSED = (
    '<Document DocID="B1"><Tags><Tag TagName="#From" TagValue="Ben &lt;ben@quay.example&gt;"/>'
    '<Tag TagName="#To" TagValue="nora@quay.example"/><Tag TagName="#Subject" TagValue="crates"/>'
    '<Tag TagName="#DateSent" TagValue="2024-03-05T08:01:00+01:00"/></Tags><Files>'
    '<File FileType="Text"><InlineContent>the text</InlineContent></File></Files></Document>'
    '<Document DocID="B2"><Files><File FileType="Native"><ExternalFile FilePath="NATIVES" '
    'FileName="plan.txt"/></File></Files></Document>'
)
RELATED = '<Relationship Type="Attachment" ParentDocID="B1" ChildDocID="B2"/>'


def test_natives_tags_texts_and_families(tmp_path: Path) -> None:
    put(tmp_path / "NATIVES/1/a1.eml", mail("native one"))
    put(tmp_path / "NATIVES/plan.txt", b"the plan")
    put(tmp_path / "load.xml", edrm(NATIVE + COMPOSED, RELATED))
    native, composed = items(tmp_path)
    assert subjects([native]) == ["native one"]
    assert (native.custodian, native.format) == ("Nora Quill", "edrm")
    assert "another MD5" in native.defects[0]
    message = parse_message(composed.data)
    assert composed.place == "rows 2-3 (B1)"
    assert message.sender is not None and message.sender.address == "ben@quay.example"
    assert message.date is not None and message.date.isoformat() == "2024-03-05T07:01:00+00:00"
    assert message.body.strip() == "the text"
    assert [(a.name, a.text) for a in message.attachments] == [("plan.txt", "the plan")]


def test_going_on_after_any_event_gives_the_rest(tmp_path: Path) -> None:
    put(tmp_path / "NATIVES/1/a1.eml", mail("native one"))
    put(tmp_path / "load.xml", edrm(NATIVE + COMPOSED, RELATED))
    (unit,) = discover([tmp_path])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    assert len(whole) == 3
    for skip in range(4):
        assert list(unit.events(skip)) == whole[skip:]


def test_documents_named_again_in_folders_are_not_new(tmp_path: Path) -> None:
    data = edrm(COMPOSED).replace(
        b"</Batch>",
        b'<Folders><Folder FolderName="x"><Document DocID="B1"/></Folder></Folders></Batch>',
    )
    put(tmp_path / "NATIVES/plan.txt", b"the plan")
    put(tmp_path / "l.xml", data)
    assert subjects(items(tmp_path)) == ["crates", "plan.txt"]


@pytest.mark.parametrize(
    "lead",
    [
        '<!DOCTYPE Root [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;&a;">]>',
        '<!DOCTYPE Root [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Root SYSTEM "http://quay.example/x.dtd">',
    ],
)
def test_document_types_are_refused(tmp_path: Path, lead: str) -> None:
    (lost,) = not_read(put(tmp_path / "l.xml", edrm(COMPOSED, lead=lead)))
    assert "document type" in lost.reason


def test_a_cut_off_file_keeps_what_is_whole(tmp_path: Path) -> None:
    events = read(put(tmp_path / "l.xml", edrm(COMPOSED + NATIVE)[:-300]))
    assert subjects(e for e in events if isinstance(e, Item)) == ["crates", "plan.txt"]
    assert "cannot be read on" in [e.reason for e in events if isinstance(e, NotRead)][-1]


def test_a_tag_without_end_is_not_held(tmp_path: Path) -> None:
    value = f'<Tag TagName="#Subject" TagValue="{"x" * 40_000_000}"/>'
    data = edrm(NATIVE.replace("<Tags>", f"<Tags>{value}"))
    (lost,) = not_read(put(tmp_path / "l.xml", data))
    assert "33,554,432" in lost.reason


def test_depth_and_paths_are_bounded(tmp_path: Path) -> None:
    deep = edrm("<Document>" * 5000)
    assert not_read(put(tmp_path / "deep.xml", deep))
    climbing = NATIVE.replace("NATIVES\\1", "..\\..")
    (lost,) = not_read(put(tmp_path / "p/l.xml", edrm(climbing)))[:1]
    assert "leads upwards" in lost.reason
