"""The last digit of a score depended on the texts that were scored with it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from riskscan.detect.model import load_model
from riskscan.paths import shipped_model

SETS = Path(__file__).parents[2] / "benchmarks" / "data" / "short"


def test_to_the_last_digit() -> None:
    lines = (SETS / "third.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    model = load_model(shipped_model("detector"))
    together = model.predict_proba(texts)
    alone = np.concatenate([model.predict_proba([text]) for text in texts])
    np.testing.assert_array_equal(alone, together)
