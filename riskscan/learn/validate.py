"""How much a review finds: a blind random sample of the case, and what its decisions say of recall.

``draw`` writes a simple random sample of the undecided messages into the case, and with ``check``
further ones of what the review decided, to be decided anew. Whoever decides them sees no score.
When all are decided, ``measure`` says how much the review found, with exact intervals. A sample may
be drawn before the review (a control sample: then what the queue comes to by itself counts as read)
or after it (an elusion test). docs/review-loop.md tells the protocol and the statistics.
"""

from __future__ import annotations

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
from riskscan.case.decisions import Entry, current, entries, witness
from riskscan.case.location import Place, locate
from riskscan.case.open import CaseError, connect, writing
from riskscan.case.samples import in_words, list_hash, witnessed
from riskscan.learn.queue import prepare_learning, settled, verdicts
from riskscan.learn.reached import passed_since
from riskscan.learn.recall import (
    Estimate,
    Stratum,
    clopper_pearson,
    least_sample,
    left_bounds,
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
            drawn = len(witnessed(connection))
            number = max(drawn, 0 if former is None else former.number) + 1
            rng = np.random.default_rng([seed, number])
            picks = [
                (int(m), stratum)
                for stratum, some in frame.items()
                for m in rng.choice(some, min(wanted[stratum], len(some)), replace=False)
            ]
            picks = [picks[i] for i in rng.permutation(len(picks))]
            _insert(connection, picks, frame, number, seed, confidence)
            made = last_sample(connection)
            assert made is not None
            return made
    finally:
        engine.dispose()


def _insert(
    connection: Connection,
    picks: Sequence[tuple[int, str]],
    frame: dict[str, list[int]],
    number: int,
    seed: int,
    confidence: float,
) -> None:
    sha256 = list_hash(picks)
    sizes = {stratum: len(some) for stratum, some in frame.items()}
    witness(connection, picks[0][0], in_words(number, len(picks), seed, confidence, sizes, sha256))
    key = put_one(
        connection,
        schema.samples,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        version=riskscan.__version__,
        seed=seed,
        confidence=confidence,
        upto=connection.execute(select(func.max(schema.decisions.c.seq))).scalar() or 0,
        frame=sizes,
        sha256=sha256,
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
    reached, _ = passed_since(connection, row.id)
    messages = tuple((m.message_id, m.stratum, m.message_id in reached) for m in drawn)
    return Sample(
        row.id, max(len(rows), len(witnessed(connection))), row.made, row.version, row.seed,
        row.confidence, row.upto, row.frame, row.sha256, messages,
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


@dataclass(frozen=True, slots=True)
class _Review:
    """What a review has done, other than for the sample. ``said``: the verdict of what it decided.

    ``reached``: sampled messages that were read past. ``rest``: messages undecided at the draw that
    were not; ``otherwise`` of them were read, not down the queue, and ``known`` of those flagged.
    ``before``: how many of ``said`` were flagged at the draw already.
    """

    said: dict[int, str]
    reached: frozenset[int]
    rest: int
    otherwise: int
    known: int
    before: int


def _review(connection: Connection, sample: Sample, looked_again: bool) -> _Review:
    """The review by what stands now; where it was ``looked_again``, as it stood at the draw.

    The sampled messages not reached are a random sample of those undecided at the draw that were
    not read past. If one that was read past is undecided again, or any other was read, nothing
    counts as read past: the sample is one of all that was undecided, whatever was read since. (A
    queue that comes after a search passes what is like its hits, in the sample alone.)
    """
    total = sum(sample.frame.values())
    ids = connection.execute(select(schema.messages.c.id).order_by(schema.messages.c.id))
    frame = set(ids.scalars().fetchmany(total))
    before = verdicts(_standing_at(connection, sample.upto))
    drawn = {m for m, stratum, _ in sample.messages if stratum == UNDECIDED}
    now = {m: v for m, v in verdicts(current(connection)).items() if m in frame}
    reached, passed = passed_since(connection, sample.id)
    passed = (passed & frame) - before.keys() - drawn
    read = {m: v for m, v in now.items() if m not in before and m not in drawn}
    if passed != read.keys():
        reached, passed = set(), set()
    reached &= drawn
    said = {m: v for m, v in now.items() if m not in drawn or m in reached}
    if looked_again:
        said |= before
    otherwise = [v for m, v in read.items() if m not in passed]
    undecided = sample.frame[UNDECIDED]
    return _Review(
        said, frozenset(reached), undecided - len(passed) - len(reached), len(otherwise),
        otherwise.count("flag"), sum(said.get(m) == "flag" for m in before),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Strata:
    """``found``: the sample of what the review flagged, if there is one; ``missed``: the others."""

    missed: list[Stratum]
    found: Stratum | None
    sure: int

    def recall(self, confidence: float) -> Estimate:
        if self.found is None:
            return recall(self.sure, self.missed, confidence)
        return recall(self.found, self.missed, confidence, sure=self.sure)

    def flagged(self, confidence: float) -> Estimate:
        """How many messages of the case should be flagged."""
        error = (1 - confidence) / 2
        left = left_bounds(self.missed, error, error)
        held = Estimate(0, 0, 0) if self.found is None else left_bounds([self.found], error, error)
        return Estimate(
            held.value + self.sure + left.value,
            held.low + self.sure + left.low,
            held.high + self.sure + left.high,
        )


def _strata(
    sample: Sample, verdict: dict[int, str], review: _Review, unsure: str | None
) -> _Strata:
    """The strata of the report.

    ``unsure``: what is unsure in the sample is taken for what is "worst" or "best" for the review;
    None leaves such messages out of the sample.
    """
    counts = Counter((s, verdict[m]) for m, s, _ in sample.messages if m not in review.reached)

    def stratum(name: str, size: int, read: int = 0, known: int = 0) -> Stratum:
        flagged = name == FLAG
        taken = unsure is not None and (unsure == "worst") is not flagged
        drawn = sum(n for (s, _), n in counts.items() if s == name)
        doubtful = counts[name, "unsure"]
        return Stratum(
            size,
            drawn - (doubtful if unsure is None else 0),
            counts[name, "flag"] + (doubtful if taken else 0),
            read,
            known,
        )

    missed = [stratum(UNDECIDED, review.rest, review.otherwise, review.known)]
    flagged = sum(one == "flag" for one in review.said.values())
    if all(s == UNDECIDED for _, s, _ in sample.messages):
        return _Strata(missed, None, flagged)
    missed.append(stratum(NOT, sample.frame[NOT]))
    found = stratum(FLAG, sample.frame[FLAG])
    return _Strata(missed, found, flagged - review.before)


def _measure(connection: Connection, sample: Sample, name: str) -> dict[str, Any]:
    given = answers(connection, sample)
    verdict = {message: settled(some) for message, some in given.items()}
    looked_again = any(stratum != UNDECIDED for _, stratum, _ in sample.messages)
    review = _review(connection, sample, looked_again)
    total = sum(sample.frame.values())
    read = len(review.said)
    flagged = sum(one == "flag" for one in review.said.values())
    unread = total - read
    confidence = 1 - (1 - sample.confidence) * share_of_error(sample.number)
    # What is unsure counts against the review at one end, and for it at the other; the value of an
    # estimate is made without.
    middle, worst, best = (
        _strata(sample, verdict, review, unsure) for unsure in (None, "worst", "best")
    )
    rest = middle.missed[0]
    error = (1 - confidence) / 2
    wanted = [one.flagged(confidence) for one in (middle, best, worst)]
    counts = Counter((s, m in review.reached, verdict[m]) for m, s, _ in sample.messages)
    nothing = Stratum(rest.size - rest.read, worst.missed[0].drawn, 0)
    looked = [one.found for one in (middle, worst, best) if one.found is not None]
    return {
        "case": name,
        "version": riskscan.__version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "confidence": sample.confidence,
        "confidence_of_intervals": round(confidence, 6),
        "messages": total,
        "reviewed": read,
        "flagged": flagged,
        "unread": unread,
        "read_otherwise": review.otherwise,
        "flagged_otherwise": review.known,
        "added_since": _since(connection, total),
        "recall": _between(one.recall(confidence) for one in (middle, worst, best)),
        "elusion": _between(share(one.missed[0], confidence) for one in (middle, best, worst)),
        "elusion_binomial": _between(
            _binomial(one.missed[0], confidence) for one in (middle, best, worst)
        ),
        "richness": _between(_part(one, total) for one in wanted),
        "precision": _between(share(one, confidence) for one in looked) if looked else None,
        "yield": _plain(Estimate(*(3 * [flagged / read if read else float("nan")]))),
        "missed": _between(
            (left_bounds(one.missed, error, error) for one in (middle, best, worst)), digits=1
        ),
        "unsure": sum(v == "unsure" for v in verdict.values()),
        "sample": {
            "number": sample.number,
            "drawn": sample.made,
            "seed": sample.seed,
            "version": sample.version,
            "sha256": sample.sha256,
            "frame": sample.frame,
            "size": len(sample.messages),
            "reached": len(review.reached),
            "counts": [
                {"stratum": s, "reached": r, "verdict": v, "messages": n}
                for (s, r, v), n in sorted(counts.items())
            ],
        },
        "decided_by": _who(given.values()),
        "shown_score": sum(one.score is not None for some in given.values() for one in some),
        "largest_recall_shown_by": round(recall(flagged, [nothing], confidence).low, 4),
        "least_sample_for_80": least_sample(flagged, unread, 0.8, confidence),
        "chain": _chain(connection),
    }  # fmt: skip


def _since(connection: Connection, total: int) -> int:
    """How many messages the case has that it had not when the sample was drawn."""
    table = schema.messages
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one()) - total


def _standing_at(connection: Connection, upto: int) -> Iterable[Entry]:
    """What stood of each message by each reviewer at row ``upto`` of the chain."""
    former: dict[tuple[int, str], list[Entry]] = {}
    undone: set[int | None] = set()
    for one in entries(connection):
        if one.seq > upto:
            continue
        if one.kind == "undo":
            undone.add(one.undoes)
        else:
            former.setdefault((one.message, one.reviewer), []).append(one)
    for several in former.values():
        standing = [one for one in several if one.seq not in undone]
        yield from standing[-1:]


def _binomial(stratum: Stratum, confidence: float) -> Estimate:
    """Elusion by Clopper and Pearson, as if the stratum were without end."""
    left = stratum.size - stratum.read
    if not left:
        return Estimate(float("nan"), 0.0, 1.0)
    made = clopper_pearson(stratum.flagged, stratum.drawn, confidence)
    value, low, high = (
        x if x != x else min(max((x * stratum.size - stratum.known) / left, 0.0), 1.0)
        for x in (made.value, made.low, made.high)
    )
    return Estimate(value, low, high)


def _part(estimate: Estimate, total: int) -> Estimate:
    value, low, high = (x / total for x in (estimate.value, estimate.low, estimate.high))
    return Estimate(value, low, min(1.0, high))


def _between(made: Iterable[Estimate], digits: int = 6) -> dict[str, float | None]:
    """The value of the first, from the low end of the second to the high end of the third."""
    middle, low, high = made
    value = middle.value if middle.value != middle.value else min(
        max(middle.value, low.low), high.high
    )  # fmt: skip
    return _plain(Estimate(value, low.low, high.high), digits)


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


def _plain(estimate: Estimate, digits: int = 6) -> dict[str, float | None]:
    """For JSON, which has no NaN."""
    values = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if v != v else round(float(v), digits) for name, v in values.items()}
