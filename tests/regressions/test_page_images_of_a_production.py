"""Each page image of a production was told as not read, though its document's words were read."""

from __future__ import annotations

from pathlib import Path

import pytest
from load_building import dat
from source_building import mail, put, read

from riskscan.sources import Item, NotRead

HEADER = ["DOCID", "FROM", "SUBJECT", "TEXT"]
TIFF = b"II*\0\x08\0\0\0\0\0\0\0"
LISTS = {
    "v.opt": "A1,V1,IMAGES\\A1.tif,Y,,,2\r\nA1p2,V1,.\\V1\\IMAGES\\A1p2.tif,,,,\r\n"
    "A2,V1,IMAGES\\A2.tif,Y,,,1\r\n",
    "v.lfp": "IM,A1,D,0,@V1;IMAGES;A1.tif;2\r\nIM,A1p2,,0,@V1;IMAGES;A1p2.tif;2\r\n"
    "IM,A2,D,0,@V1;IMAGES;A2.tif;2\r\n",
    "v.dii": "; v\r\n@T A1\r\n@D @I\\IMAGES\\\r\nA1.tif\r\nA1p2.tif\r\n"
    "@T A2\r\n@D @I\\IMAGES\\\r\nA2.tif\r\n",
}


def volume(folder: Path, name: str, *rows: list[str]) -> list[Item | NotRead]:
    for page in ("A1", "A1p2", "A2"):
        put(folder / f"IMAGES/{page}.tif", TIFF)
    put(folder / f"DATA/{name}", LISTS[name].encode())
    put(folder / "DATA/v.dat", dat([HEADER, *rows]).encode())
    return [e for e in read(folder) if isinstance(e, Item | NotRead)]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_pictures_of_documents_with_words_are_one_line(tmp_path: Path, name: str) -> None:
    rows = [["A1", "a@quay.example", "x", "one"], ["A2", "a@quay.example", "y", "two"]]
    told = [e for e in volume(tmp_path, name, *rows) if isinstance(e, NotRead)]
    assert [(e.lost, e.reason) for e in told] == [
        (False, "a list of page images: 3 pictures of 2 documents")
    ]


def test_pictures_that_are_all_there_is_are_lost(tmp_path: Path) -> None:
    rows = [["A1", "a@quay.example", "x", ""], ["A2", "a@quay.example", "y", "two"]]
    (told,) = [e for e in volume(tmp_path, "v.opt", *rows) if isinstance(e, NotRead)]
    assert told.lost and "2 are not read and need OCR, of 1 documents" in told.reason


def test_a_list_of_pictures_hides_no_mail(tmp_path: Path) -> None:
    put(tmp_path / "IMAGES/m.tif", mail("hidden"))
    put(tmp_path / "v.opt", b"A1,V1,IMAGES\\m.tif,Y,,,1\r\n")
    put(tmp_path / "v.dat", dat([HEADER, ["A1", "a@quay.example", "x", "one"]]).encode())
    assert sum(isinstance(e, Item) for e in read(tmp_path)) == 2


def test_other_files_of_these_names_are_told_as_ever(tmp_path: Path) -> None:
    put(tmp_path / "v.opt", b"settings = 1\r\n")
    put(tmp_path / "v.dat", dat([HEADER, ["A1", "a@quay.example", "x", "one"]]).encode())
    (told,) = [e for e in read(tmp_path) if isinstance(e, NotRead)]
    assert told.lost and "not a mail format" in told.reason
