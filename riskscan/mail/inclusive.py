"""Textual inclusiveness: which messages of a thread hold all that its messages say.

A message is included in a later one when that holds its authored text, its attachments and its
subject, and when what it quotes or forwards is there too, or is the authored text of other messages
of the thread. All others are inclusive: who reads the inclusive messages of a thread has read it.
Messages are judged from the latest to the earliest, and only an inclusive one can include another.

Texts are compared as words (shingles.py), so wrapping, quote marks and blanks do not matter. A word
of a message is in another text when a run of five words around it is. An authored text of fewer
than eight words ("Yes, do it.") must stand in the history of the other message on lines of its own,
and its sender must be named there, for such words stand in many places. In doubt a message is
inclusive: the cost is a message read twice, not one that nobody reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from riskscan.mail.markers import attribution_start, field_of, separator_of
from riskscan.mail.message import Role, Segment
from riskscan.mail.shingles import Numbers, runs_of, word_numbers, word_spans
from riskscan.mail.thread import base_subject

_RUN = 5
_SHORT = 8
_HISTORY = (Role.QUOTED, Role.FORWARDED)
# How many inclusive messages one is compared with, and what is kept of the comparison.
_COMPARED = 12
_SPANS = 200
# In a long thread, by how many runs messages to compare with are looked for, and among how many.
_RAREST = 4
_POSTINGS = 1_000
_LEAST_NAME = 3
_LONGEST = 5_000_000  # characters of a body that are compared

_NAME = re.compile(r"[^\W_]+")

Flags = npt.NDArray[np.bool_]


@dataclass(slots=True, frozen=True)
class Letter:
    """What is compared of one message; ``key`` is the caller's, unique in a thread.

    ``attached``: hashes of its attachments and of the messages embedded in it. ``sender``: the name
    of whoever wrote it, or the local part of the address.
    """

    key: int
    body: str
    segments: Sequence[Segment]
    subject: str = ""
    sender: str = ""
    attached: frozenset[str] = frozenset()


@dataclass(slots=True, frozen=True)
class Inclusion:
    """Whether a message is inclusive, and why.

    ``included_in``: the key of the inclusive message that holds it, None for an inclusive one.
    ``nearest``: the later inclusive message that holds most of it, and ``added`` what that lacks:
    runs of the body, ``added_words`` words together; the message has ``words`` authored ones.
    ``reason``: "included"; of an inclusive one "alone", "last" (no later one holds any of it),
    "text", "attachments", "subject", "quotes" (what it quotes is nowhere else), "empty" (no words)
    or "long" (beyond what is compared).
    """

    key: int
    reason: str
    included_in: int | None = None
    nearest: int | None = None
    words: int = 0
    added_words: int = 0
    added: tuple[tuple[int, int], ...] = ()

    @property
    def inclusive(self) -> bool:
        """No other message holds it."""
        return self.included_in is None


def inclusions(letters: Sequence[Letter]) -> Iterator[Inclusion]:
    """Judge the messages of one thread, given from the earliest to the latest; latest first.

    Work and memory are in proportion to the texts: a message of a long thread is compared with a
    few, those that share its rarest runs of words.
    """
    texts = [_Text(letter) for letter in letters]
    index = _Index(texts) if len(texts) > _COMPARED else None
    written = np.unique(np.concatenate([np.empty(0, np.uint64), *(t.written for t in texts)]))
    inclusive: dict[int, None] = {}  # from the latest to the earliest
    for i in range(len(texts) - 1, -1, -1):
        near: Iterable[int] = inclusive
        if index is not None and len(inclusive) > _COMPARED:
            near = index.near(texts[i], inclusive)
        found = _judged(texts[i], [texts[j] for j in near], written)
        if found.inclusive:
            inclusive[i] = None
        yield found


class _Text:
    """A message in words: all of its body in order, and which of them must be found elsewhere."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.body = letter.body[:_LONGEST]
        parts = [
            (s.role, word_numbers(self.body[s.start : s.end]))
            for s in letter.segments
            if s.start < len(self.body)
        ]
        self.words = np.concatenate([np.empty(0, np.uint64), *(words for _, words in parts)])
        self.authored = _flags(parts, (Role.AUTHORED,))
        self.history = _flags(parts, _HISTORY)
        self.runs = runs_of(self.words, _RUN)
        self.sorted = np.unique(self.runs)
        self.written = np.concatenate(
            [np.empty(0, np.uint64)]
            + [runs_of(words, _RUN) for role, words in parts if role is Role.AUTHORED]
        )
        self.number = int(self.authored.sum())
        self.base = base_subject(letter.subject)[0]
        self._quoted: tuple[Numbers, npt.NDArray[np.int64]] | None = None

    def found_in(self, runs: Numbers) -> Flags:
        """For each word, whether a run around it is among these sorted runs."""
        there = np.zeros(len(self.words), dtype=bool)
        hits = _among(self.runs, runs)
        for step in range(_RUN):
            there[step : step + len(hits)] |= hits
        return there

    def quotes_lines(self, some: Numbers) -> bool:
        """Whether these words are all that stands on lines that follow each other in history."""
        if self._quoted is None:
            lines = [
                word_numbers(line)
                for s in self.letter.segments
                if s.role in _HISTORY
                for line in self.body[s.start : s.end].split("\n")
            ]
            words = [line for line in lines if len(line)]
            ends = np.cumsum([0, *map(len, words)])
            self._quoted = np.concatenate([np.empty(0, np.uint64), *words]), ends
        history, ends = self._quoted
        starts = ends[np.isin(ends + len(some), ends)]
        for step, word in enumerate(some.tolist()):
            starts = starts[history[starts + step] == word]
        return bool(len(starts))

    def lines(self, start: int, end: int) -> str:
        """The lines of the body that a run of it lies on."""
        first, last = self.body.rfind("\n", 0, start) + 1, self.body.find("\n", end)
        return self.body[first : last if last >= 0 else len(self.body)]

    def spans(self, which: Flags) -> list[tuple[int, int]]:
        """Runs of the body that hold these words."""
        made: list[tuple[int, int]] = []
        last = -2
        wanted = np.flatnonzero(which).tolist()
        at = 0
        words = (
            (s.start + start, s.start + end)
            for s in self.letter.segments
            if s.start < len(self.body)
            for start, end in word_spans(self.body[s.start : s.end])
        )
        for number, (start, end) in enumerate(words):
            if at == len(wanted):
                break
            if number != wanted[at]:
                continue
            at += 1
            if last == number - 1:
                made[-1] = (made[-1][0], end)
            else:
                made.append((start, end))
            last = number
        return made


