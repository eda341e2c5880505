"""Rows were taken for attachments of their parent's mail by name alone, and their natives lost."""

from __future__ import annotations

from pathlib import Path

from load_building import dat
from source_building import items, put

from riskscan.mail.parse import parse_message
from riskscan.sources import Item

HEADER = ["DOCID", "PARENTID", "ATTACHRANGE", "FROM", "TO", "SUBJECT", "DATESENT", "FILENAME",
          "NATIVEPATH", "TEXT", "SHA1HASH"]  # fmt: skip


def row(**values: str) -> list[str]:
    return [values.get(name, "") for name in HEADER]


def found(folder: Path, *rows: list[str]) -> list[Item]:
    return items(put(folder / "v.dat", dat([HEADER, *rows]).encode()).parent)


def holding(*files: tuple[str, str]) -> bytes:
    parts = "".join(
        f'--e\nContent-Disposition: attachment; filename="{name}"\n\n{text}\n'
        for name, text in files
    )
    return (
        "From: ada@ferry.example\nTo: bo@ferry.example\nSubject: with files\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/mixed; boundary=e\n\n--e\n\nsee there\n{parts}--e--\n"
    ).encode()


def test_another_file_of_the_same_name_is_read(tmp_path: Path) -> None:
    put(tmp_path / "N/1.eml", holding(("report.txt", "short"), ("scan.txt", "one\r\ntwo")))
    put(tmp_path / "N/2.txt", b"the whole of it")
    put(tmp_path / "N/3.txt", b"one\ntwo")
    put(tmp_path / "N/4.txt", b"another scan")
    read = found(
        tmp_path,
        row(DOCID="A1", NATIVEPATH=r"N\1.eml"),
        row(DOCID="A2", PARENTID="A1", FILENAME="report.txt", NATIVEPATH=r"N\2.txt"),
        row(DOCID="A3", PARENTID="A1", FILENAME="scan.txt", NATIVEPATH=r"N\3.txt"),
        row(DOCID="A4", PARENTID="A1", FILENAME="scan.txt", NATIVEPATH=r"N\4.txt"),
        row(DOCID="A5", PARENTID="A1", FILENAME="report.txt"),
    )
    assert [i.place for i in read] == [
        r"rows 1-5 (A1) N\1.eml",
        r"row 2 (A2) N\2.txt",
        r"row 4 (A4) N\4.txt",
    ]
    texts = [a.text for item in read[1:] for a in parse_message(item.data).attachments]
    assert texts == ["the whole of it", "another scan"]
    assert read[1].defects == ("an attachment of A1, whose native does not hold it",)


def test_an_attached_mail_without_native_has_its_people(tmp_path: Path) -> None:
    (item,) = found(
        tmp_path,
        row(DOCID="A1", FROM="ada@ferry.example", TO="bo@ferry.example", SUBJECT="outer"),
        row(DOCID="A2", PARENTID="A1", FROM="kim@ferry.example", TO="ada@ferry.example",
            SUBJECT="inner", DATESENT="2024-07-01Z", FILENAME="inner.msg", TEXT="inner words"),
    )  # fmt: skip
    (inner,) = parse_message(item.data).embedded
    assert inner.sender is not None and inner.sender.address == "kim@ferry.example"
    assert (inner.subject, inner.body.strip()) == ("inner", "inner words")
    assert inner.date is not None and inner.date.day == 1


def test_families_by_their_range_and_rows_that_stand_apart(tmp_path: Path) -> None:
    whole, apart = found(
        tmp_path,
        row(DOCID="A-1", ATTACHRANGE="A-1 - A-2", FROM="ada@ferry.example", SUBJECT="outer"),
        row(DOCID="A-2", ATTACHRANGE="A-1 - A-2", FILENAME="plan.txt", TEXT="the plan"),
        row(DOCID="B-2", PARENTID="B-1", FILENAME="lone.txt", TEXT="alone"),
    )
    assert [a.text for a in parse_message(whole.data).attachments] == ["the plan"]
    assert apart.defects == (
        "an attachment of B-1, which does not stand before it in the load file",
    )


def test_an_attached_archive_of_a_family_is_kept(tmp_path: Path) -> None:
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("inside.txt", "packed words")
    put(tmp_path / "N/2.zip", made.getvalue())
    header = [*HEADER, "BEGATTACH"]
    rows = [[*row(DOCID="A1", FROM="ada@ferry.example", SUBJECT="outer"), "A1"],
            [*row(DOCID="A2", NATIVEPATH=r"N\2.zip"), "A1"]]  # fmt: skip
    (item,) = items(put(tmp_path / "v.dat", dat([header, *rows]).encode()).parent)
    assert [a.text for a in parse_message(item.data).attachments][1:] == ["packed words"]
