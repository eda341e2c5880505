"""What is counted of texts: the words of a message up to a limit, whatever else is in its batch."""

from __future__ import annotations

import numpy as np

from riskscan.detect.features import Hasher
from riskscan.detect.reading import Read

SENTENCE = "Keep invoice {0} out of the shared folder, {1} said twice."
NAMES = ("Ottilie", "Bram", "Ximena", "Tove")


def _text(sentences: int, start: int = 0) -> str:
    return " ".join(
        SENTENCE.format(i, NAMES[(i * i) % 4] + "abcdefghij"[i % 10])
        for i in range(start, start + sentences)
    )


def test_subwords_of_a_long_message_are_of_its_first_words() -> None:
    # Thirteen tokens a sentence: the limit of 5,000 falls within one.
    (told,) = Read([_text(1)], Hasher()).lengths
    fits = 5_000 // int(told)
    rest = 5_000 - fits * int(told)
    assert rest
    long = _text(fits + 60)
    read = Read([long, "Lunch is at noon."], Hasher())
    assert read.lengths.tolist() == [5_000, 5]
    # The same words, and the rest of the limit's.
    head = " ".join(_text(1, fits).split()[:rest])
    cut = Read([f"{_text(fits)} {head}"], Hasher())
    assert cut.lengths.tolist() == [5_000]
    assert (read.subwords[0] != cut.subwords[0]).nnz == 0
    assert (Read([_text(fits + 61)], Hasher()).subwords != cut.subwords).nnz == 0


def test_subwords_come_in_an_order_that_a_batch_does_not_change() -> None:
    texts = [_text(1 + i, 7 * i) for i in range(12)]
    together = Read([*reversed(texts)], Hasher()).subwords
    for number, text in enumerate(reversed(texts)):
        alone = Read([text], Hasher()).subwords
        row = together[number]
        np.testing.assert_array_equal(alone.indices, row.indices)
        np.testing.assert_array_equal(alone.data, row.data)
