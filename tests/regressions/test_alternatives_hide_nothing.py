"""What only some readers see of a message hid: few words, words without spaces, another order.

It was nowhere in the case, and a message that differed in nothing else counted as a duplicate.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskscan.mail.identity import copy_hash
from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.mail.said import Said
from riskscan.sources.mapi import MapiMessage, to_mail


def letter(plain: str, html: str) -> Message:
    parts = (
        f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}\r\n"
        for kind, text in (("plain", plain), ("html", html))
    )
    return parse_message(
        (
            "From: ann@rivers.example\r\nTo: bob@rivers.example\r\nSubject: Lunch\r\n"
            "Message-ID: <1@rivers.example>\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
            + "".join(parts)
            + "--b--\r\n"
        ).encode()
    )


LUNCH = "Lunch at one? I am free from then on."


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        (LUNCH, "Shred all evidence tonight"),
        (LUNCH, "我们做的事情是违法的，请马上销毁所有文件"),
        ("明天中午一起吃饭吗？", "我们做的事情是违法的。不要告诉检察官。"),
        (LUNCH, "กรุณาทำลายไฟล์ทั้งหมด"),
        (
            "We did not do it, it is not illegal, delete nothing. Keep all the files.",
            "It is illegal. Delete all the files, we did it. Keep nothing.",
        ),
        ("Please pay them now 5 000", "Please pay them now 2 500 000 - 17 - 99 - 88"),
    ],
)
def test_what_an_alternative_says_alone_is_attached(plain: str, html: str) -> None:
    (attached,) = letter(plain, f"<p>{html}</p>").attachments
    assert "".join(attached.text.split()) == "".join(html.split())


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{LUNCH}</p>",
        f"<h1>LUNCH at <b>one</b>?</h1><ul><li>{LUNCH[14:]}</ul>",
        f"<p>{LUNCH}</p><a href='https://rivers.example/x'>Unsubscribe</a>",
    ],
)
def test_what_differs_by_a_label_is_not_attached(html: str) -> None:
    assert not letter(LUNCH, html).attachments


@pytest.mark.parametrize(
    "other", ["Not lunch at one? I am free from then on.", LUNCH + " 17", "👍"]
)
def test_a_message_that_says_else_to_some_is_no_copy(other: str) -> None:
    one, two = letter(LUNCH, f"<p>{LUNCH}</p>"), letter(LUNCH, f"<p>{other}</p>")
    assert one.content_hash != two.content_hash
    assert copy_hash(one) != copy_hash(two)
    again = letter(LUNCH, f"<div>{other}</div>")
    assert (two.content_hash, copy_hash(two)) == (again.content_hash, copy_hash(again))


def test_an_alternative_in_the_same_words_changes_no_hash() -> None:
    one, two = letter(LUNCH, ""), letter(LUNCH, f"<h1>{LUNCH.upper()}</h1><hr>")
    assert (one.content_hash, copy_hash(one)) == (two.content_hash, copy_hash(two))


def test_vowels_that_are_marks_are_told_apart() -> None:
    one, two = letter(LUNCH, "<p>ปู</p>"), letter(LUNCH, "<p>ปี</p>")
    assert copy_hash(one) != copy_hash(two)


def test_rtf_beside_a_text_hides_nothing() -> None:
    def outlook(rtf: bytes) -> Message:
        stored = b"".join(
            n.to_bytes(4, "little") for n in (len(rtf) + 12, len(rtf), 0x414C454D, 0)
        )  # MS-OXRTFCP section 2.1.3.1, not compressed
        sent = datetime(2026, 3, 2, tzinfo=UTC)
        return parse_message(
            to_mail(
                MapiMessage(sent=sent, message_id="<1@x.example>", text=LUNCH, rtf=stored + rtf)
            )
        )

    same = outlook(rb"{\rtf1\ansi \b " + LUNCH.encode() + b"}")
    less = outlook(rb"{\rtf1\ansi Not " + LUNCH.encode() + b"}")
    else_ = outlook(rb"{\rtf1\ansi Shred all evidence tonight}")
    assert not same.attachments
    assert not less.attachments
    assert less.body.strip() == LUNCH
    assert [a.text.strip() for a in else_.attachments] == ["Shred all evidence tonight"]
    assert len({copy_hash(one) for one in (same, less, else_)}) == 3


def test_links_are_no_words() -> None:
    text = "Read https://rivers.example/one/two/three?a=four&b=five and www.six.example/seven/eight"
    assert not Said("Read and").lacks(text)
