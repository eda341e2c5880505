"""Speed and size of the shipped detector on one core.

    python benchmarks/classifier.py

Messages of 100 words are made from the written training texts, joined and cut; CPU time is counted,
so that a busy machine does not show.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from riskscan.detect.model import load_model
from riskscan.paths import shipped_model

TEXTS = Path(__file__).parent.parent / "models" / "training" / "texts"


def main() -> None:
    """Print messages a second for predict_proba and assess, load time, folder size."""
    words: list[str] = []
    for file in sorted(TEXTS.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            words += json.loads(line)["text"].split()
    messages = [" ".join(words[i : i + 100]) for i in range(0, len(words) - 100, 100)]
    folder = shipped_model("detector")
    began = time.process_time()
    model = load_model(folder)
    print(f"load, libraries imported  {time.process_time() - began:.2f} s CPU")
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"model folder              {size / 2**20:.1f} MiB")
    with threadpool_limits(limits=1):
        model.predict_proba(messages[:500])
        for name in ("predict_proba", "assess"):
            began = time.process_time()
            getattr(model, name)(messages)
            rate = len(messages) / (time.process_time() - began)
            print(f"{name:<26}{rate:,.0f} messages of 100 words a second")
        if model.encoder is not None:
            read = model.windows(messages[:300], None, pieces=model.encoder.pieces, most=1)
            windows = [several for _, several in read if several]
            began = time.process_time()
            for several in windows:
                model.encoder.look(several)
            rate = len(windows) / (time.process_time() - began)
            print(f"{'the encoder alone':<26}{rate:,.0f} windows of 128 pieces a second")
            looked = np.mean(model.predict_proba(messages)[:, 1] >= model.encode_from)
            print(f"of these, read by it      {looked:.0%} (half of the texts voice concern)")


if __name__ == "__main__":
    main()
