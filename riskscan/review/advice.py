"""When to stop, on the page: what the stopping rules say of the review so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from riskscan.learn.queue import held_out, ranking_arrays
from riskscan.learn.stopping import Advice, Reviewed, advise
from riskscan.learn.validate import UNDECIDED, last_sample
from riskscan.review.verdicts import Verdicts

NAMES = {
    "target": "Control sample",
    "quantci": "The model's estimate",
    "knee": "Fewer and fewer",
    "consecutive": "None in a row",
}


@dataclass(frozen=True, slots=True)
class Told:
    """The sentence of one rule; ``sure``: its advice can be relied on."""

    name: str
    stop: bool
    why: str
    sure: bool


def advice(connection: Connection, verdicts: Verdicts) -> list[Told]:
    """What each rule says; the model's estimate only once the model has been updated."""
    settled = verdicts.settled()
    apart = held_out(connection)
    flags = [int(said == "flag") for message, said in settled.items() if message not in apart]
    sample = last_sample(connection)
    drawn = [] if sample is None else [m for m in sample.messages if m[1] == UNDECIDED]
    hits = [(message, reached) for message, _, reached in drawn if settled.get(message) == "flag"]
    nothing = np.zeros(0)
    review = Reviewed(
        flags, nothing, nothing, len(hits), sum(reached for _, reached in hits),
        any(message not in settled for message, _, _ in drawn),
    )  # fmt: skip
    rules = ["target", "knee", "consecutive"]
    arrays = ranking_arrays(connection)
    if arrays is not None:
        ids, probabilities = arrays
        read = np.isin(ids, np.array(sorted(settled.keys() - apart), dtype=np.int64))
        review = Reviewed(
            flags, probabilities[read], probabilities[~read], review.target, review.reached,
            review.sampling,
        )  # fmt: skip
        rules.insert(1, "quantci")
    return [_told(one) for one in advise(review, rules)[1]]


def _told(one: Advice) -> Told:
    return Told(NAMES[one.rule], one.stop, one.why, one.rule == "target")
