"""The three stages of a scan in order: ingest, score, entities. The only place that knows it.

Each stage takes what is pending in the case, in batches, and commits a batch with its bookkeeping
in one transaction. A killed scan therefore goes on where it stopped, and ends with the same case.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sqlalchemy import ColumnElement, func, or_, select

from riskscan.case import schema
from riskscan.case.store import (
    Finding,
    FoundEntity,
    Outcome,
    Parsed,
    Scored,
    Store,
    Unread,
    open_case,
    pieces,
)
from riskscan.engine import Culprit, Engine
from riskscan.mail.message import Role
from riskscan.paths import shipped_model

if TYPE_CHECKING:
    import pandas as pd

    from riskscan.detect.classifier import RiskClassifier
    from riskscan.sources import Item, NotRead, Unit

Entities = Literal["all", "flagged", "none"]
Event = "Item | NotRead"

_BATCH_MESSAGES = 256
_BATCH_BYTES = 8 * 2**20
_REMEMBERED_TEXTS = 50_000


class Progress(Protocol):
    """Told how a scan goes on; ``total`` and ``amount`` are in the unit of the stage."""

    def start(self, stage: str, total: int, unit: str) -> None: ...

    def advance(self, amount: int, messages: int) -> None: ...

    def finish(self) -> None: ...


class _Silent:
    def start(self, stage: str, total: int, unit: str) -> None: ...

    def advance(self, amount: int, messages: int) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scan did: counts over the whole case, and this run's time and memory.

    ``read`` is the number of messages read by this run, ``rate`` that number a second;
    ``peak_memory`` is in bytes, all processes together.
    """

    case: str
    found: int
    stored: int
    duplicates: int
    quarantined: int
    embedded: int
    not_read: int
    companions: int
    differing_duplicates: int
    changed_exports: int
    scored: int
    flagged: int
    read: int
    seconds: float
    rate: float
    peak_memory: int

    @property
    def adds_up(self) -> bool:
        """Promise 1: every message found is stored, a duplicate, or quarantined."""
        return self.found == self.stored + self.duplicates + self.quarantined

    @property
    def complete(self) -> bool:
        """Nothing quarantined, nothing unread, no export changed under the scan."""
        return not (self.quarantined or self.not_read or self.changed_exports)

    def as_dict(self) -> dict[str, Any]:
        """The figures for machines."""
        return {**asdict(self), "adds_up": self.adds_up, "complete": self.complete}


def scan(
    exports: str | Path | Sequence[str | Path],
    case: str | Path,
    *,
    custodian: str | None = None,
    model: str | Path | None = None,
    workers: int = 0,
    entities: Entities = "all",
) -> pd.DataFrame:
    """Scan exports into a case and return its messages, worst first (see ``Case.messages``).

    ``workers`` 0 works in this process; more start that many processes, which needs the usual
    ``if __name__ == "__main__"`` guard in a script. ``frame.attrs["summary"]`` holds the counts.
    Raises CaseError and ModelError with a sentence for the user.
    """
    from riskscan.case.read import Case

    several = [exports] if isinstance(exports, str | Path) else list(exports)
    summary = run_scan(
        [Path(e) for e in several],
        Path(case),
        custodian=custodian,
        model=Path(model) if model else None,
        workers=workers,
        entities=entities,
    )
    with Case(case) as opened:
        frame = opened.messages()
    frame.attrs["summary"] = summary.as_dict()
    return frame


def run_scan(
    exports: Sequence[Path],
    case: Path,
    *,
    custodian: str | None = None,
    model: Path | None = None,
    workers: int = 0,
    entities: Entities = "all",
    progress: Progress | None = None,
) -> Summary:
    """Run the three stages over ``exports`` into the case; see ``scan`` for the options."""
    from riskscan.case.read import Case

    progress = progress or _Silent()
    began = time.monotonic()
    detector = model or shipped_model("detector")
    _classifier(str(detector))
    with open_case(case) as store, Engine(workers) as engine:
        settings = {
            "exports": [str(e) for e in exports],
            "custodian": custodian,
            "model": str(detector),
            "entities": entities,
        }
        run = store.start_run("scan", settings)
        read = ingest(store, engine, exports, custodian, progress)
        score(store, engine, detector, progress)
        if entities != "none":
            find_entities(store, engine, entities, progress)
        seconds = time.monotonic() - began
        with Case(case) as opened:
            counts = opened.counts()
        summary = Summary(
            case=str(case),
            **counts,
            read=read,
            seconds=round(seconds, 3),
            rate=round(read / seconds, 1),
            peak_memory=engine.peak_memory,
        )
        store.finish_run(run, summary.as_dict())
    return summary


