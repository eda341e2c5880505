"""Concordance load files: encodings, natives and texts, families, hostile rows and paths."""

from __future__ import annotations

import hashlib
import os
import time
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from load_building import Q, S, dat
from source_building import items, mail, mbox, not_read, put, read, subjects, tarred, zipped

from riskscan.export.concordance import dat_row
from riskscan.mail.parse import parse_message
from riskscan.sources import Item, Limits, NotRead, SourceError, discover
from riskscan.sources.concordance import records
from riskscan.sources.fields import BadRow
from riskscan.sources.names import Container, Origin
from riskscan.sources.reading import Blob

HEADER = ["BEGDOC", "PARENTID", "CUSTODIAN", "FROM", "TO", "SUBJECT", "DATESENT", "TIMESENT",
          "NATIVEPATH", "TEXTPATH"]  # fmt: skip


def row(**values: str) -> list[str]:
    return [values.get(name, "") for name in HEADER]


def parsed(item: Item) -> Message:
    return message_from_bytes(item.data)


def body(item: Item) -> str:
    return parse_message(item.data).body.strip()


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int, /) -> bytes:
        out, self.data = self.data[:size], self.data[size:]
        return out


def rows_of(data: bytes) -> list[list[str]]:
    out = []
    for record in records(Blob(Origin((Container(""),), "x.dat"), Bytes(data))):
        assert not isinstance(record, BadRow), record
        out.append(record[1])
    return out


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings_are_told_apart_from_the_bytes(tmp_path: Path, encoding: str) -> None:
    rows = [HEADER, row(BEGDOC="A1", FROM="Zoë Marsh <zoe@quay.example>", SUBJECT="Fähre®zwei")]
    found = items(put(tmp_path / "v.dat", dat(rows).encode(encoding)))
    message = parse_message(found[0].data)
    assert message.subject.split() == ["Fähre", "zwei"]
    assert message.sender is not None
    assert (message.sender.name, message.sender.address) == ("Zoë Marsh", "zoe@quay.example")


def test_natives_are_read_once_and_loose_files_still(tmp_path: Path) -> None:
    volume = tmp_path / "VOL1"
    put(volume / "NATIVES/a1.eml", mail("native one"))
    put(volume / "NATIVES/loose.eml", mail("loose"))
    path = r"\VOL1\Natives\A1.EML"
    put(volume / "DATA/v.dat", dat([HEADER, row(CUSTODIAN="Ada", NATIVEPATH=path)]).encode())
    found = items(volume)
    assert subjects(found) == ["native one", "loose"]
    assert (found[0].source, found[0].place, found[0].custodian) == (
        "VOL1/DATA/v.dat", f"row 1 {path}", "Ada",
    )  # fmt: skip
    assert found[0].data == mail("native one")


def test_a_load_file_given_alone_finds_its_volume(tmp_path: Path) -> None:
    put(tmp_path / "NATIVES/a1.eml", mail("native one"))
    path = put(tmp_path / "DATA/v.dat", dat([HEADER, row(NATIVEPATH="NATIVES/a1.eml")]).encode())
    assert subjects(items(path)) == ["native one"]


def test_a_row_without_native_is_composed_of_fields_and_text(tmp_path: Path) -> None:
    put(tmp_path / "TEXT/1.txt", "Grüße vom Kai".encode("cp1252"))
    sent = row(
        BEGDOC="A1", FROM="Tarn, Ben <ben@quay.example>", TO="nora@quay.example; Lee Moss",
        SUBJECT="crates", DATESENT="03/14/2021", TIMESENT="2:05 PM", TEXTPATH=r"TEXT\1.txt",
    )  # fmt: skip
    (item,) = items(put(tmp_path / "v.dat", dat([HEADER, sent]).encode()).parent)
    message = parse_message(item.data)
    assert message.date is not None
    assert message.date.isoformat() == "2021-03-14T14:05:00+00:00"
    assert [(a.name, a.address) for a in message.to] == [
        ("", "nora@quay.example"),
        ("Lee Moss", ""),
    ]
    assert body(item) == "Grüße vom Kai"


