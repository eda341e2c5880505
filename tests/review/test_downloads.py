"""Attachments as downloads: their bytes as found, under a name that does nothing."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from review_building import build_case, reviewing
from scan_building import attached, embedded, mail, multipart, text_part

from riskscan.review.files import safe_name


def test_an_attachment_is_given_as_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 20
    part = (
        'Content-Type: text/html; name="page.html"\nContent-Transfer-Encoding: base64\n'
        'Content-Disposition: attachment; filename="page.html"\n\n'
        + base64.encodebytes(data).decode()
    )
    with reviewing(
        build_case(tmp_path, [mail(1), multipart(2, [text_part("Look."), part])])
    ) as ann:
        answer = ann.get("/m/2/file/0")
        assert answer.content == data
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith(
            'attachment; filename="page.html.txt"'
        )


def test_an_attachment_of_an_embedded_message_is_found(tmp_path: Path) -> None:
    inner = multipart(9, [text_part("In here."), attached("a.txt", "deep text")], subject="inner")
    inner = inner.replace(b"--edge", b"--rim").replace(b"boundary=edge", b"boundary=rim")
    with reviewing(build_case(tmp_path, [multipart(1, [text_part("x"), embedded(inner)])])) as ann:
        record = next(r for r in ann.desk.case.records() if r["subject"] == "inner")
        assert ann.get(f"/m/{record['id']}/file/0").content.rstrip() == b"deep text"


def test_an_export_that_is_gone_is_told(tmp_path: Path) -> None:
    case = build_case(tmp_path, [multipart(1, [text_part("x"), attached("a.txt", "text")])])
    (tmp_path / "box.mbox").unlink()
    with reviewing(case) as ann:
        answer = ann.get("/m/1/file/0")
        assert answer.status_code == 410
        assert "cannot be read" in answer.text


def test_an_export_that_has_changed_gives_nothing(tmp_path: Path) -> None:
    case = build_case(tmp_path, [multipart(1, [text_part("x"), attached("a.txt", "text")])])
    box = tmp_path / "box.mbox"
    box.write_bytes(box.read_bytes().replace(b"\ntext\n", b"\ntexT\n"))
    with reviewing(case) as ann:
        assert ann.get("/m/1/file/0").status_code == 410


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd.bin"),
        ("..\\..\\boot.ini", "boot.ini.txt"),
        ("run.exe", "run.exe.bin"),
        ("page.HTML", "page.HTML.txt"),
        ("CON.txt", "_CON.txt"),
        ("", "attachment.bin"),
        ("...", "attachment.bin"),
        ('a"b\r\nSet-Cookie: x.txt', "a_bSet-Cookie_ x.txt"),
        ("\u202ecod.exe", "cod.exe.bin"),
        ("résumé 2.docx", "résumé 2.docx"),
        ("x" * 500 + ".txt", "x" * 120 + ".txt"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe
