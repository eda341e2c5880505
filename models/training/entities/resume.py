"""Train a model some steps more: python resume.py PREPARED_FOLDER MODEL OUTPUT_MODEL [--mean]

The corpora do not agree on what a place or an organisation is. So the network that is kept
learns names from English EWT and from mail alone; the other corpora have a second one of their own
above the same word rows, which is then dropped. What is kept is the running mean of the weights;
with --mean that of MODEL and of the running means after every 1,000 steps.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from augment import Marked, Names, marked, varied
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import Adam, NumpyOps, Optimizer, fix_random_seed, set_current_ops

from riskscan.language.train import finish, save


class Course(NamedTuple):
    """How long and how fast a network learns."""

    steps: int
    scheduled: int  # the rate would be zero after so many steps
    rate: float
    dropout: float


ON = Course(3_000, 4_000, 0.001, 0.3)
_WARM = 100  # steps
_MEAN_OF = 1_000  # steps between two sets of weights
_WORDS = 2_000  # in a step
_OTHERS = 0.25  # of the steps
SEED = 7
SECOND = "others"


def batches(docs: list[Doc], names: Names, vocab: Any) -> Iterator[list[Example]]:
    """Yield batches for ever, in a new order and with other names each time round."""
    texts = [marked(doc) for doc in docs]
    chance = random.Random(SEED)
    batch: list[Example] = []
    size = 0
    while True:
        chance.shuffle(texts)
        for text in texts:
            example = _example(varied(text, names, chance), vocab)
            batch.append(example)
            size += len(example.reference)
            if size >= _WORDS:
                yield batch
                batch, size = [], 0


def _example(text: Marked, vocab: Any) -> Example:
    return Example(Doc(vocab, words=text.words, spaces=text.spaces), text.doc(vocab))


def train(nlp: Language, docs: list[Doc], others: list[Doc], course: Course) -> Iterator[Optimizer]:
    """Train ``nlp``, which has ``ner`` and `SECOND`; yields the optimizer after each step."""
    tok2vec: Any = nlp.get_pipe("tok2vec")
    listeners = dict(tok2vec.listener_map)
    names = Names([*docs, *others])
    sources = {
        "ner": batches(docs, names, nlp.vocab),
        SECOND: batches(others, names, nlp.vocab),
    }
    optimizer = Adam(
        course.rate, L2=0.01, grad_clip=1.0, L2_is_weight_decay=True, use_averages=True
    )
    nlp.resume_training(sgd=optimizer)
    chance = random.Random(SEED)
    for step in range(course.steps):
        which, rest = ("ner", SECOND) if chance.random() >= _OTHERS else (SECOND, "ner")
        # spaCy waits for every listener before it goes back through the shared rows.
        tok2vec.listener_map = {which: listeners[which]}
        optimizer.learn_rate = course.rate * min(step / _WARM, 1 - step / course.scheduled)
        nlp.update(next(sources[which]), sgd=optimizer, drop=course.dropout, exclude=[rest])
        tok2vec.listener_map = listeners
        yield optimizer


def prepared_docs(folder: Path, nlp: Language) -> tuple[list[Doc], list[Doc]]:
    """Return the texts to learn from and those of the other corpora, as prepare.py wrote them."""
    docs, others = (
        list(DocBin().from_disk(folder / name).get_docs(nlp.vocab))
        for name in ("train.spacy", "others.spacy")
    )
    return docs, others


def load(model: Path) -> Language:
    """Load the network of ``model``, twice above the same word rows."""
    nlp = spacy.load(model, exclude=["riskscan_sentences", "riskscan_rules"])
    source = spacy.load(model, exclude=["riskscan_sentences", "riskscan_rules"])
    nlp.add_pipe("ner", name=SECOND, source=source)
    return nlp


def weights(nlp: Language) -> Iterator[tuple[Any, str]]:
    """Yield every layer of the network that is kept, with the name of each of its weights."""
    for pipe in ("tok2vec", "ner"):
        model: Any = nlp.get_pipe(pipe)
        for node in model.model.walk():
            yield from ((node, name) for name in node.param_names if node.has_param(name))


def main() -> None:
    """Train and write the whole pipeline."""
    prepared, model, output = (Path(argument) for argument in sys.argv[1:4])
    set_current_ops(NumpyOps(use_blis=False))
    fix_random_seed(SEED)
    nlp = load(model)
    docs, others = prepared_docs(prepared, nlp)
    kept = [[node.get_param(name).copy() for node, name in weights(nlp)]]
    for step, optimizer in enumerate(train(nlp, docs, others, ON), 1):
        if step % _MEAN_OF == 0 or step == ON.steps:
            with nlp.use_params(optimizer.averages):
                kept.append([node.get_param(name).copy() for node, name in weights(nlp)])
    nlp.remove_pipe(SECOND)
    chosen = kept if "--mean" in sys.argv else kept[-1:]
    for (node, name), values in zip(weights(nlp), zip(*chosen, strict=True), strict=True):
        node.set_param(name, sum(values) / len(values))
    save(finish(nlp), output)


if __name__ == "__main__":
    main()
