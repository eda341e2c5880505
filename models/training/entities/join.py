"""Put networks into one pipeline: python join.py OUTPUT_MODEL MODEL MODEL...

Each MODEL has one network, as `riskscan.language.train` saves it, all with the same labels. Floret
and word vectors are those of the last MODEL; the others must have been trained with the same.
A mean of scores is shyer than each network alone, so organisations and places, which it misses
more often than it invents them, begin with a little more: chosen on the development sets.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import spacy

from riskscan.language.inference import FastEntities, Networks
from riskscan.language.train import finish, save
from riskscan.language.weights import Weights, raised, weights_of

_MORE = {"ORG": 0.3, "LOC": 0.3}
_META = {
    "name": "entities",
    "version": "0.2.0",
    "description": "Entities of corporate mail: people, organisations, places by three small "
    "networks; dates, sums, laws, courts, regulators, addresses and numbers by rule.",
    "author": "riskscan",
    "license": "CC BY-SA 4.0",
}


def network(model: Path) -> Weights:
    """Return the network of ``model``."""
    weights = weights_of(spacy.load(model))
    if weights is None:
        raise SystemExit(f"{model} has no network that riskscan can read.")
    return raised(weights, _MORE)


def main() -> None:
    """Write the pipeline, and beside it the config from which users train a network."""
    output, *models = (Path(argument) for argument in sys.argv[1:])
    nlp = spacy.blank("en", meta=_META)
    vectors = spacy.load(models[-1], exclude=["tok2vec", "ner"]).vocab
    nlp.vocab.vectors, nlp.vocab.lookups = vectors.vectors, vectors.lookups
    component = nlp.add_pipe("riskscan_entities")
    assert isinstance(component, FastEntities)
    component.use(Networks([network(model) for model in models]))
    save(finish(nlp), output)
    shutil.copy(Path(__file__).with_name("words.cfg"), output / "training.cfg")


if __name__ == "__main__":
    main()
