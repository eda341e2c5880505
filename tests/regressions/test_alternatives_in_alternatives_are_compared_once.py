"""What is shown was compared anew at each level of alternatives in alternatives: 90 times."""

from __future__ import annotations

import time

import pytest

from riskscan.mail.body import choose_body
from riskscan.mail.headers import Headers
from riskscan.mail.message import AttachmentRole, Message
from riskscan.mail.mime import Budget, read_part
from riskscan.mail.parse import parse_message

HEAD = b"From: nora@quay.example\nSubject: crates\n"
SIZE = 200_000


def nested(depth: int, lines: int, *, mixed: bool = False) -> bytes:
    """Alternatives in alternatives, each beside HTML that says something else.

    ``mixed``: with some words more at each level.
    """
    said = b"".join(b"crate%d is here and holds %d\n" % (i, i * 7) for i in range(lines))
    inner = b"Content-Type: text/plain\n\n" + said
    for n in range(depth):
        other = b"Content-Type: text/html\n\n<p>other words number %d say much else %d" % (n, n)
        if mixed:
            inner = multipart(
                b"mixed", b"c%d" % n, b"Content-Type: text/plain\n\nmore %d" % n, inner
            )
        inner = multipart(b"alternative", b"b%d" % n, other, inner)
    return HEAD + inner


def multipart(kind: bytes, boundary: bytes, *parts: bytes) -> bytes:
    edge = b"\n--" + boundary
    body = b"".join(edge + b"\n" + part for part in parts)
    return (
        b"Content-Type: multipart/"
        + kind
        + b"; boundary="
        + boundary
        + b"\n"
        + body
        + edge
        + b"--\n"
    )


def seconds(data: bytes) -> float:
    began = time.thread_time()
    parse_message(data)
    return time.thread_time() - began


def others(message: Message) -> int:
    return sum(one.role is AttachmentRole.ALTERNATIVE for one in message.attachments)


def test_levels_cost_no_more_than_one() -> None:
    one = min(seconds(nested(1, SIZE // 30)) for _ in range(3))
    assert min(seconds(nested(40, SIZE // 30)) for _ in range(2)) < 12 * one


@pytest.mark.parametrize("mixed", [False, True])
def test_each_alternative_that_says_something_else_is_an_attachment(mixed: bool) -> None:
    message = parse_message(nested(20, 5, mixed=mixed))
    assert "crate4 is here" in message.body
    assert others(message) == 20
    assert "an alternative says something else: it is an attachment" in message.defects


def test_what_is_too_much_to_compare_is_an_attachment_and_told() -> None:
    head, _, body = nested(30, 100, mixed=True).partition(b"\n\n")
    budget = Budget(work=2_000)
    chosen = choose_body(read_part(Headers(head), body, budget), budget=budget)
    assert sum(part.role is AttachmentRole.ALTERNATIVE for part in chosen.attached) == 30
    told = "too many alternatives to compare: those that are not shown are attachments"
    assert told in chosen.defects
