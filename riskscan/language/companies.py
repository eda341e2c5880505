"""Names of companies and authorities: which are written differently and still the same.

A name is its core and its legal form ("Calloway Freight", "ltd"). Nothing here decides that two
are one: the people stage does, from what stands in the case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from riskscan.language.people import fold

_LONGEST = 160
_FORMS = {
    "inc": "inc", "incorporated": "inc", "corp": "corp", "corporation": "corp", "co": "co",
    "company": "co", "llc": "llc", "lp": "lp", "llp": "llp", "ltd": "ltd", "limited": "ltd",
    "plc": "plc", "gmbh": "gmbh", "ag": "ag", "sa": "sa", "nv": "nv", "bv": "bv", "pty": "pty",
    "sarl": "sarl", "srl": "srl", "spa": "spa", "kg": "kg", "oy": "oy", "ab": "ab", "na": "na",
    "pllc": "pllc", "pc": "pc",
}  # fmt: skip
_WEAK = frozenset({"co"})
# A longer name with one of these is a part or a relative of the shorter one, not the same.
_RELATIVE_TEXT = """
and of for in north south east west america american europe european asia canada uk usa us
international global national capital holdings holding trading marketing finance financial
credit ventures services service partners fund trust bank group securities merchant networks
university school law department division office foundation
"""
_RELATIVE = frozenset(_RELATIVE_TEXT.split())
_KNOWN_TEXT = """
FERC federal energy regulatory commission
SEC securities and exchange commission
CFTC commodity futures trading commission
CFTC commodities futures trading commission
FTC federal trade commission
FCC federal communications commission
FDA food and drug administration
EPA environmental protection agency
DOJ department of justice
DOE department of energy
IRS internal revenue service
FBI federal bureau of investigation
OSHA occupational safety and health administration
EEOC equal employment opportunity commission
NLRB national labor relations board
CPUC california public utilities commission
FCA financial conduct authority
ICO information commissioner's office
FAA federal aviation administration
FDIC federal deposit insurance corporation
"""
KNOWN = {
    fold(short): long
    for short, _, long in (line.partition(" ") for line in _KNOWN_TEXT.strip().splitlines())
}
"""Acronyms of authorities that mean one thing where they are marked as an authority."""
_MARKS = re.compile(r"[^\w&'\s]+")
# Mail programs write the apostrophe in other ways, too.
_POSSESSIVE = re.compile(r"(?:'s|'|(?<=\w)[,?`\u00b4\u2019]s)$")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A folded name: ``core`` without legal form and article, ``form`` or ""."""

    core: str
    form: str = ""
    legal: bool = False
    """Whether a legal form stood behind it, of whatever kind ("Company" is none of its own)."""

    @property
    def key(self) -> str:
        """The name as one text that tells it from others."""
        return f"{self.core}, {self.form}" if self.form else self.core


@lru_cache(maxsize=20_000)
def parse_company(text: str) -> CompanyName | None:
    """The folded name of an organisation; None when nothing is left of it."""
    text = fold(" ".join(text[:_LONGEST].split())).replace("&", " and ")
    text = text.replace(".", "")
    text = _POSSESSIVE.sub("", text)
    words = _POSSESSIVE.sub("", _MARKS.sub(" ", text).strip()).split()
    if words[:1] == ["the"]:
        words = words[1:]
    if words[:2] == ["united", "states"]:
        words = words[2:] or words
    elif words[:1] == ["us"] and len(words) > 1:
        words = words[1:]
    form, legal = "", False
    while len(words) > 1 and words[-1] in _FORMS:
        kind = _FORMS[words[-1]]
        if kind in _WEAK and len(words) < 3:
            break
        form = kind if kind not in _WEAK or not form else form
        legal = True
        words = words[:-1]
        if words[-1] == "and" and len(words) > 1:
            words = words[:-1]
    return CompanyName(" ".join(words), "" if form in _WEAK else form, legal) if words else None


