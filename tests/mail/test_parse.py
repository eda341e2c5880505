"""Parsing whole messages: headers, parts, attachments, bounds, and bytes that are no mail."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.mail.message import Address, Message
from riskscan.mail.mime import MAX_EMBEDDED, MAX_PARTS
from riskscan.mail.parse import MailError, parse_message

DATA = Path(__file__).parent / "data"
PLAIN = b"From: Ana <ana@yard.example>\nTo: bo@yard.example\nSubject: tide\n\nHi Bo\n"


def _mixed(*parts: bytes, kind: bytes = b"mixed") -> bytes:
    body = b"".join(b"--frontier\n" + part + b"\n" for part in parts)
    head = PLAIN.split(b"\n\n")[0] + b"\nContent-Type: multipart/" + kind
    return head + b"; boundary=frontier\n\n" + body + b"--frontier--\n"


def _all_text(message: Message) -> list[str]:
    people = [p for p in (message.sender, *message.to, *message.cc, *message.bcc) if p]
    out = [message.message_id, message.subject, message.date_header, message.folder, message.body]
    out += [p.name for p in people] + [p.address for p in people]
    out += [a.name + a.content_type + a.text for a in message.attachments]
    out += [*message.references, *message.in_reply_to, *message.defects, message.body_format]
    for inner in message.embedded:
        out += _all_text(inner)
    return out


def _assert_sound(message: Message) -> None:
    for text in _all_text(message):
        text.encode("utf-8")
        assert "\0" not in text
    assert "\r" not in message.body
    at = 0
    for segment in message.segments:
        assert segment.start == at < segment.end
        at = segment.end
    assert at == len(message.body)
    assert len(message.content_hash) == 64
    assert message.date is None or message.date.tzinfo is UTC
    for inner in message.embedded:
        _assert_sound(inner)


def test_plain_message() -> None:
    message = parse_message(
        b"Message-ID: <1.2@yard.example>\nDate: Tue, 6 Mar 2018 08:30:05 -0500\n"
        b"In-Reply-To: <0@yard.example>\nReferences: <r@yard.example>\n <0@yard.example>\n" + PLAIN
    )
    assert message.message_id == "<1.2@yard.example>"
    assert message.mih == hashlib.md5(b"<1.2@yard.example>").hexdigest()
    assert message.date == datetime(2018, 3, 6, 13, 30, 5, tzinfo=UTC)
    assert message.date_header == "Tue, 6 Mar 2018 08:30:05 -0500"
    assert message.sender == Address("Ana", "ana@yard.example")
    assert message.to == [Address("", "bo@yard.example")]
    assert message.in_reply_to == ["<0@yard.example>"]
    assert message.references == ["<r@yard.example>", "<0@yard.example>"]
    assert (message.subject, message.body, message.body_format) == ("tide", "Hi Bo\n", "plain")
    assert message.authored == "Hi Bo"
    assert message.defects == []


def test_folded_headers_and_mbox_line() -> None:
    raw = b"From ana@yard.example Tue Mar  6 08:30:05 2018\n" + PLAIN.replace(
        b"Subject: tide", b"Subject: tide\n\tand\n  berth"
    )
    assert parse_message(raw).subject == "tide and berth"


def test_lotus_export_names_and_folder() -> None:
    message = parse_message(
        b"From: ana.lind@yard.example\nTo: bo@yard.example, cy@yard.example\nCc: di@yard.example\n"
        b"X-From: Ana B Lind\nX-To: Ek, Bo </O=YARD/OU=NA/CN=RECIPIENTS/CN=BEK>, 'cy@yard.example'"
        b" <cy@yard.example>\nX-cc: Di Falk, Somebody Else\nX-Folder: \\Ana\\Sent\n\nHi\n"
    )
    assert message.sender == Address("Ana B Lind", "ana.lind@yard.example")
    assert message.to == [Address("Ek, Bo", "bo@yard.example"), Address("", "cy@yard.example")]
    assert message.cc == [Address("", "di@yard.example")]  # two names for one address: no names
    assert message.folder == "\\Ana\\Sent"


def test_gmail_labels_are_the_folder() -> None:
    raw = b"X-Gmail-Labels: =?UTF-8?Q?Wichtig,Gel=C3=B6scht?=\n" + PLAIN
    assert parse_message(raw).folder == "Wichtig,Gelöscht"


def test_addresses_of_many_forms() -> None:
    raw = PLAIN.replace(
        b"To: bo@yard.example",
        b'To: "Ek, Bo" <bo@yard.example>, cy@yard.example (Cy Oz), undisclosed-recipients:;,\n'
        b" Undisclosed-Recipient:;@gate.example,"
        b" Team: di@yard.example, <ed@yard.example>;, =?utf-8?q?Zo=C3=AB?= <zoe@yard.example>,"
        b" 'fay@yard.example', Gus",
    )
    assert parse_message(raw).to == [
        Address("Ek, Bo", "bo@yard.example"),
        Address("Cy Oz", "cy@yard.example"),
        Address("", "di@yard.example"),
        Address("", "ed@yard.example"),
        Address("Zoë", "zoe@yard.example"),
        Address("", "fay@yard.example"),
        Address("Gus", ""),
    ]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("Mon, 31 Dec 1979 16:00:00 -0800 (PST)", datetime(1980, 1, 1, tzinfo=UTC)),
        ("31 Dec 68 23:59:60 GMT", datetime(1969, 1, 1, tzinfo=UTC)),
        ("Fri, 6 Jun 03 12:00 EDT", datetime(2003, 6, 6, 16, tzinfo=UTC)),
        ("Fri, 6 Jun 2003 24:00:00 +0000", datetime(2003, 6, 7, tzinfo=UTC)),
        ("Fri, 6 Jun 2003 12:00:00 CEST", datetime(2003, 6, 6, 10, tzinfo=UTC)),
        ("Fri, 06 Jun 0103 12:00:00 +0000", datetime(2003, 6, 6, 12, tzinfo=UTC)),
        ("Thu, 1 Jan 2093 00:00:00 +0000", datetime(2093, 1, 1, tzinfo=UTC)),
        ("Fri, 30 Feb 2003 12:00:00 +0000", None),
        ("Fri, 6 Jun 2003 25:00:00 +0000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(header: str, wanted: datetime | None) -> None:
    message = parse_message(b"Date: " + header.encode() + b"\n" + PLAIN)
    assert message.date == wanted
    assert message.date_header == header
    assert bool(message.defects) is (wanted is None or " 0103 " in header or "24:00" in header)


def test_attachments_are_recorded() -> None:
    table = "name;sum\nGrün;7\n".encode("cp1252")
    message = parse_message(
        _mixed(
            b"Content-Type: text/plain\n\nSee attached.",
            b"Content-Type: text/csv; charset=windows-1252\nContent-Transfer-Encoding: base64\n"
            b"Content-Disposition: attachment; filename*0*=utf-8''..%2F..%2Fz%C3%A4h;\n"
            b" filename*1=l.csv\n\n" + base64.encodebytes(table),
            b"Content-Type: application/pdf; name=C:\\docs\\plan.pdf\n"
            b"Content-Transfer-Encoding: base64\n\nJVBERg",
            b'Content-Type: text/html; name="=?utf-8?q?p=C3=A4ge.html?="\n\n'
            b"<p>Do not&nbsp;keep</p>",
            b"Content-Type: image/png\nContent-Disposition: inline\n\nPNG",
        )
    )
    assert message.body.strip() == "See attached."
    csv, pdf, page, image = message.attachments
    assert (csv.name, csv.content_type, csv.size) == ("zähl.csv", "text/csv", len(table))
    assert (csv.sha256, csv.text) == (hashlib.sha256(table).hexdigest(), "name;sum\nGrün;7\n")
    assert (pdf.name, pdf.size, pdf.text) == ("plan.pdf", 4, "")
    assert (page.name, page.text) == ("päge.html", "Do not keep\n")
    assert (image.name, image.content_type, image.size) == ("", "image/png", 3)


def test_attachment_text_is_bounded() -> None:
    part = b"Content-Disposition: attachment; filename=a.txt\n\n" + b"word " * 400_000
    (made,) = parse_message(_mixed(b"\nHi", part)).attachments
    assert (made.size, len(made.text)) == (2_000_000, 1 << 20)


def test_uuencoded_file_in_the_text() -> None:
    raw = PLAIN + b"\nbegin 644 plan.txt\n#0V%T\n`\nend\nBye\n"
    message = parse_message(raw)
    assert message.body == "Hi Bo\n\nBye\n"
    (made,) = message.attachments
    assert (made.name, made.size, made.text) == ("plan.txt", 3, "Cat")


def test_digest_bounce_and_partial() -> None:
    digest = _mixed(b"\nFrom: a@b.example\nSubject: one\n\nFirst", kind=b"digest")
    assert [e.subject for e in parse_message(digest).embedded] == ["one"]
    bounce = _mixed(
        b"\nNot delivered.",
        b"Content-Type: message/delivery-status\n\nStatus: 5.1.1\n\nAction: failed\n",
        b"Content-Type: text/rfc822-headers\n\nSubject: lost\n",
        kind=b"report; report-type=delivery-status",
    )
    message = parse_message(bounce)
    assert message.body.strip() == "Not delivered."
    assert [a.text.split("\n")[0] for a in message.attachments] == [
        "Status: 5.1.1",
        "Subject: lost",
    ]
    partial = (
        PLAIN.split(b"\n\n")[0]
        + b"\nContent-Type: message/partial; number=1; total=2; id=x\n\nSubject: whole\n\nStart\n"
    )
    (first,) = parse_message(partial).embedded
    assert first.subject == "whole" and any("several parts" in d for d in first.defects)


def test_multipart_that_is_broken() -> None:
    unclosed = _mixed(b"\nOne", b"\nTwo").removesuffix(b"--frontier--\n")
    assert parse_message(unclosed).body == "One\n\nTwo\n"
    misnamed = _mixed(b"Content-Type: text/plain\n\nOne").replace(b"=frontier", b"=other")
    assert parse_message(misnamed).body.strip() == "One"
    missing = PLAIN.replace(b"\n\n", b"\nContent-Type: multipart/mixed\n\n")
    message = parse_message(missing)
    assert message.body == "Hi Bo\n" and "multipart without parts" in message.defects


def test_boundary_inside_a_line_parts_nothing() -> None:
    message = parse_message(_mixed(b"\nthe mark is --frontier\n--frontiers\nend"))
    assert message.body == "the mark is --frontier\n--frontiers\nend"


def test_file_name_in_another_charset() -> None:
    part = b"Content-Disposition: attachment; filename*=iso-8859-1'de'Gr%FCn.pdf\n\nx"
    assert [a.name for a in parse_message(_mixed(b"\nHi", part)).attachments] == ["Grün.pdf"]


def test_text_outside_the_parts_is_kept() -> None:
    message = parse_message(_mixed(b"\nOne") + b"\nDelete this after reading.\n")
    (made,) = message.attachments
    assert (made.name, made.text) == ("epilogue.txt", "Delete this after reading.")


def test_footer_after_base64_text() -> None:
    raw = PLAIN.split(b"\n\n")[0] + b"\nContent-Transfer-Encoding: base64\n\n"
    raw += base64.encodebytes(b"Keep it quiet, please.\n") + b"_____\nlist footer of it\n"
    message = parse_message(raw)
    assert message.body == "Keep it quiet, please.\n_____\nlist footer of it\n"


def test_base64_that_is_damaged_keeps_what_can_be_read() -> None:
    raw = PLAIN.split(b"\n\n")[0] + b"\nContent-Transfer-Encoding: base64\n\n"
    message = parse_message(raw + base64.b64encode(b"Keep it quiet")[:-3] + b"\n")
    assert message.body.startswith("Keep it qu")
    assert "base64 that breaks off" in message.defects


def test_embedded_messages_are_bounded() -> None:
    raw = b"From: a@b.example\nContent-Type: message/rfc822\n\n" * 60 + PLAIN
    message = parse_message(raw)
    depth = 0
    while message.embedded:
        (message,) = message.embedded
        depth += 1
    assert depth == MAX_EMBEDDED
    assert "messages nested too deep: the rest is an attachment" in message.defects
    assert "Hi Bo" in message.attachments[0].text


def test_parts_are_bounded_and_none_is_lost() -> None:
    message = parse_message(_mixed(*[b"\n%d" % i for i in range(MAX_PARTS + 500)]))
    assert any("parts: the rest is one attachment" in d for d in message.defects)
    assert f"\n{MAX_PARTS + 499}\n" in message.attachments[-1].text


@pytest.mark.parametrize("data", [b"", b"\n\r\n \0", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0" * 20])
def test_no_mail(data: bytes) -> None:
    with pytest.raises(MailError) as caught:
        parse_message(data)
    assert caught.value.reason


def test_text_without_headers_is_a_message() -> None:
    message = parse_message(b"Just some words\nin two lines\n")
    assert message.body == "Just some words\nin two lines\n"
    assert "no headers" in message.defects


@pytest.mark.parametrize("path", sorted(DATA.glob("*.eml")), ids=lambda p: p.stem)
def test_written_samples(path: Path) -> None:
    """Each sample says in X-Expect what its body must hold, and in X-Expect-Not what not."""
    raw = path.read_bytes()
    message = parse_message(raw)
    _assert_sound(message)
    for line in raw.split(b"\n\n")[0].decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition(": ")
        if name == "X-Expect":
            assert value in message.body
        elif name == "X-Expect-Not":
            assert value not in message.body
        elif name == "X-Expect-Authored":
            assert value in message.authored
        elif name == "X-Expect-Subject":
            assert message.subject == value


_PIECES = st.sampled_from(
    [
        b"From: a@b.example\n", b"To: ", b"Subject: ", b"=?utf-8?q?=C3=A4?=", b"=?x?b?4?=", b"\n",
        b"=?utf-8?q?\xe4?=", b"To: a\0@b.example\n", b"=?ascii?q?\xc3\xa4?= <a@b>",
        b"\n\n", b"Content-Type: multipart/mixed; boundary=b\n", b"--b\n", b"--b--\n", b"Date: ",
        b"Content-Type: text/html; charset=utf-16\n", b"Content-Type: message/rfc822\n", b"<", b">",
        b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n",
        b"<div style='border-left:solid'>", b"<blockquote>", b"\xff\xfe", b"\x00", b"\xe4", b"=3D",
        b"charset=utf-7", b"+2AA-", b"begin 644 x\n", b"Content-Disposition: attachment\n", b"\r",
        b"> quoted \n", b"format=flowed", b"-- \n", b"Mon, 31 Feb 2022 99:00 +9999\n", b"@", b",",
        b"Message-ID: <", b"References: <a@b> <", b"\"", b"\\", b"(", b")", b";", b":", b" ", b"[",
    ]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=300), st.lists(_PIECES, max_size=40).map(b"".join)))
@settings(deadline=None)
def test_anything_is_parsed_or_refused(data: bytes) -> None:
    try:
        message = parse_message(data)
    except MailError as error:
        assert error.reason
    else:
        _assert_sound(message)


_WHOLE = _mixed(
    b"Content-Type: text/html; charset=koi8-r\nContent-Transfer-Encoding: quoted-printable\n\n"
    b"<blockquote>=F0=D2</blockquote>",
    b"Content-Type: message/rfc822\n\n" + PLAIN,
    b"Content-Type: application/x; name*=utf-8''%C3%A4\nContent-Transfer-Encoding: base64\n\nQUJD",
)


@given(
    st.integers(0, len(_WHOLE)), st.integers(0, 40), st.binary(max_size=12), st.integers(0, 2000)
)
@settings(deadline=None)
def test_mutated_mail_is_parsed(at: int, cut: int, insert: bytes, again: int) -> None:
    data = _WHOLE[:at] + insert + _WHOLE[at + cut :]
    data = data[:again] + insert + data[again:]
    try:
        _assert_sound(parse_message(data))
    except MailError as error:
        assert error.reason


@pytest.mark.shared
def test_all_shared_samples(shared_data: Path) -> None:
    """Every file of the fixtures is parsed or refused with a reason."""
    for path in sorted((shared_data / "mail_fixtures").rglob("*")):
        if path.is_file():
            try:
                _assert_sound(parse_message(path.read_bytes()))
            except MailError as error:
                assert error.reason
