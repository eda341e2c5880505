"""A body of nothing but trace fields ("Content-Type: ...") took seconds a megabyte."""

from __future__ import annotations

import time

import pytest

from riskscan.mail.message import Role
from riskscan.mail.segment import segment

BLOCK = "From: Ann\nSent: Monday\nTo: Bob\nSubject: Lunch\n\nAt one?\n"
TRACES = "Received: from a\n by b\nMessage-ID: <1@rivers.example>\n\nX-Mailer: c\n"


@pytest.mark.parametrize("number", [0, 1, 30, 500])
def test_a_history_that_begins_with_them_is_found(number: int) -> None:
    body = f"Please read on.\n\n{TRACES * number}{BLOCK}"
    end = body.index("From: Ann")
    roles = {s.role for s in segment(body) if s.end > end}
    assert roles == {Role.QUOTED}
    if number == 1:
        assert segment(body)[0].end <= body.index("Received")


@pytest.mark.parametrize(
    "line",
    ["Content-Type: text/plain\n", "Received: a\n b\n", "X-Mailer: a\n\n", "cc: a\nReceived: b\n"],
)
def test_they_take_no_longer_than_other_lines(line: str) -> None:
    def seconds(piece: str) -> float:
        began = time.process_time()
        segment(piece * (200_000 // len(piece)))
        return time.process_time() - began

    assert seconds(line) < 12 * seconds("cc: somebody\n") + 0.1
