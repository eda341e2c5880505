"""Time and memory grew with the square of what was marked in one long message."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskscan.detect.evidence import _ENOUGH, _squeeze, evidence_sentences
from riskscan.detect.selection import fit_selector
from riskscan.language.sentences import sentence_spans

WORDS = st.sampled_from(["ab", "a b c d e f g h i j k l m n o p", "hide", ".", " ", "\n\n", "x"])
TEXTS = st.lists(WORDS, max_size=30).map(" ".join)


@given(TEXTS, st.lists(TEXTS, max_size=4))
def test_each_sentence_is_asked_of_each_span(text: str, evidence: list[str]) -> None:
    spans = sentence_spans(text)
    squeezed, places = _squeeze(text)
    expected = [False] * len(spans)
    for wanted in filter(None, (_squeeze(one)[0] for one in evidence)):
        at = squeezed.find(wanted)
        while at >= 0:
            a, b = places[at], places[at + len(wanted) - 1] + 1
            for k, (start, end) in enumerate(spans):
                shared = min(end, b) - max(start, a)
                expected[k] |= shared >= min(_ENOUGH, b - a, end - start)
            at = squeezed.find(wanted, at + len(wanted))
    assert evidence_sentences(text, spans, evidence) == expected


def test_a_line_that_comes_again_and_again() -> None:
    text = "Delete it. Keep it.\n" * 10_000
    marked = evidence_sentences(text, sentence_spans(text), [*"delti", "Delete it."])
    assert sum(marked) == len(marked) == 20_000


def test_half_of_a_long_message_is_marked() -> None:
    # All pairs of these would take tens of gigabytes.
    rows = np.random.default_rng(0).normal(size=(12_000, 12))
    marked = np.arange(12_000) % 2
    rows[:, 3] += marked
    weights = fit_selector(rows, marked, np.zeros(12_000, int))
    assert int(np.argmax(weights)) == 3
