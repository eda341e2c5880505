"""What the encoder adds to the linear models on real mail: TF-IDF, first score, both, in one run.

    pip install '.[encoder]'
    python benchmarks/encoder.py --mail DIR --minilm DIR --work DIR [--workers 2]
    python benchmarks/encoder.py --mail DIR [--workers 2]                           # no encoder

With --adapters also the same encoders reading all texts as mail, and all as any other, with --gate
also the same models taking a text the readier or the less readily for mail, and what each makes of
the short sets (a few minutes more for each).

Learns as models/training/build.py does (the folders are those that it takes; with its --work
nothing is taught again) and measures each message by models that have seen nothing of its mailbox.
Three counts, and how much of what is shown is what was marked:

- the sample that came with the project, at its weights;
- the same, no flagged label counted as more than two messages: one of them stands for 82;
- all that was read. Since what ranks high has been read, each message whose first score is 0.01 or
  more stands for itself, and what ranks below is as the sample says of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from riskscan.detect import selection
from riskscan.detect.assessment import Assessment
from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.encoder import Encoder, Look
from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.windows import Window
from riskscan.language.sentences import sentence_spans
from riskscan.learn.data import read_data
from riskscan.learn.encoders import Encoders, join
from riskscan.learn.metrics import bootstrap
from riskscan.learn.seen import encoder_hashes
from riskscan.learn.train import Learnt, learn

TRAINING = Path(__file__).parent.parent / "models" / "training"
sys.path.insert(0, str(TRAINING))
from build import THRESHOLD, mail  # noqa: E402

READ_OUT = 0.01
SHORT = Path(__file__).parent / "data" / "short"
# Characters of a passage, and what a sentence at its edge holds of its belief.
PASSAGES = ((300, 0.05), (300, 0.1), (420, 0.05), (420, 0.1), (500, 0.05), (500, 0.1), (500, 0.15))
# Added to the log-odds that a text is mail; the last takes all for mail, the first is about what
# takes mail and posts for equally likely.
GATES = (-2.7, -1.0, 1.0, 2.0, 50.0)
READINGS = {"all read as mail": "mail", "all read as any other": ""}
FIGURES = {
    "average_precision": "AP", "roc_auc": "AUC", "recall_at_1%": "R1", "recall_at_2%": "R2",
    "recall_at_5%": "R5", "recall_at_10%": "R10", "calibration_error": "calibration error",
}  # fmt: skip
Floats = NDArray[np.float64]


def tfidf(made: Learnt, sample: Floats) -> Floats:
    """Scores of the baseline, learnt from the sample of the other folds."""
    own = np.flatnonzero(made.learning.own)
    texts = [made.learning.texts[i] for i in own]
    flags, fold = made.learning.flags[own], made.tested[own]
    scores = np.zeros(len(own))
    for number in range(len(made.parts)):
        taught = np.flatnonzero((fold != number) & (sample > 0) & ~made.learning.unsure[own])
        asked = np.flatnonzero(fold == number)
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000),
        )
        model.fit([texts[i] for i in taught], flags[taught])
        scores[asked] = model.predict_proba([texts[i] for i in asked])[:, 1]
    return scores


def stood_for(made: Learnt, sample: Floats, first: Floats) -> Floats:
    """How many messages each that was read stands for, when what ranks high has been read."""
    below = (first < READ_OUT) & (sample > 0)
    weights = np.ones(len(first))
    weights[below] += sample[below] * len(made.learning.unlabelled) / sample[below].sum()
    return weights


class ReadAs(Encoder):
    """An encoder that reads every text as of one domain."""

    def __init__(self, encoder: Encoder, domain: str) -> None:
        self.__dict__.update(encoder.__dict__)
        self._encoder, self._domain = encoder, domain

    def look(self, windows: Sequence[Window], domain: str = "") -> Look:
        """As ``Encoder.look``."""
        return self._encoder.look(windows, self._domain)


def read_as(made: Learnt, domain: str, workers: int) -> None:
    """Let the encoders read all texts as of ``domain``, and learn anew how much they count."""
    models = [made.final, *made.parts]
    final, *folds = [ReadAs(m.encoder, domain) for m in models if m.encoder is not None]
    join(
        made.final,
        made.parts,
        lambda *_: Encoders(final, folds),
        made.learning,
        made.tested,
        lambda _: None,
        workers=workers,
    )


@contextmanager
def readier(made: Learnt, by: float) -> Iterator[None]:
    """All models take a text the readier for mail."""
    models = [made.final, *made.parts]
    before = [model.gate_intercept_ for model in models]
    for model in models:
        mail_or_not = np.array([1.0 if domain == "mail" else -1.0 for domain in model.domains_])
        model.gate_intercept_ = model.gate_intercept_ + by / 2 * mail_or_not
    try:
        yield
    finally:
        for model, intercept in zip(models, before, strict=True):
            model.gate_intercept_ = intercept


def print_short(model: RiskClassifier, name: str) -> None:
    """The AUC of each short set, of the model of everything."""
    told = []
    for file in sorted(SHORT.glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        scores = [answer.score for answer in model.assess([row["text"] for row in rows])]
        told.append(f"{file.stem} {roc_auc_score([row['flag'] for row in rows], scores):.3f}")
    print(f"\n{name}: AUC of {', '.join(told)}")


def print_tables(made: Learnt, answers: dict[str, list[Assessment]], samples: int) -> None:
    """Markdown, a table a count."""
    own = np.flatnonzero(made.learning.own)
    flags, groups = made.learning.flags[own].astype(float), made.learning.groups[own]
    sure = ~made.learning.unsure[own]
    # What models picked for reading weighs nothing: it is not of the sample.
    sample, first = made.learning.weights[own], made.first_scores()
    scores = {
        "TF-IDF of words and pairs, logistic regression": tfidf(made, sample),
        "the linear models (first score)": first,
    }
    for name, said in answers.items():
        scores[name] = np.array([answer.score for answer in said])
    capped = np.where(flags == 1, np.minimum(sample, 2), sample)
    counts = {
        "the project's labels": (sample > 0, sample),
        "the same, no flagged label counted as more than 2": (sample > 0, capped),
        "all that was read": (sample >= 0, stood_for(made, sample, first)),
    }
    for title, (rows, weights) in counts.items():
        rows = rows & sure
        print(f"\n{title}: {rows.sum():,} messages, {int(flags[rows].sum())} of them flagged\n")
        print("|", " | ".join(["design", *FIGURES.values()]), "|")
        print("| --- " * (len(FIGURES) + 1) + "|")
        for name, values in scores.items():
            told = bootstrap(
                flags[rows], values[rows], weights[rows], groups=groups[rows], samples=samples
            )
            cells = [_cell(*told[k]) for k in FIGURES]
            print("|", " | ".join([name, *cells]), "|")
    print(f"\nOver {made.final.encode_from}: {np.mean(first >= made.final.encode_from):.1%} of it")


def print_passages(made: Learnt, answers: Sequence[Assessment], threshold: float) -> None:
    """How often what is shown of rightly flagged mail is what was marked, and how long it is."""
    learning = made.learning
    scores = np.zeros(len(learning.texts))
    scores[learning.own] = [answer.score for answer in answers]
    rows = learning.own & (learning.flags == 1) & ~learning.unsure & (scores >= threshold)
    rows &= np.array([bool(spans) for spans in learning.evidence])
    print(f"\nwhat is shown of {rows.sum()} mails that are rightly flagged\n")
    print("| at most | a sentence at its edge | overlap | of the sample | characters | marked |")
    print("| --- | --- | --- | --- | --- | --- |")
    for longest, least in PASSAGES:
        with patch.multiple(selection, _LONGEST=longest, _LEAST=least):
            said: dict[int, Assessment] = {}
            for number, part in enumerate(made.parts):
                places = np.flatnonzero(rows & (made.tested == number))
                said.update(zip(places.tolist(), part.assess(*learning.at(places)), strict=True))
        found = [said[i].findings[0] for i in np.flatnonzero(rows).tolist()]
        hit, shares = [], []
        for i, one in zip(np.flatnonzero(rows).tolist(), found, strict=True):
            text = learning.texts[i]
            spans = [s for s in sentence_spans(text) if s[0] < one.end and one.start < s[1]]
            marked = evidence_sentences(text, spans, learning.evidence[i])
            hit.append(any(marked))
            shares.append(np.mean(marked))
        sample = learning.weights[rows] > 0
        cells = [
            f"{np.mean(hit):.3f}", f"{np.mean(np.array(hit)[sample]):.3f}",
            f"{np.mean([len(one.text) for one in found]):.0f}", f"{np.mean(shares):.2f}",
        ]  # fmt: skip
        print(f"| {longest} | {least} |", " | ".join(cells), "|")


def _cell(value: float, low: float, high: float) -> str:
    digits = 3 if value < 0.02 else 2
    return f"{value:.3f} ({low:.{digits}f} to {high:.{digits}f})"


def main() -> None:
    """Learn, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mail", type=Path, required=True)
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--work", type=Path, default=Path("encoders"))
    parser.add_argument("--workers", type=int, default=1, help="processes, about 3 GB each")
    parser.add_argument("--adapters", action="store_true", help="compare what the adapters do")
    parser.add_argument("--gate", action="store_true", help="compare what is taken for mail")
    parser.add_argument("--samples", type=int, default=200, help="draws of the bootstrap")
    options = parser.parse_args()
    teach = None
    if options.minilm:
        from teach import teacher

        teach = teacher(options.minilm, options.work, options.workers)
    labelled, altered = mail(options.mail, encoder_hashes(TRAINING.parent / "detector"))
    texts = [read_data(file) for file in sorted((TRAINING / "texts").glob("*.jsonl"))]
    made = learn(
        [labelled],
        [*texts, altered],
        unlabelled=True,
        seed=0,
        folds=5,
        classifier=None,
        encoders=teach,
        workers=options.workers,
        say=lambda stage: print(stage, file=sys.stderr),
    )
    answers = {}
    if made.final.encoder is not None:
        answers["with the encoder"] = made.answers()
        print_short(made.final, "with the encoder")
        before = [
            (m, m.encoder, (m.joint_scores_, m.joint_ranks_, m.joint_signals_))
            for m in (made.final, *made.parts)
        ]
        for name, domain in READINGS.items() if options.adapters else ():
            read_as(made, domain, options.workers)
            answers[name] = made.answers()
            print_short(made.final, name)
            for model, encoder, joint in before:
                model.attach(encoder)
                model.joint_scores_, model.joint_ranks_, model.joint_signals_ = joint
    for by in GATES if options.gate else ():
        with readier(made, by):
            name = f"mail {by:+} likelier"
            answers[name] = made.answers()
            print_short(made.final, name)
    print_tables(made, answers, options.samples)
    if made.final.encoder is not None:
        print_passages(made, answers["with the encoder"], THRESHOLD)


if __name__ == "__main__":
    main()
