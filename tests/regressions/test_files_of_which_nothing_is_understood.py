"""Two files of which no field is known counted as the same message."""

from __future__ import annotations

from riskscan.mail.parse import parse_message

EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260302T100000Z\nSUMMARY:%s\nEND:VEVENT\n"


def test_unknown_files_are_no_copies_of_each_other() -> None:
    lunch, audit, again = (parse_message((EVENT % s).encode()) for s in ("a", "b", "a"))
    assert not (lunch.subject or lunch.body or lunch.sender)
    assert lunch.content_hash != audit.content_hash
    assert lunch.content_hash == again.content_hash


def test_one_known_field_is_enough_to_compare() -> None:
    one, two = (parse_message(f"X-Way: {s}\nSubject: Lunch\n\n".encode()) for s in "ab")
    assert one.content_hash == two.content_hash


def test_attached_ones_are_told_apart_too() -> None:
    def forward(said: str) -> str:
        head = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        inner = f"Content-Type: message/rfc822\n\n{EVENT % said}\n--b--\n"
        return parse_message((head + inner).encode()).content_hash

    assert forward("a") != forward("b")