def _flags(parts: Sequence[tuple[Role, Numbers]], roles: Sequence[Role]) -> Flags:
    return np.concatenate(
        [np.empty(0, bool), *(np.full(len(words), role in roles) for role, words in parts)]
    )


def _among(runs: Numbers, known: Numbers) -> Flags:
    if not len(known):
        return np.zeros(len(runs), dtype=bool)
    places = np.minimum(np.searchsorted(known, runs), len(known) - 1)
    return np.asarray(known[places] == runs)


class _Index:
    """Which messages of a thread hold a run of words."""

    def __init__(self, texts: Sequence[_Text]) -> None:
        runs = np.concatenate([text.sorted for text in texts])
        owners = np.repeat(np.arange(len(texts)), [len(text.sorted) for text in texts])
        order = np.lexsort((-owners, runs))
        self._runs, self._owners = runs[order], owners[order]

    def near(self, text: _Text, inclusive: Mapping[int, None]) -> list[int]:
        """Some inclusive messages that share the rarest runs of a message; else the latest."""
        runs = text.written if len(text.written) else text.sorted
        start = np.searchsorted(self._runs, runs, side="left")
        number = np.searchsorted(self._runs, runs, side="right") - start
        shared = np.flatnonzero(number > 1)
        rarest = shared[np.argsort(number[shared], kind="stable")[:_RAREST]]
        found: dict[int, None] = {}
        for at in rarest.tolist():
            end = start[at] + min(int(number[at]), _POSTINGS)
            for owner in self._owners[start[at] : end].tolist():
                if owner in inclusive:
                    found[owner] = None
                if len(found) >= _COMPARED:
                    return list(found)
        return list(found) or list(islice(inclusive, _COMPARED))


