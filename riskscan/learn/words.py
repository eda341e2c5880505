"""What the loop has learnt, in words: those that the decisions gave or took most weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from riskscan.detect.features import Hasher, words
from riskscan.language.sentences import sentence_spans

_SHOWN = 12
_TEXTS = 400
_CHARACTERS = 4_000
_FEWEST = 2
# Function words to spaCy, but telling here: alone ("nobody"), or in a sequence ("off the books").
_TELLING = frozenset(
    ("call", "cannot", "empty", "keep", "move", "never", "nobody", "nothing", "serious", "without")
)
_TELLING_TOGETHER = frozenset(("against", "no", "not", "off", "out"))
# Forms of the same that spaCy's list lacks, with the endings of its contractions ("that's").
_ALSO_IDLE = frozenset(
    ("ain't", "can't", "dont", "gets", "getting", "goes", "going", "got", "im", "let's", "won't")
)
_ENDINGS = ("n't", "'s", "'re", "'ve", "'ll", "'d", "'m")


def gained(
    connection: Connection, taught: Mapping[int, int], weights: NDArray[np.float64]
) -> list[tuple[str, float]]:
    """The words and word sequences of the decided messages that gained or lost most, with how much.

    Only those that occur in several of the messages and neither begin nor end with a function word,
    six of each kind at most; of sequences that say the same, the strongest.
    """
    from spacy.lang.en.stop_words import STOP_WORDS

    from riskscan.learn.queue import texts_of

    idle = STOP_WORDS - _TELLING
    idle_together = idle - _TELLING_TOGETHER

    # As many flagged ones as there are, up to half.
    flagged = [m for m, flag in taught.items() if flag][-_TEXTS // 2 :]
    others = [m for m, flag in taught.items() if not flag][-(_TEXTS - len(flagged)) :]
    hasher = Hasher()
    strength: dict[str, float] = {}
    seen: Counter[str] = Counter()
    for text in texts_of(connection, sorted(flagged + others)):
        text = text[:_CHARACTERS]
        here: set[str] = set()
        for start, end in sentence_spans(text):
            for column, names in hasher.named(words(text[start:end])).items():
                for name in names:
                    if _readable(name, idle_together if " " in name else idle):
                        here.add(name)
                        strength[name] = float(weights[column])
        seen.update(here)
    return _strongest({name: strength[name] for name, n in seen.items() if n >= _FEWEST})


def _readable(name: str, idle: Set[str]) -> bool:
    """No word classes, sentence ends, lone punctuation, numbers or ``idle`` words at an end."""
    parts = name.split()
    return (
        not name.startswith("#")
        and all(part[0].isalpha() for part in parts)
        and (len(parts) > 1 or len(name) > 2)
        and not any(
            _is_idle(part.lower().replace("’", "'"), idle) for part in (parts[0], parts[-1])
        )
    )


def _is_idle(word: str, idle: Set[str]) -> bool:
    head = next((word.removesuffix(end) for end in _ENDINGS if word.endswith(end)), word)
    return word in idle or word in _ALSO_IDLE or head in idle


def _strongest(strength: Mapping[str, float]) -> list[tuple[str, float]]:
    kept: list[tuple[str, float]] = []
    for sign in (1, -1):
        found: list[tuple[str, float]] = []
        for name, weight in sorted(strength.items(), key=lambda one: (-sign * one[1], one[0])):
            if sign * weight <= 0 or len(found) == _SHOWN // 2:
                break
            told = set(name.split())
            if not any(told & set(other.split()) for other, _ in found):
                found.append((name, weight))
        kept += found
    return kept
