"""Looking for names to replace, each trace field of a run was read with all that follow it."""

from __future__ import annotations

import time

import pytest

from riskscan.export.pseudonym_places import places

TRACES = "Received: from a\n by b\nMessage-ID: <1@rivers.example>\n\nX-Mailer: c\n"
BLOCK = "From: Ada Quay\nSent: Monday\nTo: Bo Tarn\nSubject: Lunch\n\nAt one?\n"


@pytest.mark.parametrize("number", [0, 1, 30, 500])
def test_the_people_of_a_head_behind_them_are_found(number: int) -> None:
    text = f"Please read on.\n\n{TRACES * number}{BLOCK}"
    assert {"Ada Quay", "Bo Tarn"} <= {text[one.start : one.end] for one in places(text)}


@pytest.mark.parametrize("line", ["Content-Type: text/plain\n", "X-Mailer: a\n\n"])
def test_they_take_no_longer_than_other_lines(line: str) -> None:
    def seconds(piece: str) -> float:
        began = time.process_time()
        list(places(piece * (200_000 // len(piece))))
        return time.process_time() - began

    assert seconds(line) < 12 * seconds("cc: somebody\n") + 0.1
