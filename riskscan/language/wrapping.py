"""Undo hard wrapping for the network: it reads names and sentences whole, as if on one line.

Mail programs break lines at 65 to 76 columns, through names as well. The tokens of such breaks,
and of doubled spaces, are left out of a copy that the network reads; what it finds there is put
back on the tokens of the text. Breaks where a sentence ends stay, for they tell the layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IS_SPACE, ORTH, SENT_START, SPACY
from spacy.strings import StringStore
from spacy.tokens import Doc, Span, SpanGroup

Match = tuple[int, int, str]

# What says which tokens are read.
COLUMNS = (ORTH, SENT_START, IS_SPACE)
_WHOLE, _READ = "riskscan_whole", "riskscan_read"
# Runs of more spaces stand between columns.
_MOST_SPACES = 2  # together with the one that belongs to the word before
_LONGEST = 40  # characters of a break with the indentation after it


def places_read(table: NDArray[np.uint64], strings: StringStore) -> NDArray[np.int64] | None:
    """Return the places of the tokens that the network reads: not white space inside sentences.

    ``table`` has the columns `COLUMNS` of a Doc. None when every token is read.
    """
    if len(table) < 3:
        return None
    spaces = np.flatnonzero(table[1:-1, 2]) + 1
    inside = spaces[table[spaces + 1, 1] != 1]
    dropped = [at for at in inside.tolist() if _is_wrap(strings[int(table[at, 0])])]
    if not dropped:
        return None
    read = np.ones(len(table), dtype=bool)
    read[dropped] = False
    return np.flatnonzero(read)


def unwrapped(doc: Doc) -> Doc:
    """Return a copy of ``doc`` that holds what the network reads, or ``doc`` if that is all.

    Sentence starts must be set.
    """
    table: Any = doc.to_array([*COLUMNS, SPACY])
    read = places_read(table, doc.vocab.strings)
    if read is None:
        return doc
    rows = table[read]
    rows[:-1, 3][np.diff(read) > 1] = 1
    words: Any = rows[:, 0].tolist()  # forms, which spaCy need not look up
    starts: Any = rows[:, 1:2]
    copy = Doc(doc.vocab, words=words, spaces=rows[:, 3].astype(bool).tolist())
    copy.from_array([SENT_START], starts)
    copy.user_data.update({_WHOLE: doc, _READ: read})
    return copy


def rewrapped(doc: Doc) -> tuple[Doc, list[Match]]:
    """Return what `unwrapped` was given for ``doc``, and the entities of ``doc`` at its tokens.

    What components of others set on ``doc`` meanwhile, attributes and spans, is set there too.
    """
    marks = [(one.start, one.end, one.label_) for one in doc.ents]
    whole: Doc | None = doc.user_data.get(_WHOLE)
    if whole is None:
        return doc, marks
    read = doc.user_data[_READ]
    for key, value in doc.user_data.items():
        if isinstance(key, tuple) and key[0] == "._." and key[2:] == (None, None):
            whole.user_data[key] = value
    for name, group in doc.spans.items():
        places = at_places([(one.start, one.end, one.label_) for one in group], read)
        spans = [Span(whole, start, end, label=label) for start, end, label in places]
        whole.spans[name] = SpanGroup(whole, name=group.name, spans=spans, attrs=group.attrs)
    return whole, at_places(marks, read)


def at_places(marks: Sequence[Match], read: NDArray[np.int64]) -> list[Match]:
    """Return ``marks``, ``(start, end, label)`` in tokens that were read, in tokens of the text."""
    return [(int(read[start]), int(read[end - 1]) + 1, label) for start, end, label in marks]


def unwrapped_marks(doc: Doc) -> Doc:
    """Return what `unwrapped` does, with the entities of ``doc`` and what is unknown there."""
    copy = unwrapped(doc)
    if copy is not doc:
        read = copy.user_data.pop(_READ)
        del copy.user_data[_WHOLE]
        places = {int(old): new for new, old in enumerate(read)}
        found = [
            Span(copy, places[one.start], places[one.end - 1] + 1, label=one.label)
            for one in doc.ents
            if one.start in places and one.end - 1 in places
        ]
        unknown = [copy[new : new + 1] for old, new in places.items() if not doc[old].ent_iob]
        copy.set_ents(found, missing=unknown)
    return copy


@lru_cache(maxsize=1024)
def _is_wrap(space: str) -> bool:
    """Whether white space inside a sentence is a line break or a doubled space."""
    breaks = space.count("\n")
    return (breaks == 1 and len(space) <= _LONGEST) or (
        not breaks and len(space) < _MOST_SPACES and space.isspace() and "\t" not in space
    )
