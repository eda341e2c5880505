"""Entities: people, organisations, laws and sums in subjects and authored text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import or_

from riskscan.case import schema
from riskscan.case.store import FoundEntity, Store
from riskscan.detect.errors import ModelError
from riskscan.engine import Culprit, Engine
from riskscan.engine.models import ModelPlace, fingerprint
from riskscan.paths import shipped_model
from riskscan.stages.pending import Pending, Piece, read_texts
from riskscan.stages.progress import Progress

if TYPE_CHECKING:
    from spacy.language import Language

Which = Literal["all", "flagged", "none"]

_BATCH_MESSAGES = 100
_BATCH_CHARACTERS = 1_000_000
# Characters of one message that are read; more is no letter, and would take minutes.
MOST_CHARACTERS = 250_000

_PIPELINE = ("config.cfg", "meta.json")

Rows = list[tuple[int, list[Piece]]]


def check_pipeline(folder: Path) -> None:
    """Raises ModelError when the folder holds no spaCy pipeline."""
    if not all((folder / name).is_file() for name in _PIPELINE):
        raise ModelError(
            f"'{folder}' is no folder of an entity pipeline: riskscan train-entities makes one."
        )


def find_entities(
    store: Store, engine: Engine, which: Which, progress: Progress, model: Path | None = None
) -> int:
    """Find entities where it has not been done; flagged messages first, then by score.

    ``model`` is the folder of the pipeline, by default the shipped one. Returns the number of
    messages that could not be read.
    """
    model = model or shipped_model("entities")
    key = store.model("entities", model.name, fingerprint(model), {})
    mail = schema.messages
    test = or_(mail.c.entity_model_id.is_(None), mail.c.entity_model_id != key)
    if which == "flagged":
        test = test & mail.c.flagged
    place = engine.share(model)
    pending = Pending(store, test, mail.c.score.desc().nulls_last())
    progress.start("entities", len(pending), "messages")

    def batches() -> Iterator[tuple[tuple[Rows, list[str]], list[tuple[ModelPlace, str]]]]:
        for ids in pending.batches(_BATCH_MESSAGES, _BATCH_CHARACTERS):
            rows = [(m, _first(p)) for m, _, p in read_texts(store, ids, whole=False)]
            texts = list(dict.fromkeys(piece[3] for _, parts in rows for piece in parts))
            yield (rows, texts), [(place, text) for text in texts]

    failed = 0
    for (rows, texts), results in engine.map(entity_batch, batches(), size=_part_size):
        answers = dict(zip(texts, results, strict=True))
        found = []
        for message, parts in rows:
            entities = []
            for segment, _, offset, text in parts:
                answer = answers[text]
                if isinstance(answer, Culprit):
                    # Stays pending, is counted, and is tried again next time.
                    failed += 1
                    break
                entities += [
                    FoundEntity(segment, offset + start, offset + end, text[start:end], label)
                    for start, end, label in answer
                ]
            else:
                found.append((message, entities))
        store.add_entities(key, found)
        progress.advance(len(rows), len(rows))
    progress.finish()
    return failed


def _first(parts: list[Piece]) -> list[Piece]:
    """The first ``MOST_CHARACTERS`` of a message."""
    left = MOST_CHARACTERS
    kept: list[Piece] = []
    for segment, attachment, offset, text in parts:
        if left > 0:
            kept.append((segment, attachment, offset, text[:left]))
        left -= len(text)
    return kept


def _part_size(part: tuple[ModelPlace, str]) -> int:
    return len(part[1])


@lru_cache(maxsize=1)
def _pipeline(folder: str) -> Language:
    from riskscan.language.pipeline import load

    return load(Path(folder))


def entity_batch(parts: list[tuple[ModelPlace, str]]) -> list[list[tuple[int, int, str]]]:
    """Entities of texts as (start, end, label), in a worker."""
    from riskscan.language.pipeline import entities

    if not parts:
        return []
    found = entities(_pipeline(str(parts[0][0].folder())), [text for _, text in parts])
    return [[(one.start, one.end, one.label) for one in several] for several in found]
