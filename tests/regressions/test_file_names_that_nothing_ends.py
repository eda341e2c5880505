"""A file's name with an opening quotation mark alone began with that mark."""

from __future__ import annotations

from riskscan.mail.parse import parse_message


def test_the_mark_is_left_out() -> None:
    message = parse_message(
        b"From: ada@quay.example\nContent-Type: application/octet-stream\n"
        b'Content-Disposition: attachment; filename="lots.pdf\n\nx\n'
    )
    assert [one.name for one in message.attachments] == ["lots.pdf"]
