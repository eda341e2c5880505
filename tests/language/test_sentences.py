"""Sentence spans: what breaks a line of mail and what does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscan.language.sentences import MAX_SENTENCE, sentence_spans

PIECES = [*"aZ b.\n\t!?,:;-()>\"'*=_1/9@\u00e9\u2026\u00a0", "The ", "I ", "1. ", "\n\n", "Jim,"]
MAILISH = st.lists(st.sampled_from(PIECES), max_size=300).map("".join)


def sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is late. Call me.", ["It is late.", "Call me."]),
        (
            "Are we allowed to? I doubt it! Ask Ann.",
            ["Are we allowed to?", "I doubt it!", "Ask Ann."],
        ),
        ("Mr. Holt and Dr. Weiss met.", ["Mr. Holt and Dr. Weiss met."]),
        (
            "The U.S. office closes at 5 p.m. on Friday.",
            ["The U.S. office closes at 5 p.m. on Friday."],
        ),
        ("We work for Halden Inc. The fee is due.", ["We work for Halden Inc.", "The fee is due."]),
        ("See Halden Inc. v. Marsh for more.", ["See Halden Inc. v. Marsh for more."]),
        ("Use e.g. a cheaper berth.", ["Use e.g. a cheaper berth."]),
        ("It costs 3.50 a ton. See www.halden.example for more.", None),
        ("Invoice No. 12 is wrong.", ["Invoice No. 12 is wrong."]),
        ("wait... what did he say?", ["wait... what did he say?"]),
        ("It is done.Please sign.", ["It is done.", "Please sign."]),
        ("i am late. see you there. bye", ["i am late.", "see you there.", "bye"]),
    ],
)
def test_punctuation(text: str, expected: list[str] | None) -> None:
    if expected is None:
        assert sentences(text) == ["It costs 3.50 a ton.", "See www.halden.example for more."]
    else:
        assert sentences(text) == expected


def test_hard_wrapped_lines_are_one_sentence() -> None:
    text = (
        "Please make sure that nobody outside the group sees the draft of the\n"
        "agreement before counsel has read it and has told us that it is in\norder. Thanks."
    )
    assert len(sentences(text)) == 2


def test_lines_that_end_a_sentence_without_a_full_stop() -> None:
    text = (
        "Jim,\n\nTwo things\n- the berth in Antwerp\n- the fee\n1. Sign it\n2. Send it\n\n"
        "Thanks,\nGreta\nHalden Shipping"
    )
    assert sentences(text) == [
        *("Jim,", "Two things", "- the berth in Antwerp", "- the fee", "1. Sign it", "2. Send it"),
        *("Thanks,", "Greta", "Halden Shipping"),
    ]


def test_greeting_line_without_a_blank_line_after_it() -> None:
    assert sentences("Dear Ms. Holt,\nplease find the form attached.")[0] == "Dear Ms. Holt,"


def test_table_rows_stand_alone() -> None:
    text = "Port        Tons      Fee\nAntwerp     1200      40\nOslo         300      12"
    assert len(sentences(text)) == 3


def test_note_header_lost_its_line_breaks() -> None:
    text = "Greta Holt 03/12/2018 04:15 PM Have you heard from the port?"
    assert sentences(text) == ["Greta Holt", "03/12/2018 04:15 PM", "Have you heard from the port?"]


def test_long_run_is_cut_at_a_word() -> None:
    spans = sentence_spans("word " * 1000)
    assert len(spans) > 5
    text = "word " * 1000
    assert all(text[start:end].startswith("word") and text[end - 1] == "d" for start, end in spans)


def test_run_without_any_space_is_cut_too() -> None:
    assert max(end - start for start, end in sentence_spans("x" * 5000)) == MAX_SENTENCE


@given(MAILISH)
def test_spans_cover_everything_once(text: str) -> None:
    covered = [False] * len(text)
    last = 0
    for start, end in sentence_spans(text):
        assert last <= start < end <= len(text)
        assert end - start <= MAX_SENTENCE
        assert not text[start].isspace() and not text[end - 1].isspace()
        covered[start:end] = [True] * (end - start)
        last = end
    assert all(covered[i] for i, char in enumerate(text) if not char.isspace())


@pytest.mark.parametrize(
    "unit",
    [
        ".",
        ". ",
        "\n",
        " \n",
        '!"',
        "A. ",
        "- ",
        "1/",
        "= ",
        "Thanks ",
        "12/12/2000 ",
        "I The a ",
        "x\n",
    ],
)
def test_time_grows_with_the_length_alone(unit: str) -> None:
    def seconds(count: int) -> float:
        text = unit * count
        begun = time.process_time()
        sentence_spans(text)
        return time.process_time() - begun

    small = min(seconds(20_000) for _ in range(3)) + 0.005
    assert seconds(160_000) < 40 * small  # 8 if linear, 64 if quadratic
