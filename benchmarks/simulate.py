"""Recall against effort on the labels of Enron mail, beside ASReview, and what samples cost.

    python benchmarks/simulate.py --mail DIR --work DIR [--asreview] [--runs 5]

DIR of ``--mail`` holds the mailboxes of the Enron corpus (see models/training/build.py). Each label
is scored by a classifier that learnt, as the shipped one does, also from unread mail, and from no
message of the label's thread (5 folds). Labels that were read
because a model ranked them high are learnt from and not replayed: they stand for no rate. The texts
go to ``--work`` and nowhere else. ASReview: python -m pip install '.[benchmark]' (in an
environment of its own and without constraints.txt: it wants an older pandas).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from riskscan.detect.classifier import RiskClassifier
from riskscan.learn.data import Example
from riskscan.learn.effort_plot import write_effort_plot
from riskscan.learn.recall import Stratum, recall
from riskscan.learn.simulate import GOALS, read_labelled, simulate, told
from riskscan.learn.train import base_texts

sys.path.insert(0, str(Path(__file__).parent.parent / "models" / "training"))
from build import NO_WEIGHT, mail

_FOLDS = 5


def write_labels(folder: Path, file: Path) -> None:
    """Write the labelled messages with out-of-fold scores."""
    labelled, _ = mail(folder)
    examples, rest = labelled.examples, labelled.unlabelled
    base = [one for some in base_texts() for one in some.examples]
    flags = np.array([one.flag for one in examples])
    groups = np.array([one.group or f"alone {n}" for n, one in enumerate(examples)])
    sure = np.array([not one.unsure for one in examples])
    heavy = np.array([one.weight > 5 for one in examples])
    scores = np.zeros(len(examples))
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=0)
    for number, (train, test) in enumerate(folds.split(flags, flags * 2 + heavy, groups)):
        print(f"fold {number + 1} of {_FOLDS}", flush=True)
        taught = [examples[i] for i in train if sure[i]]
        held = {examples[i].group for i in test}
        model = _fit(taught, base, [one for one in rest if one.group not in held])
        texts, quoted = [examples[i].text for i in test], [examples[i].quoted for i in test]
        scores[test] = model.predict_proba(texts, quoted)[:, 1]
    with file.open("w", encoding="utf-8") as stream:
        for one, score in zip(examples, scores.tolist(), strict=True):
            if one.weight != NO_WEIGHT:
                row = {"text": one.text, "flag": one.flag, "weight": one.weight}
                row |= {"unsure": int(one.unsure), "group": one.group, "score": score}
                stream.write(json.dumps(row) + "\n")


def _fit(taught: list[Example], base: list[Example], rest: list[Example]) -> RiskClassifier:
    """A model made as the shipped one is: of labelled mail, of written texts, of unread mail."""
    weights = np.array([one.weight for one in taught])
    below = np.array([one.weight for one in base])
    rows = taught + base
    return RiskClassifier().fit(
        [one.text for one in rows],
        [one.flag for one in rows],
        sample_weight=np.concatenate([weights, below * weights.sum() / below.sum()]),
        groups=[one.group or f"alone {n}" for n, one in enumerate(rows)],
        evidence=[one.evidence for one in rows],
        domains=[one.domain for one in rows],
        quoted=[one.quoted for one in rows],
        unlabelled=[one.text for one in rest],
        unlabelled_groups=[one.group or f"unread {n}" for n, one in enumerate(rest)],
        unlabelled_domains=[one.domain for one in rest],
    )


def strata_cost(file: Path, size: int = 1500, reviews: int = 200) -> None:
    """Print what sampling more where the score is high does to coverage and width."""
    labelled = read_labelled(file)
    order = np.argsort(-labelled.scores, kind="stable")
    messages = np.rint(labelled.weights).astype(int)
    rng = np.random.default_rng(0)
    kinds: dict[str, list[tuple[bool, float]]] = {"simple": [], "stratified": []}
    for _ in range(reviews):
        count = int(rng.integers(300, 1500))
        read, rest = order[:count], order[count:]
        found = int(messages[read] @ labelled.flags[read])
        cut = int(np.searchsorted(np.cumsum(messages[rest]), messages[rest].sum() / 10))
        true = found / int(messages @ labelled.flags)
        for kind, parts in (
            ("simple", [(rest, size)]),
            ("stratified", [(rest[:cut], size // 3), (rest[cut:], size - size // 3)]),
        ):
            strata = []
            for rows, drawn in parts:
                total = int(messages[rows].sum())
                bad = int(messages[rows] @ labelled.flags[rows])
                drawn = min(drawn, total)
                strata.append(
                    Stratum(total, drawn, int(rng.hypergeometric(bad, total - bad, drawn)))
                )
            made = recall(found, strata)
            kinds[kind].append((true in made, made.high - made.low))
    for kind, rows in kinds.items():
        held, width = np.mean([h for h, _ in rows]), np.median([w for _, w in rows])
        print(f"{kind:12} held {held:.1%}, median width {width:.1%} (sample of {size:,})")


def main() -> None:
    """Score, replay, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mail", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--asreview", action="store_true")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    file = options.work / "labels.jsonl"
    with threadpool_limits(limits=1):
        if options.mail is not None:
            write_labels(options.mail, file)
        result = simulate(read_labelled(file), runs=options.runs, asreview=options.asreview)
    (options.work / "simulation.json").write_text(json.dumps(result, indent=2) + "\n")
    write_effort_plot(result, options.work / "recall-effort.svg")
    for row in (["recall", *(f"{goal:.0%}" for goal in GOALS)], *told(result)):
        print("  ".join(f"{cell:>9}" for cell in row))
    for name in ("stopping", "coverage"):
        print(json.dumps(result[name], indent=1))
    strata_cost(file)


if __name__ == "__main__":
    main()