def may_be_short_for(short: str, long: str) -> bool:
    """Whether core ``short`` may be a short name of core ``long``: it begins so, no relative."""
    if len(short) < 4 or not long.startswith(short + " "):
        return False
    rest = long[len(short) + 1 :].split()
    return len(rest) <= 2 and _RELATIVE.isdisjoint(rest) and _RELATIVE.isdisjoint(short.split())


# Without those that are words, or another's abbreviation.
_STATES_TEXT = """
al alabama az arizona ca california cal california calif california colo colorado ct connecticut
conn connecticut fla florida fl florida ga georgia il illinois ill illinois ky kentucky md maryland
mass massachusetts mich michigan minn minnesota mo missouri nv nevada nev nevada
pa pennsylvania penn pennsylvania tenn tennessee tx texas tex texas ut utah va virginia
wash washington wi wisconsin
"""
_STATES = dict(zip(_STATES_TEXT.split()[::2], _STATES_TEXT.split()[1::2], strict=True))
_SMALL = frozenset({"of", "the", "and", "for", "in", "to", "on", "de", "&"})


def is_acronym(short: str, long: str) -> bool:
    """Whether ``short`` is made of the initials of ``long``; small words may be passed over."""
    letters = [c for c in fold(short) if c.isalnum()]
    words = [w for w in re.split(r"[\s\-/]+", fold(long[:_LONGEST])) if w and w[0].isalnum()]
    if not 2 <= len(letters) <= 10 or len(words) < 2:
        return False
    at = 0
    for word in words:
        if at < len(letters) and word[0] == letters[at]:
            at += 1
        elif word not in _SMALL and word not in _FORMS:
            return False
    return at == len(letters)


def initials(core: str) -> set[str]:
    """What an acronym of ``core`` may be: initials of all words, and of all but the small ones."""
    words = core.split()
    every = "".join(word[0] for word in words)
    return {every, "".join(word[0] for word in words if word not in _SMALL)}


def spelled(core: str) -> str:
    """``core`` with the state that it begins with written out: "ca iso" is "california iso"."""
    first, space, rest = core.partition(" ")
    return f"{_STATES.get(first, first)} {rest}" if space else core


def part_initials(core: str) -> set[tuple[str, str]]:
    """The first word of ``core`` and what the initials of the others may be."""
    first, _, rest = spelled(core).partition(" ")
    return {(first, letters) for letters in initials(rest)} if " " in rest else set()


def acronym(text: str) -> str:
    """The folded letters of a name that is written as an acronym ("PG&E"); "" of all others."""
    letters = "".join(c for c in text if c.isalnum())
    single = len(text.split()) == 1
    return letters.lower() if single and 3 <= len(letters) <= 8 and letters.isupper() else ""


_DEFINED = re.compile(
    r"\s{0,3}\((?:(?:the|hereinafter|collectively|or|a/k/a|aka)\s{1,3}){0,2}"
    r"[\"“'‘]{0,2}([A-Z][\w&.\-]{1,24}(?: [A-Z][\w&.\-]{1,24}){0,2})[\"”'’]{0,2}\)"
)
# What a contract calls its parties says nothing of their names.
_GENERIC_TEXT = """
company client customer seller buyer borrower lender agreement plan party parties counterparty
agent contractor supplier vendor owner guarantor trust fund act code commission board court bank
partnership association committee project employer executive purchaser licensee licensor
"""
_GENERIC = frozenset(_GENERIC_TEXT.split())


def defined_name(long: str, after: str) -> str:
    """The short name that ``after`` gives to ``long``, as "(FERC)" does; "" when there is none."""
    match = _DEFINED.match(after)
    if match is None:
        return ""
    short = match[1]
    if fold(short) in _GENERIC:
        return ""
    first = fold(short)
    begins = fold(" ".join(long.split())).startswith(first) and len(first) > 3
    return short if begins or is_acronym(short, long) else ""
