"""Write the marked texts: python prepare.py SHARED_DATA OUTPUT_FOLDER [TEACHER_MODEL]

train.spacy holds English EWT and the hand-marked messages, with a teacher also 800,000 words of
mail marked by headers and teacher (see silver.py); others.spacy the other open corpora, and
dev.spacy the development sets. Mail is as the network reads it, without its wrapping.
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
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from riskscan.language.component import mark_sentences
from riskscan.language.pipeline import load
from riskscan.language.train import split_addresses
from riskscan.language.wrapping import unwrapped_marks

_SILVER_WORDS = 800_000
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
        yield unwrapped_marks(mark_sentences(doc))


def silver_mail(data: Path, teacher: Language) -> Iterator[Doc]:
    """Yield mail of the train mailboxes that no one marked by hand."""
    folder = data / "enron" / "train"
    known: Counter[str] = Counter()
    for mail in mailboxes.read(folder):
        known.update(silver.names_of(mail))
    full = {name for name, count in known.items() if count >= 2}
    by_hand = mailboxes.sets()
    apart = {
        mail.mailbox
        for mail in mailboxes.read(folder)
        if by_hand.get(mail.headers.get("message-id", "")) == "test"
    }
    seen: set[int] = set()
    chosen = []
    for mail in mailboxes.read(folder):
        key = hash("".join(mail.body.split())[:400])
        digits = sum(c.isdigit() for c in mail.body)
        if mail.mailbox not in apart and key not in seen and 150 < len(mail.body) < 2500:
            if digits < 0.12 * len(mail.body) and mail.headers.get("message-id") not in by_hand:
                chosen.append(mail)
            seen.add(key)
    random.Random(5).shuffle(chosen)
    words = 0
    for doc in silver.silver(teacher, chosen, full):
        words += len(doc)
        yield unwrapped_marks(mark_sentences(doc))
        if words > _SILVER_WORDS:
            return


def main() -> None:
    """Write the three sets."""
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    mail = data / "enron" / "train"
    chance = random.Random(11)
    nlp = split_addresses(spacy.blank("en"))
    docs: list[Doc] = []
    others: list[Doc] = []
    for name, times in corpora.FILES.items():
        rows = list(corpora.sentences(data / "ner", name))
        for _ in range(times):
            made = corpora.texts(rows, nlp.vocab, chance)
            (docs if name.startswith("uner_ewt") else others).extend(made)
    docs.extend(itertools.chain(*[list(hand_marked(mail, "train", nlp))] * _MARKED_TIMES))
    if len(sys.argv) > 3:
        teacher = load(Path(sys.argv[3]))
        docs.extend(silver_mail(data, teacher))
        docs.extend(silver.agreed(teacher, others))
    held = [
        corpora.marked_doc(nlp.vocab, words, marks)
        for _, words, marks in corpora.sentences(data / "ner", "uner_ewt.dev")
    ]
    held.extend(hand_marked(mail, "dev", nlp))
    output.mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs).to_disk(output / "train.spacy")
    DocBin(docs=others).to_disk(output / "others.spacy")
    DocBin(docs=held).to_disk(output / "dev.spacy")


if __name__ == "__main__":
    main()
