"""Which sentence of a text to show: a ranking of its sentences, learnt from marked evidence.

The sentence model alone knows words. What a selector sees besides: how much of the message's score
the sentence carries, what stands before and after it, where it is and how long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from riskscan.detect.linear import Bools, Floats, Floats32, Ints
from riskscan.detect.reading import Read

SELECTED_BY = (
    "sentence", "share of the message", "sentence before", "sentence after", "share before",
    "share after", "words", "words squared", "first", "last", "subject",
)  # fmt: skip
_NOTHING = -8.0
# A neighbour that ranks at most so far below joins its sentence, up to so many characters in all.
_NEAR = 1.0
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters ``start`` to ``end`` of a text; it grew from the sentence in row ``best``."""

    start: int
    end: int
    best: int


def shares_of(read: Read, idf: Floats32, coefficients: Floats32) -> Floats:
    """What each sentence's words add to the log-odds of its message, shape (sentences, domains).

    The message's norm is that of ``features.weighted`` over the words of the message.
    """
    squares = csr_matrix(
        (idf[read.words.indices] ** 2, read.words.indices, read.words.indptr), read.words.shape
    )
    norms = np.sqrt(np.maximum(np.asarray(squares.sum(axis=1)).ravel(), 1e-12))
    raw = read.sentences
    carried = csr_matrix((raw.data * idf[raw.indices], raw.indices, raw.indptr), raw.shape)
    return np.asarray((carried @ coefficients) / norms[read.own, None])


def selection_inputs(read: Read, sentences: Floats, shares: Floats) -> Floats:
    """What a selector of one domain sees, shape (sentences, ``len(SELECTED_BY)``).

    ``sentences`` and ``shares`` are one domain's columns.
    """
    count = len(read.own)
    number = np.arange(count) - read.first[read.own]
    first = number == 0
    last = np.ones(count, bool)
    last[:-1] = read.own[1:] != read.own[:-1]

    def before(values: Floats, absent: float) -> Floats:
        moved = np.concatenate([[absent], values[:-1]]) if count else values
        return np.where(first, absent, moved)

    def after(values: Floats, absent: float) -> Floats:
        moved = np.concatenate([values[1:], [absent]]) if count else values
        return np.where(last, absent, moved)

    length = np.log1p(read.sentence_words)
    return np.column_stack(
        [
            sentences, shares,
            before(sentences, _NOTHING), after(sentences, _NOTHING),
            before(shares, 0.0), after(shares, 0.0),
            length, length**2, first, last, read.in_subject,
        ]
    )  # fmt: skip


def fit_selector(inputs: Floats, marked: Ints, texts: Ints) -> Floats:
    """Weights of the inputs that rank marked sentences above the others of their text.

    ``inputs`` are rows of flagged texts, ``texts`` says of which. Pairs of a marked and another
    sentence of one text are told apart by logistic regression (RankSVM's reduction, Joachims
    2002); each text counts alike.
    """
    differences, weights = [], []
    for text in np.unique(texts):
        own = texts == text
        good, bad = inputs[own & (marked == 1)], inputs[own & (marked == 0)]
        if len(good) and len(bad):
            pairs = (good[:, None, :] - bad[None, :, :]).reshape(-1, inputs.shape[1])
            differences.append(pairs)
            weights.append(np.full(len(pairs), 1.0 / len(pairs)))
    if not differences:
        only = np.zeros(inputs.shape[1])
        only[0] = 1.0
        return only
    rows, weight = np.concatenate(differences), np.concatenate(weights)
    model = LogisticRegression(C=1.0, fit_intercept=False, max_iter=2000)
    model.fit(
        np.concatenate([rows, -rows]),
        np.repeat([1, 0], len(rows)),
        sample_weight=np.concatenate([weight, weight]),
    )
    return np.asarray(model.coef_[0])


def ranked_passages(
    read: Read, text: int, ranks: Floats, further: Bools, *, fewest_words: int
) -> list[Passage]:
    """The best passage of a text, and those around ``further`` sentences, best first.

    A passage grows from a sentence of ``fewest_words`` (any, where none has as many) over
    neighbours in its paragraph that rank nearly as high: two sentences often make a concern
    together. No sentence is in two passages.
    """
    base = int(read.first[text])
    spans, body = read.spans[text], read.texts[text]
    telling = [
        k for k, span in enumerate(spans) if body.count(" ", *span) >= fewest_words - 1
    ] or list(range(len(spans)))
    order = sorted(telling, key=lambda k: (-ranks[base + k], k))
    found: list[Passage] = []
    taken: set[int] = set()
    for k in order[:1] + [k for k in order[1:] if further[base + k]]:
        if k not in taken:
            low, high = _grown(body, spans, ranks[base : base + len(spans)], k, taken)
            taken.update(range(low, high + 1))
            found.append(Passage(spans[low][0], spans[high][1], base + k))
    return found


def _grown(
    body: str, spans: list[tuple[int, int]], ranks: Floats, k: int, taken: set[int]
) -> tuple[int, int]:
    """First and last sentence of the passage around sentence ``k``."""
    low = high = k

    def joins(n: int) -> bool:
        if not 0 <= n < len(spans) or n in taken or ranks[n] < ranks[k] - _NEAR:
            return False
        start, end = spans[min(n, low)][0], spans[max(n, high)][1]
        edge = spans[n if n < low else high][1], spans[low if n < low else n][0]
        return end - start <= _LONGEST and not _apart(body, *edge)

    while beside := [n for n in (low - 1, high + 1) if joins(n)]:
        nearest = max(beside, key=lambda n: (ranks[n], -n))
        low, high = min(low, nearest), max(high, nearest)
    return low, high


def _apart(text: str, end: int, start: int) -> bool:
    """Whether a blank line parts two neighbouring sentences; spans may hold their line ends."""
    return "\n\n" in text[max(0, end - 2) : start + 2].replace("\r", "")
