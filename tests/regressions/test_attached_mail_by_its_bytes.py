"""Attached mail, mailboxes and saved pages that nothing calls so were read as raw MIME source."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest

from riskscan.mail.mailfile import mail_in
from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources.compose import File, compose

_WORDS = "Shred the tide tables of the south pier."
_BASE64 = base64.encodebytes(_WORDS.encode()).replace(b"\n", b"\r\n")
_MAIL = (
    b"From: Ada <ada@ferry.example>\r\nTo: bo@ferry.example\r\nSubject: Tables\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + _BASE64
)
_UNIX = _MAIL.replace(b"\r\n", b"\n")
_MBOX = b"".join(
    b"From ada@ferry.example Fri Jul  5 09:05:07 2024\n%b\n>From the pier.\n\n" % _UNIX
    for _ in range(2)
)
_RELATED = (
    b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
    b"Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"<p>Shred the tide tab=\r\nles of the s=6Futh pier.</p>\r\n--b--\r\n"
)
_WIKI = b"Date: now\r\nMessage-ID: <1@wiki>\r\nSubject: Exported from the wiki\r\n" + _RELATED


def _with(name: str, data: bytes, content_type: str = "application/octet-stream") -> Message:
    sent = [("From", "bo@ferry.example"), ("Subject", "See attachment")]
    return parse_message(compose(sent, text="See it.", files=[File(name, data, content_type)]))


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("mail.txt", _MAIL, "text/plain"),
        ("message", _MAIL, "application/octet-stream"),
        ("m.emlx", b"%d\n%b<?xml version='1.0'?><plist/>" % (len(_UNIX), _UNIX), "text/plain"),
    ],
)
def test_a_file_that_is_mail_is_an_embedded_message(
    name: str, data: bytes, content_type: str
) -> None:
    found = _with(name, data, content_type)
    assert [(one.subject, one.body.strip()) for one in found.embedded] == [("Tables", _WORDS)]
    assert [(a.name, a.size, a.unread) for a in found.attachments] == [(name, len(data), "")]


@pytest.mark.parametrize("name", ["box.mbox", "Inbox"])
def test_an_attached_mbox_is_its_messages(name: str) -> None:
    found = _with(name, _MBOX)
    assert [one.subject for one in found.embedded] == ["Tables", "Tables"]
    assert _WORDS in found.embedded[1].body
    assert [a.name for a in found.attachments] == [name, f"{name}!/1.eml", f"{name}!/2.eml"]


@pytest.mark.parametrize("name", ["page.mht", "wiki.doc"])
@pytest.mark.parametrize("data", [_RELATED, _WIKI])
def test_a_page_saved_as_one_file_is_decoded(name: str, data: bytes) -> None:
    found = _with(name, data, "application/msword")
    (page,) = found.attachments
    title = "Exported from the wiki\n\n" if data is _WIKI else ""
    assert (page.text.strip(), page.unread) == (f"{title}{_WORDS}", "")
    assert found.embedded == []


def test_mail_and_pages_in_an_archive_are_read_too() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("noext", _MAIL)
        archive.writestr("wiki.doc", _WIKI)
    found = _with("a.zip", file.getvalue())
    assert [one.body.strip() for one in found.embedded] == [_WORDS]
    assert found.attachments[2].text.strip() == f"Exported from the wiki\n\n{_WORDS}"


@pytest.mark.parametrize(
    "text",
    [
        "From: Ada\nSent: Monday\nTo: Bo\nSubject: Tables\n\n" + _WORDS,  # as Outlook saves text
        "Received: from a by b\nFrom: ada@ferry.example\nMessage-ID: <1@ferry.example>\n",
        "From: where: they stand\nnot a header\n\n" + _WORDS,
    ],
)
def test_a_text_that_only_looks_like_mail_stays_a_text(text: str) -> None:
    found = _with("notes.txt", text.encode(), "text/plain")
    assert [a.text for a in found.attachments] == [text]
    assert found.embedded == []


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("draft.eml", b"Subject: my draft"),
        ("draft", b"Subject: my draft"),
        ("real.eml", b'From: "Saved by Ann" <ann@ferry.example>\nTo: bo@ferry.example\nSubject: r'),
        ("real", b"Snapshot-Content-Location: http://x.example\nTo: bo@ferry.example\nSubject: r"),
    ],
)
def test_a_mail_of_no_sender_or_an_odd_one_is_no_saved_page(name: str, head: bytes) -> None:
    inner = (
        head + b"\nDate: Fri, 5 Jul 2024 09:05:00 +0000\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=i\n\n--i\n\nwords\n--i\n"
        b"Content-Type: text/csv\n"
        b'Content-Disposition: attachment; filename="s.csv"\n\nsecret,1\n--i--\n'
    )
    found = parse_message(
        b"From: ada@ferry.example\nSubject: x\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=e\n\n--e\n\nsee there\n--e\n"
        b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
        b'Content-Disposition: attachment; filename="'
        + name.encode()
        + b'"\n\n'
        + base64.b64encode(inner)
        + b"\n--e--\n"
    )
    texts = [a.text for one in (found, *found.embedded) for a in one.attachments]
    assert any("secret" in text for text in texts)


def test_what_is_behind_a_wrong_length_is_kept() -> None:
    message = (
        b"From: q@q.example\nDate: Fri, 5 Jul 2024 09:05:00 +0000\nSubject: a\n\n"
        b"first words and the last\n"
    )
    assert mail_in(b"60\n" + message) == message
    assert mail_in(str(len(message)).encode() + b"\n" + message + b"<?xml x?>") == message
