"""Where the shipped models are: inside the wheel, or in the clone for an editable install."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_model(name: str) -> Path:
    """Folder of the model ``name`` ("detector" or "entities") that comes with riskscan.

    Raises FileNotFoundError when the installation is incomplete.
    """
    for root in (_PACKAGE / "_models", _PACKAGE.parent / "models"):
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(f"The shipped model '{name}' is missing: install riskscan again.")
