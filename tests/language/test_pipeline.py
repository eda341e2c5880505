"""Loading the shipped model, and reading entities out of texts."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from riskscan.language.pipeline import PIECE, Entity, entities, load
from riskscan.paths import shipped_model

MARKED = Path(__file__).parent / "data" / "marked.jsonl"


def test_spacy_loads_the_folder_without_help() -> None:
    pipeline = spacy.load(shipped_model("entities"))
    doc = pipeline("Greta Holt wrote to FERC. Call 713-555-0142 on May 7.")
    assert {(e.text, e.label_) for e in doc.ents} >= {
        ("Greta Holt", "PERSON"),
        ("FERC", "REGULATOR"),
        ("713-555-0142", "PHONE"),
        ("May 7", "DATE"),
    }
    assert [sent.text.strip() for sent in doc.sents] == [
        "Greta Holt wrote to FERC.",
        "Call 713-555-0142 on May 7.",
    ]


def test_loading_the_pipeline_imports_neither_scikit_learn_nor_eyecite() -> None:
    heavy = ("sklearn", "scipy", "skops", "eyecite")
    code = (
        "import spacy, sys; from riskscan.paths import shipped_model;"
        "spacy.load(shipped_model('entities'));"
        f"sys.exit(', '.join(name for name in {heavy} if name in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_fast_pipeline_says_the_same_as_a_plain_one(nlp: Language) -> None:
    texts = [json.loads(line)["text"] for line in MARKED.read_text().splitlines()]
    plain = spacy.load(shipped_model("entities"))
    for text, found in zip(texts, entities(nlp, texts), strict=True):
        expected = [(e.start_char, e.end_char, e.label_) for e in plain(text).ents]
        assert [(e.start, e.end, e.label) for e in found] == expected


def test_the_model_is_small() -> None:
    files = [f for f in shipped_model("entities").rglob("*") if f.is_file()]
    assert sum(f.stat().st_size for f in files) <= 25 * 1024 * 1024


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        load(tmp_path)


def test_one_list_a_text_in_order(nlp: Language) -> None:
    found = list(entities(nlp, ["Ask the SEC.", "", "Nothing here", "Ask the SEC and FERC."]))
    assert [[e.text for e in each] for each in found] == [["SEC"], [], [], ["SEC", "FERC"]]
    assert found[0] == [Entity("SEC", "REGULATOR", 8, 11)]


def test_offsets_hold_in_a_text_of_many_pieces(nlp: Language) -> None:
    text = "Please ask the SEC about the fee of $5 million.\n" * (4 * PIECE // 48)
    (found,) = entities(nlp, [text])
    assert len(found) == 2 * text.count("\n")
    assert all(text[e.start : e.end] == e.text for e in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    "text", ["\n" * 999, "\x00\x01\ufffd", "\U0001f600 " * 99, "a" * 50_000, "$" * 999]
)
def test_odd_text_does_no_harm(nlp: Language, text: str) -> None:
    (found,) = entities(nlp, [text])
    assert all(text[e.start : e.end] == e.text for e in found)


def test_address_tails_are_not_part_of_a_name(nlp: Language) -> None:
    text = "Greta Holt@HALDEN\n03/02/2001 02:10 PM\nTo: Samuel Adeyemi/OSL/HALDEN@HALDEN"
    (found,) = entities(nlp, [text])
    assert {"Greta Holt", "Samuel Adeyemi"} <= {e.text for e in found if e.label == "PERSON"}


def test_texts_are_read_as_they_come(nlp: Language) -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield "Ask the SEC."

    next(entities(nlp, endless()))  # type: ignore[arg-type]
    assert taken < 1000


def test_quality_floor_on_invented_mail(nlp: Language) -> None:
    right = found_all = marked_all = 0
    rows = [json.loads(line) for line in MARKED.read_text().splitlines()]
    for row, found in zip(rows, entities(nlp, [r["text"] for r in rows]), strict=True):
        marked = {(start, end, label) for start, end, label in row["entities"]}
        labels = {"PERSON", "ORG", "LOC", "DATE", "MONEY", "LAW", "COURT", "REGULATOR"}
        named = {(e.start, e.end, e.label) for e in found if e.label in labels}
        right += len(marked & named)
        found_all += len(named)
        marked_all += len(marked)
    assert 2 * right / (found_all + marked_all) >= 0.85
