"""Where things are: the shipped models, and what is an address of a remote place.

The models are inside the wheel, or in the clone for an editable install.
"""

from __future__ import annotations

import re
from pathlib import Path

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://[^\0]", re.IGNORECASE)
_PACKAGE = Path(__file__).resolve().parent


def shipped_model(name: str) -> Path:
    """Folder of the model ``name`` ("detector" or "entities") that comes with riskscan.

    Raises FileNotFoundError when the installation is incomplete.
    """
    for root in (_PACKAGE / "_models", _PACKAGE.parent / "models"):
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(f"The shipped model '{name}' is missing: install riskscan again.")


class PlaceError(Exception):
    """A remote place does not answer as it must; the text is a sentence for the user."""


def is_remote(text: str) -> bool:
    """Whether the text is the address of a remote place (``s3://...``), and no path."""
    return bool(_ADDRESS.match(text))
