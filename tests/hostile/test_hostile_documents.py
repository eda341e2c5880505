"""Hostile attachments: each is read or listed with a reason, within bounds that it cannot widen."""

from __future__ import annotations

import pytest
from hostile_documents import MAIL, Maker, filled
from hostile_mail import body

from riskscan.mail import attachments, rtf
from riskscan.mail.documents import document_text
from riskscan.mail.parse import parse_message

SMALL = 30_000


@pytest.mark.parametrize("make", MAIL.values(), ids=list(MAIL))
def test_a_hostile_attachment_ends_read_or_with_a_reason(make: Maker) -> None:
    message = parse_message(make(SMALL))
    assert message.attachments or message.body
    for made in message.attachments:
        assert made.sha256
        made.text.encode()


def test_braces_in_a_picture_are_looked_at_to_a_bound_and_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = b"{\\rtf1 first {\\pict " + b"{}" * 3_000 + b"} last}"
    assert document_text("a.rtf", "", data).text == "first  last"
    monkeypatch.setattr(rtf, "_MAX_TOKENS", 2_000)
    cut = document_text("a.rtf", "", data)
    assert (cut.text.strip(), cut.unread) == ("first", "cut: it takes too long to read")


def test_files_that_take_too_long_together_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(1000))
    monkeypatch.setattr(attachments.time, "process_time", lambda: float(next(now)))
    part = b"--e\nContent-Type: text/html; name=a.html\n\n<p>crates</p>\n"
    head = b"From: nora@quayside.example\nContent-Type: multipart/mixed; boundary=e\n\n"
    message = parse_message(head + b"--e\n\nSee the files.\n" + part * 6 + b"--e--\n")
    told = [(made.text, made.unread) for made in message.attachments]
    late = ("", "not read: the attachments of this message take too long")
    assert told == [("crates\n", "")] * 4 + [late] * 2


def test_a_body_of_very_many_lines_is_cut_and_kept_whole_as_attachment() -> None:
    data = body(b"a\n")(2_600_000)
    message = parse_message(data)
    assert 0 < len(message.body) < 2_600_000
    assert "body too long: the rest is not read, all of it is an attachment" in message.defects
    assert [made.size for made in message.attachments] == [2_600_000]


def test_a_long_body_of_lines_as_people_write_them_is_read_whole() -> None:
    line = b"The crates arrive at the quay on Tuesday and leave again on Friday.\n"
    message = parse_message(body(line)(2_000_000))
    assert len(message.body) > 1_900_000
    assert not message.attachments


def test_a_calendar_without_end_says_that_it_was_cut() -> None:
    message = parse_message(filled(b"a.ics", b"BEGIN:VCALENDAR\n", b"SUMMARY:crates\n")(2_200_000))
    (made,) = message.attachments
    assert made.unread == "cut after 1,048,576 characters"
    assert made.text.startswith("Subject: crates")
