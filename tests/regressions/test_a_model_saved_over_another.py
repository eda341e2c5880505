"""A model without encoder, saved where one with an encoder was, could not be loaded any more."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
from labelled_building import fitted

from riskscan.detect.errors import ModelError
from riskscan.detect.model import load_model, save_model
from riskscan.paths import shipped_model


def test_the_former_encoder_goes(tmp_path: Path) -> None:
    save_model(load_model(shipped_model("detector")), tmp_path, {})
    assert load_model(tmp_path).encoder is not None
    save_model(fitted(), str(tmp_path), {})
    assert load_model(str(tmp_path)).fingerprint == fitted().fingerprint


def test_numbers_of_numpy(tmp_path: Path) -> None:
    model = copy.copy(fitted()).set_params(threshold=np.float32(0.3), folds=np.int64(2))
    save_model(model, tmp_path, {})
    assert load_model(tmp_path).threshold == model.threshold


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.3"])
def test_what_is_no_number_is_not_saved(tmp_path: Path, value: object) -> None:
    model = copy.copy(fitted()).set_params(threshold=value)
    with pytest.raises(ModelError, match="parameter threshold"):
        save_model(model, tmp_path / "mine", {})
    assert not (tmp_path / "mine").exists()
