"""Of a saved page, or a draft without people, subject and files that are no text were lost."""

from __future__ import annotations

import base64

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message

_PAGE = (
    "MIME-Version: 1.0\r\nSubject: Kite ledger\r\n"
    "Content-Type: multipart/related; boundary=p\r\n\r\n"
    "--p\r\nContent-Type: text/html\r\n\r\n<p>Page words</p>\r\n"
    "--p\r\nContent-Type: application/rtf; name=side.rtf\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n"
    + base64.b64encode(rb"{\rtf1\ansi Side words}").decode()
    + "\r\n--p\r\nContent-Type: application/x-note; name=old.onetoc\r\n\r\n\x01\x02\x03\r\n"
    "--p\r\nContent-Type: image/png; name=logo.png\r\n\r\nPNG\r\n--p--\r\n"
)


def _mail(name: str, page: str) -> Message:
    return parse_message(
        (
            "From: Ada Quay <ada@quay.example>\r\nSubject: look\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nhello\r\n"
            f"--m\r\nContent-Type: application/octet-stream; name={name}\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(page.encode()).decode()
            + "--m--\r\n"
        ).encode()
    )


def test_subject_and_files() -> None:
    for name in ("page.mht", "draft.dat"):
        files = {a.name: a for a in _mail(name, _PAGE).attachments}
        assert files[name].text.split() == ["Kite", "ledger", "Page", "words"]
        assert files[f"{name}!/side.rtf"].text.strip() == "Side words"
        assert files[f"{name}!/old.onetoc"].unread
        assert len(files) == 3


def test_a_title_is_not_said_twice() -> None:
    page = _PAGE.replace("Page words", "Kite  ledger, page words")
    (file, *_) = _mail("page.mht", page).attachments
    assert file.text.count("ledger") == 1


def test_pages_in_pages_are_read_once() -> None:
    page = "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Innermost</p>"
    for level in range(300):
        page = (
            f"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=p{level}p\r\n\r\n"
            f"--p{level}p\r\nContent-Type: text/html\r\n\r\n<p>Page</p>\r\n"
            f"--p{level}p\r\nContent-Type: application/octet-stream; name=in.mht\r\n\r\n"
            f"{page}\r\n--p{level}p--\r\n"
        )
    files = _mail("page.mht", page).attachments
    assert [a.name for a in files] == ["page.mht", "page.mht!/in.mht"]
    assert "Innermost" in files[1].text
