"""A score taken apart: what each word and word pattern of one text added to its log-odds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from riskscan.detect.reading import Read

Weighted = tuple[csr_matrix, NDArray[np.floating[Any]]]
"""The row of one text in a feature matrix, and the weight of each column in the log-odds."""

Pieces = tuple[csr_matrix, NDArray[np.floating[Any]], Sequence[Sequence[str]]]
"""The same over subwords, and the words that they are pieces of."""


def word_weights(
    read: Read,
    sentences: Sequence[Sequence[str]],
    patterns: Sequence[Weighted],
    pieces: Sequence[Pieces],
) -> tuple[tuple[str, float], ...]:
    """Names and log-odds of the words and patterns of the only text of ``read``, heaviest first.

    ``sentences`` are its words. ``patterns`` are rows over sentence features: the message's, a
    sentence's. What two patterns of one hash add is told under both names. What a piece of words
    adds is shared out among the words that it is in.
    """
    added: dict[str, float] = defaultdict(float)
    names: dict[int, dict[str, None]] = defaultdict(dict)
    for tokens in sentences:
        for column, some in read.hasher.named(tokens).items():
            names[column].update(dict.fromkeys(some))
    for matrix, weights in patterns:
        for column, value in zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True):
            added[" / ".join(names[column])] += value * float(weights[column])
    for matrix, weights, several in pieces:
        value_of = dict(zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True))
        for token, column, share in _shared_out(read, several):
            added[token] += value_of.get(column, 0.0) * share * float(weights[column])
    return tuple(sorted(added.items(), key=lambda one: (-abs(one[1]), one[0])))


def _shared_out(read: Read, sentences: Sequence[Sequence[str]]) -> Iterator[tuple[str, int, float]]:
    """Each word, a column of its pieces, and the word's share of what is in the column."""
    counts = Counter(t for tokens in sentences for t in tokens if t[0].isalpha())
    columns = {token: read.hasher.pieces(token).tolist() for token in counts}
    total: Counter[int] = Counter()
    for token, several in columns.items():
        for column in several:
            total[column] += counts[token]
    for token, several in columns.items():
        for column in several:
            yield token, column, counts[token] / total[column]
