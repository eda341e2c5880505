"""The model folder: ``model.skops`` (the estimator, no pickle) and ``model.json`` (what it is)."""

from __future__ import annotations

import copy
import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from sklearn.exceptions import NotFittedError

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.description import DESCRIPTION, FORMAT, describe_model
from riskscan.detect.encoder import FILES, load_encoder
from riskscan.detect.errors import ModelError

__all__ = ["ModelError", "describe_model", "load_model", "save_model"]

ESTIMATOR = "model.skops"
# The only types outside of scikit-learn, numpy and scipy that a model may hold.
_OWN_TYPES = ["riskscan.detect.classifier.RiskClassifier"]

# Archives are bounded; a model is a tenth of this.
_LARGEST = 2**29
# What zipfile, json, numpy and skops raise on damaged or hostile files.
_DAMAGE = (
    OSError, EOFError, zipfile.BadZipFile, zlib.error, LookupError, ValueError, TypeError,
    AttributeError, ImportError, RuntimeError,
)  # fmt: skip


def save_model(classifier: RiskClassifier, folder: str | Path, description: dict[str, Any]) -> None:
    """Write a model folder; ``description`` goes into model.json beside format and settings.

    Raises ModelError for parameters that are no finite numbers.
    """
    folder = Path(folder)
    parameters = {name: _plain(name, value) for name, value in classifier.get_params().items()}
    folder.mkdir(parents=True, exist_ok=True)
    bare = copy.copy(classifier).attach(None)
    skops.io.dump(bare, folder / ESTIMATOR, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    content = {
        "format": FORMAT,
        "fingerprint": classifier.fingerprint,
        "parameters": parameters,
        **description,
    }
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    if classifier.encoder is not None:
        classifier.encoder.save(folder)
    (folder / DESCRIPTION).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _plain(name: str, value: Any) -> Any:
    """A parameter as JSON has it: a search over a grid sets NumPy's numbers."""
    value = value.item() if isinstance(value, np.generic) else value
    if value is not None and (not isinstance(value, int | float) or not math.isfinite(value)):
        raise ModelError(f"The parameter {name} is {value!r}: a model folder holds numbers alone.")
    return value


def load_model(folder: str | Path) -> RiskClassifier:
    """Load a model folder without running anything that it brings.

    Raises ModelError when it is missing, damaged, of another format, or holds a type that
    riskscan does not know.
    """
    folder = Path(folder)
    description = describe_model(folder)
    file = folder / ESTIMATOR
    try:
        _check_size(file)
        unknown = [t for t in skops.io.get_untrusted_types(file=file) if t not in _OWN_TYPES]
        if unknown:
            raise ModelError(f"The model '{folder}' holds types that are not trusted: {unknown}.")
        classifier = skops.io.load(file, trusted=_OWN_TYPES)
    except _DAMAGE as error:
        told = " ".join(str(error).split()).rstrip(".")
        raise ModelError(f"The model '{folder}' cannot be read: {told}.") from error
    if not isinstance(classifier, RiskClassifier):
        raise ModelError(f"The model '{folder}' is no riskscan classifier.")
    classifier.attach(load_encoder(folder))
    try:
        learnt = classifier.fingerprint
    except (NotFittedError, AttributeError) as error:
        raise ModelError(
            f"The model '{folder}' was made by another version of riskscan: train it again."
        ) from error
    described = (description.get("fingerprint"), description["parameters"])
    told = description.get("thresholds", {"message": classifier.threshold})
    agrees = isinstance(told, dict) and told.get("message") == classifier.threshold
    if (learnt, classifier.get_params()) != described or not agrees:
        raise ModelError(f"The model '{folder}' is not the one that its {DESCRIPTION} describes.")
    return classifier


def _check_size(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        if sum(member.file_size for member in archive.infolist()) > _LARGEST:
            raise ValueError(f"it unpacks to more than {_LARGEST // 2**20} MiB")
