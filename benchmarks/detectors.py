"""Designs of the detector side by side: the same messages, the same folds, the same figures.

    python benchmarks/detectors.py --mail DIR [--designs words mixture] [--samples 200]

Trained and measured in cross-validation grouped by thread on the labels of Enron mail (DIR: the
corpus, see models/training/build.py), weighted to the real rate; messages that models picked for
reading are learnt from and not measured on. The designs learn from labelled mail; "mixture", the
linear models of the shipped design (encoder.py has the encoder), also from written texts and from
the unlabelled mail whose thread is not measured, for minutes a fold. "short" is the area under the
ROC curve on each of the held-out sets of short messages.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import hstack
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.lexicon import WORD_CLASS
from riskscan.language.sentences import sentence_spans
from riskscan.learn.data import Example, read_data
from riskscan.learn.metrics import bootstrap, summary

HERE = Path(__file__).parent
TRAINING = HERE.parent / "models" / "training"
sys.path.insert(0, str(TRAINING))
from build import NO_WEIGHT, mail  # noqa: E402

Scorer = Callable[[list[str]], np.ndarray]
Design = Callable[[list[Example], list[Example], list[Example]], Scorer]


def _logistic(c: float = 10.0) -> LogisticRegression:
    return LogisticRegression(C=c, class_weight="balanced", max_iter=1000)


def words(own: list[Example], *_: list[Example]) -> Scorer:
    """The baseline: TF-IDF of words and pairs over the whole message, logistic regression."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), _logistic()
    )
    model.fit([e.text for e in own], [e.flag for e in own])
    return lambda texts: model.predict_proba(texts)[:, 1]


def characters(own: list[Example], *_: list[Example]) -> Scorer:
    """TF-IDF of character 2- to 5-grams inside words."""
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True),
        _logistic(),
    )
    model.fit([e.text for e in own], [e.flag for e in own])
    return lambda texts: model.predict_proba(texts)[:, 1]


def sentences(own: list[Example], *_: list[Example]) -> Scorer:
    """TF-IDF of single sentences, learnt from evidence; a message scores as its best sentence."""
    texts, flags = [], []
    for example in own:
        for start, end in sentence_spans(example.text):
            sentence = " ".join(example.text[start:end].split())
            hit = any(
                " ".join(span.split()) in sentence or sentence in " ".join(span.split())
                for span in example.evidence
            )
            if hit or not example.flag:
                texts.append(sentence)
                flags.append(int(hit))
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 3), min_df=2, sublinear_tf=True), _logistic()
    )
    model.fit(texts, flags)

    def score(messages: list[str]) -> np.ndarray:
        cut = [[m[a:b] for a, b in sentence_spans(m)] or [""] for m in messages]
        flat = model.predict_proba([s for some in cut for s in some])[:, 1]
        first = np.cumsum([0, *map(len, cut)])[:-1]
        return np.maximum.reduceat(flat, first)

    return score


def stack(own: list[Example], *_: list[Example]) -> Scorer:
    """Words, LSA of 200 dimensions and counts of the word classes in one regression."""
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    reduce = TruncatedSVD(200, random_state=0)
    names = sorted({name for some in WORD_CLASS.values() for name in some})

    def counts(texts: list[str]) -> np.ndarray:
        table = np.zeros((len(texts), len(names)))
        for i, text in enumerate(texts):
            tokens = text.lower().split()
            for token in tokens:
                for name in WORD_CLASS.get(token.strip('.,;:!?"()'), ()):
                    table[i, names.index(name)] += 1
            table[i] = np.log1p(table[i]) / np.log(len(tokens) + 10)
        return table

    matrix = vectors.fit_transform([e.text for e in own])
    inside = reduce.fit_transform(matrix)
    model = _logistic(5.0)
    model.fit(
        hstack([matrix, inside, counts([e.text for e in own])]).tocsr(), [e.flag for e in own]
    )

    def score(texts: list[str]) -> np.ndarray:
        seen = vectors.transform(texts)
        return model.predict_proba(hstack([seen, reduce.transform(seen), counts(texts)]).tocsr())[
            :, 1
        ]

    return score


