"""The networks read with NumPy say what spaCy's own code says, and decide together."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

from riskscan.language.inference import FastEntities, Networks
from riskscan.language.pipeline import entities, load
from riskscan.language.weights import Weights, raised, weights_of
from riskscan.paths import shipped_model

MARKED = Path(__file__).parent / "data" / "marked.jsonl"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Invented mail, and what a network may stumble over."""
    mail = [json.loads(line)["text"] for line in MARKED.read_text().splitlines()]
    odd = ["", "Greta", "\n", "Greta Holt", "a " * 1500, "Ask Greta Holt\n" * 400]
    return [*odd, *mail, "\n\n".join(mail)[:20_000]]


def marks(nlp: Language, docs: list[Doc]) -> list[list[tuple[int, int, str]]]:
    read = list(nlp.pipe(docs, batch_size=len(docs)))
    return [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in read]


def weights(nlp: Language) -> Weights:
    found = weights_of(nlp)
    assert found is not None
    return found


def together(nlp: Language, *networks: Weights, sure: float = np.inf) -> FastEntities:
    """Let ``networks`` read in the place of those of ``nlp``."""
    for name in ("tok2vec", "ner"):
        if name in nlp.pipe_names:
            nlp.remove_pipe(name)
    component = nlp.add_pipe("riskscan_entities")
    assert isinstance(component, FastEntities)
    component.use(Networks(networks, sure))
    return component


def test_spacy_alone_reads_the_shipped_pipeline_as_the_fast_way_does(
    nlp: Language, texts: list[str]
) -> None:
    plain = spacy.load(shipped_model("entities"))
    assert plain.pipe_names == ["riskscan_sentences", "riskscan_entities", "riskscan_rules"]
    assert nlp.pipe_names == plain.pipe_names
    found = [[(e.start, e.end, e.label) for e in one] for one in entities(nlp, texts)]
    assert sum(map(len, found)) > 300
    assert found == marks(plain, [plain.make_doc(text) for text in texts])


def test_a_pipeline_that_was_loaded_fast_is_still_one_of_spacy(nlp: Language) -> None:
    doc = nlp("Greta Holt wrote to FERC about Pellworm Transit.")
    assert {(e.text, e.label_) for e in doc.ents} >= {
        ("Greta Holt", "PERSON"),
        ("FERC", "REGULATOR"),
    }


