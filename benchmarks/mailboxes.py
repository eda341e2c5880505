"""How well what is learnt from some mailboxes ranks the mail of others.

    python benchmarks/mailboxes.py --mail DIR [--workers 2]

Folds by thread, as a training has them, let a model learn the people and affairs of the very
mailboxes that it is measured on; a new mailbox has its own. So the models over words and subwords
of mail, much of the first score, are learnt here without the mailboxes of their fold, and beside
that without its threads alone; each time with the weights that labels have now, and had before
they were weighed anew (docs/detector-designs.md). Three counts, as benchmarks/encoder.py has them
(that of all that was read lets each stand for itself). Ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.experts import Costs, Material, was_picked
from riskscan.detect.features import Hasher
from riskscan.detect.reading import Read
from riskscan.learn.data import DataSet, read_data
from riskscan.learn.merge import Learning, merge
from riskscan.learn.metrics import bootstrap
from riskscan.learn.seen import encoder_hashes

TRAINING = Path(__file__).parent.parent / "models" / "training"
sys.path.insert(0, str(TRAINING))
from build import mail, messages  # noqa: E402

FOLDS = 5
FIGURES = {
    "average_precision": "AP", "roc_auc": "AUC", "recall_at_1%": "R1", "recall_at_2%": "R2",
    "recall_at_5%": "R5",
}  # fmt: skip
Floats = NDArray[np.float64]
Ints = NDArray[np.int_]


def mailbox_folds(learning: Learning, sources: dict[str, str]) -> Ints:
    """The fold of each text of mail, unlabelled ones last; -1 of what came from elsewhere.

    A mailbox is in one fold; each has about as many flagged messages.
    """
    boxes = [sources.get(text, "") for text in [*learning.texts, *learning.unlabelled]]
    flagged = dict.fromkeys(sorted(set(boxes) - {""}), 0.0)
    for i in np.flatnonzero(learning.own & (learning.flags == 1)).tolist():
        if boxes[i]:
            flagged[boxes[i]] += 1
    fold_of, held = {"": -1}, np.zeros(FOLDS)
    for box in sorted(flagged, key=lambda one: (-flagged[one], one)):
        fold_of[box] = int(np.argmin(held))
        held[fold_of[box]] += flagged[box] + 0.01
    return np.array([fold_of[box] for box in boxes])


def thread_folds(groups: Ints, own: NDArray[np.bool_]) -> Ints:
    """The same by thread alone; unlabelled texts are in none."""
    drawn = np.random.default_rng(0).integers(FOLDS, size=int(groups.max()) + 1)
    return np.where(own, drawn[groups], -1)


def scores(
    data: Material, domain: str, tested: NDArray[np.bool_], fold_of: Ints, costs: Costs, cores: int
) -> Floats:
    """Log-odds by subwords, and by words and subwords together, shape (texts, 2)."""

    def tasks() -> Iterator[tuple[Ints, Ints]]:
        for fold in range(FOLDS):
            asked = np.flatnonzero(tested & (fold_of == fold))
            apart = np.isin(data.group, data.group[asked]) | (fold_of == fold)
            yield asked, np.flatnonzero(~apart)

    def one(asked: Ints, taught: Ints) -> tuple[Ints, Floats]:
        with threadpool_limits(limits=1):
            slopes, level = data.subword_model(taught, domain, costs)
            pieces = data.subwords[asked] @ slopes + level
            slopes, level = data.word_model(taught, domain, costs)
            return asked, np.column_stack([pieces, pieces + data.words[asked] @ slopes + level])

    found = np.zeros((len(tested), 2))
    for asked, values in Parallel(cores, require="sharedmem")(delayed(one)(*x) for x in tasks()):
        found[asked] = values
    return found


def main() -> None:
    """Learn, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mail", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1, help="threads, about 3 GB each")
    options = parser.parse_args()
    labelled, _ = mail(options.mail, encoder_hashes(TRAINING.parent / "detector"))
    texts = [read_data(file) for file in sorted((TRAINING / "texts").glob("*.jsonl"))]
    # Groups are threads here, that either kind of fold can be dealt.
    nobody = DataSet(
        labelled.name,
        *(
            tuple(replace(e, custodian="") for e in s)
            for s in (labelled.examples, labelled.unlabelled)
        ),
    )
    merged = merge([nobody], texts, unlabelled=True)
    learning = merged.rows(~merged.unsure)
    sources: dict[str, str] = {}
    for found in messages(options.mail):
        sources.setdefault(found.text, found.custodian)
    count, more = len(learning.texts), len(learning.unlabelled)
    own = np.concatenate([learning.own, np.zeros(more, bool)])
    groups = np.concatenate([learning.groups, learning.unlabelled_groups])
    boxes = mailbox_folds(learning, sources)
    nothing = np.zeros(more)
    picked = was_picked(learning.weights, learning.flags, learning.chances)
    read = Read([*learning.texts, *learning.unlabelled], Hasher())

    def material(chances: Floats, picked: NDArray[np.bool_]) -> Material:
        return Material(
            read,
            np.concatenate([learning.flags, nothing]).astype(int),
            np.concatenate([chances, nothing]),
            np.arange(count + more) < count,
            np.concatenate([picked, nothing > 0]),
            np.array([*learning.domains, *learning.unlabelled_domains]),
            groups,
        )

    now = RiskClassifier()
    costs = Costs(
        now.c_words, now.c_subwords, now.c_sentences,
        now.positive_weight, now.background, now.unlabelled_weight,
    )  # fmt: skip
    former = replace(costs, words=4.0, subwords=5.0, unlabelled_weight=0.3)
    # Their root is learnt: what is squared is learnt as it was.
    before = material(learning.chances**2, np.zeros(count, bool)), former
    after = material(learning.chances, picked), costs
    print("| models of | without | weights | count |", " | ".join(FIGURES.values()), "|")
    print("| --- " * (4 + len(FIGURES)) + "|")
    flags, weights = learning.flags.astype(float), learning.weights
    capped = np.where(flags == 1, np.minimum(weights, 2), weights)
    for without, fold_of in (("mailboxes", boxes), ("threads", thread_folds(groups, own))):
        for name, (data, cost) in (("before", before), ("now", after)):
            values = scores(data, "mail", own, fold_of, cost, options.workers)
            for kind, said in (("subwords", values[:count, 0]), ("both", values[:count, 1])):
                for counted, rows, weight in (
                    ("the project's labels", weights > 0, weights),
                    ("no flagged label over 2", weights > 0, capped),
                    ("all that was read", weights >= 0, np.ones(count)),
                ):
                    rows = rows & learning.own
                    # What ranks high is all that these figures ask for.
                    rank = said[rows].argsort().argsort() / rows.sum()
                    told = bootstrap(
                        flags[rows], rank, weight[rows], groups=learning.groups[rows], samples=1
                    )
                    cells = [f"{told[key][0]:.3f}" for key in FIGURES]
                    print("|", " | ".join([kind, without, name, counted, *cells]), "|", flush=True)


if __name__ == "__main__":
    main()
