"""Showing once what says the same: near-duplicates, and threads by what includes them."""

from __future__ import annotations

import numpy as np

from riskscan.review.columns import Bools, Columns, Ints

COLLAPSE = {
    "": "every message",
    "near": "near-duplicates once",
    "threads": "only inclusive messages of threads",
    "both": "both",
}


def standing(columns: Columns, rows: Ints, collapse: str) -> Bools:
    """Which of ``rows`` stand for themselves or others; of near-duplicates the first does.

    A message goes that another of ``rows`` includes, if that stays itself.
    """
    kept = np.ones(len(rows), dtype=np.bool_)
    if collapse in ("near", "both"):
        group = columns.near[rows]
        some = np.flatnonzero(group >= 0)
        kept[some] = False
        kept[some[np.unique(group[some], return_index=True)[1]]] = True
    if collapse in ("threads", "both"):
        there = np.zeros(len(columns), dtype=np.bool_)
        there[rows[kept]] = True
        within = columns.within[rows]
        kept &= (within < 0) | ~there[within]
    return kept
