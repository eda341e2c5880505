"""Write train.spacy and dev.spacy: python prepare.py SHARED_DATA OUTPUT_FOLDER [TEACHER_MODEL]

Without a teacher the set holds the open corpora and the hand-marked messages; with one also
half a million words of mail marked by headers and teacher (see silver.py).
"""

from __future__ import annotations

import itertools
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import corpora
import mailboxes
import silver
import spacy
from spacy.tokens import Doc, DocBin

from riskscan.language.pipeline import load
from riskscan.language.train import split_addresses

_SILVER_WORDS = 500_000
_MARKED_TIMES = 6
# Regulators are organisations to the network; the rules then name them.
_AS_ORG = ("REGULATOR",)


def hand_marked(mail: Path, which: str, nlp: Any) -> Iterator[Doc]:
    """Yield the hand-marked messages; what the reader was unsure of is missing."""
    for row in mailboxes.marked(mail, which):
        doc = nlp.make_doc(row["text"])
        spans, unsure = [], []
        marks: Any = row["entities"]
        for start, end, label in marks:
            name = "ORG" if label in _AS_ORG else label
            span = doc.char_span(start, end, label=name, alignment_mode="expand")
            (spans if name in ("PERSON", "ORG", "LOC") else []).append(span)
        doubts: Any = row["unsure"]
        for start, end in doubts:
            unsure.append(doc.char_span(start, end, alignment_mode="expand"))
        kept = spacy.util.filter_spans(spans)
        taken = {place for span in kept for place in range(span.start, span.end)}
        free = [
            s for s in spacy.util.filter_spans(unsure) if taken.isdisjoint(range(s.start, s.end))
        ]
        doc.set_ents(kept, missing=free)
        yield doc


def silver_mail(data: Path, teacher: Path) -> Iterator[Doc]:
    """Yield mail of the train mailboxes that no one marked by hand."""
    folder = data / "enron" / "train"
    known: Counter[str] = Counter()
    for mail in mailboxes.read(folder):
        known.update(silver.names_of(mail))
    full = {name for name, count in known.items() if count >= 2}
    tests = {row["message_id"] for row in mailboxes.marked(folder, "test")}
    apart = {m.mailbox for m in mailboxes.read(folder) if m.headers.get("message-id") in tests}
    seen: set[int] = set()
    chosen = []
    for mail in mailboxes.read(folder):
        key = hash("".join(mail.body.split())[:400])
        digits = sum(c.isdigit() for c in mail.body)
        if mail.mailbox not in apart and key not in seen and 150 < len(mail.body) < 2500:
            if digits < 0.12 * len(mail.body):
                chosen.append(mail)
            seen.add(key)
    random.Random(5).shuffle(chosen)
    words = 0
    for doc in silver.silver(load(teacher), chosen, full):
        words += len(doc)
        yield doc
        if words > _SILVER_WORDS:
            return


def main() -> None:
    """Write both sets."""
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    mail = data / "enron" / "train"
    chance = random.Random(11)
    nlp = split_addresses(spacy.blank("en"))
    docs: list[Doc] = []
    for name, times in corpora.FILES.items():
        rows = list(corpora.sentences(data / "ner", name))
        for _ in range(times):
            docs.extend(corpora.texts(rows, nlp.vocab, chance))
    docs.extend(itertools.chain(*[list(hand_marked(mail, "train", nlp))] * _MARKED_TIMES))
    if len(sys.argv) > 3:
        docs.extend(silver_mail(data, Path(sys.argv[3])))
    held = [
        corpora.marked_doc(nlp.vocab, words, marks)
        for _, words, marks in corpora.sentences(data / "ner", "uner_ewt.dev")
    ]
    held.extend(hand_marked(mail, "dev", nlp))
    output.mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs).to_disk(output / "train.spacy")
    DocBin(docs=held).to_disk(output / "dev.spacy")


if __name__ == "__main__":
    main()
