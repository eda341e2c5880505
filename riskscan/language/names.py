"""Rules for names that their surroundings give away.

Companies by their legal form ("Pellworm Transit, LLC"), people by the tail of a Lotus Notes
address ("Greta Holt/OSL/HALDEN@HALDEN"), and a town and its state by the ZIP code after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Match = tuple[int, int, str]

_FORM = re.compile(
    r"(?:,[ \n]|[ \n,])(?:Inc|INC|Corp|CORP|LLC|L\.L\.C|LLP|L\.P|LP|Ltd|LTD|PLC|plc|GmbH|N\.A|S\.A)"
    r"(?![\w&-])\.?"
)
_NOTES = re.compile(
    r"[A-Z](?<![\w/@.].)(?:[\w'-]{1,20}|\.)?"
    r"(?:[ \n]{1,2}(?:[A-Z][\w'-]{0,20}\.?|de|del|van|von)){1,3}"
    r"(?=/[A-Z][\w&]{0,20}/| ?@ ?[A-Z]{3})"
)
_STATES = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY]|Tex(?:as|\.)|Calif(?:ornia|\.)|Oregon|New York|Colorado|Illinois|"
    r"Florida|Georgia|Ohio|Virginia|Washington|Louisiana|Oklahoma|Massachusetts|Pennsylvania)"
)
_ZIP = re.compile(rf",[ \n]{{1,3}}({_STATES})[ ,]{{1,4}}\d{{5}}(?:-\d{{4}})?(?![\w-])")
# The words before the comma; what belongs to the street is none of the town's.
_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Way|Plaza|Suite|Ste|Floor|Box|"
    r"Parkway|Pkwy|Square|Tower|Building|[NS][EW]?|[EW])"
)
_TOWN = re.compile(
    r"(?<![\w'.-])((?:(?:St|Ft|Mt)\. )?"
    rf"(?:(?!{_STREET}\b)[A-Z][A-Za-z'-]{{1,15}}(?: (?=[A-Z])|$)){{1,3}})$"
)
_WORD = re.compile(r"\S{1,40}")
_INSIDE = frozenset(("of", "and", "&", "the", "for", "de"))
_NO_NAME_TEXT = (
    "The This That These An A And Of In On For To Under With By If As When See Per Since Our Its "
    "From Please Before After While Between At Dear Re Subject Cc Is Are Was Or But Hi Attn Via"
)
_NO_NAME = frozenset(_NO_NAME_TEXT.split())
_FORM_WORDS_TEXT = "Company Corporation Corp Inc LLC Ltd LP Limited Co"
_FORM_WORDS = frozenset(_FORM_WORDS_TEXT.split())
_OPENING = "\"'([<\u201c\u2018"
_NUMBER = re.compile(r"[\d.,:;/()-]+")
_TAIL = re.compile(r"(?:/[\w&.-]{1,24}){1,4}(?: ?@ ?[A-Z][\w&]{1,24}){0,2}")
_WRAPPED = 55  # characters of a line that the mail program broke


def name_matches(text: str) -> Iterator[Match]:
    """Yield ``(start, end, label)`` of the ORG and PERSON names that need no network."""
    for match in _FORM.finditer(text):
        start = _begin(text, match.start())
        if start < match.start():
            yield start, match.end(), "ORG"
    if "/" in text or "@" in text:
        for match in _NOTES.finditer(text):
            yield match.start(), match.end(), "PERSON"
    for match in _ZIP.finditer(text):
        yield match.start(1), match.end(1), "LOC"
        town = _TOWN.search(text, max(0, match.start() - 50), match.start())
        if town:
            yield town.start(1), town.end(1), "LOC"


def notes_tails(text: str) -> Iterator[tuple[int, int]]:
    """Yield where units and domains of Notes addresses stand ("/OSL/HALDEN@HALDEN"): no names."""
    if "/" in text:
        for match in _NOTES.finditer(text):
            tail = _TAIL.match(text, match.end())
            if tail:
                yield tail.span()


def _begin(text: str, end: int) -> int:
    """Return where the capitalised words before ``end`` begin; a wrapped line is no end."""
    window = max(0, end - 120)
    start = end
    words = [(m.start() + window, m.group()) for m in _WORD.finditer(text[window:end])]
    for count, (at, word) in enumerate(reversed(words)):
        last = at + len(word)
        breaks = text.count("\n", last, start)
        wrapped = count and breaks == 1 and last - text.rfind("\n", 0, at) > _WRAPPED
        if count >= 6 or (breaks and not wrapped) or (count and word[-1] in ",.;:!?)>"):
            break
        if word in _INSIDE and count:
            if word in ("and", "&") and count + 1 < len(words) and _ends_name(words[-2 - count][1]):
                break
            continue
        name = word.lstrip(_OPENING)
        if not name or _NUMBER.fullmatch(name) or name in _NO_NAME or "@" in name:
            break
        if not (name[0].isupper() or name[0].isdigit()):
            break
        start = last - len(name)
        if name != word:
            break
    return start


def _ends_name(word: str) -> bool:
    """Whether a name is over with ``word``: a legal form, or an acronym."""
    bare = word.rstrip(".,")
    return bare in _FORM_WORDS or (len(bare) > 2 and bare.isalpha() and bare.isupper())
