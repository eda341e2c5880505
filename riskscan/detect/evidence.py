"""Which sentences of a text its marked evidence lies in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

_ENOUGH = 15


def evidence_sentences(
    text: str, spans: Sequence[tuple[int, int]], evidence: Sequence[str]
) -> list[bool]:
    """True for each sentence that overlaps an evidence span; white space and case are ignored.

    ``spans`` are in order and do not overlap.
    Evidence that is not verbatim in the text marks nothing.
    """
    squeezed, places = _squeeze(text)
    marked = [False] * len(spans)
    ends = [end for _, end in spans]
    for span in evidence:
        wanted, _ = _squeeze(span)
        if not wanted:
            continue
        at = squeezed.find(wanted)
        while at >= 0:
            a, b = places[at], places[at + len(wanted) - 1] + 1
            for k in range(bisect_right(ends, a), len(spans)):
                start, end = spans[k]
                if start >= b:
                    break
                if min(end, b) - max(start, a) >= min(_ENOUGH, b - a, end - start):
                    marked[k] = True
            at = squeezed.find(wanted, at + len(wanted))
    return marked


def holds(text: str, evidence: Sequence[str]) -> bool:
    """Whether any of the evidence is in the text."""
    return any(evidence_sentences(text, [(0, len(text))], evidence))


def _squeeze(text: str) -> tuple[str, list[int]]:
    kept = [(c, i) for i, c in enumerate(text) if not c.isspace()]
    return "".join(c.lower()[0] for c, _ in kept), [i for _, i in kept]
