"""Words with invisible characters between their letters were found by nobody, in silence."""

from __future__ import annotations

import pytest

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message

SAID = "Destroy the files, this is illegal"
TOLD = "invisible characters inside words are left out"


def letter(text: str, kind: str = "plain") -> Message:
    head = f"From: ann@rivers.example\nContent-Type: text/{kind}; charset=utf-8\n\n"
    return parse_message((head + text + "\n").encode())


@pytest.mark.parametrize("hidden", "\xad\u034f\u180e\u200b\u200c\u200d\u200e\u2060\u3164\ufeff")
def test_they_are_left_out_and_told_of_plain_text(hidden: str) -> None:
    text = " ".join(hidden.join(word) for word in SAID.split())
    assert letter(f"<p>{text}</p>", "html").body.strip() == SAID
    assert letter(text).defects.count(TOLD) == 1
    assert letter(text).body.strip() == SAID


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🚒 and 👨\u200d👩\u200d👧"])
def test_joiners_of_other_scripts_and_of_emoji_stay(text: str) -> None:
    assert letter(f"<p>{text}</p>", "html").body.strip() == text
    assert TOLD not in letter(text).defects


def test_marks_beside_words_are_not_told() -> None:
    text = "\ufeffHello \u200bthere\u200e, \u200cyou\u200c \u200f(שלום)"
    assert TOLD not in letter(text).defects


def test_a_subject_is_looked_at_too() -> None:
    message = parse_message("Subject: il\u200blegal\n\nx\n".encode())
    assert TOLD in message.defects and message.subject == "illegal"


def test_text_that_is_turned_round_is_told() -> None:
    defects = letter("We \u202elagelli\u202c it.").defects
    assert any("turn the direction" in defect for defect in defects)
    assert not any("turn the direction" in defect for defect in letter("\u202aHello\u202c").defects)
