"""Train on prepared sets: python train.py PREPARED_FOLDER VECTORS OUTPUT_MODEL"""

from __future__ import annotations

import sys
from pathlib import Path

from riskscan.language.train import train_entities


def main() -> None:
    """Train, write the model, print the scores on the development set."""
    made, vectors, output = (Path(argument) for argument in sys.argv[1:4])
    config = Path(__file__).with_name("config.cfg")
    corpora = [made / "train.spacy", made / "others.spacy"]
    scores = train_entities(corpora, output, dev=made / "dev.spacy", config=config, vectors=vectors)
    for name, value in scores.items():
        print(f"{name:8} {value:.3f}")


if __name__ == "__main__":
    main()
