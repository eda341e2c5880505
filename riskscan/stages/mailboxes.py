"""The addresses of a case and whose they are, by the names that stand beside them in its headers.

They are sorted and numbered from 0 on, and lie on disk but for some 60 bytes each.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from riskscan.language.gazetteer import GIVEN_NAMES
from riskscan.language.people import (
    PersonName,
    compatible,
    local_name,
    nicknames,
    parse_name,
    same_given,
)
from riskscan.stages.joins import Joins
from riskscan.stages.packed import Small
from riskscan.stages.texts import Stored, Texts

# Names of one surname that are compared with each other; of more, only equal ones are joined.
_MOST_NAMES = 200
_SHARED = 5  # an address is several people's when a fifth of its names are of others
_RECENT = 1 << 13
_FREE_MAIL_TEXT = """
aol.com gmail.com googlemail.com hotmail.com hotmail.co.uk yahoo.com yahoo.co.uk msn.com
outlook.com live.com icloud.com me.com mac.com gmx.de gmx.net web.de t-online.de earthlink.net
compuserve.com juno.com mindspring.com netscape.net worldnet.att.net att.net sbcglobal.net
swbell.net verizon.net comcast.net bellsouth.net prodigy.net flash.net pacbell.net proton.me
protonmail.com mail.com qq.com 163.com mail.ru yandex.ru excite.com houston.rr.com
"""
FREE_MAIL = frozenset(_FREE_MAIL_TEXT.split())
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne"})


@dataclass(slots=True)
class Mailbox:
    """An address and the names that stand beside it: number of times and first message each."""

    address: str
    names: dict[str, tuple[int, int]] = field(default_factory=dict)
    people: list[PersonName] = field(default_factory=list)
    shared: bool = False


class Beside(NamedTuple):
    """A name that stands beside an address: how often, and the first message that has it.

    ``theirs``: whoever has the address may be called so; ``told``: it is one of their forms.
    """

    text: str
    number: int
    message: int
    theirs: bool
    told: bool


class Names:
    """Names of people with a number each, on disk."""

    def __init__(self, place: Path | None = None) -> None:
        self._texts = Texts(place)
        self._recent: dict[int, PersonName] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, number: int) -> PersonName:
        known = self._recent.get(number)
        if known is None:
            if len(self._recent) >= _RECENT:
                self._recent.clear()
            known = self._recent[number] = PersonName(*self._texts[number].split("\0"))
        return known

    def number(self, name: PersonName) -> int:
        """The number of a name, entered when new."""
        return self._texts.number(_line(name))

    def known(self, name: PersonName) -> int | None:
        """The number of a name, if it has been met."""
        return self._texts.known(_line(name))


def _line(name: PersonName) -> str:
    return "\0".join((name.given, name.middle, name.surname, name.suffix, name.alone))


def registered(address: str) -> str:
    """The registered part of the domain of an address, by the usual shape of domains."""
    labels = address.rpartition("@")[2].strip(".").split(".")
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])


class Mailboxes:
    """The addresses of a case, by the numbers that they have as forms of ``joins``: the first ones.

    ``rows``: (address, display name, number, first message), sorted. ``owners`` and ``named`` tell
    the people of all addresses: a row for each, of an address and the number of a name.
    """

    def __init__(
        self, rows: Iterable[tuple[str, str, int, int]], joins: Joins, place: Path | None = None
    ) -> None:
        self.joins = joins
        self.names = Names(place)
        self.weights = array("q")
        self._beside = Stored(place)
        self._alone = bytearray()  # addresses that no name stands beside
        owners, named = array("i"), array("i")
        given = set(GIVEN_NAMES)
        for address, some in groupby(rows, itemgetter(0)):
            box = _mailbox(address, some)
            form = joins.number(f"@{address}")
            given.update(name.given for name in box.people)
            for name in box.people:
                owners.append(form)
                named.append(self.names.number(name))
            self._keep(box)
        for form in range(len(self)):
            if self._alone[form]:
                spelled = local_name(self.address(form))
                if spelled and spelled.surname and _is_given(spelled.given, given):
                    owners.append(form)
                    named.append(self.names.number(spelled))
        order = np.argsort(np.array(owners, np.int32), kind="stable")
        self.owners: Small = np.array(owners, np.int32)[order]
        self.named: Small = np.array(named, np.int32)[order]
        starts = np.searchsorted(self.owners, np.arange(len(self) + 1, dtype=np.int32))
        self._starts = array("i", starts.astype(np.int32).tobytes())

    def __len__(self) -> int:
        return len(self.weights)

    def _keep(self, box: Mailbox) -> None:
        self.weights.append(sum(number for number, _ in box.names.values()))
        self._alone.append(not box.names)
        made = []
        for text, (number, message) in sorted(box.names.items()):
            name = parse_name(text)
            theirs = name in box.people or not (box.people or box.shared)
            made.append((text, number, message, theirs, not box.shared or name is None))
        self._beside.append(json.dumps(made) if made else "")

    def form(self, address: str) -> int:
        """The number of an address. Raises KeyError for one that no header has."""
        known = self.joins.known(f"@{address}")
        if known is None:
            raise KeyError(address)
        return known

    def address(self, form: int) -> str:
        """The address of this number."""
        return self.joins.key(form)[1:]

    def domain(self, form: int) -> str:
        """The domain that an organisation owns: "mail.acme.co.example" is "co.example"'s "acme"."""
        return registered(self.address(form))

    def rows(self, form: int) -> range:
        """The rows of ``owners`` and ``named`` that are of an address."""
        return range(self._starts[form], self._starts[form + 1])

    def people(self, form: int) -> list[PersonName]:
        """Whose an address is: their names, the most frequent first."""
        return [self.names[int(self.named[row])] for row in self.rows(form)]

    def nameless(self, form: int) -> bool:
        """Whether nothing tells whose an address is, no name beside it either."""
        return bool(self._alone[form]) and not self.rows(form)

    def beside(self, form: int) -> Iterator[Beside]:
        """The names that stand beside an address, sorted."""
        text = self._beside[form]
        return (Beside(*one) for one in json.loads(text)) if text else iter(())


