"""Vary marked texts while training: other names in the place of names, other letter case."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple

from spacy.tokens import Doc
from spacy.vocab import Vocab

from riskscan.language import lexicon
from riskscan.language.gazetteer import GIVEN_NAMES, PLACES

_TEXTS_WITH_OTHER_NAMES = 0.5
_NAMES_CHANGED = 0.35
_LOWER, _UPPER, _NAMES_LOWER = 0.08, 0.03, 0.03
_LONGEST_NAME = 5  # words
_FROM_LISTS = 0.25


class Marked(NamedTuple):
    """A text in words, whether a space follows each, and IOB tags ("" where nothing is known)."""

    words: list[str]
    spaces: list[bool]
    tags: list[str]

    def doc(self, vocab: Vocab) -> Doc:
        """Build the Doc."""
        return Doc(vocab, words=self.words, spaces=self.spaces, ents=self.tags)


def marked(doc: Doc) -> Marked:
    """Take a Doc apart."""
    tags = [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_iob in (1, 3) else t.ent_iob_ for t in doc]
    return Marked([t.text for t in doc], [bool(t.whitespace_) for t in doc], tags)


class Names:
    """The names of marked texts by label and number of words, and single words of the lists."""

    def __init__(self, docs: Iterable[Doc]) -> None:
        known: dict[tuple[str, int], dict[tuple[str, ...], None]] = {}
        for doc in docs:
            for one in doc.ents:
                words = tuple(token.text for token in one)
                if _is_plain(words):
                    known.setdefault((one.label_, len(words)), {})[words] = None
        self._known = {key: list(names) for key, names in known.items()}
        firms = lexicon.FIRMS - lexicon.SURNAMES - lexicon.GIVEN_NAMES - GIVEN_NAMES
        self._lists = {
            "PERSON": _capitalised(GIVEN_NAMES | lexicon.GIVEN_NAMES),
            "ORG": _capitalised(firms - PLACES - lexicon.PLACES),
            "LOC": _capitalised(word for word in PLACES | lexicon.PLACES if len(word) > 3),
        }

    def other(self, label: str, words: list[str], chance: random.Random) -> list[str]:
        """Return another name of the label with as many words, or ``words`` if there is none."""
        if not _is_plain(tuple(words)):
            return words
        if len(words) == 1 and label in self._lists and chance.random() < _FROM_LISTS:
            return [chance.choice(self._lists[label])]
        names = self._known.get((label, len(words)))
        return list(chance.choice(names)) if names else words


def _is_plain(words: tuple[str, ...]) -> bool:
    return (
        len(words) <= _LONGEST_NAME
        and words[0][:1].isupper()
        and len("".join(words)) > 2
        and not any(word.isspace() for word in words)
    )


def _capitalised(words: Iterable[str]) -> list[str]:
    return [word.upper() if len(word) < 4 else word.capitalize() for word in sorted(words)]


def varied(text: Marked, names: Names, chance: random.Random) -> Marked:
    """Return ``text`` with some names changed and, at times, in other letter case."""
    words, spaces, tags = text
    if chance.random() < _TEXTS_WITH_OTHER_NAMES:
        words, spaces, tags = _renamed(text, names, chance)
    case = chance.random()
    if case < _LOWER:
        words = [word.lower() for word in words]
    elif case < _LOWER + _UPPER:
        words = [word.upper() for word in words]
    elif case < _LOWER + _UPPER + _NAMES_LOWER:
        pairs = zip(words, tags, strict=True)
        words = [word.lower() if tag[:1] in "BI" else word for word, tag in pairs]
    return Marked(words, spaces, tags)


def _renamed(text: Marked, names: Names, chance: random.Random) -> Marked:
    changed = Marked([], [], [])
    at = 0
    while at < len(text.words):
        end = at + 1
        tag = text.tags[at]
        words, tags = text.words[at:end], [tag]
        if tag.startswith("B"):
            while end < len(text.tags) and text.tags[end].startswith("I"):
                end += 1
            words, tags = text.words[at:end], text.tags[at:end]
            if chance.random() < _NAMES_CHANGED:
                words = names.other(tag[2:], words, chance)
        changed.words.extend(words)
        changed.tags.extend(tags)
        changed.spaces.extend(text.spaces[at:end])
        at = end
    return changed
