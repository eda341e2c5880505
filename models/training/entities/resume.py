"""Train a model some steps more: python resume.py PREPARED_FOLDER MODEL OUTPUT_MODEL

For when marks have been added: a few minutes instead of an hour. What is kept is the running mean
of the weights, after the first steps of a schedule that would go on.
"""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from riskscan.language.train import finish, save

STEPS, SCHEDULED = 750, 3_900
_RATE = 0.0004
_WORDS = 2_000  # in a step
_SEED = 7


def examples(docs: list[Doc], vocab: Any) -> Iterator[list[Example]]:
    """Yield batches for ever, in a new order each time round."""
    batch: list[Example] = []
    for _ in itertools.count():
        random.shuffle(docs)
        for doc in docs:
            plain = Doc(vocab, [t.text for t in doc], [bool(t.whitespace_) for t in doc])
            batch.append(Example(plain, doc))
            if sum(len(one.reference) for one in batch) >= _WORDS:
                yield batch
                batch = []


def main() -> None:
    """Train and write the whole pipeline."""
    prepared, model, output = (Path(argument) for argument in sys.argv[1:4])
    fix_random_seed(_SEED)
    random.seed(_SEED)
    nlp = spacy.load(model, exclude=["riskscan_sentences", "riskscan_rules"])
    docs = list(DocBin().from_disk(prepared / "train.spacy").get_docs(nlp.vocab))
    optimizer = Adam(_RATE, L2=0.01, grad_clip=1.0, L2_is_weight_decay=True)
    nlp.resume_training(sgd=optimizer)
    for step, batch in enumerate(itertools.islice(examples(docs, nlp.vocab), STEPS)):
        optimizer.learn_rate = _RATE * (1 - step / SCHEDULED)
        nlp.update(batch, sgd=optimizer, drop=0.25)
    with nlp.use_params(optimizer.averages):
        save(finish(nlp), output)


if __name__ == "__main__":
    main()