def test_attachment_rows_join_their_parent(tmp_path: Path) -> None:
    put(tmp_path / "N/2.pdf", b"%PDF-1.4 x")
    put(tmp_path / "T/3.txt", b"read by a machine")
    rows = [
        HEADER,
        row(BEGDOC="A1", FROM="ben@quay.example", SUBJECT="crates"),
        row(BEGDOC="A2", PARENTID="A1", NATIVEPATH=r"N\2.pdf"),
        row(BEGDOC="A3", PARENTID="A1", TEXTPATH=r"T\3.txt"),
        row(BEGDOC="A4", FROM="ben@quay.example", SUBJECT="other"),
    ]
    found = items(put(tmp_path / "v.dat", dat(rows).encode()).parent)
    assert [i.place for i in found] == ["rows 1-3 (A1)", "row 4 (A4)"]
    attached = parse_message(found[0].data).attachments
    assert [(a.name, a.text.strip()) for a in attached][1] == ("A3.txt", "read by a machine")
    assert attached[0].sha256 == hashlib.sha256(b"%PDF-1.4 x").hexdigest()


def attached(name: str, text: str) -> bytes:
    return (
        b"From: ada@ferry.example\nTo: bo@ferry.example\nSubject: with file\n"
        b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=e\n\n--e\n\nsee there\n--e\n"
        + f'Content-Disposition: attachment; filename="{name}"\n\n{text}\n--e--\n'.encode()
    )


def test_what_the_native_mail_holds_is_not_read_twice_and_what_it_lacks_is(tmp_path: Path) -> None:
    put(tmp_path / "N/1.eml", attached("plan.txt", "the plan"))
    put(tmp_path / "N/2.txt", b"the plan")
    put(tmp_path / "N/3.txt", b"stripped by the vendor")
    rows = [
        HEADER,
        row(BEGDOC="A1", NATIVEPATH=r"N\1.eml"),
        row(BEGDOC="A2", PARENTID="A1", NATIVEPATH=r"N\2.txt"),
        row(BEGDOC="A3", PARENTID="A1", NATIVEPATH=r"N\3.txt"),
    ]
    found = items(put(tmp_path / "v.dat", dat(rows).encode()).parent)
    assert [i.place for i in found] == [r"rows 1-2 (A1) N\1.eml", r"row 3 (A3) N\3.txt"]
    assert parse_message(found[1].data).attachments[0].name == "3.txt"


def test_a_mailbox_as_native_is_read_as_one(tmp_path: Path) -> None:
    put(tmp_path / "N/box.mbox", mbox([mail("one"), mail("two")]))
    rows = [HEADER, row(CUSTODIAN="Ada", NATIVEPATH=r"N\box.mbox")]
    found = items(put(tmp_path / "v.dat", dat(rows).encode()).parent)
    assert subjects(found) == ["one", "two"]
    assert {i.custodian for i in found} == {"Ada"}


def test_filepath_is_the_native_where_a_file_lies_there_else_the_folder(tmp_path: Path) -> None:
    put(tmp_path / "n/1.eml", mail("native"))
    header = ["DOCID", "FILE_PATH", "FOLDER", "SUBJECT"]
    rows = [
        ["1", r"n\1.eml", "Sent", "x"],
        ["2", r"Box\Old", "", "kept"],
        ["3", r"Box\a", "Own", "y"],
    ]
    found = items(put(tmp_path / "v.dat", dat([header, *rows]).encode()).parent)
    assert subjects(found) == ["native", "kept", "y"]
    assert [i.folder for i in found] == ["Sent", "Box\\Old", "Own"]


def test_a_hash_that_the_native_has_not_is_told(tmp_path: Path) -> None:
    data = mail("native")
    put(tmp_path / "1.eml", data)
    told = [hashlib.md5(data).hexdigest().upper(), "0" * 32]
    rows = [["DOCID", "NATIVELINK", "MD5HASH"], *([str(i), "1.eml", h] for i, h in enumerate(told))]
    right, wrong = items(put(tmp_path / "v.dat", dat(rows).encode()).parent)
    assert right.defects == ()
    assert "another MD5" in wrong.defects[0]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (r"..\..\secret.eml", "leads upwards"),
        ("NATIVES/../../secret.eml", "leads upwards"),
        (r"C:\NATIVES\gone.eml", "not there"),
        ("link.eml", "not there"),
        ("linked/secret.eml", "not there"),
        ("fifo.eml", "not there"),
    ],
)
def test_no_path_leads_out(tmp_path: Path, path: str, why: str) -> None:
    export = tmp_path / "export"
    secret = put(tmp_path / "out/secret.eml", mail("secret"))
    put(tmp_path / "secret.eml", mail("secret"))
    export.mkdir()
    (export / "link.eml").symlink_to(secret)
    (export / "linked").symlink_to(secret.parent)
    os.mkfifo(export / "fifo.eml")
    put(export / "v.dat", dat([HEADER, row(BEGDOC="A1", NATIVEPATH=path)]).encode())
    events = [e for e in read(export) if e.source.endswith(".dat")]
    assert len(events) == 1
    lost = events[0]
    assert isinstance(lost, NotRead)
    assert lost.lost and why in lost.reason and lost.place == f"row 1 {path}"


