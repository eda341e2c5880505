"""What a text says, to compare it with another way of writing the same message."""

from __future__ import annotations

import hashlib
import re

from riskscan.mail.unspaced import LETTERS, MARKS

_COMPARED = 1_000_000  # characters
_TOKEN = re.compile(rf"[{LETTERS}][{MARKS}]*|[^\W_{LETTERS}]+")
_ASCII_TOKEN = re.compile(r"[a-z0-9]+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>]+")
# Not all that is no letter: the vowels of many scripts are marks, and an emoji says something.
_SILENT = re.compile(
    "[\x00-/:-@\\[-`{-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf"
    "\u2000-\u206f\u2190-\u27bf\u3000-\u3004\u3008-\u3020\u3030\ufe0e\ufe0f\ufeff\ufffd]+"
)

_OWN = 5
"""Words that a text has alone, from which on it says something else, however long it is."""
_OWN_OF_SHORT = 2
"""The same, where they are a third of its words: fewer are links and labels."""
_OWN_GRAMS = 3
"""Runs of three words that it has alone, where they are half of its own: another order, a "not"."""


def sequence(text: str) -> str:
    """The letters and digits of a text, in small letters, without all that is between them."""
    return _SILENT.sub("", text.casefold())


def sequence_hash(letters: str) -> str:
    """SHA-256, in hex, of a ``sequence``."""
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()


def tokens(text: str) -> list[str]:
    """The words and numbers of a text, in small letters, without those of links, in order.

    A letter of a script without spaces is a word.
    """
    folded = text[:_COMPARED].casefold()
    if "http" in folded or "www." in folded:
        folded = _URL.sub(" ", folded)
    found: list[str] = (_ASCII_TOKEN if folded.isascii() else _TOKEN).findall(folded)
    return found


class Said:
    """What a text says: its words, and its runs of three words (made when they are asked for)."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self.words = _words(self._tokens)
        self._grams: set[tuple[str, ...]] | None = None

    @property
    def grams(self) -> set[tuple[str, ...]]:
        if self._grams is None:
            self._grams = _grams(self._tokens)
        return self._grams

    def lacks(self, text: str) -> bool:
        """Does another text say something that this one does not?

        It has words of its own, or the same ones in clearly another order.
        """
        if len(text) > _COMPARED:
            return True
        theirs = tokens(text)
        words = _words(theirs)
        own = len(words - self.words)
        if own >= _OWN or (own >= _OWN_OF_SHORT and own * 3 >= len(words)):
            return True
        grams = _grams(theirs)
        alone = len(grams - self.grams)
        return alone >= _OWN_GRAMS and alone * 2 >= len(grams)


def _words(tokens: list[str]) -> set[str]:
    """Those of two letters or more, and the letters of scripts without spaces."""
    return {t for t in tokens if (len(t) > 1 or t > "\u0e00") and not t.isdecimal()}


def _grams(tokens: list[str]) -> set[tuple[str, ...]]:
    return set(zip(tokens, tokens[1:], tokens[2:], strict=False))
