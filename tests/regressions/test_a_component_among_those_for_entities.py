"""What a component set between sentences and rules of the entity pipeline was thrown away."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc, Span

from riskscan.paths import shipped_model

TEXT = (
    "Hi Tom,\n\nI am not comfortable with how we booked the reserve for the\nsecond quarter. This "
    "may not be legal, and I would rather not have it in\nwriting.\n"
)


@pytest.mark.parametrize(
    "place", [{"after": "riskscan_sentences"}, {"before": "riskscan_rules"}, {"last": True}]
)
def test_its_answer_is_kept(place: dict[str, str]) -> None:
    nlp = spacy.load(shipped_model("entities"))
    nlp.add_pipe("riskscan", **place)
    doc = nlp(TEXT)
    assert doc.text == TEXT
    assert doc._.risk_score > 0.08
    assert doc._.risk_signals
    spans: list[Span] = list(doc.spans["risk"])
    assert "may not be legal" in spans[0].text
    assert all(span.doc is doc for span in spans)
    assert spans[0].label_ in doc._.risk_signals
    assert len(doc.spans["risk"].attrs["scores"]) == len(spans)


def test_others_keep_theirs() -> None:
    nlp = spacy.load(shipped_model("entities"))
    Doc.set_extension("own_words", default=None, force=True)

    @spacy.Language.component("own_words")
    def count(doc: Doc) -> Doc:
        doc._.own_words = sum(token.is_alpha for token in doc)
        return doc

    nlp.add_pipe("own_words", before="riskscan_rules")
    doc = nlp(TEXT)
    assert doc._.own_words == sum(token.is_alpha for token in doc)
