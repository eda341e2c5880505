"""Map the open corpora to PERSON, ORG and LOC, and make mail-like texts of their sentences."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from riskscan.language.lexicon import NATIONALITIES

Mark = tuple[int, int, str]
Sentence = tuple[str, list[str], list[Mark]]

_PLAIN = {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC"}
# What is neither, or may be: products, bands and ships, which the corpus is not sure to tell apart.
UNKNOWN = ""
LABELS = {
    "uner_ewt": {**_PLAIN, "OTH": UNKNOWN},
    "wikigold": _PLAIN,
    "redocred": _PLAIN,
    "btc": _PLAIN,
    "sec_fin": _PLAIN,
    "wnut17": {"person": "PERSON", "location": "LOC", "group": "ORG", "corporation": "ORG"},
    "gum": {"person": "PERSON", "organization": "ORG", "place": "LOC"},
    "crossner": {
        **{"person": "PERSON", "researcher": "PERSON"},
        **{"organisation": "ORG", "university": "ORG", "location": "LOC", "country": "LOC"},
    },
    "inlegalner": {
        **dict.fromkeys(("JUDGE", "LAWYER", "PETITIONER", "RESPONDENT", "WITNESS"), "PERSON"),
        **{"OTHER_PERSON": "PERSON", "ORG": "ORG", "GPE": "LOC"},
    },
}
# How often each file is taken. Labels that a file lacks (dates, laws) are left to the rules,
# so nothing that is missing counts as negative.
FILES = {
    "uner_ewt.train_FIRSTCOMMIT": 6,
    **dict.fromkeys(("wikigold.all", "wnut17.train", "redocred.dev", "crossner.ai_train"), 1),
    **dict.fromkeys(("crossner.ai_dev", "sec_fin.train", "inlegalner.dev_ekstep"), 1),
    **dict.fromkeys(("gum.okgenres", "btc.a", "btc.b", "btc.e", "btc.f"), 1),
}
# "Borrower" and the like are marked as persons in sec_fin.
_ROLES = frozenset(("borrower", "lender", "bank", "agent", "company", "parties", "party"))
# Words of nationality that redocred calls places and UNER does not.
_NATION_ENDINGS = ("ian", "ish", "ese", "ean", "nch", "rman", "utch", "eek", "wiss", "rab")
_NATIONS = frozenset(("American", "Americans", "Mexican", "African", "Iraqi", "Israeli", "Czech"))


def sentences(folder: Path, name: str) -> Iterator[Sentence]:
    """Yield document, words and marks of each sentence of one corpus file."""
    labels = LABELS[name.split(".")[0]]
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            words = record["tokens"]
            if len(words) > 200 or not words:
                continue
            marks = [
                (start, end, labels[label])
                for start, end, label in record["ents"]
                if label in labels and _is_name(name, words, start, end, labels[label])
            ]
            yield record.get("doc", ""), *_without_space(words, marks)


def _is_name(corpus: str, words: list[str], start: int, end: int, label: str) -> bool:
    text = " ".join(words[start:end])
    if corpus.startswith("sec_fin"):
        return text.lower() not in _ROLES and not text.islower()
    if corpus.startswith("btc"):
        return text[0] not in "@#" and not (start and words[start - 1] in "@#")
    if label == UNKNOWN:
        return not set(text.lower().split()) & NATIONALITIES
    if label == "LOC":
        return not (text in _NATIONS or (" " not in text and text.endswith(_NATION_ENDINGS)))
    return True


def _without_space(words: list[str], marks: list[Mark]) -> tuple[list[str], list[Mark]]:
    """Drop words that are white space; marks move with their words."""
    kept = [place for place, word in enumerate(words) if word.strip()]
    moved = {old: new for new, old in enumerate(kept)}
    found = [
        (moved[start], moved[end - 1] + 1, label)
        for start, end, label in marks
        if start in moved and end - 1 in moved
    ]
    return [words[place] for place in kept], found


def texts(source: Iterable[Sentence], vocab: Vocab, chance: random.Random) -> Iterator[Doc]:
    """Yield texts of one to six sentences of a document, with the line breaks that mail has."""
    words: list[str] = []
    marks: list[Mark] = []
    document, count, limit = "", 0, chance.randint(1, 6)
    for name, more, found in source:
        if count and (name != document or count >= limit):
            yield marked_doc(vocab, words, marks)
            words, marks, count, limit = [], [], 0, chance.randint(1, 6)
        if count:
            words.extend(chance.choice([[], [], ["\n"], ["\n\n"]]))
        marks.extend((s + len(words), e + len(words), label) for s, e, label in found)
        words.extend(more)
        document, count = name, count + 1
    if count:
        yield marked_doc(vocab, words, marks)


def marked_doc(vocab: Vocab, words: list[str], marks: list[Mark]) -> Doc:
    """Make a Doc; of marks that overlap the first counts."""
    doc = Doc(vocab, words=words)
    spans: list[Span] = []
    for start, end, label in marks:
        if not spans or start >= spans[-1].end:
            spans.append(Span(doc, start, end, label=label))
    known = [span for span in spans if span.label_ != UNKNOWN]
    doc.set_ents(known, missing=[span for span in spans if span.label_ == UNKNOWN])
    return doc
