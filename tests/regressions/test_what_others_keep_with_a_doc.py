"""The entity pipeline took ``Doc.user_data["text"]``, whoever had written it, for the text."""

from __future__ import annotations

import pytest
import spacy

from riskscan.language.component import mark_rules, mark_sentences

TEXT = "Hello there. Call Greta at +1 713 555 0147. Bye."


@pytest.mark.parametrize("kept", ["short", "a much longer text. " * 10, {"title": "x"}])
def test_it_is_left_to_them(kept: object) -> None:
    nlp = spacy.blank("en")
    plain, doc = nlp(TEXT), nlp(TEXT)
    doc.user_data["text"] = kept
    for one in (plain, doc):
        mark_rules(mark_sentences(one))
    assert [s.text for s in doc.sents] == [s.text for s in plain.sents]
    assert [e.text for e in doc.ents] == [e.text for e in plain.ents] != []
    assert doc.user_data["text"] == kept
    assert plain.user_data == {}
