"""A score taken apart: what each word and word pattern of one text added to its log-odds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from riskscan.detect.features import words
from riskscan.detect.reading import Read

Weighted = tuple[csr_matrix, NDArray[np.float64]]
"""The row of one text in a feature matrix, and the weight of each column in the log-odds."""


def word_weights(
    read: Read, patterns: Sequence[Weighted], subwords: Weighted
) -> tuple[tuple[str, float], ...]:
    """Names and log-odds of the words and patterns of the only text of ``read``, heaviest first.

    ``patterns`` are rows over sentence features: the message's, a sentence's. What two patterns of
    one hash add is told under both names. What a piece of words adds is shared out among the words
    that it is in.
    """
    added: dict[str, float] = defaultdict(float)
    sentences = [words(read.texts[0][a:b]) for a, b in read.spans[0]]
    names: dict[int, dict[str, None]] = defaultdict(dict)
    for tokens in sentences:
        for column, some in read.hasher.named(tokens).items():
            names[column].update(dict.fromkeys(some))
    for matrix, weights in patterns:
        for column, value in zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True):
            added[" / ".join(names[column])] += value * float(weights[column])
    matrix, weights = subwords
    counts = Counter(t for tokens in sentences for t in tokens if t[0].isalpha())
    pieces = {token: read.hasher.pieces(token) for token in counts}
    total: Counter[int] = Counter()
    for token, several in pieces.items():
        for column in several.tolist():
            total[column] += counts[token]
    value_of = dict(zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True))
    for token, several in pieces.items():
        for column in several.tolist():
            part = value_of.get(column, 0.0) * counts[token] / total[column]
            added[token] += part * float(weights[column])
    return tuple(sorted(added.items(), key=lambda one: (-abs(one[1]), one[0])))
