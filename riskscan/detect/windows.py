"""What an encoder reads of a text: the sentences around the one that ranks best, and the subject.

A mail of a thousand words holds its concern in one place. The window grows from the best sentence
to its neighbours; what a short mail answers to stands behind it, for "I concur" says nothing alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from riskscan.detect.linear import Bools, Floats, Ints
from riskscan.detect.reading import Read
from riskscan.detect.wordpieces import WordPieces

# Pieces. 128 are some 100 words.
_LONGEST = 128
_SUBJECT = 24
_QUOTED = 60
_SHORT = 80
# Characters beyond these are never split: a piece has four or five.
_CUT = 1_000
_NOT_OWN = -1
MOST_PIECES = 1 + _SUBJECT + 1 + _LONGEST + 1 + _QUOTED + 1
"""As many pieces as a window may have, marks included."""


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces by number; ``kinds`` is 1 for quoted ones; ``sentences`` says of which they are.

    ``sentences`` are numbers within the text, -1 for marks and for what is quoted.
    """

    pieces: Ints
    kinds: Ints
    sentences: Ints


def windows_of(
    read: Read, text: int, ranks: Floats, pieces: WordPieces, quoted: str, most: int
) -> list[Window]:
    """At most ``most`` windows of a text, the best first; none of a text without a sentence.

    ``ranks`` are those of the text's sentences.
    """
    spans, body = read.spans[text], read.texts[text]
    if not spans:
        return []
    base = int(read.first[text])
    subject = read.in_subject[base : base + len(spans)].copy()
    if subject.all():
        subject[:] = False
    split: dict[int, list[int]] = {}

    def of(k: int) -> list[int]:
        if k not in split:
            start, end = spans[k]
            split[k] = pieces(body[start : min(end, start + _CUT)])[:_LONGEST]
        return split[k]

    head = [(piece, k) for k in np.flatnonzero(subject).tolist()[:3] for piece in of(k)][:_SUBJECT]
    free = ~subject
    found: list[Window] = []
    for k in sorted(np.flatnonzero(free).tolist(), key=lambda k: (-ranks[k], k)):
        if len(found) == most:
            break
        if not free[k]:
            continue
        low, high = _run(k, free, of)
        free[low : high + 1] = False
        run = [(piece, j) for j in range(low, high + 1) for piece in of(j)]
        told = []
        if not found and not free.any() and len(run) < _SHORT and quoted.strip():
            told = pieces(quoted[:_CUT])[:_QUOTED]
        found.append(_window(pieces, head, run, told))
    return found


def _run(k: int, free: Bools, of: Callable[[int], list[int]]) -> tuple[int, int]:
    """First and last of the free sentences around ``k``, after and before in turn, that fit."""
    low = high = k
    size = len(of(k))
    growing = True
    while growing:
        growing = False
        if high + 1 < len(free) and free[high + 1] and size + len(of(high + 1)) <= _LONGEST:
            high += 1
            size += len(of(high))
            growing = True
        if low and free[low - 1] and size + len(of(low - 1)) <= _LONGEST:
            low -= 1
            size += len(of(low))
            growing = True
    return low, high


def _window(
    pieces: WordPieces, head: list[tuple[int, int]], run: list[tuple[int, int]], told: list[int]
) -> Window:
    start, end = (pieces.start, _NOT_OWN), (pieces.end, _NOT_OWN)
    own = [start, *head, *([end] if head else []), *run, end]
    quoted = [(piece, _NOT_OWN) for piece in told] + ([end] if told else [])
    every = np.array(own + quoted, dtype=np.int64)
    kinds = np.repeat([0, 1], [len(own), len(quoted)])
    return Window(every[:, 0], kinds, every[:, 1])
