"""What is counted of texts: the words of a message up to a limit, whatever else is in its batch."""

from __future__ import annotations

import numpy as np

from riskscan.detect.features import Hasher
from riskscan.detect.reading import Read


def _word(number: int) -> str:
    """A word of its own, and of pieces that hardly another has."""
    return "".join("bcdfghjklm"[int(digit)] for digit in f"{number:05}") + "ax"


def _text(words: int, start: int = 0) -> str:
    """Sentences of ten words."""
    some = [_word(n) for n in range(start, start + words)]
    some = [word.title() if n % 10 == 0 else word for n, word in enumerate(some)]
    return " ".join(f"{word}." if n % 10 == 9 else word for n, word in enumerate(some))


def test_subwords_of_a_long_message_are_of_its_first_words() -> None:
    # A full stop is a token too: eleven a sentence, and the limit of 5,000 falls within one.
    assert Read([_text(20)], Hasher()).lengths.tolist() == [22]
    whole, rest = divmod(5_000, 11)
    words = 10 * whole + rest
    read = Read([_text(6_000), "Lunch is at noon.", _text(6_000, 3)], Hasher())
    assert read.lengths.tolist() == [5_000, 5, 5_000]
    for row, start in ((0, 0), (2, 3)):
        cut = Read([_text(words, start)], Hasher())
        assert cut.lengths.tolist() == [5_000]
        assert (read.subwords[row] != cut.subwords[0]).nnz == 0
        less = Read([_text(words - 1, start)], Hasher())
        assert (read.subwords[row] != less.subwords[0]).nnz


def test_subwords_come_in_an_order_that_a_batch_does_not_change() -> None:
    texts = [_text(30 + 7 * i, 11 * i) for i in range(12)]
    together = Read([*reversed(texts)], Hasher()).subwords
    for number, text in enumerate(reversed(texts)):
        alone = Read([text], Hasher()).subwords
        row = together[number]
        np.testing.assert_array_equal(alone.indices, row.indices)
        np.testing.assert_array_equal(alone.data, row.data)
