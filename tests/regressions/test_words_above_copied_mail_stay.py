"""Words above a copied header block, and words below a lost end of armor, were in no body."""

from __future__ import annotations

from riskscan.mail.parse import parse_message
from riskscan.mail.pgp import unarmored

_COPIED = "From: Bob Roe <bob@roe.example>\nTo: ann@roe.example\nSubject: plan\n\nlet us do it\n"


def test_above_a_copied_block() -> None:
    message = parse_message(f"I think that this is against the law.\n\n{_COPIED}".encode())
    assert "against the law" in message.authored
    assert message.sender is None


def test_words_are_no_armor() -> None:
    text = "-----BEGIN PGP MESSAGE-----\nwe\nbroke\nthe\nlaw\n\nBob\n"
    assert unarmored(text).text == text
