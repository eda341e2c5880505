"""Words to the pieces that an encoder knows: WordPiece (Schuster and Nakajima 2012; BERT's rules).

Lower case without accents; a word is the longest pieces that the vocabulary has, from the left. A
vocabulary that holds all letters splits every word, however much of it was left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

PADDING, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
_INSIDE = "##"
_LONGEST_WORD = 100
# Letters and digits together; any other mark, and each Chinese or Japanese character, by itself.
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_WORD = re.compile(rf"[{_IDEOGRAPH}]|[^\W_{_IDEOGRAPH}]+|[^\w\s]|_")
_REMEMBERED = 50_000
_STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")


class WordPieces:
    """Splits texts into the numbers of a vocabulary's pieces."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """``vocabulary``: the pieces in the order of their numbers, the four marks among them.

        Raises ValueError when a mark is missing or a piece occurs twice.
        """
        self.vocabulary = tuple(vocabulary)
        self._number = {piece: number for number, piece in enumerate(self.vocabulary)}
        missing = [mark for mark in (PADDING, UNKNOWN, START, END) if mark not in self._number]
        if missing or len(self._number) != len(self.vocabulary):
            raise ValueError("a vocabulary holds each piece once, and the marks of BERT")
        self.start, self.end = self._number[START], self._number[END]
        self._known: dict[str, list[int]] = {}

    def __call__(self, text: str) -> list[int]:
        """The numbers of the pieces of ``text``, without marks at its ends."""
        numbers: list[int] = []
        for word in _WORD.findall(unicodedata.normalize("NFC", text).translate(_STRAIGHT)):
            known = self._known.get(word)
            if known is None:
                known = self._pieces(word)
                if len(self._known) < _REMEMBERED:
                    self._known[word] = known
            numbers += known
        return numbers

    def _pieces(self, word: str) -> list[int]:
        unknown = [self._number[UNKNOWN]]
        if len(word) > _LONGEST_WORD:
            return unknown
        letters = unicodedata.normalize("NFD", word.lower())
        plain = "".join(c for c in letters if unicodedata.category(c) != "Mn")
        found: list[int] = []
        begin = 0
        while begin < len(plain):
            end = len(plain)
            lead = _INSIDE if begin else ""
            while end > begin and lead + plain[begin:end] not in self._number:
                end -= 1
            if end == begin:
                return unknown
            found.append(self._number[lead + plain[begin:end]])
            begin = end
        return found