def rescore(
    case: Path, model: Path, *, workers: int = 0, progress: Progress | None = None
) -> dict[str, int]:
    """Score every message of a case again with another model, without the export."""
    from riskscan.case.read import Case

    _classifier(str(model))
    with Case(case) as opened, open_case(case) as store, Engine(workers) as engine:
        run = store.start_run("score", {"model": str(model)})
        score(store, engine, model, progress or _Silent())
        counts = opened.counts()
        store.finish_run(run, counts)
    return counts


# ingest


def ingest(
    store: Store,
    engine: Engine,
    exports: Sequence[Path],
    custodian: str | None,
    progress: Progress,
) -> int:
    """Read all pending units into the case and assign threads; returns the events read."""
    from riskscan.sources import NotRead, discover

    units: list[Unit] = []
    for found in discover(exports):
        if isinstance(found, NotRead):
            store.add_unread(_unread(found))
        else:
            units.append(found)
    progress.start("reading", sum(unit.size for unit in units), "bytes")
    read = 0
    for unit in units:
        key, done, complete = store.unit(
            str(unit.export), str(unit.path), unit.kind, unit.size, unit.sha256()
        )
        told = 0
        if not complete:
            for outcomes, size in _parsed(engine, unit, done, custodian):
                store.add_batch(key, outcomes)
                read += len(outcomes)
                # What an archive unpacks to is not known before its end: never tell more than all.
                step = max(0, min(size, int(unit.size * 0.98) - told))
                told += step
                progress.advance(step, len(outcomes))
            store.finish_unit(key, unit.sha256())
        progress.advance(unit.size - told, 0)
    progress.finish()
    _assign_threads(store)
    return read


def _parsed(
    engine: Engine, unit: Unit, done: int, custodian: str | None
) -> Iterator[tuple[list[Outcome], int]]:
    from riskscan.sources import Item

    def batches() -> Iterator[tuple[list[Any], list[tuple[str, str, bytes]]]]:
        for events in _gather(unit.events(done)):
            yield events, [(e.place, e.folder, e.data) for e in events if isinstance(e, Item)]

    for events, results in engine.map(_parse_batch, batches()):
        following = iter(results)
        outcomes: list[Outcome] = []
        for event in events:
            if not isinstance(event, Item):
                outcomes.append(Outcome(event.source, "", "", _unread(event)))
                continue
            result = next(following)
            outcomes.append(
                Outcome(
                    event.source,
                    event.format,
                    custodian or event.custodian,
                    result if isinstance(result, Parsed) else _quarantined(event, result),
                )
            )
        yield outcomes, sum(len(e.data) for e in events if isinstance(e, Item))


def _gather(events: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    size = 0
    for event in events:
        batch.append(event)
        size += len(getattr(event, "data", b""))
        if len(batch) >= _BATCH_MESSAGES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _parse_batch(parts: list[tuple[str, str, bytes]]) -> list[Parsed | str]:
    return [_parse_one(place, folder, data) for place, folder, data in parts]


def _parse_one(place: str, folder: str, data: bytes) -> Parsed | str:
    from riskscan.mail.parse import MailError, parse_message

    try:
        message = parse_message(data)
    except MailError as error:
        return str(error)
    except Exception as error:
        # Promise 1: a fault of ours must not take the scan, nor the message, with it.
        return f"the parser failed: {type(error).__name__}: {error}"
    return Parsed(place, folder, hashlib.sha256(data).hexdigest(), len(data), message)


def _quarantined(item: Item, result: str | Culprit) -> Unread:
    reason = result.reason if isinstance(result, Culprit) else result
    return Unread(
        "quarantined",
        item.place,
        reason,
        len(item.data),
        hashlib.sha256(item.data).hexdigest(),
        item.source,
    )


def _unread(found: NotRead) -> Unread:
    kind = "not read" if found.lost else "companion"
    return Unread(kind, found.place, found.reason, found.size, found.sha256, found.source)


def _assign_threads(store: Store) -> None:
    from riskscan.mail.thread import ThreadHeader, thread_ids

    mail, people = schema.messages, schema.recipients
    with store.engine.connect() as connection:
        if (
            connection.execute(
                select(mail.c.id).where(mail.c.thread_id.is_(None)).limit(1)
            ).scalar()
            is None
        ):
            return
        addresses: dict[int, set[str]] = {}
        for key, address in connection.execute(select(people.c.message_id, people.c.address)):
            addresses.setdefault(key, set()).add(address.casefold())
        rows = connection.execute(
            select(
                mail.c.id, mail.c.message_id, mail.c.references, mail.c.in_reply_to,
                mail.c.subject, mail.c.date, mail.c.sender_address, mail.c.thread_id,
            )
        ).all()  # fmt: skip
    headers = [
        ThreadHeader(
            key=row.id,
            message_id=row.message_id,
            references=row.references,
            in_reply_to=row.in_reply_to,
            subject=row.subject,
            date=_date(row.date),
            participants=frozenset(addresses.get(row.id, set()) | {row.sender_address.casefold()}),
        )
        for row in rows
    ]
    threads = thread_ids(headers)
    store.set_threads((r.id, threads[r.id]) for r in rows if r.thread_id != threads[r.id])


def _date(text: str | None) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text) if text else None


