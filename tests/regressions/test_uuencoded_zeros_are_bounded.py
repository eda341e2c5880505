"""Lines of a uuencoded file whose blanks were stripped unpacked to 31 times the message."""

from __future__ import annotations

from riskscan.mail.parse import parse_message


def _mail(lines: int) -> bytes:
    return b"Subject: files\n\nbegin 644 a\n" + b"_\n" * lines + b"`\nend\n"


def test_a_file_of_stripped_zeros_is_read_and_a_bomb_of_them_stays_text() -> None:
    small = parse_message(_mail(1000))
    assert [(a.name, a.size) for a in small.attachments] == [("a", 63_000)]
    bomb = parse_message(_mail(100_000))
    assert bomb.attachments == []
    assert bomb.body.startswith("begin 644 a\n_\n_\n")
