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
# A passage has at most so many characters, unless its one sentence is longer.
_LONGEST = 500
# Of one text; a pair takes a hundred bytes for each input.
_MOST_MARKED, _MOST_PAIRS = 200, 40_000
# A sentence at its edge holds at least this share of its belief: of long ones that say little, few
# are shown.
_LEAST = 0.1


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


def selection_inputs(read: Read, domain: int, logits: Floats, carried: Floats) -> Floats:
    """What the selector of domain number ``domain`` sees of each sentence.

    Columns: ``SELECTED_BY`` of its own domain, then what the sentence models of the others say:
    what concern sounds like is learnt from the domain with the most of it. ``logits`` (of the
    sentence models) and ``carried`` (``shares_of``) are of shape (sentences, domains).
    """
    sentences, shares = logits[:, domain], carried[:, domain]
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
            np.delete(logits, domain, axis=1),
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
            good = _some(good, _MOST_MARKED)
            bad = _some(bad, _MOST_PAIRS // len(good))
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


def _some(rows: Floats, most: int) -> Floats:
    """At most so many of the rows, evenly from all of them."""
    if len(rows) <= most:
        return rows
    chosen: Floats = rows[np.linspace(0, len(rows) - 1, most).astype(int)]
    return chosen


def ranked_passages(
    read: Read, text: int, ranks: Floats, further: Bools, *, fewest_words: int
) -> list[Passage]:
    """The best passage of a text, and those around ``further`` sentences, best first.

    A passage is grown from a sentence of ``fewest_words`` (any, where none has as many): two
    sentences often make a concern together. No sentence is in two passages.
    """
    base = int(read.first[text])
    spans, body = np.array(read.spans[text]).reshape(-1, 2), read.texts[text]
    count = len(spans)
    if not count:
        return []
    telling = np.array([len(body[a:b].split()) >= fewest_words for a, b in spans.tolist()])
    if not telling.any():
        telling[:] = True
    own = ranks[base : base + count]
    # The chance of each sentence to be the one that a reader would mark, but for a factor.
    belief = np.where(telling, np.exp(own - own[telling].max()), 0.0)
    order = sorted(np.flatnonzero(telling).tolist(), key=lambda k: (-own[k], k))
    found: list[Passage] = []
    free = np.ones(count, bool)
    subject = read.in_subject[base : base + count]
    for k in order[:1] + [k for k in order[1:] if further[base + k]]:
        if free[k]:
            low, high = _likeliest_run(spans, belief, free & (subject == subject[k]), k)
            free[low : high + 1] = False
            found.append(Passage(int(spans[low, 0]), int(spans[high, 1]), base + k))
    return found


def _likeliest_run(spans: Ints, belief: Floats, open_: Bools, k: int) -> tuple[int, int]:
    """First and last sentence of the run around sentence ``k`` that most likely holds the evidence.

    Of the runs of ``open_`` sentences within ``_LONGEST`` characters, the one of the greatest
    belief; sentences at its ends that add next to nothing are left out.
    """
    best, low, high = -1.0, k, k
    first = k
    while first >= 0 and open_[first] and (first == k or spans[k, 1] - spans[first, 0] <= _LONGEST):
        last = k
        while (
            last + 1 < len(spans)
            and open_[last + 1]
            and spans[last + 1, 1] - spans[first, 0] <= _LONGEST
        ):
            last += 1
        held = float(belief[first : last + 1].sum())
        if held > best:
            best, low, high = held, first, last
        first -= 1
    while low < high and min(belief[low], belief[high]) < _LEAST * best:
        if low < k and (high == k or belief[low] <= belief[high]):
            low += 1
        else:
            high -= 1
    return low, high