# score

Piece = tuple[str, int | None, int, str]
"""A run of text to score: segment, attachment number, its offset there, the text."""

_SCORE_BATCH = 400
_JOINT = "\n\n"


@dataclass(frozen=True, slots=True)
class _Assessed:
    """The answer for one text; findings are (piece, start, end, signal, score)."""

    score: float
    flagged: bool
    signals: tuple[str, ...]
    findings: tuple[tuple[int, int, int, str, float], ...]


@dataclass(frozen=True, slots=True)
class _ScoreBatch:
    rows: list[tuple[int, str, list[Piece]]]
    asked: list[str]
    known: dict[str, _Assessed]


def score(store: Store, engine: Engine, model: Path, progress: Progress) -> None:
    """Score every message that ``model`` has not scored yet; equal texts are scored once."""
    classifier = _classifier(str(model))
    key = store.model("detector", model.name, classifier.fingerprint, classifier.settings())
    mail = schema.messages
    pending = or_(mail.c.model_id.is_(None), mail.c.model_id != key)
    progress.start("scoring", _count(store, pending), "messages")
    remembered: OrderedDict[str, _Assessed] = OrderedDict()

    def batches() -> Iterator[tuple[_ScoreBatch, list[tuple[str, list[Piece]]]]]:
        for ids in _pending(store, pending, mail.c.id, _SCORE_BATCH):
            rows = _texts(store, ids)
            known = {h: remembered[h] for _, h, _ in rows if h in remembered}
            todo = {h: parts for _, h, parts in rows if h not in known}
            yield (
                _ScoreBatch(rows, list(todo), known),
                [(str(model), parts) for parts in todo.values()],
            )

    for batch, results in engine.map(_score_batch, batches()):
        answers = dict(batch.known)
        for text_hash, result in zip(batch.asked, results, strict=True):
            if not isinstance(result, Culprit):
                answers[text_hash] = remembered[text_hash] = result
        while len(remembered) > _REMEMBERED_TEXTS:
            remembered.popitem(last=False)
        # A text that killed its worker stays unscored, is counted, and is tried again next time.
        scored = [_placed(m, answers[h], parts) for m, h, parts in batch.rows if h in answers]
        store.add_scores(key, scored)
        progress.advance(len(batch.rows), len(batch.rows))
    progress.finish()


@lru_cache(maxsize=1)
def _classifier(folder: str) -> RiskClassifier:
    from riskscan.detect.model import load_model

    return load_model(Path(folder))


def _score_batch(parts: list[tuple[str, list[Piece]]]) -> list[_Assessed]:
    if not parts:
        return []
    classifier = _classifier(parts[0][0])
    documents: list[str] = []
    maps: list[list[list[int]]] = []
    for _, several in parts:
        maps.append(_documents(several))
        documents += [_JOINT.join(several[i][3] for i in group) for group in maps[-1]]
    answers = iter(classifier.assess(documents))
    results = []
    for (_, several), groups in zip(parts, maps, strict=True):
        score, signals, findings = 0.0, list[str](), list[tuple[int, int, int, str, float]]()
        for group in groups:
            answer = next(answers)
            score = max(score, answer.score)
            signals += [s for s in answer.signals if s not in signals]
            for found in answer.findings:
                piece, start, end = _locate(several, group, found.start, found.end)
                findings.append((piece, start, end, found.signal, found.score))
        flagged = score >= classifier.threshold
        results.append(_Assessed(score, flagged, tuple(signals), tuple(findings)))
    return results


def _documents(several: list[Piece]) -> list[list[int]]:
    """Which pieces are read together: the mail itself, then each attachment alone."""
    mail = [i for i, piece in enumerate(several) if piece[1] is None]
    return [mail, *([i] for i, piece in enumerate(several) if piece[1] is not None)]


