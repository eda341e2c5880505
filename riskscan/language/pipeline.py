"""Load the shipped entity pipeline and read entities out of texts, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import spacy
from spacy.attrs import IDX, IS_SPACE, LENGTH, LOWER, NORM, PREFIX, SHAPE, SUFFIX
from spacy.language import Language
from spacy.tokens import Doc
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from riskscan.language.component import TEXT, Match, mark_sentences, with_rules
from riskscan.language.inference import FastEntities
from riskscan.language.network import make_fast
from riskscan.language.weights import weights_of
from riskscan.paths import shipped_model

# Longer texts are read in pieces, cut at a line, so that memory stays bounded.
PIECE = 20_000
_BATCH = 64
# Characters: some 8,000 tokens, whose rows stay near the processor. More is slower.
_BATCH_SIZE = 40_000

_FAST = ["riskscan_sentences", "riskscan_entities", "riskscan_rules"]

_ASKED = (LOWER, NORM, SHAPE, PREFIX, SUFFIX, IS_SPACE)

Piece = tuple[str, int, bool]


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
            make_fast(pipe.model)
    if weights_of(nlp) is not None:
        nlp.add_pipe("riskscan_entities", after="ner")
        nlp.remove_pipe("ner")
        nlp.remove_pipe("tok2vec")
    if nlp.pipe_names == _FAST:
        # spaCy asks some twenty questions of each new word ("is it a currency?"): these are used.
        vocab: Any = nlp.vocab
        getters = vocab.lex_attr_getters
        vocab.lex_attr_getters = {key: getters[key] for key in _ASKED if key in getters}
    return nlp


def entities(nlp: Language, texts: Iterable[str]) -> Iterator[list[Entity]]:
    """Yield the entities of each of ``texts``, in order of text and of place, never overlapping."""
    found: list[Entity] = []
    for batch in _batches(_pieces(texts)):
        with _threads().limit(limits=1, user_api="blas"):
            docs = [_doc(nlp, text) for text, _, _ in batch]
            marks = list(_marks(nlp, docs))
        for doc, spans, (text, offset, last) in zip(docs, marks, batch, strict=True):
            found.extend(_entities_of(doc, spans, text, offset))
            if last:
                yield found
                found = []


def _doc(nlp: Language, text: str) -> Doc:
    """Return ``text`` in tokens; it is kept as it is, for putting it together again costs time."""
    doc = nlp.make_doc(text)
    doc.user_data[TEXT] = text
    return doc


def _marks(nlp: Language, docs: list[Doc]) -> Iterator[list[Match]]:
    """Yield the entities of each of ``docs`` as ``(start, end, label)`` in tokens."""
    if nlp.pipe_names != _FAST:
        for doc in nlp.pipe(docs, batch_size=len(docs)):
            yield [(span.start, span.end, span.label_) for span in doc.ents]
        return
    networks = cast(FastEntities, nlp.get_pipe("riskscan_entities")).networks
    for doc, learnt in zip(docs, networks.spans([mark_sentences(d) for d in docs]), strict=True):
        yield with_rules(doc, learnt)


@cache
def _threads() -> ThreadpoolController:
    """Return what limits BLAS to one thread: more cost more than they give on small matrices.

    A scan has a process a core already.
    """
    return ThreadpoolController()


def _batches(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Yield pieces in batches bounded in number and in characters, and so in memory."""
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece[0])
        if len(batch) >= _BATCH or size >= _BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _pieces(texts: Iterable[str]) -> Iterator[Piece]:
    """Yield each text in pieces: the piece, its offset, whether it is the text's last."""
    for text in texts:
        start = 0
        while len(text) - start > PIECE:
            cut = text.rfind("\n", start + PIECE // 2, start + PIECE) + 1
            cut = cut or text.rfind(" ", start + PIECE // 2, start + PIECE) + 1 or start + PIECE
            yield text[start:cut], start, False
            start = cut
        yield text[start:], start, True


def _entities_of(doc: Doc, spans: list[Match], text: str, offset: int) -> Iterator[Entity]:
    if spans:
        places = doc.to_array([IDX, LENGTH]).tolist()
    for first, after, label in spans:
        start, end = places[first][0], sum(places[after - 1])
        yield Entity(text[start:end], label, start + offset, end + offset)
