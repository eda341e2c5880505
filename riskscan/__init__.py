"""riskscan: finds the messages in a mailbox export that voice legal concern."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskscan.case.read import Case as Case
    from riskscan.detect.classifier import RiskClassifier as RiskClassifier

try:
    __version__ = version("riskscan")
except PackageNotFoundError:
    __version__ = "0+unknown"

# Not lazily like the others: the module has the function's name, and would hide it once loaded.
from riskscan.scan import scan

__all__ = ["Case", "RiskClassifier", "scan"]

# Loaded on first use: a worker that parses mail need not import scikit-learn and pandas.
_PLACES = {"Case": "riskscan.case.read", "RiskClassifier": "riskscan.detect.classifier"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'riskscan' has no attribute '{name}'")
    return getattr(import_module(_PLACES[name]), name)
