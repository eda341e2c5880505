"""Hostile messages: each is parsed or refused with a reason, in time that grows with its size."""

from __future__ import annotations

import time

import pytest
from hostile_mail import MESSAGES, Maker

from riskscan.mail.message import Message
from riskscan.mail.parse import MailError, parse_message

SMALL = 50_000
TIMES = 4
# What cannot be told from the noise of a busy machine.
LEAST_SECONDS = 0.03


def outcome(data: bytes) -> Message | str:
    try:
        return parse_message(data)
    except MailError as error:
        return error.reason


def seconds(data: bytes) -> float:
    # Of this thread alone: what tests before this one left running is no cost of the message.
    before = time.thread_time()
    outcome(data)
    return time.thread_time() - before


def check(message: Message) -> None:
    """All text can be stored, and the segments cover the body."""
    told = [message.subject, message.body, message.message_id, message.date_header, message.folder]
    told += [x for p in (*message.to, *message.cc, *message.bcc) for x in (p.name, p.address)]
    told += [x for a in message.attachments for x in (a.name, a.content_type, a.text)]
    told += [*message.references, *message.in_reply_to, *message.defects]
    for text in told:
        text.encode("utf-8")
    ends = [0, *(s.end for s in message.segments)]
    assert [s.start for s in message.segments] == ends[:-1]
    assert ends[-1] == len(message.body)
    for inner in message.embedded:
        check(inner)


@pytest.mark.parametrize("make", MESSAGES.values(), ids=list(MESSAGES))
def test_a_hostile_message_ends_parsed_or_refused(make: Maker) -> None:
    for size in (1, 500, SMALL):
        ended = outcome(make(size))
        if isinstance(ended, Message):
            check(ended)
        else:
            assert ended


@pytest.mark.parametrize("make", MESSAGES.values(), ids=list(MESSAGES))
def test_time_grows_with_size_and_no_faster(make: Maker) -> None:
    small, large = make(SMALL), make(SMALL * TIMES)
    for _ in range(4):
        before = max(LEAST_SECONDS, min(seconds(small) for _ in range(2)))
        if seconds(large) <= before * TIMES * 2:
            return
    pytest.fail(f"{TIMES} times the size takes more than {TIMES * 2} times as long")
