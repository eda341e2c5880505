"""zip and tar: nesting, cuts, bombs, links, hostile names."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from source_building import (
    items,
    mail,
    mbox,
    not_read,
    put,
    read,
    subjects,
    tarred,
    zipped,
)

from riskscan.sources import Item, Limits, NotRead, discover

MBOX = mbox([mail("one"), mail("two")])


def test_members_have_their_place(tmp_path: Path) -> None:
    data = zipped({"ada/inbox.mbox.gz": gzip.compress(MBOX), "bo/sent/1.": mail("three")})
    found = items(put(tmp_path / "x" / "exp.zip", data))
    assert [(f.source, f.place, f.custodian, f.folder, f.format) for f in found] == [
        ("exp.zip!/ada/inbox.mbox.gz", f"offset 0+{len(MBOX) // 2}", "ada", "inbox", "mboxrd"),
        (
            "exp.zip!/ada/inbox.mbox.gz",
            f"offset {len(MBOX) // 2}+{len(MBOX) // 2}",
            "ada",
            "inbox",
            "mboxrd",
        ),
        ("exp.zip!/bo/sent", "1.", "bo", "sent", "tree"),
    ]
    assert items(tmp_path / "x")[0].source == "x/exp.zip!/ada/inbox.mbox.gz"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("fmt", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tars(tmp_path: Path, mode: str, fmt: int) -> None:
    deep = "ada/" + "long-folder-name/" * 9 + "1.eml"
    members = {deep: mail("deep"), "bo/b.mbox": MBOX, "empty": b""}
    path = put(tmp_path / "any", tarred(members, mode, fmt))
    events = read(path)
    assert subjects(events) == ["deep", "one", "two"]
    first = events[0]
    assert isinstance(first, Item)
    assert f"{first.source}/{first.place}" == f"any!/{deep}"
    assert [e.reason for e in events if isinstance(e, NotRead)] == ["empty file"]


def test_everything_in_everything(tmp_path: Path) -> None:
    data = MBOX
    for i, pack in enumerate(
        [
            gzip.compress,
            lambda d: zipped({"a/in.mbox.gz": d}),
            lambda d: tarred({"b/in.zip": d}, "w:xz"),
            lambda d: zipped({"c/in.txz": d}, zipfile.ZIP_STORED),
            bz2.compress,
            lambda d: tarred({"d/in": d}),
            lzma.compress,
        ]
    ):
        data = pack(data)
        found = items(put(tmp_path / f"{i}.bin", data))
        assert subjects(found) == ["one", "two"]
    assert found[0].source == "6.bin!/d/in!/c/in.txz!/b/in.zip!/a/in.mbox.gz"


def test_order_is_by_name_in_a_zip(tmp_path: Path) -> None:
    data = zipped({"b/2": mail("b2"), "a/9": mail("a9"), "b/1": mail("b1")})
    assert subjects(items(put(tmp_path / "e.zip", data))) == ["a9", "b1", "b2"]


def test_nesting_is_bounded(tmp_path: Path) -> None:
    data = mail("one")
    for depth in range(1, 8):
        data = zipped({"1.eml" if depth == 1 else "x.zip": data})
        events = read(put(tmp_path / "e.zip", data))
        if depth <= 5:
            assert subjects(events) == ["one"]
        else:
            (told,) = events
            assert isinstance(told, NotRead)
            assert told.lost
            assert "nested more than 5 deep" in told.reason
    data = mail("one")
    for _ in range(6):
        data = gzip.compress(data)
    (told,) = not_read(put(tmp_path / "e.gz", data))
    assert "compressed more than" in told.reason


def test_hostile_names_are_only_names(tmp_path: Path) -> None:
    names = ["../../etc/1.eml", "/etc/2.eml", "..\\..\\3.eml", "a/./4.eml", "C:\\x\\5.eml"]
    before = sorted(tmp_path.rglob("*"))
    (tmp_path / "e").mkdir()
    zip_path = put(tmp_path / "e" / "ada.zip", zipped({n: mail(n[-5]) for n in names}))
    tar_path = put(tmp_path / "e" / "ada.tar", tarred({n: mail(n[-5]) for n in names}))
    for path in (zip_path, tar_path):
        found = items(path)
        assert sorted(subjects(found)) == ["1", "2", "3", "4", "5"]
        assert not any(f.custodian.startswith(".") for f in found)
        assert all(f.source.startswith(path.name + "!/") for f in found)
    left = {p for p in tmp_path.rglob("*") if p not in before}
    assert left == {tmp_path / "e", zip_path, tar_path}


def test_links_and_devices_in_tars(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, kind in [("soft", b"2"), ("hard", b"1"), ("null", b"3"), ("pipe", b"6")]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        info = tarfile.TarInfo("1.eml")
        info.size = len(mail("one"))
        archive.addfile(info, io.BytesIO(mail("one")))
    events = read(put(tmp_path / "a.tar", file.getvalue()))
    assert subjects(events) == ["one"]
    assert {e.source: e.reason for e in events if isinstance(e, NotRead)} == {
        "a.tar!/soft": "a symbolic link",
        "a.tar!/hard": "a hard link to another member",
        "a.tar!/null": "a device",
        "a.tar!/pipe": "a FIFO",
    }


def test_links_in_zips(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("link.eml")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    (told,) = read(put(tmp_path / "a.zip", file.getvalue()))
    assert isinstance(told, NotRead)
    assert told.reason == "a symbolic link"


def test_encrypted_members(tmp_path: Path) -> None:
    data = bytearray(zipped({"1.eml": mail("one"), "2.eml": mail("two")}))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(magic) + offset] |= 1
    events = read(put(tmp_path / "a.zip", bytes(data)))
    assert subjects(events) == ["two"]
    told = events[0]
    assert isinstance(told, NotRead)
    assert (told.source, told.lost) == ("a.zip!/1.eml", True)
    assert "encrypted" in told.reason


def _noise(start: int, lines: int) -> str:
    numbers = range(start, start + lines)
    return "".join(hashlib.sha256(b"%d" % i).hexdigest() + "\n" for i in numbers)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("nested", [False, True])
def test_cut_zip(tmp_path: Path, method: int, nested: bool) -> None:
    long = mbox([mail(f"m{i}", _noise(i * 4000, 4000)) for i in range(4)])
    data = zipped({"ada/1.eml": mail("one"), "folder/": b"", "ada/a.mbox": long}, method)
    data = data[: len(data) * 2 // 3]
    if nested:
        data = tarred({"x.zip": data})
    events = read(put(tmp_path / "a", data))
    assert subjects(events)[:3] == ["one", "m0", "m1"]
    told = [e for e in events if isinstance(e, NotRead)]
    assert all(t.lost for t in told)
    assert any("the zip is cut off at byte" in t.reason for t in told)
    assert any("ada/a.mbox" in t.source and "offset" in t.place for t in told)


def test_zip_cut_in_its_directory_gives_all(tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    pipe = Pipe()  # not to be sought in: zipfile writes sizes after the data
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        for i in range(5):
            archive.writestr(f"ada/{i}.eml", mail(str(i)))
    data = pipe.data[: pipe.data.find(b"PK\x01\x02") + 20]
    events = read(put(tmp_path / "a.zip", data))
    assert subjects(events) == ["0", "1", "2", "3", "4"]
    assert isinstance(events[-1], NotRead)
    assert "no directory" in events[-1].reason


def test_damaged_zip_member(tmp_path: Path) -> None:
    data = bytearray(zipped({"1.eml": mail("one"), "2.eml": mail("two")}))
    data[data.find(b"1.eml") + 30] ^= 0xFF
    events = read(put(tmp_path / "a.zip", bytes(data)))
    assert subjects(events) == ["two"]
    assert isinstance(events[0], NotRead)
    assert events[0].lost


@pytest.mark.parametrize("cut", [100, 700, 1400, 1536, 2000, 2048])
def test_cut_tar(tmp_path: Path, cut: int) -> None:
    data = tarred({f"{i}.eml": mail(str(i)) for i in range(3)})
    assert len(mail("0")) < 512
    events = read(put(tmp_path / "a.tar", data[:cut]))
    told = [e for e in events if isinstance(e, NotRead)]
    assert told
    assert all(t.lost for t in told)
    assert subjects(events) == [str(i) for i in range(3) if i * 1024 + 512 + len(mail("0")) <= cut]


def test_tars_one_after_the_other_and_junk(tmp_path: Path) -> None:
    one, two = tarred({"1": mail("one")}), tarred({"2": mail("two")})
    assert subjects(items(put(tmp_path / "a.tar", one + two))) == ["one", "two"]
    events = read(put(tmp_path / "b.tar", one + b"junk" * 300))
    assert subjects(events) == ["one"]
    assert isinstance(events[-1], NotRead)
    assert "after the tar's end" in events[-1].reason


def test_tar_with_a_giant_name(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**33 - 1
    (told,) = not_read(put(tmp_path / "a.tar", info.tobuf(tarfile.GNU_FORMAT) + bytes(4096)))
    assert "damaged" in told.reason


SMALL = Limits(ratio=200, ratio_from=1_000_000, total=50_000_000)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_bombs_stop(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    bomb = mail("boom", "\n" * 40_000_000)
    for name, data in {
        "a.gz": pack(bomb),
        "a.zip": zipped({"1.eml": mail("one"), "2.eml": pack(bomb), "3.eml": mail("three")}),
        "a.tar": tarred({"1.eml": mail("one"), "2.eml": pack(bomb), "3.eml": mail("three")}),
        "c.zip": zipped({"1.eml": mail("one"), "2.zip": zipped({"x": bomb})}),
    }.items():
        events = read(put(tmp_path / name, data), limits=SMALL)
        assert subjects(events) == ([] if name == "a.gz" else ["one"])
        last = events[-1]
        assert isinstance(last, NotRead)
        assert (last.source, last.lost) == (name, True)
        assert "a bomb, it seems" in last.reason


def test_behind_a_bomb_the_others_are_read(tmp_path: Path) -> None:
    bomb = mail("boom", "\n" * 40_000_000)
    members = {"1.eml": mail("one"), "2.eml": bomb, "3.eml": bomb, "4.eml": mail("four")}
    events = read(put(tmp_path / "a.zip", zipped(members)), limits=SMALL)
    assert subjects(events) == ["one", "four"]
    lost = [e for e in events if isinstance(e, NotRead)]
    assert [(e.place, e.lost) for e in lost] == [("2.eml", True), ("3.eml", True)]
    assert all("a bomb, it seems" in e.reason for e in lost)


def test_total_is_bounded(tmp_path: Path) -> None:
    noise = mail("one", _noise(0, 30_000))
    data = zipped({f"{i}.eml": noise for i in range(5)})
    events = read(put(tmp_path / "a.zip", data), limits=Limits(total=5_000_000))
    assert len(subjects(events)) == 2
    assert "unpacks to more than 5,000,000 bytes" in str(events[-1])


def test_members_are_bounded(tmp_path: Path) -> None:
    members = {f"{i}.eml": mail(str(i)) for i in range(20)}
    for name, data in {"a.zip": zipped(members), "a.tar": tarred(members)}.items():
        events = read(put(tmp_path / name, data), limits=Limits(members=12))
        assert len(subjects(events)) == 12
        assert "more than 12 members" in str(events[-1])
    events = read(put(tmp_path / "b.zip", zipped(members)), limits=Limits(members=3))
    assert "more than 3 members" in str(events[-1])


def test_nested_zip_is_bounded(tmp_path: Path) -> None:
    data = zipped({"a.zip": zipped({"1": mail("one", _noise(0, 3000))}), "b": mail("two")})
    events = read(put(tmp_path / "x.zip", data), limits=Limits(spool=10_000))
    assert subjects(events) == ["two"]
    assert isinstance(events[0], NotRead)
    assert "larger than 10,000 bytes" in events[0].reason


def test_office_files_are_no_archives(tmp_path: Path) -> None:
    data = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    (told,) = not_read(put(tmp_path / "a.docx", data))
    assert "Office" in told.reason


def test_unknown_member_is_hashed(tmp_path: Path) -> None:
    pdf = b"%PDF-1.7\n" + bytes(100_000)
    for name, data in {"a.zip": zipped({"x.pdf": pdf}), "a.tar": tarred({"x.pdf": pdf})}.items():
        (told,) = not_read(put(tmp_path / name, data))
        assert (told.source, told.size) == (f"{name}!/x.pdf", len(pdf))
        assert told.sha256 == hashlib.sha256(pdf).hexdigest()


def test_resuming_by_skip(tmp_path: Path) -> None:
    inner = zipped({"a.mbox": MBOX, "x.pdf": b"%PDF", "b.mbox.gz": gzip.compress(MBOX)[:-9]})
    data = tarred({"1": mail("1"), "i.zip": inner, "e": b"", "2": mail("2")}, "w:gz")
    (unit,) = discover([put(tmp_path / "a.tgz", data[:-20])])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    assert len(whole) >= 8
    for skip in range(len(whole) + 1):
        assert list(unit.events(skip)) == whole[skip:]


def test_junk_that_starts_as_an_archive(tmp_path: Path) -> None:
    for i, magic in enumerate(
        [b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"PK\x05\x06"]
    ):
        for size in (0, 1, 30, 5000):
            data = magic + hashlib.sha256(b"%d" % i).digest() * (size // 32 + 1)
            events = read(put(tmp_path / "junk", data[: len(magic) + size]))
            assert events
            assert all(isinstance(e, NotRead) and e.lost for e in events)


def test_zip_member_without_a_name(tmp_path: Path) -> None:
    data = zipped({"x": mail("one"), "2.eml": mail("two")}).replace(b"x", b"\0")
    assert sorted(subjects(read(put(tmp_path / "a.zip", data)))) == ["one", "two"]


def test_zip_that_lies_about_its_directory(tmp_path: Path) -> None:
    data = bytearray(zipped({"1.eml": mail("one")}))
    at = data.rfind(b"PK\x05\x06")
    struct.pack_into("<LL", data, at + 12, 10**6, 10**6)
    events = read(put(tmp_path / "a.zip", bytes(data)))
    assert all(isinstance(e, Item) or e.lost for e in events)
    assert events
