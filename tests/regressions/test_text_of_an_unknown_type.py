"""A part of another text type than plain and HTML was taken for the body, or dropped from it."""

from __future__ import annotations

import hashlib

from riskscan.mail.parse import parse_message
from riskscan.mail.parts import files_of

MIXED = b"""\
From: ada@ferry.example
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: text/x-ferry; charset=us-ascii

route 7
--cut
Content-Type: text/plain

See the route.
--cut--
"""
INVITED = b"""\
From: ada@ferry.example
Content-Type: multipart/alternative; boundary=cut

--cut
Content-Type: text/plain

Come at nine, please.
--cut
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Tides
END:VEVENT
END:VCALENDAR
--cut--
"""


def test_it_is_an_attachment_with_text() -> None:
    message = parse_message(MIXED)
    (one,) = message.attachments
    assert message.body == "See the route."
    assert (one.content_type, one.text) == ("text/x-ferry", "route 7")
    assert one.sha256 == hashlib.sha256(b"route 7").hexdigest()
    assert [part.data for part in files_of(MIXED)] == [b"route 7"]


def test_an_invitation_beside_its_text_is_an_attachment() -> None:
    message = parse_message(INVITED)
    (one,) = message.attachments
    assert message.body == "Come at nine, please."
    assert one.content_type == "text/calendar"
    assert "Tides" in one.text


def test_a_message_that_is_nothing_else_has_it_as_body() -> None:
    message = parse_message(b"From: a@b.example\nContent-Type: text/x-ferry\n\nroute 7\n")
    assert (message.body, message.attachments) == ("route 7\n", [])
