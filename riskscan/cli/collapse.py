"""``--collapse``: which messages stand for others, the same words for exports and the report."""

from __future__ import annotations

from enum import StrEnum

Collapse = StrEnum(
    "Collapse",
    [("copies", "duplicates"), ("near", "near-duplicates"), ("threads", "threads")],
)
