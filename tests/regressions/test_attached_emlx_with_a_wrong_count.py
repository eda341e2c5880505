"""An attached .emlx whose count is too small lost the rest of an HTML mail: it begins with "<"."""

from __future__ import annotations

import base64

import pytest

from riskscan.mail.parse import parse_message

_INNER = (
    "From: Cy Dee <cy@dee.example>\r\nMessage-ID: <1@dee.example>\r\nSubject: Kite\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>First</p>\r\n"
)
_LIST = '<?xml version="1.0"?>\n<!DOCTYPE plist>\n<plist><string>flags</string></plist>\n'


@pytest.mark.parametrize(
    ("behind", "body"),
    [("<p>Last</p>\r\n", ["First", "Last"]), (_LIST, ["First"]), ("", ["First"])],
)
def test_the_rest_is_read(behind: str, body: list[str]) -> None:
    saved = f"{len(_INNER)}\n{_INNER}{behind}"
    message = parse_message(
        (
            "From: Ada Quay <ada@quay.example>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nhello\r\n"
            "--m\r\nContent-Type: application/octet-stream; name=a.emlx\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(saved.encode()).decode()
            + "--m--\r\n"
        ).encode()
    )
    (inner,) = message.embedded
    assert inner.body.split() == body