def _judged(text: _Text, others: Sequence[_Text], written: Numbers) -> Inclusion:
    key, number = text.letter.key, text.number
    needed = number or int(text.history.sum())
    if not needed:
        return Inclusion(key, "empty")
    if len(text.letter.body) > _LONGEST:
        return Inclusion(key, "long", words=number, added_words=number)
    best: tuple[int, str, _Text, Flags] | None = None
    for other in others:
        lacking, reason = _compared(text, other, written)
        if not reason:
            return Inclusion(key, "included", other.letter.key, other.letter.key, number)
        left = int(lacking.sum())
        if left < needed and (best is None or left < best[0]):
            best = left, reason, other, lacking
    if best is None:
        return Inclusion(key, "last", None, None, number, number)
    left, reason, other, lacking = best
    spans = tuple(text.spans(lacking)[:_SPANS])
    return Inclusion(key, reason, None, other.letter.key, number, left, spans)


def _compared(text: _Text, other: _Text, written: Numbers) -> tuple[Flags, str]:
    """Which words another message lacks, authored ones if there are any, and why it does not hold
    the message; "" when it does."""
    there = text.found_in(other.sorted)
    lacking = text.authored & ~there
    if lacking.any() and text.number >= _SHORT and lacking.sum() < _RUN:
        lacking = _without_lines(text, other, lacking)
    if text.number < _SHORT:
        held = text.number == 0 or _answers(text, other, not lacking.any())
        lacking = np.zeros_like(lacking) if held else text.authored
    if lacking.any():
        return lacking, "text"
    elsewhere = text.history & ~there
    if text.number:
        elsewhere &= ~text.found_in(written)
    else:
        lacking = elsewhere  # a bare forward says nothing else
    if not text.letter.attached <= other.letter.attached:
        return lacking, "attachments"
    if text.base != other.base and not _holds(other.words, word_numbers(text.base)):
        return lacking, "subject"
    if elsewhere.any() and any(not _is_head(text, *span) for span in text.spans(elsewhere)):
        return lacking, "quotes"
    return np.zeros_like(lacking), ""


def _without_lines(text: _Text, other: _Text, lacking: Flags) -> Flags:
    """The few words that another message lacks, but for a line of its own that its history has.

    Clients put "<< File: plan.doc >>" above the name that ends a message: no run of words is whole.
    """
    spans = text.spans(lacking)
    whole = len(spans) == 1 and len(word_numbers(text.lines(*spans[0]))) == lacking.sum()
    if whole and other.quotes_lines(text.words[lacking]):
        return np.zeros_like(lacking)
    return lacking


def _answers(text: _Text, other: _Text, found: bool) -> bool:
    """Whether a short text is in the history of another message, which names its sender."""
    names = [n for n in _NAME.findall(text.letter.sender.casefold()) if len(n) >= _LEAST_NAME]
    history = [s for s in other.letter.segments if s.role in _HISTORY]
    if not any(n in other.body[s.start : s.end].casefold() for s in history for n in names):
        return False
    return found or other.quotes_lines(text.words[text.authored])


def _holds(words: Numbers, some: Numbers) -> bool:
    """Whether words stand somewhere in this order."""
    last = len(words) - len(some) + 1
    if last <= 0:
        return False
    there = np.ones(last, dtype=bool)
    for step, word in enumerate(some.tolist()):
        there &= words[step : step + last] == word
    return bool(there.any())


def _is_head(text: _Text, start: int, end: int) -> bool:
    """Whether a run of history is what a mail client put there: attributions, header fields."""
    lines = text.lines(start, end).split("\n")
    heads = set()
    for i, line in enumerate(lines):
        if field_of(line) or separator_of(line):
            heads.add(i)
        begins, _ = attribution_start(lines, i, 0)
        if begins >= 0:
            heads.update(range(begins, i + 1))
    return all(i in heads or not _NAME.search(line) for i, line in enumerate(lines))