def _locate(several: list[Piece], group: list[int], start: int, end: int) -> tuple[int, int, int]:
    before = 0
    for i in group:
        length = len(several[i][3])
        if start < before + length:
            return i, start - before, min(end - before, length)
        before += length + len(_JOINT)
    raise AssertionError("a finding lies outside its text")


def _placed(message: int, assessed: _Assessed, parts: list[Piece]) -> Scored:
    findings = []
    for piece, start, end, signal, score in assessed.findings:
        segment, attachment, offset, text = parts[piece]
        findings.append(
            Finding(
                segment, attachment, offset + start, offset + end, text[start:end], signal, score
            )
        )
    return Scored(message, assessed.score, assessed.flagged, assessed.signals, tuple(findings))


# entities

_ENTITY_BATCH = 100


def find_entities(store: Store, engine: Engine, which: Entities, progress: Progress) -> None:
    """Find entities in subject and authored text; flagged messages first, then by score."""
    from riskscan.language.pipeline import fingerprint

    model = shipped_model("entities")
    key = store.model("entities", model.name, fingerprint(model), {})
    mail = schema.messages
    pending = or_(mail.c.entity_model_id.is_(None), mail.c.entity_model_id != key)
    if which == "flagged":
        pending = pending & mail.c.flagged
    progress.start("entities", _count(store, pending), "messages")

    def batches() -> Iterator[tuple[list[tuple[int, list[Piece]]], list[tuple[str, str]]]]:
        for ids in _pending(store, pending, mail.c.score.desc(), _ENTITY_BATCH):
            rows = [(m, [p for p in parts if p[1] is None]) for m, _, parts in _texts(store, ids)]
            texts = dict.fromkeys(piece[3] for _, parts in rows for piece in parts)
            yield rows, [(str(model), text) for text in texts]

    for rows, results in engine.map(_entity_batch, batches()):
        texts = list(dict.fromkeys(piece[3] for _, parts in rows for piece in parts))
        answers = dict(zip(texts, results, strict=True))
        found = []
        for message, parts in rows:
            entities = []
            for segment, _, offset, text in parts:
                answer = answers[text]
                if not isinstance(answer, Culprit):
                    entities += [
                        FoundEntity(segment, offset + start, offset + end, text[start:end], label)
                        for start, end, label in answer
                    ]
            found.append((message, entities))
        store.add_entities(key, found)
        progress.advance(len(rows), len(rows))
    progress.finish()


@lru_cache(maxsize=1)
def _pipeline(folder: str) -> Any:
    from riskscan.language.pipeline import load

    return load(Path(folder))


def _entity_batch(parts: list[tuple[str, str]]) -> list[list[tuple[int, int, str]]]:
    from riskscan.language.pipeline import entities

    if not parts:
        return []
    found = entities(_pipeline(parts[0][0]), [text for _, text in parts])
    return [[(one.start, one.end, one.label) for one in several] for several in found]


# what a stage takes


def _count(store: Store, test: ColumnElement[bool]) -> int:
    with store.engine.connect() as connection:
        return int(
            connection.execute(
                select(func.count()).select_from(schema.messages).where(test)
            ).scalar_one()
        )


def _pending(
    store: Store, test: ColumnElement[bool], order: ColumnElement[Any], size: int
) -> Iterator[list[int]]:
    mail = schema.messages
    with store.engine.connect() as connection:
        # Numbers only: 8 bytes each, and the list cannot change under the stage that works it off.
        ids = list(
            connection.execute(select(mail.c.id).where(test).order_by(order, mail.c.id)).scalars()
        )
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _texts(store: Store, ids: Sequence[int]) -> list[tuple[int, str, list[Piece]]]:
    """Message, text hash and pieces (subject, authored segments, attachment texts) of each id."""
    mail, files = schema.messages, schema.attachments
    rows: dict[int, tuple[int, str, list[Piece]]] = {}
    with store.engine.connect() as connection:
        for some in pieces(ids):
            for row in connection.execute(
                select(
                    mail.c.id, mail.c.subject, mail.c.body, mail.c.segments, mail.c.text_hash
                ).where(mail.c.id.in_(some))
            ):
                parts: list[Piece] = [("subject", None, 0, row.subject)]
                parts += [
                    ("authored", None, start, row.body[start:end])
                    for role, start, end in row.segments
                    if role == Role.AUTHORED
                ]
                rows[row.id] = (row.id, row.text_hash, parts)
            for row in connection.execute(
                select(files.c.message_id, files.c.position, files.c.text)
                .where(files.c.message_id.in_(some), files.c.text != "")
                .order_by(files.c.message_id, files.c.position)
            ):
                rows[row.message_id][2].append(("attachment", row.position, 0, row.text))
    return [rows[key] for key in ids]
