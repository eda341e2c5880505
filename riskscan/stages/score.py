"""Score: each message's subject, authored text and attachments through the classifier."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from riskscan.case import schema
from riskscan.case.prepared import FoundSpan, Prepared, Rated
from riskscan.case.store import Finding, Scored, Store, pieces
from riskscan.detect.description import Detector
from riskscan.engine import Culprit, Engine
from riskscan.engine.models import ModelPlace
from riskscan.stages.pending import (
    QUOTED,
    Pending,
    Piece,
    Texts,
    attached_pieces,
    quoted_pieces,
    read_texts,
    written_pieces,
)
from riskscan.stages.progress import Progress

if TYPE_CHECKING:
    from riskscan.detect.assessment import Assessment
    from riskscan.detect.classifier import RiskClassifier

_BATCH_MESSAGES = 400
_BATCH_CHARACTERS = 2_000_000
# Texts of a mail are "subject, blank line, authored text".
_JOINT = "\n\n"
_DOCUMENT_CHARACTERS = 1_000_000
# The last bits of a score depend on the neighbours in its batch (the order in which a matrix
# product adds up), and a case must not.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Assessed:
    """The answer for one text; findings are (piece, start, end, signal, score)."""

    score: float
    flagged: bool
    signals: tuple[str, ...]
    findings: tuple[tuple[int, int, int, str, float], ...]


Part = tuple[ModelPlace, list[Piece]]
"""What a worker gets: where the model is, and a text in pieces."""


@lru_cache(maxsize=1)
def load_classifier(
    folder: str, encoder: bool = True, threshold: float | None = None
) -> RiskClassifier:
    """The classifier in ``folder``, loaded once a process. Raises ModelError."""
    from riskscan.detect.model import load_model

    classifier = load_model(Path(folder))
    if threshold is not None:
        classifier.set_params(threshold=threshold)
    return classifier if encoder else classifier.attach(None)


def score(store: Store, engine: Engine, detector: Detector, progress: Progress) -> int:
    """Score what ``detector`` has not scored yet; returns how many messages it could not.

    A text that several messages have in common is scored once, also when one of them was scored
    by an earlier scan.
    """
    # Not loaded here: a scan's own process would hold it for nothing beside its workers.
    key = store.model("detector", *detector.key())
    mail = schema.messages
    pending = Pending(store, or_(mail.c.model_id.is_(None), mail.c.model_id != key))
    progress.start("scoring", len(pending), "messages")
    place = place_of(engine, detector)
    underway: set[str] = set()

    def batches() -> Iterator[tuple[tuple[list[Texts], list[str]], list[Part]]]:
        for ids in pending.batches(_BATCH_MESSAGES, _BATCH_CHARACTERS):
            rows = read_texts(store, ids)
            known = underway | _donors(store, key, [h for _, h, _ in rows]).keys()
            todo = {h: parts for _, h, parts in rows if h not in known}
            underway.update(todo)
            yield (rows, list(todo)), [(place, parts) for parts in todo.values()]

    failed = 0
    for (rows, asked), results in engine.map(score_batch, batches(), size=_part_size):
        answers: dict[str, Assessed] = {
            h: r for h, r in zip(asked, results, strict=True) if not isinstance(r, Culprit)
        }
        answers |= _answered(store, key, {h for _, h, _ in rows} - answers.keys())
        # A text that killed its worker stays unscored, is counted, and is tried again next time.
        scored = [_placed(m, answers[h], parts) for m, h, parts in rows if h in answers]
        failed += len(rows) - len(scored)
        store.add_scores(key, scored)
        underway.difference_update(asked)
        progress.advance(len(rows), len(rows))
    progress.finish()
    return failed


def place_of(engine: Engine, detector: Detector) -> ModelPlace:
    """Where the workers find the detector."""
    place = engine.share(detector.folder)
    return replace(place, encoder=detector.encoder, threshold=detector.threshold)


def _part_size(part: Part) -> int:
    return sum(len(piece[3]) for piece in part[1])


def _donors(store: Store, model: int, hashes: Iterable[str]) -> dict[str, int]:
    """For each text that ``model`` has scored already, a message that has it."""
    mail = schema.messages
    found: dict[str, int] = {}
    with store.engine.connect() as connection:
        for some in pieces(sorted(set(hashes))):
            rows = connection.execute(
                select(mail.c.text_hash, func.min(mail.c.id))
                .where(mail.c.text_hash.in_(some), mail.c.model_id == model)
                .group_by(mail.c.text_hash)
            )
            found.update((text_hash, key) for text_hash, key in rows)
    return found


def _answered(store: Store, model: int, hashes: Iterable[str]) -> dict[str, Assessed]:
    """The answers that the case already holds for these texts."""
    donors = _donors(store, model, hashes)
    if not donors:
        return {}
    mail, table = schema.messages, schema.findings
    ids = sorted(donors.values())
    findings: dict[int, list[Any]] = defaultdict(list)
    answers: dict[str, Assessed] = {}
    with store.engine.connect() as connection:
        for some in pieces(ids):
            for row in connection.execute(
                select(table).where(table.c.message_id.in_(some)).order_by(table.c.id)
            ):
                findings[row.message_id].append(row)
        verdicts = {
            row.id: row
            for some in pieces(ids)
            for row in connection.execute(
                select(mail.c.id, mail.c.score, mail.c.flagged, mail.c.signals).where(
                    mail.c.id.in_(some)
                )
            )
        }
    for key, text_hash, parts in read_texts(store, ids):
        row = verdicts[key]
        located = []
        for found in findings[key]:
            piece = _holding(parts, found.segment, found.attachment, found.start)
            offset = parts[piece][2]
            located.append(
                (piece, found.start - offset, found.end - offset, found.signal, found.score)
            )
        answers[text_hash] = Assessed(row.score, row.flagged, tuple(row.signals), tuple(located))
    return answers


def _holding(parts: Sequence[Piece], segment: str, attachment: int | None, start: int) -> int:
    return next(
        i
        for i, (own, number, offset, text) in enumerate(parts)
        if own == segment and number == attachment and offset <= start < offset + len(text)
    )


def rate(engine: Engine, place: ModelPlace, messages: Sequence[Prepared]) -> list[Prepared]:
    """Messages with their scores, before they are in a case; one that ends its process has none.

    Equal texts among them are scored once.
    """
    texts = {one.text_hash: _pieces_of(one) for message in messages for one in message.family()}

    def batches() -> Iterator[tuple[list[str], list[Part]]]:
        batch: list[str] = []
        size = 0
        for text_hash, parts in texts.items():
            length = _part_size((place, parts))
            if batch and (len(batch) >= _BATCH_MESSAGES or size + length > _BATCH_CHARACTERS):
                yield batch, [(place, texts[key]) for key in batch]
                batch, size = [], 0
            batch.append(text_hash)
            size += length
        if batch:
            yield batch, [(place, texts[key]) for key in batch]

    answers: dict[str, Assessed] = {}
    for asked, results in engine.map(score_batch, batches(), size=_part_size):
        answers |= {h: r for h, r in zip(asked, results, strict=True) if not isinstance(r, Culprit)}

    def rated(one: Prepared) -> Prepared:
        embedded = tuple(map(rated, one.embedded))
        assessed = answers.get(one.text_hash)
        if assessed is None:
            return one._replace(embedded=embedded)
        found = _findings(assessed, texts[one.text_hash])
        told = Rated(assessed.score, assessed.flagged, json.dumps(assessed.signals), tuple(found))
        return one._replace(embedded=embedded, rated=told)

    return list(map(rated, messages))


def _pieces_of(one: Prepared) -> list[Piece]:
    segments = json.loads(one.segments)
    parts = written_pieces(one.subject, one.body, segments) + quoted_pieces(one.body, segments)
    for position, *_, text, _, _ in one.files:
        if text:
            parts += attached_pieces(position, text)
    return parts


def rates_all(store: Store, model: int) -> bool:
    """Whether no message of the case waits for this model."""
    mail = schema.messages
    waiting = or_(mail.c.model_id.is_(None), mail.c.model_id != model)
    with store.engine.connect() as connection:
        return connection.execute(select(mail.c.id).where(waiting).limit(1)).first() is None


def score_batch(parts: list[Part]) -> list[Assessed]:
    """Assess texts, in a worker."""
    if not parts:
        return []
    place = parts[0][0]
    classifier = load_classifier(str(place.folder()), place.encoder, place.threshold)
    groups = [_documents(several) for _, several in parts]
    answers = _assess(
        classifier,
        (
            (_JOINT.join(several[i][3] for i in group), _answered_to(several, group))
            for (_, several), some in zip(parts, groups, strict=True)
            for group in some
        ),
    )
    return [
        _merged(classifier, several, some, answers)
        for (_, several), some in zip(parts, groups, strict=True)
    ]


def _documents(several: Sequence[Piece]) -> list[list[int]]:
    """Which pieces are read together: the mail, then each attachment; long texts in runs."""
    groups: list[list[int]] = []
    length, last = 0, -1
    for i, (segment, attachment, _, text) in enumerate(several):
        if segment == QUOTED:
            continue
        number = -1 if attachment is None else attachment
        length += len(text)
        if not groups or number != last or length > _DOCUMENT_CHARACTERS:
            groups.append([])
            length, last = len(text), number
        groups[-1].append(i)
    return groups


def _answered_to(several: Sequence[Piece], group: Sequence[int]) -> str:
    """What the author of these pieces quotes; nothing beside an attachment."""
    own = any(several[i][1] is None for i in group)
    return _JOINT.join(text for segment, *_, text in several if own and segment == QUOTED)


def _assess(
    classifier: RiskClassifier, documents: Iterable[tuple[str, str]]
) -> Iterator[Assessment]:
    """Assessments of texts, and what they quote, in order; a batch's characters at once."""
    batch: list[tuple[str, str]] = []
    size = 0
    for document, quoted in documents:
        length = len(document) + len(quoted)
        if batch and size + length > _BATCH_CHARACTERS:
            yield from classifier.assess(*map(list, zip(*batch, strict=True)))
            batch, size = [], 0
        batch.append((document, quoted))
        size += length
    if batch:
        yield from classifier.assess(*map(list, zip(*batch, strict=True)))


