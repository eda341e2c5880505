"""The network reads names that a hard line break cuts as if they stood on one line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from riskscan.language import component as component
from riskscan.language.train import read_corpus

NAME = ["Pellworm", "Harbour", "Trust"]


@Language.component("name_on_one_line")
def name_on_one_line(doc: Doc) -> Doc:
    """Stand in for the network: mark the three words of `NAME` where nothing parts them."""
    words = [token.text for token in doc]
    starts = [at for at in range(len(words)) if words[at : at + 3] == NAME]
    doc.set_ents([Span(doc, at, at + 3, label="ORG") for at in starts])
    return doc


@pytest.fixture(scope="module")
def names() -> Language:
    nlp = spacy.blank("en")
    for step in ("riskscan_sentences", "name_on_one_line", "riskscan_rules"):
        nlp.add_pipe(step)
    return nlp


LEAD = (
    "We have asked the lawyers of the seller, and those of the buyer,\n"
    "about what the present owners and some of the tenants of the "
)
WRAPPED = f"{LEAD}Pellworm Harbour\nTrust owes to the yard before it goes."


@pytest.mark.parametrize("between", ["\n", " \n", "\n ", " \n    ", "\r\n"])
def test_a_name_over_two_lines_is_one_name_at_its_place_in_the_text(
    names: Language, between: str
) -> None:
    text = f"{LEAD}Pellworm Harbour{between}Trust owes to the yard before it goes."
    doc = names(text)
    assert doc.text == text
    assert [(e.start_char, e.text) for e in doc.ents] == [
        (len(LEAD), f"Pellworm Harbour{between}Trust")
    ]


def test_doubled_spaces_are_no_word_inside_a_name(names: Language) -> None:
    text = WRAPPED.replace("Harbour\n", "Harbour  ")
    assert [e.text for e in names(text).ents] == ["Pellworm Harbour  Trust"]


@pytest.mark.parametrize(
    "text",
    [
        "Pellworm Harbour\n\nTrust me, it is late.",
        "Regards,\nPellworm Harbour\nTrust Department",
        "Seller      Pellworm Harbour      Trust      Buyer",
    ],
)
def test_what_layout_parts_is_no_name(names: Language, text: str) -> None:
    assert not names(text).ents


def test_rules_and_sentences_keep_the_lines_of_the_text(names: Language) -> None:
    text = f"Ann,\n\n{WRAPPED}\nIt was due on May\n7, 2001. Ask the SEC."
    doc = names(text)
    assert {(re.sub(r"\s", " ", e.text), e.label_) for e in doc.ents} == {
        ("Pellworm Harbour Trust", "ORG"),
        ("May 7, 2001", "DATE"),
        ("SEC", "REGULATOR"),
    }
    assert all(text[e.start_char : e.end_char] == e.text for e in doc.ents)
    assert next(doc.sents).text.strip() == "Ann,"


def test_batches_give_back_the_documents_in_order_with_what_came_with_them(
    names: Language,
) -> None:
    texts = [WRAPPED, "Nothing here.", "", WRAPPED]
    pairs = list(names.pipe(zip(texts, range(4), strict=True), as_tuples=True))
    assert [(doc.text, place) for doc, place in pairs] == list(zip(texts, range(4), strict=True))
    assert [len(doc.ents) for doc, _ in pairs] == [1, 0, 0, 1]


def test_training_texts_are_read_as_the_network_reads_them(tmp_path: Path) -> None:
    start = len(LEAD)
    end = WRAPPED.index(" owes")
    record = {"text": WRAPPED, "entities": [[start, end, "ORG"]], "unsure": [[0, 2]]}
    path = tmp_path / "marked.jsonl"
    path.write_text(json.dumps(record))
    (doc,) = read_corpus(path, spacy.blank("en"))
    assert [(e.text, e.label_) for e in doc.ents] == [("Pellworm Harbour Trust", "ORG")]
    assert doc[0].ent_iob_ == ""
