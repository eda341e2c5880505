"""Names with a comma that no marks protect: "Smith, Bob <bob@x.example>" is read as two people.

RFC 5322 section 3.4 parts mailboxes by commas, and asks for marks round a name that holds one.
"""

from __future__ import annotations

import re
import unicodedata

from riskscan.mail.message import Address

_MOST = 3  # pieces of a name before its last one; a longer run is a list
_PIECES = 2  # the same, of a recipient
_PAIRS = 2  # of surname and given name, from which on a list has no other reading
# What stands behind a surname when it is alone with it: "Bob", "Bob J.", "Bob (Legal)". A name with
# a surname of its own is somebody else's.
_GIVEN = re.compile(
    r"[^\W\d_]{2,}(?:['’-][^\W\d_]+){0,3}(?: [^\W\d_]\b\.?){0,2}(?: [(\[][^()\[\]]{1,100}[)\]])?"
)
# What stands behind a name, and is none.
_BEHIND = frozenset(
    (
        *("inc", "llc", "llp", "ltd", "plc", "corp", "gmbh"),
        *("jr", "sr", "ii", "iii", "phd", "md", "esq", "cpa", "mba", "dds"),
    )
)
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_SURNAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+){0,3}")


def joined(found: list[Address]) -> list[Address]:
    """The authors of a From field: each with all that stands before the address as the name.

    What has no address is somebody only where no name follows that an address belongs to, for
    few send mail in the name of several.
    """
    people: list[Address] = []
    bare: list[Address] = []
    for one in found:
        if not one.address:
            bare.append(one)
            continue
        if bare and one.name and len(bare) <= _MOST:
            name = ", ".join([*(piece.name for piece in bare), one.name])
            people.append(Address(name, one.address))
        else:
            people += one, *bare
        bare = []
    return people + bare


def joined_where_sure(found: list[Address]) -> list[Address]:
    """Recipients: what has no address is part of the next one's name where something shows it.

    Lists of old programs name people without an address. So the next address has to hold the
    surname, or the next name has to be none ("Inc."), or all that have no address stand
    before somebody who is called by a given name alone ("Smith, Bob <bob@x.example>").
    """
    if all(one.address for one in found):
        return found
    pairs = _is_of_pairs(found)
    people: list[Address] = []
    for one in found:
        for _ in range(_PIECES):
            before = people[-1] if one.address and one.name and people else one
            if before.address or before is one or not (pairs or _belongs(before.name, one)):
                break
            one = Address(f"{people.pop().name}, {one.name}", one.address)
        people.append(one)
    return people


def _is_of_pairs(found: list[Address]) -> bool:
    """Is everybody without an address a surname, of one behind it who has no other name?

    Where nobody else has a name, two such pairs have no other reading, whatever the second name.
    """
    given: list[str] = []
    others = False
    surname = ""
    for one in found:
        if not one.address:
            if surname or not (_SURNAME.fullmatch(one.name) and one.name[0].isupper()):
                return False
            surname = one.name
        elif surname:
            if not one.name or "," in one.name or _letters(surname) == _letters(one.name):
                return False
            given.append(one.name)
            surname = ""
        else:
            others = others or bool(one.name)
    alone = all(_GIVEN.fullmatch(name) for name in given)
    return bool(given) and not surname and (alone or (len(given) >= _PAIRS and not others))


def _belongs(surname: str, one: Address) -> bool:
    """Whether a name and address continue a surname, or the name of a firm."""
    first, *others = [_letters(word) for word in one.name.split()] or [""]
    if _BEHIND.issuperset((first, *others)):
        return True
    sought = _letters(surname)
    if len(sought) < 2 or not first or sought in (first, *others):
        return False
    initials = "".join(word[:1] for word in (first, *others))
    shown = {sought}
    for given in (first, first[0], initials):
        shown |= {given + sought, sought + given}
    local = one.address.partition("@")[0]
    return not shown.isdisjoint(_NOT_LETTERS.split(_plain(local)))


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", _plain(text))


def _plain(text: str) -> str:
    """Small letters without accents."""
    parted = unicodedata.normalize("NFKD", text).casefold()
    return "".join([c for c in parted if not unicodedata.combining(c)])
