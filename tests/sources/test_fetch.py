"""Fetch: single messages found again by source and place, hashes of files, paths as text."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest
from source_building import items, mail, mbox, put, tarred, zipped

from riskscan.sources import FileUnit, Item, NotRead, discover
from riskscan.sources.fetch import (
    fetch,
    hash_file,
    hash_members,
    outer_place,
    path_of,
    path_text,
    units_at,
)

MAILS = [mail(f"number {i}") for i in range(6)]
LAYOUTS = {
    "a.mbox": mbox(MAILS),
    "a.mbox.gz": gzip.compress(mbox(MAILS)),
    "a.zip": zipped(
        {"in/a.mbox": mbox(MAILS[:3]), "in/4.eml": MAILS[3], "b.mbox": mbox(MAILS[4:])}
    ),
    "a.tar": tarred({f"in/{i}.eml": data for i, data in enumerate(MAILS)}),
}


def fetched(export: Path, wanted: set[tuple[str, str]]) -> list[Item]:
    return [
        item
        for unit in discover([export])
        if not isinstance(unit, NotRead)
        for item in fetch(unit, wanted)
    ]


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_message_is_found_again_by_its_place(tmp_path: Path, name: str) -> None:
    export = put(tmp_path / name, LAYOUTS[name])
    whole = items(export)
    assert len(whole) == 6
    for item in whole:
        assert fetched(export, {(item.source, item.place)}) == [item]
    some = {(item.source, item.place) for item in whole[1::2]}
    assert fetched(export, some) == whole[1::2]
    assert fetched(export, set()) == []
    assert fetched(export, {("a", "offset 5+9")}) == []


def test_of_a_folder_only_the_wanted_files_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i, data in enumerate(MAILS):
        put(tmp_path / "export" / f"{i}.eml", data)
    (unit,) = (u for u in discover([tmp_path / "export"]) if not isinstance(u, NotRead))
    opened: list[str] = []
    from riskscan.sources import walk

    whole = walk.open_file
    monkeypatch.setattr(walk, "open_file", lambda path: opened.append(path.name) or whole(path))
    (item,) = fetch(unit, {("export", "3.eml")})
    assert item.data == MAILS[3]
    assert opened == ["3.eml"]


def test_two_members_of_one_name_are_both_found(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for data in MAILS[:2]:
            info = tarfile.TarInfo("a.eml")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    export = put(tmp_path / "a.tar", file.getvalue())
    found = fetched(export, {("a.tar!/", "a.eml")})
    assert [item.data for item in found] == MAILS[:2]


def test_hashes_of_files_and_of_members(tmp_path: Path) -> None:
    inner = {
        "in/a.mbox": mbox(MAILS),
        "x.bin": b"\0\1" * 50,
        "deep.zip": zipped({"a.eml": MAILS[0]}),
    }
    export = put(tmp_path / "a.zip", zipped(inner))
    (unit,) = discover([export])
    assert isinstance(unit, FileUnit)
    names = {f"a.zip!/{name}" for name in inner} | {"a.zip!/lost", "a.zip!/deep.zip!/a.eml"}
    found = hash_members(unit, names, ("md5", "sha1"))
    expected = {f"a.zip!/{name}": data for name, data in inner.items()}
    expected["a.zip!/deep.zip!/a.eml"] = MAILS[0]
    assert found == {
        name: {
            "md5": hashlib.md5(data).hexdigest(),
            "sha1": hashlib.sha1(data).hexdigest(),
            "bytes": str(len(data)),
        }
        for name, data in expected.items()
    }
    data = export.read_bytes()
    assert hash_file(export, ["sha256"]) == {
        "sha256": hashlib.sha256(data).hexdigest(), "bytes": str(len(data)),
    }  # fmt: skip


def test_units_by_their_paths(tmp_path: Path) -> None:
    for name in ("a.mbox", "b.mbox"):
        put(tmp_path / "export" / name, mbox(MAILS))
    (unit,) = units_at(tmp_path / "export", {path_text(tmp_path / "export" / "b.mbox")})
    assert unit.path.name == "b.mbox"


@pytest.mark.parametrize("name", [b"plain", "é".encode(), b"\xff\xfe", b"\xc3\\xff", b"\\xff"])
def test_a_path_as_text_finds_the_file_again(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(b"x")
    text = path_text(path)
    text.encode("utf-8")
    assert path_of(text).read_bytes() == b"x"


def test_the_place_of_the_message_around() -> None:
    assert outer_place("offset 0+9/embedded 2/embedded 1") == "offset 0+9"
    assert outer_place("a/embedded x") == "a/embedded x"
