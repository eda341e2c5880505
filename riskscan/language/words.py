"""Pretrained vectors of English words, in bytes, in a table of spaCy's lookups.

A word is known by its hash alone. The table travels with the vocabulary of a pipeline, in
``vocab/lookups.bin``; models/training/entities/words.py writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.lookups import Lookups
from spacy.strings import get_string_id
from spacy.util import registry
from spacy.vocab import Vocab

Rows = NDArray[np.float32]

TABLE = "riskscan_words"
_EDGES = "'.-*_"  # around a word of which the table knows the inside only
_RANKS = 16.0  # the table's ranks are binary logarithms
_RANK_OF_UNKNOWN = 1.2


class WordVectors:
    """A vector, whether the word is known, and how rare it is, for every word."""

    def __init__(self, vocab: Vocab) -> None:
        table: dict[str, Any] = {}
        if vocab.lookups.has_table(TABLE):
            table = vocab.lookups.get_table(TABLE)
        self._keys = np.frombuffer(table.get("keys", b""), "<u8")
        self._ranks = np.frombuffer(table.get("ranks", b""), np.uint8)
        self._scale = np.float32(table.get("scale", 0))
        count = len(self._keys)
        self._rows = np.frombuffer(table.get("rows", b""), np.int8).reshape(
            count, -1 if count else 0
        )
        self.size = self._rows.shape[1] + 2 if count else 0

    def rows(self, words: Sequence[str]) -> Rows:
        """Return a row for each of ``words``: the lower-case form, or what is inside its edges."""
        rows = np.zeros((len(words), self.size), np.float32)
        if not self.size or not words:
            return rows
        whole, found = self._places([word.lower() for word in words])
        inner, found_inside = self._places([word.lower().strip(_EDGES) for word in words])
        places = np.where(found, whole, inner)
        known = found | found_inside
        rows[known, :-2] = self._rows[places[known]] * self._scale
        rows[:, -2] = known
        rows[:, -1] = np.where(known, self._ranks[places] / _RANKS, _RANK_OF_UNKNOWN)
        return rows

    def _places(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        wanted = np.array([get_string_id(word) for word in words], np.uint64)
        places = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        return places, self._keys[places] == wanted


@registry.callbacks("riskscan.WordVectors.v1")  # type: ignore[untyped-decorator]
def word_vectors_of(path: Path | str | None) -> Callable[[Language], Language]:
    """Return what gives a new pipeline the word vectors of the pipeline folder ``path``, if any."""

    def copy(nlp: Language) -> Language:
        place = Path(path or "") / "vocab"
        if path and (place / "lookups.bin").is_file():
            lookups = Lookups().from_disk(place)
            if lookups.has_table(TABLE):
                nlp.vocab.lookups.set_table(TABLE, lookups.get_table(TABLE))
        return nlp

    return copy
