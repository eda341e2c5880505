"""Damaged entity networks ended a scan in whatever NumPy or zipfile raise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskscan.language.inference import Networks
from riskscan.language.weights import read
from riskscan.paths import shipped_model


def _settings(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        told = json.loads((folder / "networks.json").read_text())
        change(told)
        (folder / "networks.json").write_text(json.dumps(told))

    return harm


def _arrays(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        with np.load(folder / "networks.npz") as file:
            arrays = {name: file[name] for name in file.files}
        change(arrays)
        np.savez(folder / "networks.npz", **arrays)

    return harm


def _half(folder: Path) -> None:
    content = (folder / "networks.npz").read_bytes()
    (folder / "networks.npz").write_bytes(content[: len(content) // 2])


def _nan(arrays: dict[str, Any]) -> None:
    arrays["0.lower.b"] = np.full_like(arrays["0.lower.b"], np.nan)


@pytest.mark.parametrize(
    "harm",
    [
        _half,
        _settings(lambda told: told[0].pop("moves")),
        _settings(lambda told: told.pop()),
        _settings(lambda told: told.clear()),
        _arrays(lambda arrays: arrays.pop("0.features")),
        _arrays(_nan),
    ],
)
def test_they_are_refused(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    found = next(shipped_model("entities").rglob("networks.npz")).parent
    folder = Path(shutil.copytree(found, tmp_path / "networks"))
    assert Networks(read(folder))
    harm(folder)
    with pytest.raises(ValueError, match="networks"):
        Networks(read(folder))
