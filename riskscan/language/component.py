"""The spaCy components: sentence starts from `sentences`, entities from the rules.

Loaded by spaCy through the entry point ``spacy_factories``, so that ``spacy.load`` works on the
shipped model; importing this also registers the embedding architecture of `network`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, LENGTH, ORTH, SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span

from riskscan.language import network as network
from riskscan.language.amounts import date_matches, money_matches
from riskscan.language.contact import contact_matches
from riskscan.language.legal import legal_matches
from riskscan.language.names import name_matches, notes_tails
from riskscan.language.sentences import sentence_spans

Match = tuple[int, int, str]

# Where rules overlap, the label further left is the surer one.
RULE_LABELS = (
    *("EMAIL", "URL", "IP", "ACCOUNT", "PHONE", "MONEY", "LAW", "COURT", "REGULATOR", "DATE"),
)
_RANK = {label: rank for rank, label in enumerate((*RULE_LABELS, "ORG", "PERSON", "LOC"))}
# What the network says once of a name it says of all in the text; shorter ones are too common.
_REPEATED = frozenset(("PERSON", "ORG"))
_SHORTEST = 3
# "Halden North \n America" is an organisation.
_HALVES = frozenset((("ORG", "ORG"), ("ORG", "LOC")))


@Language.factory("riskscan_sentences", assigns=["token.is_sent_start"])
def make_sentences(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Build the pipeline component that sets sentence starts from `sentence_spans`."""
    return mark_sentences


@Language.factory("riskscan_rules", assigns=["doc.ents", "token.ent_iob", "token.ent_type"])
def make_rules(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Build the pipeline component that adds the rule entities to those of the network."""
    return mark_rules


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
    """Return the text of ``doc``, put together once: spaCy joins its tokens at each call."""
    text: str = doc.user_data.get("text") or doc.text
    doc.user_data["text"] = text
    return text


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
    """Add the rule entities to ``doc.ents``; they win over the network's where both mark."""
    text = _text_of(doc)
    matches = rule_matches(text)
    tails = [(start, end, "") for start, end in notes_tails(text)]
    ends = _ends(doc) if matches else np.zeros(0, dtype=np.int64)
    spans: list[Span] = []
    taken: set[int] = set()
    for start, end, label in [*matches, *tails]:
        first = int(np.searchsorted(ends, start, side="right"))
        last = int(np.searchsorted(ends, end, side="left")) + 1
        if not label:
            taken.update(range(first, last))
        elif taken.isdisjoint(range(first, last)):
            taken.update(range(first, last))
            spans.append(Span(doc, first, last, label=label))
    learnt = _unwrapped(doc, [e for e in doc.ents if taken.isdisjoint(range(e.start, e.end))])
    spans.extend(learnt)
    taken.update(place for e in learnt for place in range(e.start, e.end))
    spans.extend(_repeats(doc, learnt, taken))
    if spans:
        doc.set_ents(sorted(spans, key=lambda span: span.start))
    return doc


def _unwrapped(doc: Doc, learnt: list[Span]) -> list[Span]:
    """Join the halves of a company's name that a hard line break cuts in a sentence."""
    joined: list[Span] = []
    for span in learnt:
        last = joined[-1] if joined else None
        if (
            last is not None
            and span.start == last.end + 1
            and (last.label_, span.label_) in _HALVES
            and doc[last.end].text.count("\n") == 1
            and doc[last.end].is_space
            and not doc[span.start].is_sent_start
        ):
            joined[-1] = Span(doc, last.start, span.end, label=last.label_)
        else:
            joined.append(span)
    return joined


def _repeats(doc: Doc, learnt: list[Span], taken: set[int]) -> Iterator[Span]:
    """Yield the words that the network passed over and that it named elsewhere in the text."""
    names: dict[int, str] = {}
    for span in learnt:
        if len(span) == 1 and span.label_ in _REPEATED and len(span.text) >= _SHORTEST:
            form = span[0]
            if form.text[0].isupper() and form.is_alpha:
                # A name with two labels tells nothing.
                known = names.setdefault(form.orth, span.label_)
                names[form.orth] = known if known == span.label_ else ""
    if not names:
        return
    forms = doc.to_array([ORTH]).reshape(-1)
    for place in np.flatnonzero(np.isin(forms, list(names))).tolist():
        label = names[int(forms[place])]
        if label and place not in taken:
            yield Span(doc, place, place + 1, label=label)