def by_chance(depth: int = 2, pieces: int = 2, window: int = 1, seed: int = 7) -> Language:
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
    ner: Any = nlp.add_pipe(
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
        ner.add_label(label)
    example = Example.from_dict(nlp.make_doc("Tern left"), {"entities": [(0, 4, "SHIP")]})
    fix_random_seed(seed)
    nlp.initialize(lambda: [example])
    lower = ner.model.get_ref("lower")
    shape = lower.get_param("W").shape
    lower.set_param("W", np.random.default_rng(seed).normal(size=shape).astype(np.float32))
    return nlp


@pytest.mark.parametrize(("depth", "pieces", "window"), [(1, 2, 1), (3, 3, 2)])
def test_marks_of_one_network_are_those_of_spacy(
    depth: int, pieces: int, window: int, texts: list[str]
) -> None:
    nlp = by_chance(depth, pieces, window)
    expected = marks(nlp, [nlp.make_doc(text) for text in texts])
    lengths = {end - start for one in expected for start, end, _ in one}
    assert sum(map(len, expected)) > 500 and max(lengths) > 20
    together(nlp, weights(nlp))
    assert marks(nlp, [nlp.make_doc(text) for text in texts]) == expected


def test_several_networks_decide_by_the_mean_of_the_scores_that_spacy_gives(
    texts: list[str],
) -> None:
    """The oracle steps through spaCy's own transition system."""
    several = [by_chance(1, 2, 1, seed=1), by_chance(2, 3, 2, seed=2), by_chance(seed=3)]
    lines = [line for line in "\n".join(texts).split("\n") if line][:150]
    expected = []
    for line in lines:
        docs = [nlp.get_pipe("tok2vec")(nlp.make_doc(line)) for nlp in several]
        pipes: list[Any] = [nlp.get_pipe("ner") for nlp in several]
        for doc in docs:
            for token in doc:
                token.is_sent_start = token.i == 0
        states = pipes[0].moves.init_batch(docs[:1])
        steps = [pipe.model.predict([doc]) for pipe, doc in zip(pipes, docs, strict=True)]
        while not states[0].is_final():
            scores = np.mean([step.predict(states) for step in steps], axis=0, dtype=np.float32)
            pipes[0].transition_states(states, np.ascontiguousarray(scores))
        pipes[0].set_annotations(docs[:1], states)
        expected.append([(e.start_char, e.end_char, e.label_) for e in docs[0].ents])
    assert sum(map(len, expected)) > 200
    nlp = several[0]
    together(nlp, *[weights(each) for each in several])
    nlp.remove_pipe("riskscan_sentences")
    found = []
    for line in lines:
        doc = nlp.make_doc(line)
        for token in doc:
            token.is_sent_start = token.i == 0
        doc = nlp.get_pipe("riskscan_entities")(doc)
        found.append([(e.start_char, e.end_char, e.label_) for e in doc.ents])
    assert found == expected


def test_only_sentences_in_which_the_first_doubts_are_put_to_the_others(texts: list[str]) -> None:
    """A second network that sees a ship in everything shows which sentences it was asked about."""
    first, second = by_chance(), raised(weights(by_chance(seed=3)), {"SHIP": 1e4})
    lower = weights(first).arrays["lower.b"]
    lower[weights(first).moves.index("O")] += 25.0
    text = texts[-1]
    doc = first(first.make_doc(text))
    named = {sent.start_char for sent in doc.sents if sent.ents}
    assert 10 < len(named) < sum(1 for _ in doc.sents) / 2
    together(first, weights(first), second, sure=0.0)
    again = first(first.make_doc(text))
    assert {sent.start_char for sent in again.sents if sent.ents} == named
    assert len(again.ents) > 2 * len(doc.ents)


def test_networks_come_back_from_disk_in_half_precision_and_without_pickle(
    tmp_path: Path, texts: list[str]
) -> None:
    nlp = by_chance()
    first = weights(nlp)
    together(nlp, first, weights(by_chance(seed=3)))
    nlp.to_disk(tmp_path)
    again = load(tmp_path)
    networks = again.get_pipe("riskscan_entities").networks.weights  # type: ignore[attr-defined]
    assert networks[0].moves == first.moves and networks[0].windows == [1, 1]
    for name, values in first.arrays.items():
        np.testing.assert_allclose(networks[0].arrays[name], values, rtol=1e-3, atol=1e-6)
    assert sum(map(len, entities(again, texts))) > 300
    with np.load(tmp_path / "riskscan_entities" / "networks.npz", allow_pickle=False) as file:
        assert {file[name].dtype.str for name in file.files} == {"<f2"}


def test_raised_labels_are_found_more_often(texts: list[str]) -> None:
    counts = []
    for more in (0.0, 1.0):
        nlp = by_chance()
        together(nlp, raised(weights(nlp), {"SHIP": more}))
        found = marks(nlp, [nlp.make_doc(text) for text in texts])
        counts.append(sum(label == "SHIP" for one in found for _, _, label in one))
    assert counts[0] < counts[1]


def test_networks_of_other_labels_do_not_decide_together() -> None:
    one, other = weights(by_chance()), weights(by_chance())
    with pytest.raises(ValueError, match="the same labels"):
        Networks([one, replace(other, moves=other.moves[::-1])])


def test_a_model_whose_vectors_are_missing_is_refused(tmp_path: Path) -> None:
    shutil.copytree(shipped_model("entities"), tmp_path / "model")
    (tmp_path / "model" / "vocab" / "lookups.bin").write_bytes(b"\x80")
    nlp = load(tmp_path / "model")
    with pytest.raises(ValueError, match="features of a word"):
        list(entities(nlp, ["Greta Holt"]))


def test_a_network_with_an_upper_layer_is_left_to_spacy(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    ner.add_label("SHIP")  # type: ignore[attr-defined]
    nlp.initialize()
    nlp.to_disk(tmp_path)
    loaded = load(tmp_path)
    assert loaded.pipe_names == ["ner"]
    assert len(list(entities(loaded, ["The Tern left.", "x"]))) == 2
