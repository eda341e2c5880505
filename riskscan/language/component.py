"""The spaCy components: sentence starts from `sentences`, entities from the rules.

Loaded by spaCy through the entry point ``spacy_factories``, so that ``spacy.load`` works on the
shipped model; importing this also registers the component of `inference` and the embeddings of
`network`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, LENGTH, ORTH, SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span

from riskscan.language import inference as inference
from riskscan.language import network as network
from riskscan.language.amounts import date_matches, money_matches
from riskscan.language.contact import contact_matches
from riskscan.language.legal import legal_matches
from riskscan.language.names import name_matches, notes_tails
from riskscan.language.sentences import sentence_spans
from riskscan.language.wrapping import rewrapped, unwrapped

TEXT = "riskscan text"
"""Key of ``Doc.user_data``: the text that the Doc was made of, where it was kept."""

Match = tuple[int, int, str]

# Where rules overlap, the label further left is the surer one.
RULE_LABELS = (
    *("EMAIL", "URL", "IP", "ACCOUNT", "PHONE", "MONEY", "LAW", "COURT", "REGULATOR", "DATE"),
)
_RANK = {label: rank for rank, label in enumerate((*RULE_LABELS, "ORG", "PERSON", "LOC"))}
# What the network says once of a name it says of all in the text; shorter ones are too common.
_REPEATED = frozenset(("PERSON", "ORG"))
_SHORTEST = 3


@Language.factory("riskscan_sentences", assigns=["token.is_sent_start"])
def make_sentences(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Build the pipeline component that sets sentence starts from `sentence_spans`.

    It hands on a copy without the line breaks of wrapping; ``riskscan_rules`` undoes that.
    """
    return _sentences_unwrapped


@Language.factory("riskscan_rules", assigns=["doc.ents", "token.ent_iob", "token.ent_type"])
def make_rules(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Build the pipeline component that adds the rule entities to those of the network."""
    return mark_rules


def _sentences_unwrapped(doc: Doc) -> Doc:
    return unwrapped(mark_sentences(doc))


def mark_sentences(doc: Doc) -> Doc:
    """Set ``is_sent_start`` of every token of ``doc``."""
    if not len(doc):
        return doc
    starts = [start for start, _ in sentence_spans(_text_of(doc))]
    flags = np.full(len(doc), -1, dtype=np.int32)
    flags[np.searchsorted(_ends(doc), np.array(starts, dtype=np.int64), side="right")] = 1
    flags[0] = 1
    # One call: the setter of Token looks through the whole Doc each time.
    column: Any = flags.astype(np.uint64).reshape(-1, 1)
    doc.from_array([SENT_START], column)
    return doc


def _text_of(doc: Doc) -> str:
    """Return the text of ``doc``: spaCy joins its tokens at each call."""
    known: str | None = doc.user_data.get(TEXT)
    return doc.text if known is None else known


def _ends(doc: Doc) -> NDArray[np.int64]:
    """Character offset of the end of each token."""
    table = doc.to_array([IDX, LENGTH]).astype(np.int64)
    ends: NDArray[np.int64] = table[:, 0] + table[:, 1]
    return ends


def rule_matches(text: str) -> list[Match]:
    """Return the rule entities of ``text`` as ``(start, end, label)``, ordered, not overlapping."""
    found = [*contact_matches(text), *money_matches(text), *date_matches(text)]
    found.extend(legal_matches(text))
    found.extend(name_matches(text))
    return without_overlap(found)


def without_overlap(matches: Iterable[Match]) -> list[Match]:
    """Drop overlaps: the surer label wins, then the longer span; contained ones go first."""
    ranked = sorted(matches, key=lambda m: (_RANK[m[2]] > 4, m[0] - m[1], _RANK[m[2]], m[0]))
    kept: list[Match] = []
    starts: list[int] = []
    for match in ranked:
        at = bisect_right(starts, match[0])
        if at and kept[at - 1][1] > match[0]:
            continue
        if at < len(kept) and kept[at][0] < match[1]:
            continue
        kept.insert(at, match)
        starts.insert(at, match[0])
    return kept


def mark_rules(doc: Doc) -> Doc:
    """Add the rule entities to ``doc.ents``; they win over the network's where both mark.

    Returns the whole text where ``doc`` is its unwrapped copy.
    """
    whole, learnt = rewrapped(doc)
    spans = with_rules(whole, learnt)
    if whole is not doc or spans != learnt:
        whole.set_ents([Span(whole, start, end, label=label) for start, end, label in spans])
    return whole


def with_rules(doc: Doc, learnt: Sequence[Match]) -> list[Match]:
    """Put rule entities to those ``learnt``, all as ``(start, end, label)`` in tokens, in order."""
    text = _text_of(doc)
    matches = rule_matches(text)
    tails = [(start, end, "") for start, end in notes_tails(text)]
    spans: list[Match] = []
    taken: set[int] = set()
    for start, end, label in _in_tokens(doc, [*matches, *tails]):
        if not label:
            taken.update(range(start, end))
        elif taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            spans.append((start, end, label))
    kept = [e for e in learnt if taken.isdisjoint(range(e[0], e[1]))]
    spans.extend(kept)
    taken.update(place for start, end, _ in kept for place in range(start, end))
    spans.extend(_repeats(doc, kept, taken))
    return sorted(spans)


def _in_tokens(doc: Doc, matches: Sequence[Match]) -> Iterator[Match]:
    """Yield the matches with the tokens that they touch in place of their characters."""
    if matches:
        ends = _ends(doc)
        first = np.searchsorted(ends, [start for start, _, _ in matches], side="right")
        last = np.searchsorted(ends, [end for _, end, _ in matches], side="left") + 1
        labels = (label for _, _, label in matches)
        yield from zip(first.tolist(), last.tolist(), labels, strict=True)


def _repeats(doc: Doc, learnt: list[Match], taken: set[int]) -> Iterator[Match]:
    """Yield the words that the network passed over and that it named elsewhere in the text."""
    names: dict[int, str] = {}
    for start, end, label in learnt:
        if end == start + 1 and label in _REPEATED:
            form = doc[start].text
            if len(form) >= _SHORTEST and form[0].isupper() and form.isalpha():
                # A name with two labels tells nothing.
                known = names.setdefault(doc[start].orth, label)
                names[doc[start].orth] = known if known == label else ""
    if not names:
        return
    forms = doc.to_array([ORTH]).reshape(-1)
    for place in np.flatnonzero(np.isin(forms, list(names))).tolist():
        label = names[int(forms[place])]
        if label and place not in taken:
            yield place, place + 1, label
