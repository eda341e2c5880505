"""Train the floret vectors: python vectors.py SHARED_DATA OUTPUT_FOLDER  (needs `floret`).

64 dimensions in 50,000 hashed rows: no word is stored, so no name from the mail can be read
out of the table. Words are lower case, digits are 0, and a paragraph that occurs twice
(quotes, footers) counts once.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import floret
import mailboxes
import spacy
from spacy.training.initialize import convert_vectors

_WORD = re.compile(r"[^\W\d_]+(?:['&.-][^\W\d_]+)*|\d+(?:[.,:/-]\d+)*|[^\w\s]")


def paragraphs(data: Path) -> Iterator[str]:
    """Yield every different paragraph of the mail, and every sentence of the marked corpora."""
    seen: set[int] = set()
    for mail in mailboxes.read(data / "enron" / "train"):
        text = mail.headers.get("subject", "") + "\n\n" + mail.body
        for part in re.split(r"\n\s*\n", text):
            key = hash(re.sub(r"[\s>]+", "", part))
            if key not in seen:
                seen.add(key)
                yield part
    for path in sorted((data / "ner").glob("*.jsonl.gz")):
        if "test" not in path.name or "awmle" in path.name:
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    yield " ".join(json.loads(line)["tokens"])


def main() -> None:
    """Write a spaCy pipeline folder that holds nothing but the vectors."""
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "words.txt"
        with text.open("w", encoding="utf-8") as file:
            for part in paragraphs(data):
                words = [w for w in _WORD.findall(part.lower()) if len(w) < 40]
                if len(words) > 2:
                    file.write(re.sub(r"\d", "0", " ".join(words)) + "\n")
        settings = {"mode": "floret", "hashCount": 2, "bucket": 50_000, "minn": 3, "maxn": 5}
        model = floret.train_unsupervised(
            str(text), "cbow", dim=64, minCount=8, epoch=5, neg=8, thread=1, **settings
        )
        model.save_floret_vectors(str(Path(folder) / "vectors.floret"))
        nlp = spacy.blank("en")
        vectors = Path(folder) / "vectors.floret"
        convert_vectors(nlp, vectors, truncate=-1, prune=-1, mode="floret")
        nlp.to_disk(output)


if __name__ == "__main__":
    main()
