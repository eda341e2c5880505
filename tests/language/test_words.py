"""Word vectors: looked up by the hash of a word, kept in a table of the vocabulary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.strings import get_string_id
from spacy.vocab import Vocab

from riskscan.language.words import TABLE, WordVectors, word_vectors_of


@pytest.fixture
def vocab() -> Vocab:
    words = ["harbour", "tern", "u.s."]
    keys = np.array([get_string_id(word) for word in words], "<u8")
    rows = np.array([[10, -20], [127, 0], [1, 2]], np.int8)
    order = np.argsort(keys)
    table = {
        "keys": keys[order].tobytes(),
        "rows": rows[order].tobytes(),
        "ranks": np.array([8, 16, 4], np.uint8)[order].tobytes(),
        "scale": 0.5,
    }
    vocab = spacy.blank("en").vocab
    vocab.lookups.add_table(TABLE, table)
    return vocab


def test_a_row_has_the_vector_whether_it_is_known_and_how_rare_it_is(vocab: Vocab) -> None:
    vectors = WordVectors(vocab)
    assert vectors.size == 4
    rows = vectors.rows(["Harbour", "TERN", "gull"])
    np.testing.assert_allclose(rows, [[5, -10, 1, 0.5], [63.5, 0, 1, 1], [0, 0, 0, 1.2]])


def test_a_word_is_also_known_inside_its_edges_but_whole_first(vocab: Vocab) -> None:
    rows = WordVectors(vocab).rows(["'tern-", "U.S.", ""])
    np.testing.assert_allclose(rows, [[63.5, 0, 1, 1], [0.5, 1, 1, 0.25], [0, 0, 0, 1.2]])


def test_a_vocabulary_without_a_table_gives_no_numbers() -> None:
    vectors = WordVectors(spacy.blank("en").vocab)
    assert vectors.size == 0 and vectors.rows(["tern"]).shape == (1, 0)


def test_a_new_pipeline_takes_the_table_of_another(vocab: Vocab, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.vocab.lookups = vocab.lookups
    nlp.to_disk(tmp_path)
    new = spacy.blank("en")
    word_vectors_of(tmp_path)(new)
    np.testing.assert_array_equal(
        WordVectors(new.vocab).rows(["tern"]), WordVectors(vocab).rows(["tern"])
    )
    bare = spacy.blank("en")
    word_vectors_of(None)(bare)
    assert WordVectors(bare.vocab).size == 0
