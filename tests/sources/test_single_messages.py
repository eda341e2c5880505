"""Single messages: what passes for mail, Maildir, trees, .eml, .emlx, companions, unknown files."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_building import FROM_LINE, items, mail, mbox, not_read, put, read, subjects

from riskscan.sources import Item, Limits, NotRead, Unit, discover


def _units(*exports: Path) -> list[Unit]:
    return [u for u in discover(exports) if not isinstance(u, NotRead)]


def test_eml_given_alone(tmp_path: Path) -> None:
    path = put(tmp_path / "bo" / "1.eml", mail("one"))
    (item,) = items(path)
    assert item == Item("1.eml", "eml", "1.eml", "bo", "", mail("one"))
    (unit,) = _units(path)
    assert (unit.kind, unit.size, unit.path) == ("eml", len(mail("one")), path)
    assert unit.digest() == (hashlib.sha256(mail("one")).hexdigest(), len(mail("one")))


@pytest.mark.parametrize(
    "front", [b"", b"\xef\xbb\xbf", b"\n\r\n", FROM_LINE + b"\n", b"\n" + FROM_LINE + b"\r\n"]
)
def test_what_may_stand_before_the_headers(tmp_path: Path, front: bytes) -> None:
    (item,) = items(put(tmp_path / "ada" / "12.", front + mail("one")))
    assert item.data == mail("one")
    assert item.format == "tree"


@pytest.mark.parametrize(
    "data",
    [
        b"Note: this is a text.\nAnother: line\n\nwords\n",
        b"Note: this\n",
        b"Subject: one field is not enough\n\nwords\n",
        b"Dear Bo,\nFrom: Ada\nTo: Bo\n",
        b"From here on\nFrom: nobody knows\nno header\n",
        b" To: x\nFrom: y\n",
        b"<html>\nFrom: x\nTo: y\n",
    ],
)
def test_text_does_not_pass_for_mail(tmp_path: Path, data: bytes) -> None:
    (told,) = read(put(tmp_path / "notes", data))
    assert isinstance(told, NotRead)
    assert told.lost
    assert told.reason.startswith("not a mail format that riskscan reads: looks like")
    assert (told.size, told.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_long_first_header(tmp_path: Path) -> None:
    data = b"X-Trace: " + b"\n ".join([b"hop"] * 5000) + b"\n" + mail("one")
    assert items(put(tmp_path / "1", data))[0].data == data


def test_emlx(tmp_path: Path) -> None:
    data = b"%d      \n" % len(mail("one")) + mail("one") + b"<?xml version='1.0'?><plist/>"
    (item,) = items(put(tmp_path / "ada" / "7.emlx", data))
    assert (item.data, item.format) == (mail("one"), "eml")
    (told,) = not_read(put(tmp_path / "bo" / "8.emlx", data[:100]))
    assert "shorter than it says" in told.reason


def test_a_tree_is_one_unit_a_folder_in_sorted_order(tmp_path: Path) -> None:
    names = ["10.", "2.", "1."]
    for name in names:
        put(tmp_path / "maildir" / "allen" / "inbox" / name, mail(name))
        put(tmp_path / "maildir" / "baker" / "sent_items" / name, mail(name))
    put(tmp_path / "maildir" / "allen" / "2001.mbox", mbox([mail("x"), mail("y")]))
    units = _units(tmp_path / "maildir")
    assert [(u.kind, u.source) for u in units] == [
        ("mbox", "maildir/allen/2001.mbox"),
        ("tree", "maildir/allen/inbox"),
        ("tree", "maildir/baker/sent_items"),
    ]
    found = items(tmp_path / "maildir")
    assert [f.place for f in found[2:5]] == ["1.", "10.", "2."]
    assert {(f.source, f.custodian, f.folder) for f in found[2:]} == {
        ("maildir/allen/inbox", "allen", "inbox"),
        ("maildir/baker/sent_items", "baker", "sent_items"),
    }
    assert read(tmp_path / "maildir") == read(tmp_path / "maildir")
    for unit in units:
        whole = list(unit.events())
        for skip in range(len(whole) + 2):
            assert list(unit.events(skip)) == whole[skip:]
    lines = sorted(f"{hashlib.sha256(mail(n)).hexdigest()}  {n}\n" for n in names)
    assert units[1].digest()[0] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert units[1].size == sum(len(mail(n)) for n in names)


def test_a_maildir_with_subfolders(tmp_path: Path) -> None:
    root = tmp_path / "ada" / "Maildir"
    for folder in ("", ".Work.Tides", ".Sent"):
        for sub in ("cur", "new", "tmp"):
            (root / folder / sub).mkdir(parents=True, exist_ok=True)
    put(root / "cur" / "1580000001.M1P1.host:2,S", mail("one"))
    put(root / "new" / "any-name", FROM_LINE + b"\n" + mail("two"))
    put(root / ".Work.Tides" / "cur" / "1580000003.M1P1.host:2,S", mail("three"))
    put(root / ".Sent" / "cur" / "1580000004.M1P1.host:2,S", gzip.compress(mail("four")))
    put(root / "tmp" / "1580000005.M1P1.host", mail("five"))
    for litter in ("maildirfolder", "subscriptions", "dovecot-uidlist", "dovecot.index.log"):
        put(root / litter, b"3 V1580000000 N5\n")
    events = read(tmp_path / "ada")
    got = {s: e for e, s in zip([x for x in events if isinstance(x, Item)], subjects(events))}  # noqa: B905
    assert {s: (e.format, e.custodian, e.folder) for s, e in got.items()} == {
        "one": ("maildir", "ada", "inbox"),
        "two": ("maildir", "ada", "inbox"),
        "three": ("maildir", "ada", "Work/Tides"),
        "four": ("maildir", "ada", "Sent"),
    }
    left = {e.source: e for e in events if isinstance(e, NotRead)}
    assert not any(e.lost for e in left.values())
    assert len(left) == 5
    assert "delivery" in left["ada/Maildir/tmp/1580000005.M1P1.host"].reason
    assert {u.kind for u in _units(tmp_path)} == {"maildir", "gz"}


def test_companions_are_no_loss(tmp_path: Path) -> None:
    put(tmp_path / "e" / "1.eml", mail("one"))
    label = json.dumps({"message_id": "<one@ferry.example>", "flag": 1, "signals": []})
    put(tmp_path / "e" / "labels.jsonl", (label + "\n" + label + "\n").encode())
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "Inbox.msf", "._1.eml"):
        put(tmp_path / "e" / name, b"\x00\x05\x16\x07litter")
    put(tmp_path / "e" / "nothing.mbox", b"")
    told = not_read(tmp_path / "e")
    assert len(told) == 7
    assert not any(t.lost for t in told)
    assert {t.reason for t in told if t.source == "e/nothing.mbox"} == {"empty file"}


def test_what_only_looks_like_a_companion(tmp_path: Path) -> None:
    put(tmp_path / "e" / "labels.jsonl", b'{"message": "x", "flag": 1}\n')
    put(tmp_path / "e" / "subscriptions", mail("one"))
    (told,) = not_read(tmp_path / "e")
    assert (told.source, told.lost) == ("e/labels.jsonl", True)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\xcf\xad\x12\xfe" + bytes(20), "DBX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE"),
        (b"\x89PNG\r\n", "PNG"),
        (bytes(range(256)), "binary data"),
        (b'{"channel": "general"}' + b" " * 9000, "JSON"),
        (b"<!DOCTYPE html><html>", "HTML"),
    ],
)
def test_unknown_files_are_named_by_their_magic(tmp_path: Path, head: bytes, words: str) -> None:
    data = head + bytes(range(256)) * 200
    (told,) = read(put(tmp_path / "thing.mbox", data))
    assert isinstance(told, NotRead)
    assert words in told.reason
    assert (told.lost, told.size) == (True, len(data))
    assert told.sha256 == hashlib.sha256(data).hexdigest()


def test_large_message_file(tmp_path: Path) -> None:
    data = mail("one", "x" * 3_000_000)
    path = put(tmp_path / "ada" / "1.eml", data)
    (told,) = read(path, limits=Limits(message=2_000_000))
    assert isinstance(told, NotRead)
    assert (told.place, told.size, told.lost) == ("1.eml", len(data), True)
    assert told.sha256 == hashlib.sha256(data).hexdigest()


def test_links_are_told_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "secret" / "1.eml", mail("secret"))
    put(tmp_path / "e" / "ada" / "1.eml", mail("one"))
    (tmp_path / "e" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "e" / "out.eml").symlink_to(tmp_path / "secret" / "1.eml")
    (tmp_path / "e" / "loop").symlink_to(tmp_path / "e")
    (tmp_path / "e" / "gone").symlink_to("nowhere")
    events = read(tmp_path / "e")
    assert subjects(events) == ["one"]
    links = {e.source: e.lost for e in events if isinstance(e, NotRead)}
    assert links == {"e/out": True, "e/out.eml": True, "e/loop": False, "e/gone": True}


def test_an_export_that_is_a_link_is_followed(tmp_path: Path) -> None:
    put(tmp_path / "real" / "ada" / "1.eml", mail("one"))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (item,) = items(tmp_path / "link")
    assert item.source == "link/ada"


def test_fifo_is_told(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    os.mkfifo(tmp_path / "e" / "pipe")
    (told,) = read(tmp_path / "e")
    assert isinstance(told, NotRead)
    assert "not a regular file" in told.reason


def test_missing_export(tmp_path: Path) -> None:
    (told,) = read(tmp_path / "nothing")
    assert isinstance(told, NotRead)
    assert told.lost
    assert "no such file" in told.reason


def test_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "e" / "1.eml", mail("one"))
    locked = put(tmp_path / "e" / "2.eml", mail("two"))
    put(tmp_path / "e" / "sub" / "3.eml", mail("three"))
    real_open, real_list = os.open, os.listdir

    def refuse(name: str, *args: int) -> int:
        if str(name) == str(locked):
            raise PermissionError(13, "Permission denied", name)
        return real_open(name, *args)

    def refuse_folder(path: Path) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", path)
        return real_list(path)

    # Rights do not bind the superuser, who may run the tests.
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "listdir", refuse_folder)
    events = read(tmp_path / "e")
    assert subjects(events) == ["one"]
    told = [e for e in events if isinstance(e, NotRead)]
    assert [(t.source, t.lost, "permission denied" in t.reason) for t in told] == [
        ("e/2.eml", True, True),
        ("e/sub", True, True),
    ]


def test_files_that_disappear_or_change(tmp_path: Path) -> None:
    for name in "1234":
        put(tmp_path / "e" / name, mail(name))
    put(tmp_path / "e" / "a.mbox", mbox([mail("x"), mail("y")]))
    tree, single = _units(tmp_path / "e")
    (tmp_path / "e" / "2").unlink()
    (tmp_path / "e" / "3").write_bytes(mbox([mail("x"), mail("y")]))
    (tmp_path / "e" / "a.mbox").unlink()
    one, gone, changed, four = tree.events()
    assert subjects([one, four]) == ["1", "4"]
    assert isinstance(gone, NotRead)
    assert (gone.source, gone.place, gone.lost) == ("e", "2", True)
    assert isinstance(changed, NotRead)
    assert "changed" in changed.reason
    (lost,) = single.events()
    assert isinstance(lost, NotRead)
    assert lost.lost
    assert single.digest() == ("", 0)
    assert len(tree.digest()[0]) == 64


def test_reading_that_fails_halfway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from riskscan.sources import stream

    path = put(tmp_path / "a.mbox", mbox([mail(str(i), "x\n" * 400_000) for i in range(4)]))
    (unit,) = _units(path)

    class Failing:
        def __init__(self, file: object) -> None:
            self.file, self.reads = file, 0

        def read(self, size: int) -> bytes:
            self.reads += 1
            if self.reads > 3:
                raise OSError(5, "Input/output error")
            return self.file.read(size)  # type: ignore[attr-defined, no-any-return]

    real = stream.FileStream.__init__

    def patched(self: stream.FileStream, file: object) -> None:
        real(self, Failing(file))  # type: ignore[arg-type]

    monkeypatch.setattr(stream.FileStream, "__init__", patched)
    *before, last = unit.events()
    assert len(before) >= 1
    assert all(isinstance(b, Item) for b in before)
    assert isinstance(last, NotRead)
    assert last.lost
    assert "input/output error" in last.reason


def test_names_that_are_no_text(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/e/ad\xe9"
    Path(os.fsdecode(folder)).mkdir(parents=True)
    Path(os.fsdecode(folder + b"/1\n2")).write_bytes(mail("one"))
    (item,) = items(tmp_path / "e")
    json.dumps([item.source, item.place, item.custodian]).encode()
    item.source.encode()
    assert item.place == "1\\n2"
    assert "\n" not in item.source + item.place


@pytest.fixture
def deep_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder inside 1200 others, the outermost "e", with the message "1" in it."""
    folders = [tmp_path / "e"]
    for _ in range(1200):
        folders.append(folders[-1] / "d")
    for folder in folders:
        folder.mkdir()
    file = put(folders[-1] / "1", mail("one"))
    yield folders[0]
    # pytest's own cleaning up cannot go so deep, now or in a later run.
    file.unlink()
    for folder in reversed(folders):
        folder.rmdir()


def test_folders_nested_deeper_than_calls(deep_folder: Path) -> None:
    (item,) = items(deep_folder)
    assert item.source.count("/") == 1200


def test_exports_are_walked_once(tmp_path: Path) -> None:
    put(tmp_path / "e" / "ada" / "1.eml", mail("one"))
    inner = tmp_path / "e" / "ada"
    assert subjects(read(inner, tmp_path / "e", tmp_path / "e", inner / "1.eml")) == ["one"]


def test_units_travel_between_processes(tmp_path: Path) -> None:
    put(tmp_path / "e" / "1.eml", mail("one"))
    put(tmp_path / "e" / "a.mbox", mbox([mail("x"), mail("y")]))
    for unit in _units(tmp_path / "e"):
        assert list(pickle.loads(pickle.dumps(unit)).events()) == list(unit.events())
