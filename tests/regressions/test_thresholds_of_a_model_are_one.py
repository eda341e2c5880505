"""A threshold that somebody edited in model.json was shown there, and another one used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from labelled_building import data_set, one_thread

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.errors import ModelError
from riskscan.detect.model import load_model
from riskscan.learn.train import train


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with one_thread():
        yield


def test_both_places_must_agree(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    quick = RiskClassifier(folds=2)
    train([data_set()], out=out, folds=2, samples=20, classifier=quick)
    told = json.loads((out / "model.json").read_text())
    assert load_model(out).threshold == told["thresholds"]["message"]
    told["thresholds"]["message"] = 0.01
    (out / "model.json").write_text(json.dumps(told))
    with pytest.raises(ModelError, match=r"not the one that its model\.json describes"):
        load_model(out)