def test_a_missing_native_loses_the_file_and_keeps_the_fields(tmp_path: Path) -> None:
    rows = [HEADER, row(FROM="a@quay.example", SUBJECT="kept", NATIVEPATH="gone.eml")]
    item, lost = read(put(tmp_path / "v.dat", dat(rows).encode()))
    assert isinstance(item, Item) and subjects([item]) == ["kept"]
    assert isinstance(lost, NotRead) and lost.lost


def test_bad_rows_are_told_with_their_number_and_lose_no_other(tmp_path: Path) -> None:
    good = row(FROM="a@quay.example", SUBJECT="good")
    text = (
        dat([HEADER, good])
        + dat([["A", "b"]])
        + f"{Q}never closed{S}{Q}x\r\n"
        + dat([good, [*good, "y"]])
    )
    events = read(put(tmp_path / "v.dat", text.encode()))
    assert subjects(e for e in events if isinstance(e, Item)) == ["good", "good"]
    lost = [(e.place, e.reason) for e in events if isinstance(e, NotRead)]
    assert [place for place, _ in lost] == ["rows 2-3", "row 5"]
    assert "2 columns, and the header has 10" in lost[0][1]
    assert "no þ at its end" in lost[0][1]


def test_raw_line_ends_inside_a_value_and_unquoted_values(tmp_path: Path) -> None:
    text = f"{Q}DOCID{Q}{S}{Q}SUBJECT{Q}{S}{Q}TEXT{Q}\r\n1{S}{Q}two\nlines{Q}{S}{Q}a þ inside{Q}\n"
    (item,) = items(put(tmp_path / "v.dat", text.encode()))
    assert parse_message(item.data).subject.split() == ["two", "lines"]
    assert body(item) == "a þ inside"


def test_columns_without_mail_are_listed_not_guessed(tmp_path: Path) -> None:
    (lost,) = not_read(put(tmp_path / "v.dat", dat([["COLOUR", "SIZE"], ["red", "2"]]).encode()))
    assert "COLOUR, SIZE" in lost.reason


def test_a_million_columns_and_a_line_without_end_cost_little(tmp_path: Path) -> None:
    wide = put(tmp_path / "wide.dat", dat([["A"] * 1_000_000, ["x"] * 1_000_000]).encode())
    (lost,) = not_read(wide)
    assert "columns" in lost.reason
    long = dat([HEADER, row(SUBJECT="one", FROM="a@quay.example")]).encode() + Q.encode()
    endless = put(
        tmp_path / "long.dat",
        long + b"x" * 70_000_000 + b"\r\n" + dat([row(SUBJECT="after")]).encode(),
    )
    events = read(endless)
    assert subjects(events[::2]) == ["one", "after"]
    assert isinstance(events[1], NotRead) and events[1].size == 70_000_004


def test_nothing_but_open_quotes_takes_linear_time(tmp_path: Path) -> None:
    def took(lines: int) -> float:
        path = put(tmp_path / "open.dat", (dat([HEADER]) + f"{Q}x\n" * lines).encode())
        start = time.process_time()
        assert read(path)
        return time.process_time() - start

    took(1_000)
    assert took(80_000) < 40 * took(8_000) + 1


