"""A closing "x" (a kiss) was shown as the finding of a message that says much more."""

from __future__ import annotations

from riskscan.detect.model import load_model
from riskscan.paths import shipped_model


def test_a_finding_has_three_words_where_there_are_any() -> None:
    model = load_model(shipped_model("detector"))
    text = "I said I can not put my name under that certificate, it is false.\n\nx"
    (answer,) = model.assess([text])
    assert [len(f.text.split()) >= 3 for f in answer.findings] == [True] * len(answer.findings)
    (short,) = model.assess(["x"])
    assert [f.text for f in short.findings] == ["x"]
