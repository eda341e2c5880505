"""Choosing the body, format=flowed, charsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscan.mail.body import unflow
from riskscan.mail.charset import codec_name, to_text
from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message

HTML = b"<html><body><p>The berth plan is late, and nobody may tell the port.</p></body></html>"


def _parse(kind: bytes, *parts: bytes) -> Message:
    raw = b"From: a@b.example\nContent-Type: multipart/" + kind + b"; boundary=x\n\n"
    return parse_message(raw + b"".join(b"--x\n" + p + b"\n" for p in parts) + b"--x--\n")


@pytest.mark.parametrize(
    "plain",
    [b"", b" \n\n", b"This message is in HTML.", b"Please view this e-mail in your browser"],
)
def test_html_is_taken_when_the_plain_text_says_nothing(plain: bytes) -> None:
    message = _parse(b"alternative", b"\n" + plain, b"Content-Type: text/html\n\n" + HTML)
    assert message.body_format == "html"
    assert message.body.strip() == "The berth plan is late, and nobody may tell the port."


def test_html_is_taken_when_it_says_far_more() -> None:
    more = b"<p>" + b"Nobody may tell the port of this. " * 20 + b"</p>"
    message = _parse(b"alternative", b"\nHi all", b"Content-Type: text/html\n\n" + more)
    assert message.body_format == "html"


def test_short_plain_text_that_says_the_same_is_kept() -> None:
    html = b"<b>View</b> the plan"
    message = _parse(b"alternative", b"\nView the plan", b"Content-Type: text/html\n\n" + html)
    assert (message.body_format, message.body.strip()) == ("plain", "View the plan")


def test_text_parts_of_mixed_are_joined_in_order() -> None:
    message = _parse(b"mixed", b"\nOne", b"Content-Type: image/png\n\n..", b"\nTwo", b"\nThree\n")
    assert message.body == "One\n\nTwo\n\nThree\n"
    assert [a.content_type for a in message.attachments] == ["image/png"]


def test_named_text_after_the_body_is_an_attachment() -> None:
    message = _parse(b"mixed", b"\nOne", b"Content-Type: text/plain; name=two.txt\n\nTwo")
    assert message.body.strip() == "One"
    assert [(a.name, a.text) for a in message.attachments] == [("two.txt", "Two")]


def test_nested_alternative_in_related_in_mixed() -> None:
    inner = (
        b"Content-Type: multipart/related; boundary=y\n\n--y\n"
        b"Content-Type: multipart/alternative; boundary=z\n\n--z\n\nPlain words\n"
        b"--z\nContent-Type: text/html\n\n<p>Plain words</p>\n--z--\n"
        b"--y\nContent-Type: image/gif\nContent-ID: <i@x>\n\nGIF\n--y--"
    )
    message = _parse(b"mixed", inner, b"\nlist footer")
    assert message.body == "Plain words\n\nlist footer\n"
    assert [a.content_type for a in message.attachments] == ["image/gif"]


def test_related_root_is_named_by_start() -> None:
    message = _parse(
        b'related; start="<r@x>"',
        b"Content-Type: image/gif\n\nGIF",
        b"Content-Type: text/html\n\n<p>frame</p>",
        b"Content-Type: text/html\nContent-ID: <r@x>\n\n<p>root</p>",
    )
    assert message.body == "root\n\nframe\n"


def test_signed_message_has_its_text_as_body() -> None:
    message = _parse(b"signed", b"\nSigned words", b"Content-Type: application/pgp-signature\n\nx")
    assert message.body == "Signed words"
    assert [a.content_type for a in message.attachments] == ["application/pgp-signature"]


def test_html_that_claims_to_be_plain() -> None:
    message = parse_message(b"From: a@b.example\n\n" + HTML)
    assert message.body_format == "html"


def test_nothing_but_an_attachment() -> None:
    message = parse_message(b"From: a@b.example\nContent-Type: application/pdf\n\n%PDF")
    assert (message.body, message.body_format, message.segments) == ("", "none", [])
    assert len(message.attachments) == 1


def test_unflow_joins_what_is_not_quoted() -> None:
    text = (
        "Please do not \nwrite this \ndown.\n"
        ">> deep \n>> words \n> less \n>  deep\n>\n-- \nAna \nLind\n From here"
    )
    assert unflow(text) == (
        "Please do not write this down.\n>> deep \n>> words \n> less \n>  deep\n>\n-- \n"
        "Ana Lind\nFrom here"
    )


def test_unflow_delsp() -> None:
    assert unflow("mer \ngen", delsp=True) == "mergen"


@given(st.text(alphabet="ab> -\n", max_size=200))
def test_unflow_keeps_every_character_but_blanks(text: str) -> None:
    assert [c for c in unflow(text) if c in "ab>"] == [c for c in text if c in "ab>"]


def test_flowed_only_when_declared() -> None:
    raw = b"From: a@b.example\nContent-Type: text/plain; format=%s\n\nOne \ntwo\n"
    assert parse_message(raw % b"flowed").body == "One two\n"
    assert parse_message(raw % b"fixed").body == "One \ntwo\n"


RUSSIAN = "Прошу никому не говорить о проверке до пятницы, это важно для всех нас. "
JAPANESE = "監査が終わるまで、この件は誰にも話さないでください。よろしくお願いします。"


@pytest.mark.parametrize(
    ("raw", "charset", "wanted"),
    [
        (b"plain", "", "plain"),
        (b"caf\xe9", "iso-8859-1", "café"),
        (b"it\x92s \x93so\x94", "iso-8859-1", "it’s “so”"),
        (b"it\x92s", "us-ascii", "it’s"),
        ("café".encode(), "us-ascii", "café"),
        ("café".encode(), "no-such-charset", "café"),
        (b"\xef\xbb\xbfbom", "", "bom"),
        ("wide ü".encode("utf-16"), "utf-16", "wide ü"),
        ("wide words".encode("utf-16-le"), "", "wide words"),
        ("監査".encode("iso2022_jp"), "ISO-2022-JP", "監査"),
        ("監査".encode("cp932"), "x-sjis", "監査"),
        ("監査".encode("gbk"), "gb2312", "監査"),
        ("감사".encode("cp949"), "ks_c_5601-1987", "감사"),
        ("稽核".encode("big5"), "Big5", "稽核"),
        (b"+AOQ-", "utf-7", "ä"),
        (b"\xe0\xf1", "windows-1251", "ас"),
        (b"\xe1", "windows-874", "แ"),
        (RUSSIAN.encode("koi8-r") * 3, "", RUSSIAN * 3),
        (RUSSIAN.encode("cp1251") * 3, "x-unknown", RUSSIAN * 3),
        (JAPANESE.encode("cp932") * 3, "", JAPANESE * 3),
        (b"n\0u\0l", "", "nul"),
        (b"\x81\x8d", "", "\x81\x8d"),
    ],
)
def test_charsets(raw: bytes, charset: str, wanted: str) -> None:
    assert to_text(raw, charset)[0] == wanted


@pytest.mark.parametrize(
    "name", ["base64", "rot13", "idna", "punycode", "undefined", "unicode_escape", "zlib", "", "?"]
)
def test_what_is_no_charset_of_mail(name: str) -> None:
    assert codec_name(name) == ""


@given(st.binary(max_size=200), st.sampled_from(["", "utf-7", "utf-16", "gb2312", "hz", "koi8-r"]))
def test_any_bytes_become_text(raw: bytes, charset: str) -> None:
    text, _ = to_text(raw, charset, charset)
    text.encode("utf-8")
    assert "\0" not in text


@given(st.text(max_size=200))
def test_utf8_comes_back(text: str) -> None:
    wanted = text.replace("\0", "").lstrip("\ufeff")
    raw = text.lstrip("\ufeff").encode()
    assert "\0" in text or to_text(raw, "utf-8")[0] == wanted


def test_charset_of_html_is_read_from_its_meta() -> None:
    raw = (
        b"From: a@b.example\nContent-Type: text/html\n\n<meta charset=windows-1251><p>\xe0\xf1</p>"
    )
    assert parse_message(raw).body == "ас\n"
