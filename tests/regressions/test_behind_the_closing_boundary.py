"""Parts behind a closing boundary were one text; a text with "html" in it there was dropped."""

from __future__ import annotations

import base64
import hashlib

from riskscan.mail.parse import parse_message
from riskscan.mail.parts import files_of

HEAD = b"From: ada@ferry.example\nContent-Type: multipart/mixed; boundary=cut\n\n"
TEXT = b"--cut\nContent-Type: text/plain\n\nSee the route.\n"
ROUTE = b"%PDF-1.4 route 7"
FILE = (
    b'--cut\nContent-Type: application/pdf; name="route.pdf"\n'
    b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(ROUTE) + b"\n"
)


def test_a_file_is_an_attachment() -> None:
    raw = HEAD + TEXT + b"--cut--\n\n" + FILE + b"--cut--\n"
    message = parse_message(raw)
    assert message.body == "See the route."
    assert [(a.name, a.sha256) for a in message.attachments] == [
        ("route.pdf", hashlib.sha256(ROUTE).hexdigest())
    ]
    assert [part.data for part in files_of(raw)] == [ROUTE]
    assert "a part behind the closing boundary: kept as an attachment" in message.defects


def test_a_second_text_is_no_part_of_the_body() -> None:
    more = b"--cut\nContent-Type: text/plain\n\nBurn it.\n"
    message = parse_message(HEAD + TEXT + b"--cut--\n" + more + b"--cut--\nThe end of it.\n")
    assert message.body == "See the route."
    assert [a.text for a in message.attachments] == ["Burn it.", "The end of it."]


def test_text_there_is_kept_whatever_it_says() -> None:
    footer = b"Leave: http://lists.example/leave.html\n--cut\nthis is no part\n--cut--\nthe end"
    message = parse_message(HEAD + TEXT + b"--cut--\n" + footer + b"\n")
    assert message.body == "See the route."
    (one,) = message.attachments
    assert (one.name, one.text) == ("epilogue.txt", footer.decode())


def test_what_only_says_that_it_is_mime_is_left_out() -> None:
    preamble = b"This is a multi-part message in MIME format.\n"
    message = parse_message(HEAD + preamble + TEXT + b"--cut--\n")
    assert (message.body, message.attachments) == ("See the route.", [])
