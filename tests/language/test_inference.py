"""The network read with NumPy says what spaCy's own code says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed

from riskscan.language.inference import network_of
from riskscan.language.pipeline import entities, load
from riskscan.paths import shipped_model

MARKED = Path(__file__).parent / "data" / "marked.jsonl"
PLAIN = ("riskscan_sentences", "tok2vec", "ner")


@pytest.fixture(scope="module")
def plain() -> Language:
    """The shipped pipeline as spaCy reads it."""
    return spacy.load(shipped_model("entities"))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Invented mail, and what a network may stumble over."""
    mail = [json.loads(line)["text"] for line in MARKED.read_text().splitlines()]
    odd = ["", "Greta", "\n", "Greta Holt", "a " * 1500, "Ask Greta Holt\n" * 400]
    return [*odd, *mail, "\n\n".join(mail)[:20_000]]


def marks(nlp: Language, docs: list[Doc]) -> list[list[tuple[int, int, str]]]:
    read = list(nlp.pipe(docs, batch_size=len(docs)))
    return [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in read]


def test_the_shipped_network_is_one_that_is_known(plain: Language, nlp: Language) -> None:
    assert network_of(plain) is not None
    assert nlp.pipe_names == ["riskscan_sentences", "riskscan_entities", "riskscan_rules"]


def test_marks_are_those_of_spacy_in_batches(
    plain: Language, nlp: Language, texts: list[str]
) -> None:
    found = [[(e.start, e.end, e.label) for e in one] for one in entities(nlp, texts)]
    assert sum(map(len, found)) > 300
    assert found == marks(plain, [plain.make_doc(text) for text in texts])


def test_a_pipeline_that_was_loaded_fast_is_still_one_of_spacy(nlp: Language) -> None:
    doc = nlp("Greta Holt wrote to FERC about Pellworm Transit.")
    assert {(e.text, e.label_) for e in doc.ents} >= {
        ("Greta Holt", "PERSON"),
        ("FERC", "REGULATOR"),
    }


@pytest.mark.parametrize(("depth", "pieces", "window"), [(1, 2, 1), (3, 3, 2)])
def test_networks_of_other_sizes_are_read_alike(
    depth: int, pieces: int, window: int, texts: list[str]
) -> None:
    """Weights by chance name many spans, and long ones: the decisions are tried hard."""
    nlp = spacy.blank("en")
    nlp.add_pipe("riskscan_sentences")
    nlp.add_pipe(
        "tok2vec",
        config={
            "model": {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {
                    "@architectures": "riskscan.WordFormEmbed.v2",
                    "width": 24,
                    "attrs": ["LOWER", "SHAPE"],
                    "rows": [200, 100],
                    "include_vectors": False,
                },
                "encode": {
                    "@architectures": "spacy.MaxoutWindowEncoder.v2",
                    "width": 24,
                    "depth": depth,
                    "window_size": window,
                    "maxout_pieces": pieces,
                },
            }
        },
    )
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 24, "upstream": "*"}
    ner = nlp.add_pipe(
        "ner",
        config={
            "model": {
                "@architectures": "spacy.TransitionBasedParser.v2",
                "state_type": "ner",
                "extra_state_tokens": False,
                "hidden_width": 16,
                "maxout_pieces": pieces,
                "use_upper": False,
                "tok2vec": listener,
            }
        },
    )
    for label in ("SHIP", "PORT"):
        ner.add_label(label)  # type: ignore[attr-defined]
    example = Example.from_dict(nlp.make_doc("Tern left"), {"entities": [(0, 4, "SHIP")]})
    fix_random_seed(7)
    nlp.initialize(lambda: [example])
    lower = ner.model.get_ref("lower")  # type: ignore[attr-defined]
    shape = lower.get_param("W").shape
    lower.set_param("W", np.random.default_rng(7).normal(size=shape).astype(np.float32))
    expected = marks(nlp, [nlp.make_doc(text) for text in texts])
    lengths = {end - start for one in expected for start, end, _ in one}
    assert sum(map(len, expected)) > 500 and max(lengths) > 20
    network = network_of(nlp)
    assert network is not None
    nlp.add_pipe("riskscan_entities", after="ner")
    nlp.remove_pipe("ner")
    nlp.remove_pipe("tok2vec")
    assert marks(nlp, [nlp.make_doc(text) for text in texts]) == expected


def test_a_network_with_an_upper_layer_is_left_to_spacy(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    ner.add_label("SHIP")  # type: ignore[attr-defined]
    nlp.initialize()
    nlp.to_disk(tmp_path)
    loaded = load(tmp_path)
    assert loaded.pipe_names == ["ner"]
    assert len(list(entities(loaded, ["The Tern left.", "x"]))) == 2
