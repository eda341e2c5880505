"""Given names of many languages: a word with a capital that is one, and no word of the case, is a
name, though no header and no model knows it."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from riskscan.language.gazetteer import GIVEN_NAMES, PLACES
from riskscan.language.people import fold

_SHORTEST = 3
# Nations, months, titles, abbreviations and marks that are a given name somewhere.
_OTHERS_TEXT = """
german french english irish scottish welsh roman spanish danish dutch polish indian asian african
american mexican british european russian chinese japanese canadian muslim christian catholic
jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun
duke king queen prince princess baron lord lady saint santa san porto ave judge major doctor
lexis visa porsche mercedes edit beta theta gamma delta alpha omega sigma fed nat cal conn con tri
par mont val lan pol male female sky tor inc ltd corp
"""
_OTHERS = frozenset(_OTHERS_TEXT.split())
# Around a given name that is a part of a place or a firm: "San Diego", "Kennedy Airport".
_PLACE_BEFORE_TEXT = """
san santa st saint sao são los las el la fort ft port mount mt lake new north south east west rio
puerto costa palo cape point hotel university county city street
"""
_PLACE_BEFORE = frozenset(_PLACE_BEFORE_TEXT.split())
_PLACE_AFTER_TEXT = """
street st avenue ave road rd drive dr lane ln boulevard blvd place plaza square park hall hotel inn
resort university college school hospital church county city airport beach island islands bay lake
river valley mountain hills ranch plantation inc corp corporation co company llc llp ltd partners
group bank energy power gas associates foundation institute center centre award awards
"""
_PLACE_AFTER = frozenset(_PLACE_AFTER_TEXT.split())


def in_a_place(before: str, after: str) -> bool:
    """Whether the folded words before and after a given name make it a place or a firm."""
    return before in _PLACE_BEFORE or after in _PLACE_AFTER


@cache
def given_names() -> dict[str, int]:
    """Folded given names, and in how many languages each is one (from Faker, 70 countries).

    Names of places are left out.
    """
    import faker.providers.person as countries

    found: dict[str, set[str]] = defaultdict(set)
    for one in iter_modules(countries.__path__):
        provider = import_module(f"{countries.__name__}.{one.name}").Provider
        for field in dir(provider):
            names = getattr(provider, field) if field.startswith("first_names") else ()
            if isinstance(names, (list, tuple, dict)):
                for name in names:
                    if name.isalpha() and len(name) >= _SHORTEST:
                        found[fold(name)].add(one.name.partition("_")[0])
    told = {
        name: len(languages) for name, languages in found.items() if name not in PLACES | _OTHERS
    }
    return told | dict.fromkeys(GIVEN_NAMES - PLACES, 2)