def _classifier(rows: list[Example], unlabelled: list[Example]) -> Scorer:
    model = RiskClassifier().fit(
        [e.text for e in rows],
        [e.flag for e in rows],
        sample_weight=[e.weight for e in rows],
        groups=[e.group for e in rows],
        evidence=[e.evidence for e in rows],
        signals=[e.signals for e in rows],
        domains=[e.domain for e in rows],
        unlabelled=[e.text for e in unlabelled],
        unlabelled_groups=[e.group for e in unlabelled],
        unlabelled_domains=[e.domain for e in unlabelled],
    )
    return lambda texts: model.predict_proba(texts)[:, 1]


def mixture(own: list[Example], texts: list[Example], unlabelled: list[Example]) -> Scorer:
    """The shipped design: experts for mail and for short texts, taught by unlabelled mail too."""
    return _classifier([*own, *texts], unlabelled)


def labelled_mixture(own: list[Example], texts: list[Example], _: list[Example]) -> Scorer:
    """The shipped design without unlabelled mail."""
    return _classifier([*own, *texts], [])


def short_only(_: list[Example], texts: list[Example], __: list[Example]) -> Scorer:
    """The shipped design without mail: what the written texts alone teach."""
    return _classifier(texts, [])


DESIGNS: dict[str, Design] = {
    design.__name__: design
    for design in (words, characters, sentences, stack, short_only, labelled_mixture, mixture)
}


def main() -> None:
    """Print one row a design."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mail", type=Path, required=True)
    parser.add_argument("--designs", nargs="+", choices=list(DESIGNS), default=list(DESIGNS))
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--samples", type=int, default=200)
    options = parser.parse_args()
    found = mail(options.mail)[0]
    labelled = [e for e in found.examples if not (e.unsure and e.weight == NO_WEIGHT)]
    texts = [e for f in sorted((TRAINING / "texts").glob("*.jsonl")) for e in read_data(f).examples]
    held = [
        [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for file in sorted((HERE / "data" / "short").glob("*.jsonl"))
    ]
    measured = np.array([e.weight != NO_WEIGHT for e in labelled])
    flags = np.array([e.flag for e in labelled])
    weights = np.array([e.weight for e in labelled])
    groups = np.array([e.group for e in labelled])
    folds = list(
        StratifiedGroupKFold(options.folds, shuffle=True, random_state=0).split(
            flags, flags, groups
        )
    )
    print("| design | AP | AUC | R1 | R2 | R5 | calibration error | short AUC |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for design in (DESIGNS[name] for name in options.designs):
        scores = np.zeros(len(labelled))
        beside = [np.zeros(len(rows)) for rows in held]
        for train, test in folds:
            tested = {groups[i] for i in test}
            own = [labelled[i] for i in train if not labelled[i].unsure]
            score = design(own, texts, [e for e in found.unlabelled if e.group not in tested])
            scores[test] = score([labelled[i].text for i in test])
            for total, rows in zip(beside, held, strict=True):
                total += score([row["text"] for row in rows]) / len(folds)
        told = bootstrap(
            flags[measured], scores[measured], weights[measured],
            groups=groups[measured], samples=options.samples,
        )  # fmt: skip
        cells = [
            "{:.3f} ({:.2f} to {:.2f})".format(*told[name])
            for name in (
                "average_precision", "roc_auc", "recall_at_1%", "recall_at_2%", "recall_at_5%",
            )
        ]  # fmt: skip
        short = " / ".join(
            f"{summary([row['flag'] for row in rows], total)['roc_auc']:.3f}"
            for total, rows in zip(beside, held, strict=True)
        )
        error = f"{told['calibration_error'][0]:.3f}"
        print(f"| {design.__name__} | {' | '.join(cells)} | {error} | {short} |", flush=True)


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main()
