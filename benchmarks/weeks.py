"""The shipped detector on the messages of invented weeks at work, where concern is rare.

    python benchmarks/weeks.py [--model models/detector]

Each file of benchmarks/data/weeks has the 400 messages of one organisation's week, in their order,
16 of them voicing legal concern: written by language models that had seen nothing of the detector
or its texts. Printed is the order of the scores, what is flagged, and what of it is right. The
files of benchmarks/data/short are half and half, each concern beside an innocent twin.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.model import load_model
from riskscan.learn.metrics import summary
from riskscan.paths import shipped_model

DATA = Path(__file__).parent / "data"


def main() -> None:
    """Print one row a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=shipped_model("detector"))
    model = load_model(parser.parse_args().model)
    print("| messages | AUC | AP | top 5% read | top 10% read | precision, recall | evidence |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for file in sorted(DATA.glob("weeks/*.jsonl")) + sorted(DATA.glob("short/*.jsonl")):
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        answers = model.assess([row["text"] for row in rows])
        flags = np.array([row["flag"] for row in rows])
        scores = np.array([answer.score for answer in answers])
        told = summary(flags, scores, threshold=model.threshold)
        shown = [
            any(evidence_sentences(row["text"], [(f.start, f.end)], row["evidence"]))
            for row, answer in zip(rows, answers, strict=True)
            if row["flag"]
            for f in answer.findings[:1]
        ]
        cells = [
            *(f"{told[name]:.3f}" for name in ("roc_auc", "average_precision")),
            *(f"{told[name]:.2f}" for name in ("recall_at_5%", "recall_at_10%")),
            f"{told['precision_at_threshold']:.2f}, {told['recall_at_threshold']:.2f}",
            f"{np.mean(shown):.2f}",
        ]
        print(f"| {file.parent.name}/{file.stem} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