def _is_given(name: str, given: set[str]) -> bool:
    return name in given or bool(nicknames(name))


def _mailbox(address: str, rows: Iterable[tuple[str, str, int, int]]) -> Mailbox:
    box = Mailbox(address)
    for _, name, number, message in rows:
        if name:
            known, first = box.names.get(name, (0, message))
            box.names[name] = (known + number, min(first, message))
    _name(box)
    return box


def _name(box: Mailbox) -> None:
    """Decide whose address it is: the most frequent name's, unless others use it too."""
    counted: Counter[PersonName] = Counter()
    for text, (number, _) in box.names.items():
        name = parse_name(text)
        if name is not None and name.surname:
            counted[name] += number
    if not counted:
        return
    ranked = sorted(counted, key=lambda n: (-counted[n], n.key))
    own = ranked[0]
    # A surname may change, the first name at an address does not.
    others = [n for n in ranked if not compatible(n, own) and not same_given(n.given, own.given)]
    foreign = sum(counted[n] for n in others)
    if foreign >= 2 and foreign * _SHARED >= counted.total():
        box.shared = True
    else:
        box.people = [n for n in ranked if n not in others]


def unambiguous(names: list[PersonName]) -> Iterator[tuple[PersonName, PersonName]]:
    """Pairs of names of one surname that are one person's, as far as these names tell.

    "M Roe" fits "Mary Roe" and "Max Roe", so it is paired with neither.
    """
    names = sorted(names, key=lambda n: n.key)
    if len(names) > _MOST_NAMES:
        yield from ((name, name) for name in names)
        return
    fits = {n: [other for other in names if other == n or compatible(n, other)] for n in names}
    sure = {
        name
        for name, some in fits.items()
        if all(a == b or compatible(a, b) for i, a in enumerate(some) for b in some[i + 1 :])
    }
    for name in names:
        if name in sure:
            yield from ((name, other) for other in fits[name] if other in sure)
        else:
            yield name, name
