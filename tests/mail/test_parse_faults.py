"""A regression message for each known fault of mail-parser (listed in mail/headers.py)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from riskscan.mail.parse import parse_message

HEAD = (
    b"From: Ana Lind <ana@yard.example>\nTo: bo@yard.example\n"
    b"Date: Mon, 5 Mar 2018 10:00:00 +0100\n"
)


def test_repeated_header_keeps_its_first_value() -> None:
    message = parse_message(HEAD + b"Subject: berth plan\nSubject: other\n\nHi\n")
    assert message.subject == "berth plan"
    assert "header subject occurs more than once: the first is used" in message.defects


def test_repeated_recipient_headers_are_all_read() -> None:
    message = parse_message(HEAD + b"To: cy@yard.example\n\nHi\n")
    assert [a.address for a in message.to] == ["bo@yard.example", "cy@yard.example"]


def test_character_split_over_two_encoded_words() -> None:
    raw = "Prüfung".encode()
    words = b" ".join(b"=?utf-8?B?" + base64.b64encode(part) + b"?=" for part in (raw[:3], raw[3:]))
    assert parse_message(HEAD + b"Subject: " + words + b"\n\nHi\n").subject == "Prüfung"


def test_encoded_word_beside_text_and_with_blanks_inside() -> None:
    subject = parse_message(HEAD + b"Subject: Re:=?iso-8859-1?Q?sp=E4t am Kai?=!\n\nHi\n").subject
    assert subject == "Re:spät am Kai!"


def test_encoded_word_in_a_charset_of_another_name() -> None:
    word = b"=?x-gbk?B?" + base64.b64encode("合同".encode("gbk")) + b"?="
    assert parse_message(HEAD + b"Subject: " + word + b"\n\nHi\n").subject == "合同"


def test_undecodable_bytes_of_an_encoded_word_leave_a_mark() -> None:
    subject = parse_message(HEAD + b"Subject: =?utf-8?Q?caf=E9 bill?=\n\nHi\n").subject
    assert subject.startswith("caf") and subject.endswith(" bill") and len(subject) == 9


def test_combining_characters_are_not_composed() -> None:
    text = "re\u0301sume\u0301"
    assert parse_message(HEAD + b"Subject: " + text.encode() + b"\n\nHi\n").subject == text


def test_raw_latin_bytes_in_subject_and_name() -> None:
    raw = HEAD.replace(b"Ana Lind", b'"J\xfcrgen Gr\xfcn"') + b"Subject: Gr\xfc\xdfe\n\nHi\n"
    message = parse_message(raw)
    assert message.subject == "Grüße"
    assert message.sender is not None and message.sender.name == "Jürgen Grün"


def test_raw_header_bytes_follow_the_charset_of_the_body() -> None:
    raw = HEAD + b"Subject: " + "Договор".encode("koi8-r")
    raw += b"\nContent-Type: text/plain; charset=koi8-r\n\n" + "Срок".encode("koi8-r")
    message = parse_message(raw)
    assert (message.subject, message.body) == ("Договор", "Срок")


def test_a_line_that_is_no_header_does_not_end_the_headers() -> None:
    raw = b"Received: from a\nthis line is broken\n" + HEAD + b"Subject: tide\n\nHi\n"
    message = parse_message(raw)
    assert (message.subject, message.body) == ("tide", "Hi\n")
    assert message.sender is not None and message.sender.address == "ana@yard.example"


def test_carriage_return_cannot_smuggle_a_header() -> None:
    message = parse_message(HEAD + b"Subject: one\rBcc: eve@else.example\n\nHi\n")
    assert message.bcc == []
    assert message.subject == "one Bcc: eve@else.example"


def test_text_in_another_charset_than_declared_is_guessed() -> None:
    body = ("Прошу вас никому не говорить о проверке до пятницы, это важно. " * 4).encode("cp1251")
    message = parse_message(HEAD + b"Content-Type: text/plain; charset=us-ascii\n\n" + body)
    assert message.body.startswith("Прошу вас никому")


def test_alternatives_are_read_once() -> None:
    raw = HEAD + (
        b"Content-Type: multipart/alternative; boundary=x\n\n--x\n\nTide at nine.\n"
        b"--x\nContent-Type: text/html\n\n<p>Tide at nine.</p>\n--x--\n"
    )
    message = parse_message(raw)
    assert (message.body.strip(), message.body_format) == ("Tide at nine.", "plain")
    assert message.attachments == []


def test_parts_of_an_attached_message_stay_in_it() -> None:
    raw = HEAD + (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nSee below.\n"
        b"--x\nContent-Type: message/rfc822\n\n"
        b"From: cy@yard.example\nSubject: inner\nContent-Type: multipart/mixed; boundary=y\n\n"
        b"--y\n\nInner text.\n--y\nContent-Type: application/pdf; name=a.pdf\n\n%PDF\n"
        b"--y--\n--x--\n"
    )
    message = parse_message(raw)
    assert message.body.strip() == "See below."
    assert message.attachments == []
    (inner,) = message.embedded
    assert (inner.subject, inner.body.strip()) == ("inner", "Inner text.")
    assert [a.name for a in inner.attachments] == ["a.pdf"]
    assert inner.content_hash and inner.segments


def test_attached_message_in_base64() -> None:
    inner = base64.encodebytes(b"From: cy@yard.example\nSubject: inner\n\nInner text.\n")
    raw = HEAD + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + inner
    (embedded,) = parse_message(raw).embedded
    assert (embedded.subject, embedded.body) == ("inner", "Inner text.\n")


def test_same_bytes_give_the_same_message_every_time() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHi\n"
    raw += b"--x\nContent-Disposition: attachment\n\nno name\n--x--\n"
    assert parse_message(raw) == parse_message(raw)
    assert parse_message(raw).attachments[0].name == ""


def test_binary_attachment_keeps_its_line_ends() -> None:
    content = b"\x01\r\n\x02\r\x03\n"
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n"
    raw += b"Content-Type: application/x-tide\nContent-Transfer-Encoding: binary\n\n"
    raw += content + b"\n--x--\n"
    (made,) = parse_message(raw).attachments
    assert (made.size, made.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_line_ends_of_the_transport_change_nothing_but_the_bytes_of_files() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHi\nthere\n"
    raw += b"--x\nContent-Disposition: attachment; filename=a.txt\n\none\ntwo\n--x--\n"
    message, other = parse_message(raw), parse_message(raw.replace(b"\n", b"\r\n"))
    (file,), (transported,) = message.attachments, other.attachments
    assert (file.size, transported.size) == (7, 8)
    assert file.sha256 == transported.portable_sha256
    assert file.text == transported.text
    assert replace(message, attachments=[]) == replace(other, attachments=[])
    assert message.attachments[0].sha256 == hashlib.sha256(b"one\ntwo").hexdigest()


def test_dates_that_are_slightly_wrong() -> None:
    wanted = datetime(2018, 3, 5, 9, 0, tzinfo=UTC)
    for header in (
        "Mon, 5 Mar 2018 10:00:00+0100",
        "Mon, 5 March 2018 10:00:00 +0100",
        "5-Mar-2018 10:00:00 +0100",
        "2018-03-05T10:00:00+01:00",
        "Mon Mar  5 09:00:00 2018",
        "Mon, 5 Mar 2018 4:00:00 Eastern Standard Time",
        "Mon, 5 Mar 2018 4:00:00 -0500",
        "Mon, 5 Mar 118 10:00:00 +0100",
        "Mon, 05 Mar 2018 10:00:00 GMT+1",
    ):
        raw = b"From: a@b.example\nDate: " + header.encode() + b"\n\nHi\n"
        assert parse_message(raw).date == wanted, header


def test_address_that_is_ambiguous_is_kept() -> None:
    raw = b"From: Ana Lind ana@yard.example\nTo: Port Office <port office@yard.example>\n\nHi\n"
    message = parse_message(raw)
    assert message.sender is not None
    assert (message.sender.name, message.sender.address) == ("Ana Lind", "ana@yard.example")
    assert [a.address for a in message.to] == ["portoffice@yard.example"]


def test_nesting_beyond_the_recursion_limit() -> None:
    raw = HEAD
    for i in range(3000):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i)
    message = parse_message(raw + b"\nat the bottom\n")
    assert "nested too deep" in message.defects
    assert "at the bottom" in message.attachments[-1].text
