"""A batch was 512 texts, whatever their length: five hundred books at once."""

from __future__ import annotations

from typing import Any

import pytest
from labelled_building import fitted, one_thread

from riskscan.detect.classifier import RiskClassifier


def test_a_batch_is_bounded_in_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    model, sizes = fitted(), []
    judge = RiskClassifier._judge

    def judged(self: RiskClassifier, texts: list[str], quoted: list[str]) -> Any:
        sizes.append((len(texts), sum(map(len, texts))))
        return judge(self, texts, quoted)

    monkeypatch.setattr(RiskClassifier, "_judge", judged)
    texts = ["Keep it off the books. " * 30_000] * 5 + ["Lunch is at noon."] * 600
    with one_thread():
        scores = model.predict_proba(texts)[:, 1]
    assert sum(count for count, _ in sizes) == len(texts) == len(scores)
    assert max(count for count, _ in sizes) <= 512
    assert max(size for _, size in sizes) <= 2_000_000
    assert len(set(scores[:5])) == len(set(scores[5:])) == 1


def test_a_text_that_is_longer_stands_alone() -> None:
    with one_thread():
        scores = fitted().predict_proba(["Lunch.", "at noon " * 300_000, "Lunch."])[:, 1]
    assert scores[0] == scores[2]
