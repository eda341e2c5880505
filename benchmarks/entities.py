"""F1 for each label and tokens a second: the shipped pipeline beside spaCy's default small network.

    python benchmarks/entities.py [MARKED.jsonl ...] [--mail FILE.mbox[.gz] ...] [--seconds 20]

Marked files are as `riskscan.language.train.train_entities` reads them. Without any, the invented
mail of the tests is used. Speed is that of one core, by processor time, over the message bodies
of ``--mail`` (the marked texts, repeated, without it); the two pipelines take turns, so that a
busy machine treats them alike.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.training import Example
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from riskscan.language.pipeline import entities, load

INVENTED = Path(__file__).parents[1] / "tests" / "language" / "data" / "marked.jsonl"


def stock() -> Language:
    """Build spaCy's default NER network for English, untrained: its speed is what counts."""
    nlp = spacy.blank("en")
    ner: Any = nlp.add_pipe("ner")
    for label in ("PERSON", "ORG", "LOC"):
        ner.add_label(label)
    example = Example.from_dict(nlp.make_doc("Ann left"), {"entities": [(0, 3, "PERSON")]})
    nlp.initialize(lambda: [example])
    return nlp


def bodies(path: Path) -> Iterator[str]:
    """Yield the texts after the headers of an mbox; good enough for a measure of speed."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as lines:
        body: list[str] = []
        in_body = False
        for line in lines:
            if line.startswith("From ") and (not body or body[-1] == "\n"):
                yield "".join(body)
                body, in_body = [], False
            elif in_body:
                body.append(line)
            elif line == "\n":
                in_body = True
        yield "".join(body)


def scores(nlp: Language, paths: list[Path]) -> dict[str, tuple[float, int]]:
    """Return F1 and the number of marks for each label, on exact span and label."""
    rows = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    right: Counter[str] = Counter()
    named: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    labels = {label for row in rows for _, _, label in row["entities"]}
    for row, found in zip(rows, entities(nlp, [row["text"] for row in rows]), strict=True):
        unsure = row.get("unsure", [])
        wanted = {(start, end, label) for start, end, label in row["entities"]}
        spans = {(e.start, e.end, e.label) for e in found if e.label in labels}
        spans = {
            s for s in spans if s in wanted or not any(a < s[1] and s[0] < b for a, b in unsure)
        }
        for each, counts in ((spans & wanted, right), (spans, named), (wanted, marked)):
            counts.update(label for _, _, label in each)
    result = {
        label: (2 * right[label] / (named[label] + marked[label]), marked[label])
        for label in sorted(labels)
    }
    total = 2 * right.total() / max(1, named.total() + marked.total())
    return {**result, "all": (total, marked.total())}


def rates(ours: Language, other: Language, texts: list[str], seconds: float) -> list[float]:
    """Return tokens a second of both pipelines over ``texts``, measured in turns."""
    tokens, spent = [0, 0], [0.0, 0.0]
    counts = [len(ours.make_doc(text)) for text in texts]
    list(entities(ours, texts[:200]))
    place = 0
    while sum(spent) < seconds:
        batch = texts[place : place + 64]
        size = sum(counts[place : place + 64])
        place = place + 64 if place + 64 < len(texts) else 0
        for which in (0, 1):
            begun = time.process_time()
            if which:
                for _ in other.pipe(batch, batch_size=64):
                    pass
            else:
                for _ in entities(ours, batch):
                    pass
            spent[which] += time.process_time() - begun
            tokens[which] += size
    return [count / time_ for count, time_ in zip(tokens, spent, strict=True)]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("marked", nargs="*", type=Path, default=[INVENTED])
    parser.add_argument("--mail", nargs="*", type=Path, default=[])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--model", type=Path, default=None)
    options = parser.parse_args()
    begun = time.process_time()
    nlp = load(options.model)
    print(f"load {time.process_time() - begun:.2f} s")
    for label, (f1, count) in scores(nlp, options.marked).items():
        print(f"{label:10} F1 {f1:.3f}  ({count} marked)")
    texts = [text[:5000] for path in options.mail for text in bodies(path) if text.strip()]
    if not texts:
        lines = [line for path in options.marked for line in path.read_text().splitlines()]
        texts = [json.loads(line)["text"] for line in lines] * 20
    with threadpool_limits(1, user_api="blas"):
        ours, other = rates(nlp, stock(), texts, options.seconds)
    print(f"tokens a second on one core: shipped {ours:,.0f}, spaCy's default {other:,.0f}")


if __name__ == "__main__":
    main()
