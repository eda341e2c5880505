"""Train the entity network from marked texts: one pure function, used by the command.

What is learnt are the labels of the corpus that no rule knows (PERSON, ORG, LOC, or a label of
one's own); the rules are added to the finished pipeline. A label that a corpus does not mark is
missing there and not absent, so train a new label on texts in which it is marked throughout.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import compile_infix_regex, load_config
from thinc.api import NumpyOps, set_current_ops

from riskscan.language.component import RULE_LABELS, mark_sentences
from riskscan.language.wrapping import unwrapped_marks
from riskscan.paths import shipped_model

_TRAINED = ("tok2vec", "ner")


class CorpusError(ValueError):
    """A training text is not what the documentation asks for; the message says where."""


def train_entities(
    corpora: Sequence[Path],
    output: Path,
    *,
    dev: Path | None = None,
    config: Path | None = None,
    vectors: Path | None = None,
    steps: int = 4000,
    seed: int = 7,
) -> dict[str, float]:
    """Train a pipeline on ``corpora`` and write it to the folder ``output``.

    A corpus is a ``.spacy`` file or a ``.jsonl`` file with one text a line, either
    ``{"text", "entities": [[start, end, label], ...], "unsure": [[start, end], ...]}`` in
    character offsets or ``{"tokens", "ents": [[start, end, label], ...]}`` in token offsets,
    ends exclusive. Without ``dev``, every tenth text is kept back for it. ``config`` and
    ``vectors`` default to those of the shipped model; ``steps`` are batches of 2,000 words.

    Returns precision, recall and F1 on ``dev`` ("ents_p", "ents_r", "ents_f", and "LABEL" for
    the F1 of each label). Raises CorpusError for a text that cannot be read, OSError for a
    file that cannot.
    """
    set_current_ops(NumpyOps(use_blis=False))
    blank = split_addresses(spacy.blank("en"))
    docs = [doc for path in corpora for doc in read_corpus(path, blank)]
    random.Random(seed).shuffle(docs)
    held = list(read_corpus(dev, blank)) if dev else docs[::10]
    if not dev:
        docs = [doc for place, doc in enumerate(docs) if place % 10]
    if not docs or not held:
        raise CorpusError("There are not enough marked texts to train on and to test with.")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        DocBin(docs=docs).to_disk(made / "train.spacy")
        DocBin(docs=held).to_disk(made / "dev.spacy")
        settings = load_config(
            config or shipped_model("entities") / "training.cfg",
            overrides={
                "paths.train": str(made / "train.spacy"),
                "paths.dev": str(made / "dev.spacy"),
                "paths.vectors": str(vectors or shipped_model("entities")),
                "training.max_steps": steps,
                "training.eval_frequency": max(1, min(500, steps // 4)),
                "system.seed": seed,
            },
        )
        _leave_out_rules(settings)
        nlp = split_addresses(init_nlp(settings))
        # Named here: spaCy would keep the streams of the moment in which it was imported.
        train(nlp, made, stdout=sys.stderr, stderr=sys.stderr)
        best = spacy.load(made / "model-best")
    scores = _scores(best, held)
    save(finish(best), output)
    return scores


def save(nlp: Language, output: Path) -> None:
    """Write ``nlp`` to ``output`` without the words that it has met.

    spaCy keeps every string it saw, the names in the training mail among them; the network
    needs none of them, only spaCy's own and the labels. Vectors are written in half precision.
    """
    vectors: Any = nlp.vocab.vectors
    if vectors.data.dtype == np.float32:
        vectors.data = vectors.data.astype(np.float16)
    nlp.to_disk(output)
    kept = set(spacy.blank("en").vocab.strings)
    kept.update(label for name in nlp.pipe_names for label in nlp.pipe_labels.get(name, ()))
    path = output / "vocab" / "strings.json"
    path.write_text(json.dumps(sorted(kept)), encoding="utf-8")


def split_addresses(nlp: Language) -> Language:
    """Make the tokenizer split what mail writes in one word: "Holt@HALDEN", "Holt(Legal)"."""
    defaults: Any = nlp.Defaults
    infixes = [*defaults.infixes, r"(?<=[A-Za-z.])@(?=[A-Z_]{2})", r"(?<=[A-Za-z&])\((?=[A-Z])"]
    tokenizer: Any = nlp.tokenizer
    tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    return nlp


def finish(nlp: Language) -> Language:
    """Add sentence starts and rules to a trained network, and return the whole pipeline."""
    split_addresses(nlp)
    for name in ("riskscan_sentences", "riskscan_rules"):
        if name in nlp.pipe_names:
            nlp.remove_pipe(name)
    nlp.add_pipe("riskscan_sentences", first=True)
    nlp.add_pipe("riskscan_rules", last=True)
    return nlp


def read_corpus(path: Path, nlp: Language) -> Iterator[Doc]:
    """Yield the marked texts of ``path``; the labels of the rules are made unknown there."""
    if path.suffix == ".spacy":
        yield from DocBin().from_disk(path).get_docs(nlp.vocab)
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield _read_text(json.loads(line), nlp)
                except (ValueError, KeyError, TypeError, IndexError) as error:
                    raise CorpusError(f"{path}, line {number}: {error}") from error


def _read_text(record: dict[str, Any], nlp: Language) -> Doc:
    if "tokens" in record:
        doc = Doc(nlp.vocab, words=[str(word) for word in record["tokens"]])
        spans = [Span(doc, start, end, label=label) for start, end, label in record["ents"]]
        unsure: list[Span] = []
    else:
        doc = nlp.make_doc(str(record["text"]))
        marks = record["entities"]
        spans = [_span(doc, start, end, label) for start, end, label in marks]
        unsure = [_span(doc, start, end, "") for start, end in record.get("unsure", ())]
    known = [span for span in spans if span.label_ not in RULE_LABELS]
    unknown = [span for span in spans if span.label_ in RULE_LABELS]
    doc.set_ents(known, missing=list(_apart(known, [*unknown, *unsure])))
    # As the network will read it.
    return unwrapped_marks(mark_sentences(doc))


def _span(doc: Doc, start: int, end: int, label: str) -> Span:
    span = doc.char_span(start, end, label=label, alignment_mode="expand")
    if span is None:
        raise ValueError(f"offsets {start} to {end} hold no word")
    return span


def _apart(known: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    taken = {place for span in known for place in range(span.start, span.end)}
    for span in others:
        places = range(span.start, span.end)
        if taken.isdisjoint(places):
            taken.update(places)
            yield span


def _leave_out_rules(settings: Any) -> None:
    """Drop the components that are not trained from a config of a whole pipeline."""
    settings["nlp"]["pipeline"] = list(_TRAINED)
    for name in list(settings["components"]):
        if name not in _TRAINED:
            del settings["components"][name]


def _scores(nlp: Language, held: Sequence[Doc]) -> dict[str, float]:
    from spacy.training import Example

    examples = [Example(nlp.make_doc(doc.text), doc) for doc in held]
    found = nlp.evaluate(examples)
    scores = {name: float(found[name] or 0.0) for name in ("ents_p", "ents_r", "ents_f")}
    for label, values in (found.get("ents_per_type") or {}).items():
        scores[label] = float(values["f"])
    return scores
