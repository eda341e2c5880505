"""Words plain to every eye were hidden from score and search by characters among their letters."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscan.case.query import read_query
from riskscan.case.search import hits
from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.experts import Costs, Material
from riskscan.detect.features import Hasher
from riskscan.detect.model import load_model
from riskscan.detect.reading import Read
from riskscan.mail.folding import fold, folded
from riskscan.paths import shipped_model

SAID = "We are breaking the law, destroy the emails before the auditors come."
HIDDEN = (
    "\x01\x08\x1b\x7f\x9f"
    "\xad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u200e\u202e\u2060\u3164"
    "\ufe0f\ufeff\uffa0\U000e0061"
)


def dressed(capital: int, small: int) -> str:
    return "".join(
        chr(capital + ord(c) - ord("A"))
        if c.isupper()
        else chr(small + ord(c) - ord("a"))
        if c.islower()
        else c
        for c in SAID
    )


OTHERS = {
    "Cyrillic": SAID.translate(str.maketrans("aeocpxy", "аеосрху")),
    "one Cyrillic letter": SAID.replace("e", "\u0435"),
    "Greek": SAID.replace("o", "\u03bf"),
    "full-width": dressed(0xFF21, 0xFF41),
    "mathematical": dressed(0x1D400, 0x1D41A),
    "in circles": dressed(0x24B6, 0x24D0),
    "both": "\u200b".join(SAID.replace("o", "\u03bf")),
}
WAYS = [hidden.join(SAID) for hidden in HIDDEN] + list(OTHERS.values())


@cache
def shipped() -> RiskClassifier:
    return load_model(shipped_model("detector"))


@pytest.mark.parametrize("text", WAYS, ids=ascii)
def test_what_reads_alike_scores_alike(text: str) -> None:
    plain, asked = shipped().predict_proba([SAID, text])
    assert asked.tolist() == plain.tolist()
    assert shipped().explain(text).words == shipped().explain(SAID).words


@pytest.mark.parametrize("text", WAYS, ids=ascii)
def test_findings_stand_in_the_text_as_found(text: str) -> None:
    text = f"Lunch is at noon. {text} See you."
    (best, *_) = shipped().assess([text])[0].findings
    assert text[best.start : best.end] == best.text
    assert folded(best.text).strip() == SAID


@pytest.mark.parametrize("text", WAYS, ids=ascii)
@pytest.mark.parametrize("typed", ["destroy", "destr*", '"the emails"', "d\u200bestr\u03bfy"])
def test_it_is_found_and_marked_where_it_stands(text: str, typed: str) -> None:
    query = read_query(typed)
    assert query is not None
    (where,) = hits(query, [{"subject": f"\u200bx\u200b {text}", "body": "\ufb01les, destroy"}])
    (start, end), *_ = where["subject"]
    assert folded(f"\u200bx\u200b {text}"[start:end]) in ("destroy", "the emails")


def test_words_with_ligatures_are_found() -> None:
    query = read_query("files")
    assert query is not None
    (where,) = hits(query, [{"body": "of\u200b \ufb01les, o\ufb00er"}])
    assert where["body"] == [(4, 8)]


@pytest.mark.parametrize(
    "text",
    [
        "сотрудник осе", "cотрудник", "λόγος", "5 μm, 20 m², ½, ① a™", "naïve Müller’s – “café”",
        "می\u200cخواهم", "क्\u200dष", "👩\u200d🚒 ❤\ufe0f 👨\u200d👩\u200d👧",
        "今天把账本删除了", "IT-отдел",
    ],
)  # fmt: skip
def test_what_is_written_as_it_should_be_stays(text: str) -> None:
    assert fold(text) is None or folded(text) == text


@given(st.text() | st.text(st.sampled_from(HIDDEN + "ab de\ufb01\uff21\u0435яж\u0301क्👩\ud800\n")))
def test_places_lie_in_the_text_and_keep_their_order(text: str) -> None:
    one = fold(text)
    if one is None:
        return
    assert folded(one.text) == one.text
    spans = [one.span(i, i + 1) for i in range(len(one.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    for (start, end), letter in zip(spans, one.text, strict=True):
        assert letter == text[start:end] or not text[start:end].isascii()


@given(st.text("ab d,\n") | st.text("Wre é,."), st.data())
def test_a_span_grows_over_what_is_hidden_in_it(plain: str, data: st.DataObject) -> None:
    hidden = st.text(st.sampled_from(HIDDEN), max_size=2)
    before = [data.draw(hidden) for _ in plain]
    text = "".join(b + c for b, c in zip(before, plain, strict=True))
    assert folded(text) == plain
    one = fold(text)
    if one is None or not plain:
        return
    start = data.draw(st.integers(0, len(plain) - 1))
    end = data.draw(st.integers(start + 1, len(plain)))
    a, b = one.span(start, end)
    assert text[a:b] == plain[start] + "".join(
        x + c for x, c in zip(before[start + 1 : end], plain[start + 1 : end], strict=True)
    )


@given(st.lists(st.text(SAID + "\u200b\u0435\ufb01 .\n"), max_size=4))
def test_findings_of_any_text_lie_in_it(texts: list[str]) -> None:
    for text, answer in zip(texts, shipped().assess(texts), strict=True):
        for one in answer.findings:
            assert 0 <= one.start < one.end <= len(text)
            assert text[one.start : one.end] == one.text


def test_evidence_marks_what_it_reads_like() -> None:
    read = Read(["Lunch is at noon. " + "\u200b".join(SAID), "Lunch."], Hasher())
    every = np.ones(2, bool)
    data = Material(
        read, np.array([1, 0]), np.array([1.0, 0.0]), every, ~every, np.array(["mail"] * 2),
        np.arange(2),
    )  # fmt: skip
    data.mark([["\u200b".join("Lunch is at noon.")], []], Costs(1, 1, 1, 1, 1, 1))
    assert data.marked.tolist() == [True, False, False]
