"""Characters that nobody sees, and that cut a word in two for whoever searches it."""

from __future__ import annotations

import re

INVISIBLE = (
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064"
    "\u3164\ufeff\uffa0"
)
"""Soft hyphen, fillers, zero width space, direction marks, word joiner and the like."""

_JOINERS = "\u200c\u200d"
# Between letters that join, as Arabic and Indic ones, and in emoji they say something.
_BESIDE = "\u0590-\u1fff\u2190-\U0010ffff"
# A run is tried from its begin alone, or, behind a letter that may need the first of it, from
# the second on: tried from each of its joiners, a long run would cost its length squared.
_IDLE = re.compile(
    f"(?:(?<![{_BESIDE}{_JOINERS}])|(?<=[{_BESIDE}][{_JOINERS}]))[{_JOINERS}]++(?![{_BESIDE}])"
)
_LETTER = "A-Za-z\xc0-\u0333\u0370-\u058f"
_RUN = f"[{INVISIBLE}{_JOINERS}]+"
_INSIDE = re.compile(f"(?<=[{_LETTER}]){_RUN}(?=[{_LETTER}])")
_AMONG = re.compile(f"(?<=[!-~{_LETTER}]){_RUN}(?=[!-~{_LETTER}])")


def without_joiners(text: str) -> str:
    """``text`` without the joiners and non-joiners of zero width that join nothing."""
    return _IDLE.sub("", text) if "\u200c" in text or "\u200d" in text else text


def turned(text: str) -> bool:
    """Does ``text`` have marks that turn its direction round, so that it is seen otherwise?"""
    return not text.isascii() and ("\u202e" in text or "\u202d" in text)


def whole_words(text: str) -> str:
    """``text`` without the invisible characters within it, if some part the letters of a word.

    In Latin, Greek and Cyrillic they only hide the word from whoever searches it.
    """
    if text.isascii() or not any(one in text for one in INVISIBLE + _JOINERS):
        return text
    return _AMONG.sub("", text) if _INSIDE.search(text) else text
