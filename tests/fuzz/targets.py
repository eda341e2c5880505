"""What is fuzzed: each target takes bytes and must come back, with what it promises being true.

A target raises for a fault; what a parser may refuse with is caught in it and is none. Which
target reaches which file of riskscan is told in docs/fuzzing.md.
"""

from __future__ import annotations

from document_targets import DOCUMENT_TARGETS
from mail_targets import MAIL_TARGETS, Target
from source_targets import SOURCE_TARGETS

__all__ = ["TARGETS", "Target"]

TARGETS: dict[str, Target] = {**MAIL_TARGETS, **SOURCE_TARGETS, **DOCUMENT_TARGETS}
