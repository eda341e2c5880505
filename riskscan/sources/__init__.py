"""Sources: from what the user points at to raw messages, each with its place.

``discover`` walks exports and yields units; a unit's ``events`` yields items and what was not
read. Nothing is written, no link is followed, and what cannot be read is told, never skipped.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riskscan.sources.item import Claim, Event, Item, LimitError, Limits, NotRead, SourceError, Unit

if TYPE_CHECKING:
    from riskscan.sources.walk import FileUnit as FileUnit
    from riskscan.sources.walk import FolderUnit as FolderUnit
    from riskscan.sources.walk import discover as discover

__all__ = [
    "Claim",
    "Event",
    "FileUnit",
    "FolderUnit",
    "Item",
    "LimitError",
    "Limits",
    "NotRead",
    "SourceError",
    "Unit",
    "discover",
]

# Loaded on first use: with it comes every reader, and a child process runs one.
_WALKING = frozenset(("FileUnit", "FolderUnit", "discover"))


def __getattr__(name: str) -> Any:
    if name not in _WALKING:
        raise AttributeError(f"module 'riskscan.sources' has no attribute '{name}'")
    return getattr(import_module("riskscan.sources.walk"), name)