def _merged(
    classifier: RiskClassifier,
    several: Sequence[Piece],
    groups: Sequence[Sequence[int]],
    answers: Iterator[Assessment],
) -> Assessed:
    score, signals, findings = 0.0, list[str](), list[tuple[int, int, int, str, float]]()
    read = [(group, next(answers)) for group in groups]
    best = max((answer.score for _, answer in read), default=0.0)
    # What scores most comes first, the mail before its attachments.
    for group, answer in sorted(read, key=lambda one: -one[1].score):
        score = max(score, answer.score)
        if answer.score < min(best, classifier.threshold):
            continue  # the best sentence of each harmless attachment would hide what matters
        signals += [s for s in answer.signals if s not in signals]
        for found in answer.findings:
            piece, start, end = _locate(several, group, found.start, found.end)
            findings.append((piece, start, end, found.signal, round(float(found.score), _DIGITS)))
    flagged = bool(score >= classifier.threshold)
    return Assessed(round(float(score), _DIGITS), flagged, tuple(signals), tuple(findings))


def _locate(
    several: Sequence[Piece], group: Sequence[int], start: int, end: int
) -> tuple[int, int, int]:
    """Piece and offsets in it of characters ``start`` to ``end`` of a document."""
    before = 0
    for i in group:
        length = len(several[i][3])
        if start < before + length:
            return i, max(0, start - before), min(end - before, length)
        before += length + len(_JOINT)
    raise ValueError("a finding lies outside its text")


def _placed(message: int, assessed: Assessed, parts: Sequence[Piece]) -> Scored:
    findings = tuple(Finding(*found) for found in _findings(assessed, parts))
    return Scored(message, assessed.score, assessed.flagged, assessed.signals, findings)


def _findings(assessed: Assessed, parts: Sequence[Piece]) -> Iterator[FoundSpan]:
    """Findings where they stand in the message."""
    for piece, start, end, signal, score in assessed.findings:
        segment, attachment, offset, text = parts[piece]
        yield segment, attachment, offset + start, offset + end, text[start:end], signal, score
