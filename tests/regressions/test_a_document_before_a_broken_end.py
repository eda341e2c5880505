"""Of a load file that ends badly the last whole document was lost, and nothing said so."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from load_building import edrm
from source_building import put, read, subjects

from riskscan.mail.parse import parse_message
from riskscan.sources.item import Item, NotRead


def document(number: int) -> str:
    return (
        f'<Document DocID="D{number}"><Tags><Tag TagName="#From" TagValue="nora@quay.example"/>'
        f'<Tag TagName="#Subject" TagValue="lot {number}"/></Tags><Files><File FileType="Text">'
        f'<ExternalFile FilePath="txt" FileName="{number}.txt"/></File></Files></Document>'
    )


@pytest.mark.parametrize("count", [1, 7])
def test_every_whole_document_before_the_cut_is_found(tmp_path: Path, count: int) -> None:
    for number in range(count + 1):
        put(tmp_path / f"txt/{number}.txt", b"The crates of lot %d came late." % number)
    whole = edrm("".join(map(document, range(count + 1))))
    put(tmp_path / "load.xml", whole[: whole.rindex(b"</Files>")])
    events = read(tmp_path)
    found = [event for event in events if isinstance(event, Item)]
    assert subjects(found) == [f"lot {number}" for number in range(count)]
    bodies = [parse_message(one.data).body for one in found]
    assert bodies == [f"The crates of lot {number} came late." for number in range(count)]
    assert any(isinstance(e, NotRead) and "cannot be read on" in e.reason for e in events)


def test_a_row_before_a_broken_stream_is_found(tmp_path: Path) -> None:
    rows = ["DOCID,FROM,SUBJECT,TEXT"]
    rows += [f"D{n},nora@quay.example,lot {n},{'late again ' * 40}{n * 7919}" for n in range(400)]
    packed = gzip.compress("\n".join(rows).encode(), 1)
    broken = read(put(tmp_path / "cut/load.csv.gz", packed[: len(packed) * 2 // 3]))
    assert any(isinstance(event, NotRead) for event in broken)
    found = subjects(event for event in broken if isinstance(event, Item))
    assert found == [f"lot {n}" for n in range(len(found))]
