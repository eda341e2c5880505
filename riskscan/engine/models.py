"""Where workers find a model: a folder of this machine, of their own riskscan, or sent to them.

A place on a cluster names the model's content by hash, so that no worker scores with another one.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from riskscan.paths import shipped_model

SENT = "RISKSCAN_SENT_MODELS"
"""Environment variable of a cluster's worker: the folder of the models that it was sent."""

_SHIPPED = ("detector", "entities")


class ModelMissing(RuntimeError):
    """A worker has not the model that it must use; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """A model folder: its ``path``, or on a cluster its hash, and its name when it is shipped.

    ``encoder``: whether a detector works with its encoder; ``threshold``: from which score on it
    flags, when not from its own.
    """

    path: str = ""
    sha256: str = ""
    shipped: str = ""
    encoder: bool = True
    threshold: float | None = None

    def folder(self) -> Path:
        """The folder on the machine that asks. Raises ModelMissing."""
        return Path(self.path) if self.path else _found(self.sha256, self.shipped)


def fingerprint(folder: Path) -> str:
    """SHA-256 over the names and files of a folder."""
    digest = hashlib.sha256()
    for file in files_of(folder):
        digest.update(f"{file.relative_to(folder).as_posix()}\n".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def files_of(folder: Path) -> list[Path]:
    """All files below a folder, sorted."""
    return sorted(file for file in folder.rglob("*") if file.is_file())


def shipped_as(folder: Path) -> str:
    """The name under which riskscan brings this folder, "" when it does not."""
    return next((n for n in _SHIPPED if shipped_model(n).resolve() == folder.resolve()), "")


@lru_cache(maxsize=4)
def _found(sha256: str, shipped: str) -> Path:
    folder = shipped_model(shipped) if shipped else Path(os.environ.get(SENT, os.devnull)) / sha256
    if not folder.is_dir() or fingerprint(folder) != sha256:
        what = f"the model '{shipped}' of this scan" if shipped else "the model that it was sent"
        raise ModelMissing(
            f"A worker of the cluster has not {what}: install the same riskscan everywhere."
        )
    return folder
