"""Load the shipped entity pipeline and read entities out of texts, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from riskscan.language import component as component
from riskscan.language.network import keep_forms
from riskscan.paths import shipped_model

# Longer texts are read in pieces, cut at a line, so that memory stays bounded.
PIECE = 20_000
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Entity:
    """A named thing in a text: its words, its label, and where it stands (character offsets)."""

    text: str
    label: str
    start: int
    end: int


def load(path: Path | None = None) -> Language:
    """Load the pipeline in the folder ``path``, or the one shipped with riskscan.

    Raises OSError when the folder holds no spaCy pipeline.
    """
    nlp = spacy.load(shipped_model("entities") if path is None else path)
    for _, pipe in nlp.pipeline:
        if hasattr(pipe, "model"):
            keep_forms(pipe.model)
    return nlp


def entities(nlp: Language, texts: Iterable[str]) -> Iterator[list[Entity]]:
    """Yield the entities of each of ``texts``, in order of text and of place, never overlapping."""
    found: list[Entity] = []
    for doc, (offset, last) in nlp.pipe(_pieces(texts), as_tuples=True, batch_size=_BATCH):
        found.extend(_entities_of(doc, offset))
        if last:
            yield found
            found = []


def _pieces(texts: Iterable[str]) -> Iterator[tuple[str, tuple[int, bool]]]:
    """Yield each text in pieces with its offset, and whether it is the last of its text."""
    for text in texts:
        start = 0
        while len(text) - start > PIECE:
            cut = text.rfind("\n", start + PIECE // 2, start + PIECE) + 1
            cut = cut or text.rfind(" ", start + PIECE // 2, start + PIECE) + 1 or start + PIECE
            yield text[start:cut], (start, False)
            start = cut
        yield text[start:], (start, True)


def _entities_of(doc: Doc, offset: int) -> Iterator[Entity]:
    text: Any = doc.text
    for span in doc.ents:
        start, end = span.start_char, span.end_char
        yield Entity(text[start:end], span.label_, start + offset, end + offset)
