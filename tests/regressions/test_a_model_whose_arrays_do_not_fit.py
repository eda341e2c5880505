"""A model of cut, endless or hostile parts was loaded, and failed or kept silent in a scan."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from labelled_building import fitted

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.errors import ModelError
from riskscan.detect.model import load_model, save_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "m"
    save_model(fitted(), folder, {})
    return folder


def _harmed(saved: Path, tmp_path: Path, harm: Callable[[Any], None]) -> Path:
    """A copy of the model, changed, that says itself that this is how it should be."""
    folder = Path(shutil.copytree(saved, tmp_path / "m"))
    model: RiskClassifier = skops.io.load(
        folder / "model.skops", trusted=["riskscan.detect.classifier.RiskClassifier"]
    )
    harm(model)
    skops.io.dump(model, folder / "model.skops")
    told = json.loads((folder / "model.json").read_text())
    try:
        told["fingerprint"] = model.fingerprint
    except (AttributeError, TypeError):
        told["fingerprint"] = ""
    (folder / "model.json").write_text(json.dumps(told))
    return folder


def _nan(model: Any) -> None:
    model.word_coef_[0, 0] = np.nan


def _cut(model: Any) -> None:
    model.word_coef_ = model.word_coef_[:100]


def _whole_numbers(model: Any) -> None:
    model.word_coef_ = np.zeros(model.word_coef_.shape, int)


def _tree(row: int, column: int, value: float) -> Callable[[Any], None]:
    def harm(model: Any) -> None:
        model.trees_ = [trees.copy() for trees in model.trees_]
        if not len(model.trees_[0]):
            model.trees_[0] = np.zeros((4, 6))
        model.trees_[0][row, column] = value

    return harm


def _set(name: str, value: Any) -> Callable[[Any], None]:
    def harm(model: Any) -> None:
        setattr(model, name, value)

    return harm


def _aggregator(model: Any) -> None:
    model.aggregators_[0].coef_ = np.zeros((1, 1))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (_nan, "word_coef_ is not finite"),
        (_cut, "word_coef_ is no array of numbers of shape"),
        (_whole_numbers, "word_coef_ is no array of numbers"),
        (_tree(0, 3, 1e18), "lead nowhere"),
        (_tree(0, 0, 50), "lead nowhere"),
        (_tree(0, 0, -2), "lead nowhere"),
        (_tree(0, 1, np.nan), "not finite"),
        (_tree(0, 5, np.inf), "not finite"),
        (_set("domains_", [1]), "domains are no list"),
        (_set("domains_", []), "domains are no list"),
        (_set("aggregators_", 5), "no aggregators"),
        (_set("trees_", []), "not one aggregator"),
        (_set("selector_coef_", np.zeros((1, 3))), "selector_coef_ is no array"),
        (_set("joint_signals_", np.ones((1, 3))), "joint_signals_ is no array"),
        (_set("joint_signals_", np.full((1, 13), np.nan)), "joint_signals_ is not finite"),
        (_set("threshold", np.ones(3)), "threshold is"),
        (_aggregator, "aggregators_ is no array"),
    ],
)
def test_it_is_refused(saved: Path, tmp_path: Path, harm: Callable[[Any], None], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        load_model(_harmed(saved, tmp_path, harm))


def test_what_is_whole_is_loaded(saved: Path, tmp_path: Path) -> None:
    assert load_model(_harmed(saved, tmp_path, lambda _: None)).fingerprint == fitted().fingerprint


def _schema(
    folder: Path, schema: str, member: bytes = b"", how: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(folder / "model.skops", "w", how) as archive:
        archive.writestr("schema.json", schema)
        archive.writestr("one.npy", member)
    return folder


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "model"))


def test_a_member_is_not_held_a_thousand_times(model: Path) -> None:
    node = {
        "__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode",
        "type": "numpy", "file": "one.npy",
    }  # fmt: skip
    _schema(model, json.dumps({"content": [node] * 600}), bytes(2**20))
    with pytest.raises(ModelError, match="unpacks to more than 512 MiB"):
        load_model(model)


def test_a_schema_is_bounded(model: Path) -> None:
    with pytest.raises(ModelError, match=r"schema.json is larger than"):
        load_model(_schema(model, "[" + "[]," * 500_000 + "[]]"))


def test_no_schema(model: Path) -> None:
    with zipfile.ZipFile(model / "model.skops", "w") as archive:
        archive.writestr("one.npy", b"")
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(model)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_no_model(model: Path) -> None:
    (model / "model.skops").unlink()
    os.mkfifo(model / "model.skops")
    with pytest.raises(ModelError, match="missing, or no file"):
        load_model(model)


def test_a_description_is_bounded(model: Path) -> None:
    with (model / "model.json").open("wb") as stream:
        stream.truncate(2**28)
    with pytest.raises(ModelError, match="larger than 16 MiB"):
        load_model(model)
