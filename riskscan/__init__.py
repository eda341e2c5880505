"""riskscan: finds the messages in a mailbox export that voice legal concern."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskscan.case.read import Case as Case
    from riskscan.detect.classifier import RiskClassifier as RiskClassifier
    from riskscan.scanning import scan as scan

try:
    __version__ = version("riskscan")
except PackageNotFoundError:
    __version__ = "0+unknown"

__all__ = ["Case", "RiskClassifier", "scan"]

# Loaded on first use: every worker process imports this, and needs one of them at most.
_PLACES = {
    "Case": "riskscan.case.read",
    "RiskClassifier": "riskscan.detect.classifier",
    "scan": "riskscan.scanning",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'riskscan' has no attribute '{name}'")
    return getattr(import_module(_PLACES[name]), name)
