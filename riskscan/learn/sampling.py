"""How many messages of its case each decided one stands for, so that a model learns the real rate.

A review reads what is likely first: among its decisions flagged messages are far commoner than in
the case. A model learnt from them as they are would take that for the rate of mail.

- With a validation sample of 100 messages or more that is decided to its end, each message of it
  that the queue has not reached stands for as many as were not read for each one drawn (the weights
  of Horvitz and Thompson 1952); every other decided message stands for itself.
- Without, the flagged and the others each stand for as many as the case holds by its score: those
  flagged, and the sum of the scores of what is undecided. Within each kind the decisions are still
  the queue's choice, so this sets the rate and not the whole distribution.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from riskscan.case import schema
from riskscan.case.decisions import Entry, current
from riskscan.case.location import Place, locate
from riskscan.case.open import DATABASE
from riskscan.case.read import Case
from riskscan.learn.data import DataSet, read_data
from riskscan.learn.validate import UNDECIDED, last_sample, undecided

_ENOUGH = 100


@dataclass(frozen=True, slots=True)
class Sampling:
    """Weights of decided messages, the share flagged that they come to, and ``by`` what."""

    weights: Mapping[int, float]
    rate: float
    by: str


def read_reviewed(place: Place) -> tuple[DataSet, Sampling | None]:
    """The decided messages of a case, weighted to the case; None where nothing tells its rate.

    Raises DataError for a case without decisions, CaseError for one that cannot be opened.
    """
    with Case(place) as case, case.connect() as connection:
        made = sampling(connection)
    return read_data(place, weights=made.weights if made else None), made


def read_weighted(places: Iterable[Place]) -> tuple[list[DataSet], str]:
    """Several files or cases, in the order given; decisions weighted, and sentences that say so."""
    data, told = [], []
    for place in places:
        location = locate(place)
        if location.folder is None or (location.folder / DATABASE).is_file():
            one, made = read_reviewed(place)
            told.append(rate_told(one.name, made))
        else:
            one = read_data(place)
        data.append(one)
    return data, "\n".join(told)


def rate_told(name: str, made: Sampling | None) -> str:
    """A sentence for the model card: which rate the decisions of case ``name`` were brought to."""
    if made is None:
        return (
            f"Nothing told the rate of flagged messages in {name}: scores are at the rate of what "
            "the review read, which is higher."
        )
    return (
        f"The decisions in {name} are weighted so that {made.rate:.2%} of the messages are "
        f"flagged, the rate of the case by {made.by}: a review reads the likeliest first."
    )


def sampling(connection: Connection) -> Sampling | None:
    """How many messages each decided one stands for; None where nothing tells."""
    mail = schema.messages
    scores = {m: s for m, s in connection.execute(select(mail.c.id, mail.c.score))}
    said = _agreed(current(connection))
    return _by_sample(connection, len(scores), said) or _by_score(scores, said)


def _agreed(entries: Iterable[Entry]) -> dict[int, str]:
    """The verdict of each decided message; "unsure", as it is learnt, where reviewers differ."""
    told: dict[int, set[str]] = defaultdict(set)
    for one in entries:
        told[one.message].add(one.verdict)
    return {m: some.pop() if len(some) == 1 else "unsure" for m, some in told.items()}


def _by_sample(connection: Connection, total: int, said: Mapping[int, str]) -> Sampling | None:
    sample = last_sample(connection)
    if sample is None or undecided(connection, sample):
        return None
    drawn = [m for m, stratum, reached in sample.messages if stratum == UNDECIDED and not reached]
    rest = total - len(said.keys() - set(drawn))
    if not drawn or len(drawn) < min(_ENOUGH, rest):
        return None
    weights = dict.fromkeys(said, 1.0) | dict.fromkeys(drawn, rest / len(drawn))
    flagged, others = (
        sum(weights[m] for m, verdict in said.items() if verdict == kind)
        for kind in ("flag", "not")
    )
    # Of what is learnt: a doubt is not.
    rate = flagged / max(flagged + others, 1.0)
    return Sampling(weights, rate, "its validation sample")


def _by_score(scores: Mapping[int, float | None], said: Mapping[int, str]) -> Sampling | None:
    counts = Counter(said.values())
    known = [s for m, s in scores.items() if said.get(m, "unsure") == "unsure" and s is not None]
    if not (known and counts["flag"] and counts["not"]):
        return None
    flagged = counts["flag"] + sum(known)
    others = counts["not"] + len(known) - sum(known)
    share = {"flag": flagged / counts["flag"], "not": others / counts["not"], "unsure": 1.0}
    weights = {m: share[verdict] for m, verdict in said.items()}
    return Sampling(weights, flagged / (flagged + others), "the score that its messages have")
