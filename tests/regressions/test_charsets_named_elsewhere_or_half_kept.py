"""UTF-7 with one stray "+" stayed encoded; raw 8-bit subjects were guessed from a few letters."""

from __future__ import annotations

import pytest

from riskscan.mail.charset import to_text
from riskscan.mail.parse import parse_message

TEXT = (
    "您好，附件是上個月的發票，請確認金額是否正確。我認為這樣做是違反法律的，我們不應該刪除這些文件。"
    "謝謝您的協助，請盡快回覆。"
)
MEETING = "會議紀錄已經寄給大家，明天下午三點在二樓開會。"
MARCH = "Счёт за март"


@pytest.mark.parametrize(
    "raw, text",
    [
        (b"a + b +AD4- 1, x +AD4 y", "a + b > 1, x > y"),
        (b"+- + +2D3eAA-", "+ + \U0001f600"),
        (b"+ +100 +word +AD5- +2D0- +A", "+ +100 +word +AD5- +2D0- +A"),
    ],
    ids=["shifted", "plus and pair", "no shifts"],
)
def test_what_is_utf7_is_read_beside_what_is_not(raw: bytes, text: str) -> None:
    found, defect = to_text(raw, "utf-7")
    assert found == text and "plain text" in defect


def subject(raw: bytes, body: bytes, more: str = "", charset: str = "us-ascii") -> str:
    head = f"\n{more}Content-Type: text/plain; charset={charset}\n\n"
    return parse_message(b"From: a@quay.example\nSubject: " + raw + head.encode() + body).subject


@pytest.mark.parametrize("charset", ["us-ascii", "utf-8"])
def test_an_encoded_word_tells_the_charset_of_a_raw_subject(charset: str) -> None:
    to = "To: =?koi8-r?B?8MXU0g==?= <p@quay.example>\n"
    assert subject(MARCH.encode("koi8-r"), b"hello", to, charset) == MARCH
    assert subject(MARCH.encode(), b"hello", to, charset) == MARCH


def test_a_body_that_is_sure_tells_the_charset_of_a_raw_subject() -> None:
    raw = MEETING.encode("big5")
    assert subject(raw, TEXT.encode("big5")) == MEETING
    assert subject(raw, TEXT[:4].encode("big5")) == subject(raw, b"hello")
    assert subject("café où".encode("cp1252"), TEXT.encode("big5")) == "café où"
