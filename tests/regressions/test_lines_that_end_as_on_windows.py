"""Where lines end with CR and LF, subject and body were one text, and the score another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.detect.model import load_model
from riskscan.mail.folding import fold, folded
from riskscan.paths import shipped_model

TEXT = (
    "Delete this before the auditors come\n\n"
    "Hide it from them, nobody may know. Shred the memo\ntonight.\n\nRegards\nNora"
)


def test_the_same_answer() -> None:
    model = load_model(shipped_model("detector"))
    theirs = TEXT.replace("\n", "\r\n")
    plain, windows = model.assess([TEXT, theirs])
    assert windows.score == plain.score
    assert windows.signals == plain.signals
    assert [f.text.replace("\r\n", "\n") for f in windows.findings] == [
        f.text for f in plain.findings
    ]
    assert [theirs[f.start : f.end] for f in windows.findings] == [f.text for f in windows.findings]


@settings(deadline=None)
@given(st.text(st.sampled_from("ab \r\n\u200bﬁ")))
def test_places(text: str) -> None:
    one = fold(text)
    assert "\r\n" not in folded(text)
    if one is not None:
        for k, letter in enumerate(one.text):
            start, end = one.span(k, k + 1)
            assert folded(text[start:end]) in (letter, "fi")
