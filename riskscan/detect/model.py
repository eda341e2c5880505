"""The model folder: ``model.skops`` (the estimator, no pickle) and ``model.json`` (what it is)."""

from __future__ import annotations

import copy
import json
import lzma
import math
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import skops.io

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.description import DESCRIPTION, FORMAT, describe_model
from riskscan.detect.encoder import FILES, load_encoder
from riskscan.detect.errors import ModelError
from riskscan.detect.soundness import check_learnt, lacking

__all__ = ["ModelError", "describe_model", "load_model", "save_model"]

ESTIMATOR = "model.skops"
# The only types outside of scikit-learn, numpy and scipy that a model may hold.
_OWN_TYPES = ["riskscan.detect.classifier.RiskClassifier"]

# Archives are bounded; a model is a tenth of this.
_LARGEST = 2**29
# What skops says of a model's objects: some 30 KB.
_SCHEMA = "schema.json"
_LONGEST_SCHEMA = 2**20
# What zipfile, json, numpy and skops raise on damaged or hostile files.
_DAMAGE = (
    OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, LookupError, ValueError,
    TypeError, AttributeError, ImportError, RuntimeError, MemoryError, ArithmeticError, TokenError,
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
        if not isinstance(classifier, RiskClassifier):
            raise ModelError(f"The model '{folder}' is no riskscan classifier.")
        parameters = {name: _plain(name, v) for name, v in classifier.get_params().items()}
        if missing := lacking(classifier):
            raise ModelError(
                f"The model '{folder}' was made by another version of riskscan: train it again "
                f"({missing} is not there)."
            )
        check_learnt(classifier)
        learnt = classifier.attach(load_encoder(folder)).fingerprint
    except _DAMAGE as error:
        told = " ".join(str(error).split()).rstrip(".")
        raise ModelError(f"The model '{folder}' cannot be read: {told}.") from error
    described = (description.get("fingerprint"), description["parameters"])
    thresholds = description.get("thresholds", {"message": classifier.threshold})
    agrees = isinstance(thresholds, dict) and thresholds.get("message") == classifier.threshold
    if (learnt, parameters) != described or not agrees:
        raise ModelError(f"The model '{folder}' is not the one that its {DESCRIPTION} describes.")
    return classifier


def _check_size(file: Path) -> None:
    """Bound what skops will hold: it reads a member as often as the schema names it."""
    # A pipe would never end.
    if not file.is_file():
        raise ValueError(f"'{file.name}' is missing, or no file")
    with zipfile.ZipFile(file) as archive:
        sizes = {member.filename: member.file_size for member in archive.infolist()}
        if sizes.get(_SCHEMA, 0) > _LONGEST_SCHEMA:
            raise ValueError(f"its {_SCHEMA} is larger than {_LONGEST_SCHEMA // 2**20} MiB")
        named: list[int] = []
        waiting = [json.loads(archive.read(_SCHEMA))]
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                named.append(sizes.get(str(one.get("file")), 0))
            if isinstance(one, dict | list):
                waiting += one.values() if isinstance(one, dict) else one
    if max(sum(sizes.values()), sum(named)) > _LARGEST:
        raise ValueError(f"it unpacks to more than {_LARGEST // 2**20} MiB")
