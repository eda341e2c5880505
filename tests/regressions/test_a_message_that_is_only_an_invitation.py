"""A message with nothing but an invitation had no body, or its raw lines for a body."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message
from riskscan.mail.parts import files_of
from riskscan.sources.compose import compose_around

HEAD = [("From", "ada@ferry.example"), ("Subject", "Invitation")]
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Tidal\r\nBEGIN:STANDARD\r\n"
    b"DTSTART:16010101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n"
    b"SUMMARY:Tide tables\r\nDESCRIPTION:Shred them\\, off the record.\r\nLOCATION:Pier 4\r\n"
    b"DTSTART;TZID=Tidal:20261102T100000\r\nDTEND:20261102T110000Z\r\n"
    b"ORGANIZER;CN=Ada Quay:mailto:ada@ferry.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
SAID = [
    "Subject: Tide tables", "Shred them, off the record.", "Where: Pier 4",
    "Start: 2026-11-02 10:00 (Tidal)", "End: 2026-11-02 11:00 UTC",
    "Organizer: Ada Quay <ada@ferry.example>",
]  # fmt: skip
PLAIN = b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + CALENDAR
NAMED = b"Content-Type: text/calendar; name=invite.ics\r\n\r\n" + CALENDAR
ATTACHED = b"Content-Disposition: attachment\r\n" + NAMED
OTHER = b"Content-Type: application/ics; name=invite.ics\r\n\r\n" + CALENDAR
BLANK = b"Content-Type: text/plain\r\n\r\n \r\n"


def parted(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return b"Content-Type: multipart/" + kind + b"; boundary=b\r\n\r\n" + body + b"--b--\r\n"


@pytest.mark.parametrize(
    "entity",
    [PLAIN, NAMED, ATTACHED, OTHER, parted(b"alternative", PLAIN), parted(b"mixed", NAMED),
     parted(b"alternative", BLANK, PLAIN), parted(b"mixed", BLANK, NAMED)],
)  # fmt: skip
def test_what_it_says_is_the_text_of_the_message(entity: bytes) -> None:
    data = compose_around(HEAD, entity)
    message = parse_message(data)
    assert message.authored.splitlines() == SAID
    # The file is there, its text not a second time.
    assert [(a.text, a.unread) for a in message.attachments] == [("", "")]
    assert [file.data.strip() for file in files_of(data)] == [CALENDAR.strip()]


def test_beside_a_text_it_is_a_file_with_its_own() -> None:
    text = b"Content-Type: text/plain\r\n\r\nPlease come.\r\n"
    message = parse_message(compose_around(HEAD, parted(b"mixed", text, NAMED)))
    assert message.body.strip() == "Please come."
    assert message.attachments[0].text.splitlines() == SAID


def test_one_that_is_very_long_is_read_as_a_file() -> None:
    long = CALENDAR.replace(b"VERSION:2.0\r\n", b"X-FILLED:\r\n" * 40_000)
    message = parse_message(compose_around(HEAD, PLAIN.replace(CALENDAR, long)))
    assert message.body == ""
    assert message.attachments[0].text.splitlines() == SAID
