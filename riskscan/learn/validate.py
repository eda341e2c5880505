"""How much a review finds: a blind random sample of the case, and what its decisions say of recall.

``draw`` writes a simple random sample of the undecided messages into the case, and with ``check``
further ones of what the review decided, to be decided anew. Whoever decides them sees no score.
When all are decided, ``measure`` says how much the review found, with exact intervals. A sample may
be drawn before the review (a control sample: then what the queue comes to by itself counts as read)
or after it (an elusion test). docs/review-loop.md tells the protocol and the statistics.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, insert, inspect, select

import riskscan
from riskscan.case import schema
from riskscan.case.batch import put_one
from riskscan.case.chain import verify
from riskscan.case.decisions import Entry, current, entries
from riskscan.case.location import Place, locate
from riskscan.case.open import CaseError, connect, writing
from riskscan.learn.queue import prepare_learning, settled, verdicts
from riskscan.learn.reached import borne_out, come_to
from riskscan.learn.recall import (
    Estimate,
    Stratum,
    clopper_pearson,
    flagged_bounds,
    least_sample,
    recall,
    share,
    share_of_error,
)

SAMPLE = 1500
UNDECIDED, NOT, FLAG = "undecided", "not", "flag"


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn sample; ``number`` counts the samples of the case from 1."""

    id: int
    number: int
    made: str
    version: str
    seed: int
    confidence: float
    upto: int
    frame: dict[str, int]
    sha256: str
    messages: tuple[tuple[int, str, bool], ...]
    """Message, stratum, and whether the queue has reached it, in the order of deciding."""


