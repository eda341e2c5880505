"""Kana and many ideographs are two bytes of ASCII in UTF-16: such texts became ASCII rubbish."""

from __future__ import annotations

import base64

import pytest

from riskscan.mail.parse import parse_message

HEAD = "From: nora@quayside.example\nTo: ben@quayside.example\nSubject: lots\nMIME-Version: 1.0\n"
TEXTS = [
    "そうですか",
    "これはだめだとおもいます、ひみつにしておいてください",
    "你来吧好",
    "这件事情不能让别人知道请尽快删除所有的邮件",
    "請不要把這個消息告訴任何人我們私下處理",
]
LATIN = [b"together", b"Please do not tell Ben of the crates.", b"crates;lots;pier\n1;2;3\n"]


def body_of(data: bytes, charset: str) -> str:
    packed = base64.encodebytes(data).decode()
    head = f"{HEAD}Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n"
    return parse_message(f"{head}\n{packed}".encode()).body.strip()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_texts_without_a_nul_are_what_their_name_says(text: str, codec: str) -> None:
    assert body_of(text.encode(codec), codec) == text


@pytest.mark.parametrize("text", TEXTS)
def test_so_are_attached_texts_behind_a_mark(text: str) -> None:
    packed = base64.encodebytes(text.encode("utf-16")).decode()
    found = parse_message(
        f"{HEAD}Content-Type: multipart/mixed; boundary=e\n\n"
        "--e\nContent-Type: text/plain\n\nSee.\n"
        "--e\nContent-Type: text/plain; name=a.txt\n"
        "Content-Disposition: attachment; filename=a.txt\n"
        f"Content-Transfer-Encoding: base64\n\n{packed}\n--e--\n".encode()
    )
    assert found.attachments[0].text.strip() == text


@pytest.mark.parametrize("data", LATIN)
def test_latin_letters_under_that_name_stay_letters(data: bytes) -> None:
    assert body_of(data, "utf-16-le").split() == data.decode().split()
