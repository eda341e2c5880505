"""File names whose encoded word a gateway cut over the pieces of a parameter (RFC 2231)."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ('filename*0="=?UTF-8?B?w5xtbGF"; filename*1="1dC5kb2N4?="', "Ümlaut.docx"),
        ('filename*1="laut.docx?="; filename*0="=?UTF-8?Q?=C3=9Cm"', "Ümlaut.docx"),
        ("filename*0*=UTF-8''%C3%9Cm; filename*1=\"laut.docx\"", "Ümlaut.docx"),
        ("filename*0*=UTF-8''%3D%3FUTF-8%3FQ%3Fa%3F%3D; filename*1=.txt", "=?UTF-8?Q?a?=.txt"),
        ('filename*0="a b"; filename*1=".txt"', "a b.txt"),
    ],
)
def test_the_name_is_read(parameters: str, name: str) -> None:
    message = parse_message(
        (
            "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n"
            f"Content-Disposition: attachment; {parameters}\n\nx\n--b--\n"
        ).encode()
    )
    assert [file.name for file in message.attachments] == [name]
