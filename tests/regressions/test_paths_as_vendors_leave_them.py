"""Texts without an ending or folder, and paths of the vendor's own machine, were not found."""

from __future__ import annotations

from pathlib import Path

import pytest
from load_building import dat
from source_building import items, mail, put, read, subjects, zipped

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead

HEADER = ["DOCID", "FROM", "SUBJECT", "NATIVEPATH", "TEXTPATH", "TEXT"]


def table(native: str = "", path: str = "", text: str = "") -> bytes:
    return dat([HEADER, ["DOC1", "a@q.example", "crates", native, path, text]]).encode()


def body(found: list[Item]) -> str:
    (item,) = found
    return parse_message(item.data).body.strip()


@pytest.mark.parametrize(
    "path",
    [
        r"TEXT\0001\DOC1", r".\TEXT\0001\doc1.txt", "DOC1", "doc1.txt",
        r"D:\out\VOL7\TEXT\0001\DOC1.TXT", r"\\server\share\case\prod\TEXT\0001\DOC1",
        r"E:\elsewhere\deep\in\DOC1.txt",
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_a_text_is_found(tmp_path: Path, path: str, packed: bool) -> None:
    files = {"V/DATA/v.dat": table(path=path), "V/TEXT/0001/DOC1.Txt": b"the words"}
    if packed:
        put(tmp_path / "v.zip", zipped(files))
    else:
        for name, data in files.items():
            put(tmp_path / name, data)
    assert body(items(tmp_path)) == "the words"


def of_the_load_file(export: Path) -> list[Item]:
    return [e for e in read(export) if isinstance(e, Item) and e.source.endswith("v.dat")]


def test_a_path_without_ending_in_the_column_of_texts(tmp_path: Path) -> None:
    put(tmp_path / "V/TEXT/0001/DOC1.txt", b"the words")
    put(tmp_path / "V/or.txt", b"not these")
    for text, told in ((r"TEXT\0001\DOC1", "the words"), ("and/or", "and/or")):
        put(tmp_path / "V/v.dat", table(text=text))
        assert body(of_the_load_file(tmp_path / "V")) == told


def test_a_native_of_another_folder_is_told(tmp_path: Path) -> None:
    put(tmp_path / "V/NATIVES/0001/DOC1.eml", mail("native"))
    put(tmp_path / "V/TEXT/DOC1.eml", b"as text")
    gone = r"\\server\share\work\batch7\DOC1.eml"
    put(tmp_path / "V/v.dat", table(native=gone))
    (item,) = of_the_load_file(tmp_path / "V")
    assert subjects([item]) == ["native"]
    assert "no file at the native's path: DOC1.eml in 0001" in item.defects[0]


def test_several_of_the_name_and_none_are_told(tmp_path: Path) -> None:
    for folder in ("A", "B"):
        put(tmp_path / f"V/NATIVES/{folder}/DOC1.eml", mail(folder))
    put(tmp_path / "V/v.dat", table(native="DOC1.eml", path="TEXT/DOC9"))
    lost = [e.reason for e in read(tmp_path / "V") if isinstance(e, NotRead)]
    assert len(lost) == 2
    assert "several folders" in lost[0] and "the text of this row: not there" in lost[1]


def test_no_file_outside_the_export_is_found_by_its_name(tmp_path: Path) -> None:
    secret = put(tmp_path / "out/secret.eml", mail("secret"))
    (tmp_path / "V/NATIVES").mkdir(parents=True)
    (tmp_path / "V/NATIVES/secret.eml").symlink_to(secret)
    (tmp_path / "V/linked").symlink_to(secret.parent)
    put(tmp_path / "V/v.dat", table(native=r"C:\a\b\c\secret.eml"))
    assert subjects(of_the_load_file(tmp_path / "V")) == ["crates"]
