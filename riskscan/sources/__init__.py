"""Sources: from what the user points at to raw messages, each with its place.

``discover`` walks exports and yields units; a unit's ``events`` yields items and what was not
read. Nothing is written, no link is followed, and what cannot be read is told, never skipped.
"""

from riskscan.sources.item import Claim, Event, Item, LimitError, Limits, NotRead, SourceError, Unit
from riskscan.sources.walk import FileUnit, FolderUnit, discover

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
