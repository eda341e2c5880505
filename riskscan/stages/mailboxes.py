"""Who the addresses of a case belong to, from its headers: the people that all else is joined to.

Joined are addresses of one domain with one name, an address that spells a name of its domain
("jroe@"), and equal names at two domains that write to the same people. A name that fits several
is joined to none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from riskscan.language.gazetteer import GIVEN_NAMES
from riskscan.language.people import (
    PersonName,
    compatible,
    initial_and_surname,
    local_name,
    nicknames,
    parse_name,
    same_given,
)
from riskscan.stages.joins import Joins

# Names of one surname that are compared with each other; of more, only equal ones are joined.
_MOST_NAMES = 200
_MOST_STRANGERS = 30
_SHARED = 5  # an address is several people's when a fifth of its names are of others
CLOSE = 12  # a message to more people says nothing of who knows whom
_COMMON = 2  # correspondents that two addresses of one name must have in common
_KNOWN = 50  # correspondents that are remembered of one address
_TRUNCATED = 6
_FEW = 3  # of more than one that fits, none is taken
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

    @property
    def domain(self) -> str:
        """The domain that an organisation owns: "mail.acme.co.example" is "co.example"'s "acme"."""
        return registered(self.address)


def registered(address: str) -> str:
    """The registered part of the domain of an address, by the usual shape of domains."""
    labels = address.rpartition("@")[2].strip(".").split(".")
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])


def read_mailboxes(rows: Iterable[tuple[str, str, int, int]]) -> dict[str, Mailbox]:
    """Mailboxes by address, of (address, display name, number, first message)."""
    boxes: dict[str, Mailbox] = {}
    for address, name, number, message in rows:
        box = boxes.get(address)
        if box is None:
            box = boxes[address] = Mailbox(address)
        if name:
            known, first = box.names.get(name, (0, message))
            box.names[name] = (known + number, min(first, message))
    given = set(GIVEN_NAMES)
    for box in boxes.values():
        _name(box)
        given.update(name.given for name in box.people)
    for box in boxes.values():
        if not box.people and not box.shared and not box.names:
            spelled = local_name(box.address)
            if spelled and spelled.surname and (spelled.given in given or nicknames(spelled.given)):
                box.people = [spelled]
    return boxes


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


class Directory:
    """The people of the headers: joins their addresses and finds who fits a name."""

    def __init__(self, boxes: Mapping[str, Mailbox], joins: Joins) -> None:
        self.boxes = boxes
        self.joins = joins
        self.forms = {address: joins.number(f"@{address}") for address in sorted(boxes)}

    def join_domains(self) -> None:
        """Join addresses of one domain that have one name."""
        buckets: dict[tuple[str, str], dict[PersonName, list[str]]] = defaultdict(dict)
        for address in self.forms:
            box = self.boxes[address]
            if box.domain not in FREE_MAIL:
                for name in box.people:
                    bucket = buckets[box.domain, name.surname]
                    bucket.setdefault(name, []).append(address)
        for bucket in buckets.values():
            for one, other in unambiguous(list(bucket)):
                for address in bucket[other]:
                    self._join(bucket[one][0], address, "same name, same domain")

    def join_spelled(self) -> None:
        """Join addresses that spell the initial and surname of one person of their domain."""
        spelled: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        first: dict[int, str] = {}
        ordered: dict[str, list[str]] = {}
        for address, form in self.forms.items():
            group = self.joins.group(form)
            first.setdefault(group, address)
            for name in self.boxes[address].people:
                for spelling in {initial_and_surname(name), name.given + name.surname}:
                    spelled[self.boxes[address].domain][spelling].add(group)
        for address in self.forms:
            box = self.boxes[address]
            own = None if box.people or box.shared or box.names else local_name(address)
            if own is None or not own.alone or box.domain in FREE_MAIL:
                continue
            known = spelled[box.domain]
            fitting = known.get(own.alone, set())
            if not fitting and "/cn=" in address and len(own.alone) >= _TRUNCATED:
                if box.domain not in ordered:
                    ordered[box.domain] = sorted(known)
                fitting = {g for s in _beginning(ordered[box.domain], own.alone) for g in known[s]}
            if len(fitting) == 1:
                self._join(
                    first[next(iter(fitting))], address, "initial and surname in the address"
                )

    def strangers(self) -> dict[tuple[str, str], list[int]]:
        """Groups with one full name in several domains, by that name."""
        named: dict[tuple[str, str], set[int]] = defaultdict(set)
        for address, form in self.forms.items():
            for name in self.boxes[address].people[:1]:
                if len(name.given) > 1:
                    named[name.given, name.surname].add(self.joins.group(form))
        return {
            name: sorted(some) for name, some in named.items() if 1 < len(some) <= _MOST_STRANGERS
        }

    def join_strangers(self, messages: Iterable[tuple[int, list[str]]]) -> None:
        """Join equal names of different domains that share correspondents.

        ``messages``: number and the addresses of each.
        """
        several = self.strangers()
        wanted = {group for some in several.values() for group in some}
        known: dict[int, set[int]] = defaultdict(set)
        if wanted:
            for _, addresses in messages:
                if len(addresses) <= CLOSE:
                    present = {self.joins.group(self.forms[a]) for a in addresses}
                    for group in present & wanted:
                        if len(known[group]) < _KNOWN:
                            known[group] |= present - {group}
        address_of = {self.joins.group(form): address for address, form in self.forms.items()}
        for name in sorted(several):
            groups = several[name]
            for i, one in enumerate(groups):
                for other in groups[i + 1 :]:
                    if len(known[one] & known[other]) >= _COMMON and self._agree(one, other):
                        self._join(
                            address_of[one], address_of[other], "same name, same correspondents"
                        )

    def _agree(self, one: int, other: int) -> bool:
        names: dict[int, list[PersonName]] = {one: [], other: []}
        for group, key in ((one, self.joins.keys[one]), (other, self.joins.keys[other])):
            names[group] = self.boxes[key[1:]].people if key[1:] in self.boxes else []
        return all(compatible(a, b) for a in names[one] for b in names[other])

    def _join(self, one: str, other: str, rule: str) -> None:
        self.joins.join(self.forms[one], self.forms[other], rule)


def _beginning(ordered: list[str], prefix: str) -> list[str]:
    """The first few of ``ordered`` texts that begin with ``prefix``."""
    at = bisect_left(ordered, prefix)
    return [text for text in ordered[at : at + _FEW] if text.startswith(prefix)]


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
