"""A finding is the sentence that tells, with the neighbours that may tell it with it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskscan.detect.features import Hasher
from riskscan.detect.reading import Read
from riskscan.detect.selection import fit_selector, ranked_passages

LINES = [
    "The goods were still in the yard at year end.",
    "We put it through as a sale.",
    "Lunch is at noon in the small room.",
    "Please bring the blue folder with you.",
]


def _passages(text: str, ranks: list[float], further: list[bool] | None = None) -> list[str]:
    read = Read([text], Hasher())
    assert len(read.spans[0]) == len(ranks)
    some = np.array(further or [False] * len(ranks))
    return [
        text[p.start : p.end].strip()
        for p in ranked_passages(read, 0, np.array(ranks), some, fewest_words=3)
    ]


def test_a_neighbour_that_may_be_meant_joins() -> None:
    text = " ".join(LINES)
    assert _passages(text, [0.5, 2.0, -3.0, -3.0]) == [" ".join(LINES[:2])]
    assert _passages(text, [-3.0, 2.0, -3.0, -3.0]) == [LINES[1]]


def test_of_two_long_sentences_that_may_be_meant_both_are_shown() -> None:
    long = [f"{name} {'is told here at some length ' * 7}again." for name in ("One", "Two")]
    assert sum(map(len, long)) > 400
    assert _passages(" ".join(long), [1.5, 2.0]) == [" ".join(long)]
    assert _passages(" ".join(long), [-0.5, 2.0]) == [long[1]]


def test_what_adds_nothing_is_kept_between_what_tells() -> None:
    assert _passages(" ".join(LINES), [1.5, -3.0, 2.0, -3.0]) == [" ".join(LINES[:3])]


def test_of_runs_that_fit_the_one_that_holds_most_is_taken() -> None:
    long = [
        f"{name} {'is told here at some length ' * 7}again." for name in ("One", "Two", "Three")
    ]
    text = " ".join(long)
    assert _passages(text, [0.5, 2.0, 1.0]) == [" ".join(long[1:])]
    assert _passages(text, [1.0, 2.0, 0.5]) == [" ".join(long[:2])]


def test_the_subject_is_apart_from_the_body() -> None:
    text = f"{LINES[0]}\n\n{LINES[1]}\n\n{LINES[2]}"
    assert _passages(text, [2.0, 1.9, 1.9]) == [LINES[0]]
    assert _passages(text, [1.9, 2.0, 1.9]) == [f"{LINES[1]}\n\n{LINES[2]}"]


def test_no_sentence_is_in_two_passages() -> None:
    text = " ".join(LINES)
    found = _passages(text, [1.9, 2.0, -9.0, -1.0], [True, True, False, True])
    assert found == [" ".join(LINES[:2]), LINES[3]]


def test_a_passage_is_of_bounded_length() -> None:
    text = " ".join(f"{i} is a number of some interest to nobody at all here." for i in range(30))
    read = Read([text], Hasher())
    ranks = np.ones(len(read.spans[0]))
    (found,) = ranked_passages(read, 0, ranks, np.zeros(len(ranks), bool), fewest_words=3)
    assert 300 < found.end - found.start <= 500


def test_a_selector_learns_that_the_other_column_tells() -> None:
    draw = np.random.default_rng(0)
    texts = np.repeat(np.arange(40), 4)
    inputs = draw.normal(size=(160, 3))
    marked = np.zeros(160, int)
    for text in range(40):
        marked[text * 4 + int(np.argmax(inputs[texts == text, 1]))] = 1
    weights = fit_selector(inputs, marked, texts)
    assert weights[1] > 3 * abs(weights[0])
    assert weights[1] > 3 * abs(weights[2])


@given(st.lists(st.text(max_size=60), min_size=1, max_size=12))
def test_passages_are_in_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    read = Read([text], Hasher())
    ranks = np.linspace(0, 3, len(read.own))
    every = np.ones(len(read.own), bool)
    found = ranked_passages(read, 0, ranks, every, fewest_words=3)
    assert len(found) <= len(read.own)
    assert all(0 <= p.start < p.end <= len(text) for p in found)
    assert sorted(p.start for p in found) == sorted({p.start for p in found})
