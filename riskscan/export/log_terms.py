"""How a privilege log is made, and its words: which basis is claimed, and descriptions that give
nothing of a document away.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Basis = Literal["attorney-client", "work-product", "both"]

ATTORNEY_CLIENT = "Attorney-client privilege"
WORK_PRODUCT = "Work product"
COMMON_INTEREST = "Common interest"
NOT_STATED = "Not stated"
_STATED = {
    "attorney-client": (ATTORNEY_CLIENT,),
    "work-product": (WORK_PRODUCT,),
    "both": (ATTORNEY_CLIENT, WORK_PRODUCT),
}
# Abbreviations as reviewers write them, in capitals only.
_NOTED = {
    ATTORNEY_CLIENT: re.compile(
        r"(?i:\b(?:attorney|lawyer|solicitor)[-/ ]{1,2}client\b|\blegal advice\b)|\bA[-/]?CP?\b"
    ),
    WORK_PRODUCT: re.compile(
        r"(?i:\b(?:work|trial)[- ]{1,2}(?:product|preparation)\b|\banticipation of litigation\b)"
        r"|\bA?WP\b"
    ),
    COMMON_INTEREST: re.compile(
        r"(?i:\bcommon[- ]{1,2}interest\b|\bjoint[- ]{1,2}defen[cs]e\b)|\bCI\b"
    ),
}
_TOPICS = {
    ATTORNEY_CLIENT: "regarding legal advice",
    WORK_PRODUCT: "prepared in anticipation of litigation",
    COMMON_INTEREST: "shared under a common interest",
}
_FILES = {
    "PDF document": "pdf", "Word document": "doc docx docm odt rtf",
    "spreadsheet": "xls xlsx xlsm xlsb ods csv", "presentation": "ppt pptx odp",
    "picture": "jpg jpeg png gif tif tiff bmp heic", "archive": "zip 7z rar tar gz",
    "text file": "txt md log", "message": "eml msg", "calendar entry": "ics",
    "sound or video": "mp3 wav m4a mp4 mov avi", "web page": "htm html",
}  # fmt: skip
_KINDS = {ending: kind for kind, endings in _FILES.items() for ending in endings.split()}


@dataclass(frozen=True, slots=True)
class LogTerms:
    """``by``: a line a document, or a thread. ``describe_with``: what stands in a description
    beside metadata. ``hints``: also messages that only hint at privilege, marked as such.
    ``basis``: of what reviewers call privileged without a basis in their note. ``production``: the
    one whose slip sheets are logged, under their numbers."""

    by: Literal["document", "thread"] = "document"
    describe_with: Literal["none", "subject"] = "none"
    hints: bool = False
    basis: Basis | None = None
    production: Path | None = None


def bases(notes: Iterable[str], otherwise: Basis | None) -> list[str]:
    """The privileges that reviewers' notes claim; by ``otherwise`` where they claim none."""
    text = "\n".join(notes)
    found = [name for name, words in _NOTED.items() if words.search(text)]
    return found or list(_STATED[otherwise] if otherwise else (NOT_STATED,))


def topic(claimed: Collection[str]) -> str:
    """What a document is about, as far as the claim itself says it; "" when none is stated."""
    told = [words for basis, words in _TOPICS.items() if basis in claimed]
    return " and ".join(told)


def file_kind(ending: str) -> str:
    """What sort of file an ending tells; the name may give the contents away."""
    return _KINDS.get(ending.lstrip(".").lower(), "file")


def count(number: int, what: str) -> str:
    """ "1 recipient", "3 recipients"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