def test_nuls_and_noise_never_raise(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 50
    data = dat([HEADER]).encode("cp1252") + b"\xfe\0\x14\xfe\0" + noise
    assert read(put(tmp_path / "v.dat", data))


def test_a_cut_off_file_keeps_what_is_whole(tmp_path: Path) -> None:
    data = dat([HEADER, row(SUBJECT="one"), row(SUBJECT="two")]).encode()
    events = read(put(tmp_path / "v.dat", data[:-12]))
    assert subjects(events) == ["one"]
    assert isinstance(events[1], NotRead)


def test_going_on_after_any_event_gives_the_rest(tmp_path: Path) -> None:
    put(tmp_path / "N/1.eml", attached("plan.txt", "the plan"))
    put(tmp_path / "N/2.txt", b"the plan")
    rows = [
        HEADER, row(BEGDOC="A1", NATIVEPATH=r"N\1.eml"),
        row(BEGDOC="A2", PARENTID="A1", NATIVEPATH=r"N\2.txt"), row(NATIVEPATH="gone.eml"), ["x"],
        row(SUBJECT="last", NATIVEPATH="gone.eml"),
    ]  # fmt: skip
    put(tmp_path / "v.dat", dat(rows).encode())
    (unit,) = discover([tmp_path])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    assert len(whole) == 5
    for skip in range(len(whole) + 1):
        assert list(unit.events(skip)) == whole[skip:]


def test_the_hash_of_a_load_file_is_also_that_of_what_it_names(tmp_path: Path) -> None:
    put(tmp_path / "1.eml", mail("one"))
    put(tmp_path / "v.dat", dat([HEADER, row(NATIVEPATH="1.eml")]).encode())
    (unit,) = discover([tmp_path])
    assert not isinstance(unit, NotRead)
    before = unit.digest()
    put(tmp_path / "1.eml", mail("two"))
    assert unit.digest() != before


def test_a_volume_in_a_zip_is_read_as_on_disk(tmp_path: Path) -> None:
    members = {
        "VOL1/DATA/v.dat": dat([HEADER, row(NATIVEPATH=r"\VOL1\NATIVES\A1.eml")]).encode(),
        "VOL1/NATIVES/a1.eml": mail("native one"),
        "VOL1/NATIVES/loose.eml": mail("loose"),
    }
    found = items(put(tmp_path / "v.zip", zipped(members)))
    assert subjects(found) == ["native one", "loose"]
    assert found[0].source == "v.zip!/VOL1/DATA/v.dat"


def test_a_volume_in_a_tar_tells_what_it_does_not_reach(tmp_path: Path) -> None:
    members = {
        "v.dat": dat([HEADER, row(NATIVEPATH="a1.eml")]).encode(), "a1.eml": mail("native one"),
    }  # fmt: skip
    events = read(put(tmp_path / "v.tar", tarred(members)))
    assert subjects(e for e in events if isinstance(e, Item)) == ["native one"]
    assert [e.lost for e in events if isinstance(e, NotRead)] == [True]


def test_a_native_over_the_limit_is_listed(tmp_path: Path) -> None:
    put(tmp_path / "1.eml", mail("one", "x" * 5000))
    put(tmp_path / "v.dat", dat([HEADER, row(NATIVEPATH="1.eml")]).encode())
    (lost,) = not_read(tmp_path, limits=Limits(message=2000))
    assert "larger than 2,000 bytes" in lost.reason


def test_the_sample_production_is_read_whole(samples: Path) -> None:
    found = items(samples / "wagemaker.k")
    assert len(found) == 31
    assert {i.custodian for i in found} == {"Wagemaker, Kees"}
    assert {i.place.startswith("rows ") for i in found} == {True, False}
    assert all(parse_message(i.data).date and parse_message(i.data).body for i in found)


ANY = st.text(st.characters(codec="utf-8")) | st.text(
    st.sampled_from("\u00fe\u00ae\x14\x10;\r\n\t\0\x1a\ufeff\x85\u2028 a\\")
    | st.characters(max_codepoint=0x20)
)


@given(st.lists(st.lists(ANY, min_size=3, max_size=3), max_size=6))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back_unchanged(rows: list[list[str]]) -> None:
    data = b"\xef\xbb\xbf" + b"".join(dat_row(r) for r in [["A", "B", "C"], *rows])
    assert rows_of(data)[1:] == rows


def test_every_control_character_comes_back() -> None:
    values = [f"a{chr(c)}b" for c in (*range(0x20), *range(0x7F, 0xA0), 0xAE, 0xFE, 0xD800, 0xDFFF)]
    values += [chr(c) for c in range(0x20)] + ["\x1000FE", "\r\n", "þ\x14þ", "þ\r\nþ"]
    header = [str(i) for i in range(len(values))]
    assert rows_of(b"\xef\xbb\xbf" + dat_row(header) + dat_row(values))[1] == values


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_after_a_header_are_rows_or_told(noise: bytes) -> None:
    blob = Blob(Origin((Container(""),), "x.dat"), Bytes(dat([["A", "B"]]).encode() + noise))
    try:
        for record in records(blob):
            assert isinstance(record, BadRow) or record[0] >= 0
    except SourceError:
        pass
