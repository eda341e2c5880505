"""Which names of organisations, laws and other things in a case are one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from riskscan.case.people import ORGANISATIONS
from riskscan.language.companies import (
    KNOWN,
    acronym,
    defined_name,
    initials,
    is_acronym,
    may_be_short_for,
    parse_company,
    part_initials,
    spelled,
)
from riskscan.language.people import fold
from riskscan.stages.joins import Joins

_LONG_ENOUGH = 5  # letters of a name that is one with and without spaces
_SHORTEST = 3  # letters of an acronym
_MOST_NAMES = 60  # names of one message that are compared with each other


def thing_key(label: str, text: str) -> str:
    """The form of an entity that is no person: what differs only in writing has one."""
    if label in ORGANISATIONS:
        name = parse_company(text)
        if name is not None:
            return f"o:{name.key}"
    words = fold(" ".join(text[:300].split())).strip(" .,;:\"'“”‘’")
    return f"{label} {words.removeprefix('the ')}"


class Organisations:
    """Joins names of organisations: by form, definition in a text, acronym and short name."""

    def __init__(self, joins: Joins) -> None:
        self.joins = joins
        self._cores: dict[str, set[str]] = defaultdict(set)
        self._companies: set[str] = set()
        self._beside: dict[tuple[str, str], int] = {}
        self._spelled_out: dict[tuple[str, str, str], int] = {}
        self._seen: dict[str, int] = {}

    def add(self, text: str, message: int) -> None:
        """Enter the name of an organisation and a message that has it."""
        name = parse_company(text)
        if name is not None:
            self._cores[name.core].add(name.form)
            if name.legal:
                self._companies.add(name.core)
            self._seen.setdefault(name.key, message)
            self.joins.number(f"o:{name.key}")

    def join_forms(self) -> None:
        """Join names that differ in spaces, and where the case knows one legal form, without it.

        Also a name whose second part is an acronym, and the state that a name begins with.
        """
        spaced: dict[str, list[str]] = defaultdict(list)
        for core in sorted(self._cores):
            for letters in {core, spelled(core)}:
                spaced[letters.replace(" ", "").replace("'", "")].append(core)
        for letters, some in spaced.items():
            for core in some[1:] if len(letters) >= _LONG_ENOUGH else ():
                self.joins.join(self._form(some[0]), self._form(core), "differ in spaces")
        self._join_parts()
        for core in sorted(self._cores):
            forms = sorted(form for form in self._cores[core] if form)
            if len(forms) == 1 and "" in self._cores[core]:
                full = f"{core}, {forms[0]}"
                one, other = self.joins.number(f"o:{core}"), self.joins.number(f"o:{full}")
                self.joins.join(one, other, "legal form", self._seen[full])

    def _join_parts(self) -> None:
        """Join "Acme ISO" to the only name of the case that spells it out."""
        long: dict[tuple[str, str], list[str]] = defaultdict(list)
        for core in sorted(self._cores):
            for part in part_initials(core):
                long[part].append(core)
        for core in sorted(self._cores):
            first, _, letters = spelled(core).partition(" ")
            some = long.get((first, letters), ()) if len(letters) >= _SHORTEST else ()
            if some and len(self.joins.groups(self._form(one) for one in some)) == 1:
                self.joins.join(self._form(some[0]), self._form(core), "first word and initials")

    def join_known(self, regulators: Iterable[str]) -> None:
        """Join the acronyms of authorities that mean one thing to their names."""
        for text in regulators:
            name = parse_company(text)
            long = KNOWN.get(name.core) if name else None
            if name and long and long in self._cores:
                one, other = self.joins.number(f"o:{long}"), self.joins.number(f"o:{name.key}")
                self.joins.join(one, other, "known acronym", self._seen.get(name.key))

    def join_defined(self, rows: Iterable[tuple[str, str, int]]) -> None:
        """Join short names to what a text says they stand for: "Calloway Freight Ltd (CFL)"."""
        meant: dict[str, dict[str, int]] = defaultdict(dict)
        for text, after, message in rows:
            law = text.startswith("LAW ")
            long = text.removeprefix("LAW ")
            short = defined_name(long, after)
            if short:
                label = "LAW" if law else "ORG"
                if not is_acronym(short, long):
                    # "Acme North (Acme)" holds in that text; the rule of short names decides.
                    self.note((long, short), message)
                    continue
                meant[thing_key(label, short)].setdefault(thing_key(label, long), message)
        for short in sorted(meant):
            known = [long for long in meant[short] if self.joins.known(long) is not None]
            number = self.joins.known(short)
            if number is None or not known:
                continue
            if len(self.joins.groups(self.joins.number(long) for long in known)) == 1:
                long = min(known)
                self.joins.join(
                    self.joins.number(long), number, "defined in a text", meant[short][long]
                )

    def note(self, names: Iterable[str], message: int) -> None:
        """Note which names stand in one message; for short names."""
        cores: dict[str, list[str]] = defaultdict(list)
        long: dict[str, str] = {}
        short: dict[str, str] = {}
        for text in list(names)[:_MOST_NAMES]:
            name = parse_company(text)
            if name is not None:
                cores[name.core.partition(" ")[0]].append(name.core)
                if acronym(text):
                    short[acronym(text)] = name.core
                elif " " in name.core:
                    long.update(dict.fromkeys(initials(name.core), name.core))
        for letters in short.keys() & long.keys():
            self._spelled_out.setdefault((short[letters], letters, long[letters]), message)
        for some in cores.values():
            for one in set(some) if len(some) > 1 else ():
                for other in some:
                    if may_be_short_for(one, other):
                        self._beside.setdefault((one, other), message)

    def join_acronyms(self) -> None:
        """Join an acronym to the only name with these initials, if one message has both."""
        fitting: dict[str, list[str]] = defaultdict(list)
        for core in sorted(self._cores) if self._spelled_out else ():
            for letters in initials(core) if " " in core else ():
                fitting[letters].append(core)
        for (short, letters, long), message in sorted(self._spelled_out.items()):
            if len(self.joins.groups(self._form(core) for core in fitting[letters])) == 1:
                self.joins.join(
                    self._form(long), self._form(short), "acronym in the same message", message
                )

    def join_short(self) -> None:
        """Join a short name to the only longer one that begins so, if one message has both.

        The longer one must be a company by its legal form: "Acme Tower" is none.
        """
        first: dict[str, list[str]] = defaultdict(list)
        for core in sorted(self._cores):
            first[core.partition(" ")[0]].append(core)
        for (short, long), message in sorted(self._beside.items()):
            if long not in self._companies or self._cores.get(short, {"?"}) - {""}:
                continue  # with a legal form of its own it is a company of its own
            longer = [c for c in first[short.partition(" ")[0]] if c.startswith(short + " ")]
            forms = [self._form(core) for core in longer]
            if len(self.joins.groups(forms)) == 1:
                self.joins.join(self._form(long), self._form(short), "short name", message)

    def _form(self, core: str) -> int:
        """The number of a name that was met with this core."""
        forms = self._cores[core]
        form = "" if "" in forms else min(forms)
        return self.joins.number(f"o:{core}, {form}" if form else f"o:{core}")
