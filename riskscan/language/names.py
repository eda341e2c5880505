"""Rules for names that their surroundings give away.

Companies by their legal form ("Pellworm Transit, LLC"), and people by the tail of a Lotus Notes
address ("Greta Holt/OSL/HALDEN@HALDEN").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Match = tuple[int, int, str]

_FORM = re.compile(
    r"(?:,[ \n]|[ \n,])(?:Inc|INC|Corp|CORP|LLC|L\.L\.C|LLP|L\.P|LP|Ltd|LTD|PLC|plc|GmbH|N\.A|S\.A)"
    r"(?![\w&-])\.?"
)
_NOTES = re.compile(
    r"[A-Z](?<![\w/@.].)(?:[\w'-]{1,20}|\.)?"
    r"(?:[ \n]{1,2}(?:[A-Z][\w'-]{0,20}\.?|de|del|van|von)){1,3}"
    r"(?=/[A-Z][\w&]{0,20}/| ?@ ?[A-Z]{3})"
)
_WORD = re.compile(r"\S{1,40}")
_INSIDE = frozenset(("of", "and", "&", "the", "for", "de"))
_NO_NAME_TEXT = (
    "The This That These An A And Of In On For To Under With By If As When See Per Since Our Its "
    "From Please Before After While Between At Dear Re Subject Cc Is Are Was Or But Hi Attn Via"
)
_NO_NAME = frozenset(_NO_NAME_TEXT.split())


def name_matches(text: str) -> Iterator[Match]:
    """Yield ``(start, end, label)`` of the ORG and PERSON names that need no network."""
    for match in _FORM.finditer(text):
        start = _begin(text, match.start())
        if start < match.start():
            yield start, match.end(), "ORG"
    if "/" in text or "@" in text:
        for match in _NOTES.finditer(text):
            yield match.start(), match.end(), "PERSON"


def _begin(text: str, end: int) -> int:
    """Return where the capitalised words before ``end`` begin."""
    window = max(0, end - 120)
    start = end
    words = [(m.start() + window, m.group()) for m in _WORD.finditer(text[window:end])]
    for count, (at, word) in enumerate(reversed(words)):
        between = text[at + len(word) : start]
        if count >= 6 or "\n" in between.strip(" ") or (count and word[-1] in ",.;:!?)>"):
            break
        if word in _INSIDE and count:
            continue
        if not (word[0].isupper() or word[0].isdigit()) or word in _NO_NAME or "@" in word:
            break
        start = at
    return start
