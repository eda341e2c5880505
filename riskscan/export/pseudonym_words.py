"""Which names are everyday words too: by how the texts of a case write them, and by a list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set

from sqlalchemy import Connection, select

from riskscan.case import schema
from riskscan.language.people import fold

WORD = re.compile(r"[^\W\d_]{1,60}")
# A word that is no part of an address, a path or a file's name.
_FREE = re.compile(r"(?<![\w@./\\-])[^\W\d_]{1,60}(?![\w@/\\-]|\.\w)")
# Where sentences begin, and where what others wrote does.
_BEGUN = re.compile(r"(?:\A|[.!?]\s{1,3}|\n\n)[\"'(]?([^\W\d_])")
_QUOTED = re.compile(r"\n\s*(?:-{3}|>|From:|To:)")
_HEAD = 600
_SAMPLE = 20_000_000  # characters of bodies that tell which names are words too
_ROWS = 500
# Names that are everyday words, in cases too small to tell.
_WORDS_TEXT = """
will may mark grant bill chase frank pat drew sue art dot rob rich guy max hope joy faith grace rose
dawn april june august summer iris ivy ray sandy skip sterling young long short white black brown
green gray grey king price page day field fields hill lake land law love moon park pool rice snow
star stone winter wood woods bush bank banks church power powers strong case cash book box bridge
bright burn cross dear ever fair fall fine fish free friend gene good hand hard head heart high
house ice in ink is it jet judge just light little lord lucky major man many miles more much new no
noble north oak of on or pace peak penny plant point port porter post prince read real rock sage see
self sharp silver so spring steel still street sun sweet temple the to tour town troy wall waters
way well wells west wild wise worth yes
"""
WORDS = frozenset(_WORDS_TEXT.split())
# What stands in names of senders and is never one, however often it has a capital.
_NEVER_TEXT = """
captain chief engineer coach doctor professor team office group billing support sales clerk county
bookings tickets managers digest brief notice news weekly daily monday tuesday wednesday thursday
friday saturday sunday january february march april may june july august september october november
december best thanks regards hi hello mr mrs ms dr royal heritage city state united national global
international american european service services system systems mail email list
energy capital trading power gas
bank company corporation market markets online travel the and for from
all folks guys gang people everyone everybody both there again ladies gentlemen gents sirs sir madam
colleagues friends friend folk sincerely yours cheers respectfully cordially warmly truly greetings
hello hey thx thanks rgds attn note agenda summary attached original message subject yes however
also finally please mom dad mum
"""
NEVER = frozenset(_NEVER_TEXT.split())


class Spelled:
    """How often the case's texts write words in lower case (``low``), and names with a capital.

    What is written without any capitals tells nothing of words.
    """

    def __init__(self, connection: Connection, names: Set[str]) -> None:
        self.low: Counter[str] = Counter()
        self.high: Counter[str] = Counter()
        bodies = connection.execute(
            select(schema.texts.c.body)
            .order_by(schema.texts.c.message_id)
            .execution_options(yield_per=_ROWS)
        ).scalars()
        for word, raised, without in _sampled(bodies):
            if raised and word in names:
                self.high[word] += 1
            elif not raised and not without:
                self.low[word] += 1

    def rare(self, word: str) -> bool:
        """Whether a name stands in lower case hardly ever."""
        return self.low[word] <= 0.2 * self.high[word]

    def also_words(self, names: Set[str], trusted: Set[str]) -> set[str]:
        """The names that stand in lower case too often to be names alone.

        Of ``trusted`` ones more is needed: some people write without capitals.

        Where a case has a name too seldom to tell, a list of everyday words does.
        """
        low, high = self.low, self.high
        often = {w for w in names if low[w] + high[w] >= 20}
        words = {
            w for w in names if low[w] >= 3 and low[w] >= (1 if w in trusted else 0.3) * high[w]
        }
        return words | (WORDS & names - often) | (NEVER & names)

    def usual(self, word: str) -> bool:
        """Whether a word in lower case is the word, though it is a name with a capital: "love"."""
        return self.low[word] >= 3 and self.low[word] >= 0.25 * self.high[word]

    def capital(self, names: Set[str]) -> set[str]:
        """The names that hardly ever stand in lower case: there, too, they are names."""
        return {w for w in names if self.high[w] >= 3 and self.low[w] <= 0.25 * self.high[w]}

    def everyday(self, words: tuple[str, ...]) -> bool:
        """Whether a form is an everyday word: "S. Day" may be written "days", "E. Mail" too."""
        long = [word for word in words if len(word) > 1]
        return len(long) < 2 and all(
            w in NEVER or (self.low[w] >= 3 and self.low[w] > self.high[w]) for w in long
        )


def without_capitals(text: str) -> bool:
    """Whether somebody wrote it who does without capitals, by how its first sentences begin."""
    begun = _BEGUN.findall(_QUOTED.split(text[:_HEAD], maxsplit=1)[0])
    return bool(begun) and sum(c.islower() for c in begun) >= 0.6 * len(begun)


def _sampled(bodies: Iterable[str]) -> Iterator[tuple[str, bool, bool]]:
    """Words, whether each has a capital, and whether its text does without."""
    left = _SAMPLE
    for body in bodies:
        without = without_capitals(body)
        for match in _FREE.finditer(body[:left]):
            yield fold(match[0]), not match[0].islower(), without
        left -= len(body)
        if left <= 0:
            return
