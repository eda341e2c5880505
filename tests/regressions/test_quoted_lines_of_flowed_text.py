"""Quoted lines of format=flowed text were joined and their marks rewritten: no reader does that."""

from __future__ import annotations

from riskscan.mail.message import Role
from riskscan.mail.parse import parse_message

HEAD = b"From: ada@ferry.example\nContent-Type: text/plain; format=flowed\n\n"
TEXT = (
    b">>When does the \n>>ferry leave?\n>At nine, \n> says the plan.\n"
    b"I would not \ntell them \nso.\n-- \nAda\n"
)


def test_only_what_the_writer_wrote_is_joined() -> None:
    message = parse_message(HEAD + TEXT)
    assert message.body == (
        ">>When does the \n>>ferry leave?\n>At nine, \n> says the plan.\n"
        "I would not tell them so.\n-- \nAda\n"
    )
    assert message.body.split() == TEXT.decode().split()
    assert message.authored == "I would not tell them so."
    assert message.segments[0].role is Role.QUOTED
