"""What a classifier says of a text: score, signals, findings, and what they came of."""

from __future__ import annotations

from dataclasses import dataclass

SIGNALS = (
    "legal_doubt", "ethical_unease", "concealment", "spoliation",
    "admission", "escalation", "pressure", "threat",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """A passage that made a message score: offsets into the text, signal, and 0 to 1 score.

    A sentence, with its neighbours where these carry nearly as much; the score is the sentence's.
    """

    start: int
    end: int
    text: str
    signal: str
    score: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the classifier says of a text: score, signals, and its findings, best first."""

    score: float
    signals: tuple[str, ...]
    findings: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An assessment taken apart.

    ``parts`` are the log-odds that each part of the leading expert added up from, ``domains`` the
    share and the score of each expert (``score`` is the sum of their products, and 0 for a text
    without a word); ``words`` are the words and word patterns of the text with the log-odds that
    each added, the heaviest first. Parts without the base rate, the models' own levels and the
    encoder's are the sum of these. ``read`` are the sentences that the encoder read, and its
    log-odds of each to be the evidence.
    """

    assessment: Assessment
    domains: dict[str, tuple[float, float]]
    parts: dict[str, float]
    words: tuple[tuple[str, float], ...]
    read: tuple[tuple[str, float], ...] = ()
