"""Words and shingles of a text as numbers, for comparing texts.

A word is a run of letters and digits, whatever its case; in scripts that set no blanks between
words (Chinese, Japanese, Thai and their like) each character is one. Line ends, quote marks,
punctuation and blanks are nothing, so a text that was wrapped anew or quoted has the same words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]

# Thai to Myanmar, Khmer, kana, Han with its extensions: written without blanks.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"  # noqa: E501
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_PIECE = 1_000_000  # characters whose words are looked at together, at most
_KNOWN_WORDS = 300_000
_KNOWN_LENGTH = 40
_ODD = np.uint64(0x9E3779B97F4A7C15)


class _Known(dict[str, int]):
    """The numbers of words met lately: most words of a corpus are few."""

    def __missing__(self, word: str) -> int:
        data = word.casefold().encode("utf-8", "surrogatepass")
        number = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")
        if len(word) <= _KNOWN_LENGTH:
            if len(self) >= _KNOWN_WORDS:
                self.clear()
            self[word] = number
        return number


_known = _Known()


def word_numbers(text: str) -> Numbers:
    """A number of 64 bits for each word of ``text``, in order; equal words have equal ones."""
    if len(text) <= _PIECE:
        return _numbered(_WORD.findall(text))
    return np.concatenate([_numbered(_WORD.findall(text, *piece)) for piece in _pieces(text)])


def _numbered(words: list[str]) -> Numbers:
    return np.fromiter(map(_known.__getitem__, words), np.uint64, len(words))


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of ``text`` stand: as many as ``word_numbers`` gives, in the same order."""
    for start, end in _pieces(text):
        for match in _WORD.finditer(text, start, end):
            yield match.span()


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Runs of a text, cut at line ends where there are any, so that lists of words stay short."""
    start = 0
    while start < len(text):
        end = start + _PIECE
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or end
        yield start, min(end, len(text))
        start = end


def mixed(numbers: Numbers) -> Numbers:
    """Each number scrambled (the finalizer of SplitMix64), so that sums of them tell nothing."""
    mix = numbers.copy()
    mix ^= mix >> np.uint64(30)
    mix *= np.uint64(0xBF58476D1CE4E5B9)
    mix ^= mix >> np.uint64(27)
    mix *= np.uint64(0x94D049BB133111EB)
    mix ^= mix >> np.uint64(31)
    return mix


def runs_of(words: Numbers, length: int) -> Numbers:
    """A number for each run of ``length`` consecutive words, by the place where it begins."""
    count = len(words) - length + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    made = words[:count]
    for step in range(1, length):
        made = paired(made, words[step : step + count])
    return made


def paired(ones: Numbers, others: Numbers) -> Numbers:
    """A number for each pair of numbers."""
    return mixed(ones * _ODD + others)


def shingles(texts: Sequence[Numbers]) -> list[Numbers]:
    """The shingles of texts given as words: every word and every pair of neighbours, sorted.

    The second occurrence of a shingle is another one than the first, so that a text is not like
    one that says the same a thousand times. No number stands twice in one text's.
    """
    sizes = np.array([len(words) for words in texts], dtype=np.int64)
    flat = np.concatenate([*texts, np.empty(0, dtype=np.uint64)])
    owner = np.repeat(np.arange(len(texts)), sizes)
    within = owner[1:] == owner[:-1]
    values = np.concatenate([mixed(flat), runs_of(flat, 2)[within]])
    owner = np.concatenate([owner, owner[1:][within]])
    order = np.argsort(owner, kind="stable")
    values, owner = values[order], owner[order]
    ends = np.searchsorted(owner, np.arange(len(texts)), side="right")
    own = np.split(values, ends[:-1])
    for some in own:
        some.sort()  # a view: sorts its part of ``values``
    first = np.ones(len(values), dtype=bool)
    first[1:] = (values[1:] != values[:-1]) | (owner[1:] != owner[:-1])
    places = np.arange(len(values))
    occurrence = places - np.maximum.accumulate(np.where(first, places, 0))
    values += occurrence.astype(np.uint64) * _ODD
    values[:] = mixed(values)
    for some in own:
        some.sort()
    if ((values[1:] == values[:-1]) & (owner[1:] == owner[:-1])).any():
        own = [np.unique(some) for some in own]
    return own