def draw(
    place: Place,
    *,
    size: int = SAMPLE,
    check: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
) -> Sample:
    """Draw a sample of ``size`` undecided messages into the case, and ``check`` decided ones.

    Of the decided ones (two at least) half are of those flagged and half of those not. The order of
    the messages is drawn too. Raises CaseError while the last sample is not decided to its end, and
    when there is nothing to draw from.
    """
    if size < 1 or check < 0 or not 0 < confidence < 1:
        raise ValueError("A sample needs one message at least, and a confidence between 0 and 1.")
    prepare_learning(place)
    engine = connect(place)
    try:
        with writing(engine) as connection:
            former = last_sample(connection)
            if former is not None and (left := len(undecided(connection, former))):
                raise CaseError(
                    f"The sample drawn on {former.made[:10]} still has {left:,} undecided messages."
                )
            said = verdicts(current(connection))
            frame: dict[str, list[int]] = {UNDECIDED: [], NOT: [], FLAG: []}
            ids = connection.execute(select(schema.messages.c.id).order_by(schema.messages.c.id))
            for message in ids.scalars():
                verdict = said.get(message, UNDECIDED)
                frame[NOT if verdict == "unsure" else verdict].append(message)
            if not frame[UNDECIDED]:
                raise CaseError("Every message of the case is decided: there is none to sample.")
            half = -(-check // 2)
            wanted = {UNDECIDED: size, NOT: half, FLAG: half}
            number = 1 if former is None else former.number + 1
            rng = np.random.default_rng([seed, number])
            picks = [
                (int(m), stratum)
                for stratum, some in frame.items()
                for m in rng.choice(some, min(wanted[stratum], len(some)), replace=False)
            ]
            picks = [picks[i] for i in rng.permutation(len(picks))]
            _insert(connection, picks, frame, seed, confidence)
            made = last_sample(connection)
            assert made is not None
            return made
    finally:
        engine.dispose()


def _insert(
    connection: Connection,
    picks: Sequence[tuple[int, str]],
    frame: dict[str, list[int]],
    seed: int,
    confidence: float,
) -> None:
    listed = "\n".join(f"{message} {stratum}" for message, stratum in picks)
    key = put_one(
        connection,
        schema.samples,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        version=riskscan.__version__,
        seed=seed,
        confidence=confidence,
        upto=connection.execute(select(func.max(schema.decisions.c.seq))).scalar() or 0,
        frame={stratum: len(some) for stratum, some in frame.items()},
        sha256=hashlib.sha256(listed.encode()).hexdigest(),
    )
    connection.execute(
        insert(schema.sampled),
        [
            {"sample_id": key, "position": n, "message_id": message, "stratum": stratum}
            for n, (message, stratum) in enumerate(picks)
        ],
    )


def last_sample(connection: Connection) -> Sample | None:
    """The sample drawn last; None when there is none."""
    if not inspect(connection).has_table(schema.samples.name):
        return None
    table = schema.samples
    rows = connection.execute(select(table).order_by(table.c.id)).all()
    if not rows:
        return None
    row = rows[-1]
    drawn = connection.execute(
        select(schema.sampled)
        .where(schema.sampled.c.sample_id == row.id)
        .order_by(schema.sampled.c.position)
    )
    reached = borne_out(connection, row.id, row.upto) | set(come_to(connection)[0])
    messages = tuple((m.message_id, m.stratum, m.message_id in reached) for m in drawn)
    return Sample(
        row.id, len(rows), row.made, row.version, row.seed, row.confidence, row.upto, row.frame,
        row.sha256, messages,
    )  # fmt: skip


def answers(connection: Connection, sample: Sample) -> dict[int, list[Entry]]:
    """What was decided of the sample's messages since it was drawn."""
    wanted = {message for message, _, _ in sample.messages}
    found: dict[int, list[Entry]] = {}
    for one in current(connection):
        if one.seq > sample.upto and one.message in wanted:
            found.setdefault(one.message, []).append(one)
    return found


def undecided(connection: Connection, sample: Sample) -> list[int]:
    """The sample's messages that are still to be decided, in order: the page's validation queue."""
    done = answers(connection, sample)
    return [message for message, _, _ in sample.messages if message not in done]


def measure(place: Place) -> dict[str, Any]:
    """The figures of the last sample, for the report. Raises CaseError unless all is decided."""
    prepare_learning(place)
    engine = connect(place)
    try:
        with engine.connect() as connection:
            sample = last_sample(connection)
            if sample is None:
                raise CaseError(f"No sample was drawn in '{locate(place)}'.")
            left = len(undecided(connection, sample))
            if left:
                raise CaseError(
                    f"{left:,} of the {len(sample.messages):,} sampled messages are undecided."
                )
            return _measure(connection, sample, locate(place).name)
    finally:
        engine.dispose()


def _measure(connection: Connection, sample: Sample, name: str) -> dict[str, Any]:
    given = answers(connection, sample)
    verdict = {message: settled(some) for message, some in given.items()}
    counts = Counter((stratum, reached, verdict[m]) for m, stratum, reached in sample.messages)
    apart = {m for m, stratum, reached in sample.messages if not reached}
    checked = {m for m, stratum, _ in sample.messages if stratum != UNDECIDED}
    # The review is what was decided other than for the sample; decisions checked keep the former.
    said = verdicts(
        one
        for one in _standing_at(connection, sample, checked)
        if one.message not in apart or one.message in checked
    )
    total = sum(sample.frame.values())
    flagged = sum(one == "flag" for one in said.values())
    rest = total - len(said)
    drawn = sum(n for (s, r, _), n in counts.items() if s == UNDECIDED and not r)
    error = (1 - sample.confidence) * share_of_error(sample.number)
    confidence = 1 - error
    # What is unsure counts against the review at one end, and for it at the other.
    ends = []
    for doubts in (True, False):
        missed = _hits(counts, UNDECIDED, doubts)
        strata = [Stratum(rest, drawn, missed)]
        found: int | Stratum = flagged
        if checked:
            looked = sum(n for (s, _, _), n in counts.items() if s == FLAG)
            held = _hits(counts, FLAG, not doubts)
            found = Stratum(flagged, looked, held)
            again = sum(n for (s, _, _), n in counts.items() if s == NOT)
            refused = len(said) - flagged
            strata.append(Stratum(refused, again, _hits(counts, NOT, doubts)))
        ends.append((found, strata))
    (found, strata), (found_high, strata_high) = ends
    worst, best = recall(found, strata, confidence), recall(found_high, strata_high, confidence)
    elusion = share(strata[0], confidence)
    held_total = found.total if isinstance(found, Stratum) else float(found)
    low_missed, high_missed = _missed(strata_high, strata, confidence)
    held_low, held_high = (
        (share(found, confidence).low * found.size, share(found_high, confidence).high * found.size)
        if isinstance(found, Stratum) and isinstance(found_high, Stratum)
        else (held_total, held_total)
    )
    return {
        "case": name,
        "version": riskscan.__version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "confidence": sample.confidence,
        "confidence_of_intervals": round(confidence, 6),
        "messages": total,
        "reviewed": len(said),
        "flagged": flagged,
        "unread": rest,
        "recall": _plain(Estimate(worst.value, worst.low, best.high)),
        "elusion": _plain(elusion),
        "elusion_binomial": _plain(
            clopper_pearson(strata[0].flagged, strata[0].drawn, confidence)
        ),
        "richness": _plain(
            Estimate(
                (held_total + sum(one.total for one in strata)) / total,
                (held_low + low_missed) / total,
                min(1.0, (held_high + high_missed) / total),
            )
        ),
        "precision": _plain(share(found, confidence)) if isinstance(found, Stratum) else None,
        "yield": _plain(Estimate(*(3 * [flagged / len(said) if said else float("nan")]))),
        "missed": {"value": round(sum(one.total for one in strata), 1), "low": low_missed,
                   "high": high_missed},
        "unsure": sum(v == "unsure" for v in verdict.values()),
        "sample": {
            "number": sample.number,
            "drawn": sample.made,
            "seed": sample.seed,
            "version": sample.version,
            "sha256": sample.sha256,
            "frame": sample.frame,
            "size": len(sample.messages),
            "reached": sum(reached for _, _, reached in sample.messages),
            "counts": [
                {"stratum": s, "reached": r, "verdict": v, "messages": n}
                for (s, r, v), n in sorted(counts.items())
            ],
        },
        "decided_by": _who(given.values()),
        "shown_score": sum(one.score is not None for some in given.values() for one in some),
        "largest_recall_shown_by": _power(flagged, rest, drawn, confidence),
        "least_sample_for_80": least_sample(flagged, rest, 0.8, confidence),
        "chain": _chain(connection),
    }  # fmt: skip


def _standing_at(connection: Connection, sample: Sample, checked: set[int]) -> Iterable[Entry]:
    """What stands; of messages decided anew for the sample, what stood when it was drawn."""
    yield from (one for one in current(connection) if one.message not in checked)
    if not checked:
        return
    former: dict[tuple[int, str], list[Entry]] = {}
    undone: set[int | None] = set()
    for one in entries(connection):
        if one.seq > sample.upto or one.message not in checked:
            continue
        if one.kind == "undo":
            undone.add(one.undoes)
        else:
            former.setdefault((one.message, one.reviewer), []).append(one)
    for several in former.values():
        standing = [one for one in several if one.seq not in undone]
        yield from standing[-1:]


def _hits(counts: Counter[tuple[str, bool, str]], stratum: str, doubts: bool) -> int:
    """Flagged ones of a stratum that the queue has not reached; with ``doubts`` unsure ones too."""
    wanted = ("flag", "unsure") if doubts else ("flag",)
    return sum(n for (s, r, v), n in counts.items() if s == stratum and not r and v in wanted)


def _missed(
    best: Sequence[Stratum], worst: Sequence[Stratum], confidence: float
) -> tuple[float, float]:
    error = (1 - confidence) / 2
    return (
        flagged_bounds(best, error, error).low,
        flagged_bounds(worst, error, error).high,
    )


def _power(found: int, rest: int, drawn: int, confidence: float) -> float:
    """The best recall that a sample of this size could show: with no flagged message in it."""
    return round(recall(found, [Stratum(rest, drawn, 0)], confidence).low, 4)


def _who(given: Iterable[Sequence[Entry]]) -> list[dict[str, Any]]:
    made: dict[str, list[str]] = {}
    for some in given:
        for one in some:
            made.setdefault(one.reviewer, []).append(one.made)
    return [
        {"reviewer": name, "messages": len(times), "first": min(times), "last": max(times)}
        for name, times in sorted(made.items())
    ]


def _chain(connection: Connection) -> dict[str, Any]:
    verified = verify(connection)
    return {
        "rows": verified.rows,
        "head": verified.head,
        "faults": [fault.reason for fault in verified.faults],
    }


def _plain(estimate: Estimate) -> dict[str, float | None]:
    """For JSON, which has no NaN."""
    values = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if v != v else round(float(v), 6) for name, v in values.items()}
