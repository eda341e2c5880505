"""Train a network from nothing: python begin.py PREPARED_FOLDER VECTORS OUTPUT_MODEL WIDTH

As in resume.py the other corpora have a second network above the same word rows, which is dropped
in the end; what is kept is the running mean of the weights. VECTORS has floret and word vectors.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path

from resume import SECOND, SEED, Course, prepared_docs, train
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.util import load_config
from thinc.api import NumpyOps, fix_random_seed, set_current_ops

from riskscan.language.train import finish, save, split_addresses

COURSE = Course(steps=4_000, scheduled=4_080, rate=0.002, dropout=0.25)
_HIDDEN = {96: 64, 128: 96}  # numbers that a decision is made from, by width


def begin(prepared: Path, vectors: Path, width: int) -> Language:
    """Return an untrained network of ``width``, twice above the same word rows."""
    sample = str(prepared / "dev.spacy")  # has all labels
    config = load_config(
        Path(__file__).with_name("words.cfg"),
        overrides={"paths.vectors": str(vectors), "paths.train": sample, "paths.dev": sample},
    )
    encoder = config["components"]["tok2vec"]["model"]
    encoder["embed"].update(width=width, vectors_width=2 * width)
    encoder["encode"]["width"] = width
    config["components"]["ner"]["model"]["hidden_width"] = _HIDDEN[width]
    config["components"][SECOND] = copy.deepcopy(config["components"]["ner"])
    config["nlp"]["pipeline"] = ["tok2vec", "ner", SECOND]
    return split_addresses(init_nlp(config))


def main() -> None:
    """Train and write the whole pipeline."""
    prepared, vectors, output = (Path(argument) for argument in sys.argv[1:4])
    set_current_ops(NumpyOps(use_blis=False))
    fix_random_seed(SEED)
    nlp = begin(prepared, vectors, int(sys.argv[4]))
    docs, others = prepared_docs(prepared, nlp)
    for optimizer in train(nlp, docs, others, COURSE):
        averages = optimizer.averages
    with nlp.use_params(averages):
        nlp.remove_pipe(SECOND)
        save(finish(nlp), output)


if __name__ == "__main__":
    main()
