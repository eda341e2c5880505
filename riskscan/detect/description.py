"""What a model folder says of itself in ``model.json``, read without loading the model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskscan.detect.errors import ModelError

DESCRIPTION = "model.json"
NETWORK = "encoder.npz"
"""The file of an encoder; a model without it has none."""
FORMAT = 3
# Of a thousand data sets it has half a MiB.
_LONGEST = 2**24
# The parameters that change what a case holds, beside the model itself.
_SETTINGS = ("threshold", "finding_threshold", "encode_from")


def describe_model(folder: Path) -> dict[str, Any]:
    """The content of model.json. Raises ModelError when it is missing, unreadable, or foreign."""
    file = folder / DESCRIPTION
    if not file.is_file():
        raise ModelError(f"There is no riskscan model in '{folder}' ({DESCRIPTION} is missing).")
    try:
        with file.open("rb") as stream:
            told = stream.read(_LONGEST + 1)
        if len(told) > _LONGEST:
            raise ValueError(f"it is larger than {_LONGEST // 2**20} MiB")
        content = json.loads(told)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"'{file}' cannot be read: {error}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("parameters"), dict):
        raise ModelError(f"'{file}' does not describe a model.")
    if content.get("format") != FORMAT:
        raise ModelError(
            f"The model '{folder}' has format {content.get('format')}; "
            f"this riskscan reads format {FORMAT}: train it again."
        )
    return content


@dataclass(frozen=True, slots=True)
class Detector:
    """What scores a case: a model folder, with its encoder (if it has one) or without.

    ``threshold``: from which score on it flags, when not from its own.
    """

    folder: Path
    encoder: bool = True
    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(f"The threshold {self.threshold} is not between 0 and 1.")

    def key(self) -> tuple[str, str, dict[str, Any]]:
        """Name, fingerprint and settings: what a case notes of who scored it.

        Raises ModelError as ``describe_model`` does.
        """
        content = describe_model(self.folder)
        settings = {name: content["parameters"].get(name) for name in _SETTINGS}
        if not self.encoder and (self.folder / NETWORK).exists():
            settings["encode_from"] = None
        if self.threshold is not None:
            settings["threshold"] = self.threshold
        return self.folder.name, str(content.get("fingerprint")), settings
