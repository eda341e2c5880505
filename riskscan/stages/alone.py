"""Whom one word of a name means where several people fit: by where it stands in its message.

Below the text it is the sender, above it a recipient; else the one named in full last before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from riskscan.case.people import NEXT_TO
from riskscan.language.people import PersonName

SIGNED, GREETED, NAMED_BEFORE = 5, 6, 7
"""Numbers of the rules, see ``sightings.RULES``."""
CUT_OFF = -1
"""A place where no name before decides: the word may be part of a longer name, or no name."""
_LONGER = re.compile(r"[ \n]{1,2}[A-Z][a-z]")
_LINE = re.compile(r"(?:^|\n)[ \t>*_-]*$")
_GREETING = re.compile(r"(?:^|\n)[ \t>]*(?:hi|hello|hey|dear)?,? *$", re.IGNORECASE)
_CLOSING = re.compile(r"(?:thanks|thx|thanx|regards|rgds|cheers|love)[,.! ]{1,2}$", re.IGNORECASE)


def place_of(around: tuple[str, str] | None) -> int:
    """``SIGNED``, ``GREETED`` or neither, by the characters on both sides of a word.

    Less than 0 where a capitalised word follows: the name may be longer than what was found.
    """
    if around is None:
        return 0
    before, after = around[0], around[1].lstrip(" \t.")
    if not after or after[0] == "\n":
        begins = len(before) < NEXT_TO and not before.strip()
        if begins or (_GREETING.search(before) and not _LINE.search(before)):
            return GREETED
        return SIGNED if _LINE.search(before) or _CLOSING.search(before) else 0
    if after[0] in ",:;-–!" and _GREETING.search(before):
        return GREETED
    return CUT_OFF if _LONGER.match(around[1]) else 0


def decide(
    fitting: Collection[int], place: int, senders: Collection[int], named: Sequence[int]
) -> tuple[int, int] | None:
    """(who, rule) of several that fit; ``named``: who was named in full before, in order."""
    if place == SIGNED:
        some = [group for group in fitting if group in senders]
    elif place == GREETED:
        some = [group for group in fitting if group not in senders]
    elif place == CUT_OFF:
        some = []
    else:
        some = [group for group in reversed(named) if group in fitting][:1]
    return (some[0], place or NAMED_BEFORE) if len(some) == 1 else None


def initials(names: Collection[PersonName]) -> set[str]:
    """How a person may sign in a hurry: "jr" and "jqr" of Jane Q. Roe."""
    found = set()
    for name in names:
        if name.surname:
            found.add(name.given[:1] + name.surname[:1])
            found.add(name.given[:1] + name.middle[:1] + name.surname[:1])
    return found
