"""Merging: the forms of each person, organisation and thing of a case made one, with the evidence.

All of it is made anew from the headers, the entities and the reviewer's corrections, so the result
depends on the case alone. One pass over the headers, one over the distinct texts, one over the
threads; what grows with them lies in temporary files, but for some 200 bytes a distinct address.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from riskscan.case import people as tables
from riskscan.case.open import sorting
from riskscan.case.people import ORGANISATIONS, Correction, Letter
from riskscan.case.store import Store
from riskscan.language.gazetteer import GIVEN_NAMES, PLACES
from riskscan.language.people import PersonName, parse_name
from riskscan.stages.alone import CUT_OFF, SIGNED, decide, initials, place_of
from riskscan.stages.corrections import bare
from riskscan.stages.directory import CLOSE, Directory
from riskscan.stages.fullnames import FullNames
from riskscan.stages.joins import Joins
from riskscan.stages.mailboxes import Mailboxes, registered, unambiguous
from riskscan.stages.merged import Merged
from riskscan.stages.organisations import Organisations, thing_key
from riskscan.stages.packed import Counted
from riskscan.stages.people import People
from riskscan.stages.privilege import find_counsel
from riskscan.stages.progress import Progress
from riskscan.stages.sightings import Sightings
from riskscan.stages.texts import Texts

_PLACES = PLACES - GIVEN_NAMES
_USUAL = 10  # times as many messages as all others of a name: then the name alone means them
_MOST_PAIRS = 1_000_000  # of people who write to each other; of a larger case, those met first
_WELL_KNOWN = 10  # messages of a person whom a surname alone may mean


def merge(store: Store, progress: Progress) -> None:
    """Merge the entities and people of the case, mark counsel, and put the result in its tables.

    Does nothing where messages, entities and corrections are as they were the last time.
    """
    with sorting(store.engine) as connection:
        mark = tables.fingerprint(connection)
        if tables.merged_last(connection) == mark:
            return
    progress.start("merging", 4, "steps")
    with sorting(store.engine) as connection:
        work = Merging(tables.standing_corrections(connection), store.location.folder)
        work.read_headers(tables.header_pairs(connection), tables.correspondents(connection))
        progress.advance(1, 0)
        work.read_texts(tables.mention_texts(connection), tables.definitions(connection))
        progress.advance(1, 0)
        for thread in tables.threads(connection):
            work.read_thread(thread)
        progress.advance(1, 0)
        merged = work.rows()
        rows = merged.tables()
        rows.update(find_counsel(connection, work.counsel_entries, merged))
        # Still open: some rows are read as they are written.
        tables.replace(store.engine, rows, mark)
    progress.advance(1, 0)
    progress.finish()


class Merging:
    """One run over a case; call the readers in the order in which they stand here.

    ``place``: a folder for temporary files, which have no name there.
    """

    def __init__(self, corrections: Iterable[Correction], place: Path | None = None) -> None:
        self.joins = Joins(place)
        self.counsel_entries: dict[str, bool] = {}
        self._place = place
        self._corrections = list(corrections)
        self._strangers = Texts(place)  # surnames of people whom no header has
        self._organisations = Organisations(self.joins)
        self.sightings = Sightings(self.joins, place)

    def _correct(self) -> None:
        """Do first what a reviewer said: no rule may undo it. Of one pair, the last word counts."""
        last: dict[frozenset[str], Correction] = {}
        for one in self._corrections:
            if one.action in ("join", "split"):
                pair = frozenset((one.one, one.other))
                last.pop(pair, None)
                last[pair] = one
            else:
                self.counsel_entries.pop(one.one, None)
                self.counsel_entries[one.one] = one.action == "counsel"
        number = self.joins.number
        for one in last.values():
            if one.action == "split":
                self.joins.keep_apart(number(one.one), number(one.other))
        for one in last.values():
            if one.action == "join":
                self.joins.join(number(one.one), number(one.other), "joined by a reviewer")

    # headers

    def read_headers(
        self,
        pairs: Iterable[tuple[str, str, int, int]],
        messages: Iterable[tuple[int, list[str]]],
    ) -> None:
        """Find out whose the addresses are."""
        self.boxes = Mailboxes(pairs, self.joins, self._place)
        self._correct()
        directory = Directory(self.boxes)
        directory.join_domains()
        directory.join_spelled()
        met = Counted(_MOST_PAIRS)
        counted = self._counted(messages, met)
        directory.join_strangers(counted)
        for _ in counted:
            pass  # what joining did not need
        self.people = People(self.boxes, met)

    def _counted(
        self, messages: Iterable[tuple[int, list[str]]], met: Counted
    ) -> Iterator[tuple[int, list[int]]]:
        """Pass the messages on, addresses as forms; count who writes to whom, both ways."""
        for message, addresses in messages:
            forms = [self.boxes.form(address) for address in addresses]
            if len(forms) <= CLOSE:
                for other in forms[1:]:
                    met.add(forms[0] << 32 | other)
                    met.add(other << 32 | forms[0])
            yield message, forms

    # distinct texts

    def read_texts(
        self,
        texts: Iterable[tuple[str, str, int, int]],
        definitions: Iterable[tuple[str, str, int]],
    ) -> None:
        """Join names that are one wherever they stand."""
        full = FullNames(self.boxes.names)
        regulators = []
        for label, text, _, message in texts:
            if label == "PERSON":
                name = parse_name(bare(text))
                if name is not None and name.surname:
                    full.add(name, message)
            elif label in ORGANISATIONS:
                self._organisations.add(text, message)
                if label == "REGULATOR":
                    regulators.append(text)
            else:
                self.joins.number(thing_key(label, text))
        for surname, names in full.by_surname():
            self._join_names(names)
            known = {self.joins.group(group) for group in self.people.surnamed(surname)}
            forms = [self.joins.number(f"n:{name.key}") for name in names]
            if any(self.joins.group(form) not in known for form in forms):
                self._strangers.number(surname)
        self._organisations.join_forms()
        self._organisations.join_known(regulators)
        self._organisations.join_defined(definitions)

    def _join_names(self, names: dict[PersonName, int]) -> None:
        """Join full names of one surname to the people of the headers, or to each other."""
        left = []
        for name in sorted(names, key=lambda n: n.key):
            groups = self.people.fit(name)
            form = self.joins.number(f"n:{name.key}")
            if self.joins.group(form) != form:
                continue  # a reviewer has said who that is
            if not groups:
                left.append(name)
            elif len(groups) == 1:
                self.joins.join(groups[0], form, "the only one of that name", names[name])
            else:
                weight = self.people.weight
                best = max(groups, key=lambda g: (weight(g), -g))
                rest = sum(map(weight, groups)) - weight(best)
                if weight(best) >= _USUAL * max(rest, 1):
                    self.joins.join(best, form, "by far the most frequent of that name")
        for one, other in unambiguous(left):
            self.joins.join(
                self.joins.number(f"n:{one.key}"),
                self.joins.number(f"n:{other.key}"),
                "same name",
                names[other],
            )

    # threads

    def read_thread(self, letters: list[Letter]) -> None:
        """Say whom each mention of a thread means."""
        taking = [self._taking_part(letter) for letter in letters]
        everybody: set[int] = set()
        waiting: list[tuple[Letter, tables.Mention, str]] = []
        for letter, present in zip(letters, taking, strict=True):
            near = set(present)
            named: list[int] = []
            alone: list[tuple[tables.Mention, str, int]] = []
            organisations = []
            for mention in letter.mentions:
                name = parse_name(bare(mention.text)) if mention.label == "PERSON" else None
                if name is None:
                    key = thing_key(mention.label, mention.text)
                    self.sightings.mention(letter.id, mention, self.joins.number(key), 0)
                    if mention.label in ORGANISATIONS:
                        organisations.append(mention.text)
                elif name.surname:
                    node, rule = self._full(name, present)
                    if node is None:
                        alone.append((mention, f"{name.given} {name.surname}", len(named)))
                        continue
                    self.sightings.mention(letter.id, mention, node, rule)
                    named.append(self._person(node, name))
                else:
                    alone.append((mention, name.alone, len(named)))
            if len(organisations) > 1:
                self._organisations.note(organisations, letter.id)
            near.update(named)
            everybody |= near
            senders = self._senders(letter)
            for mention, word, count in alone:
                fitting = self._called(word, near)
                place = CUT_OFF if word in _PLACES else place_of(mention.around)
                sure = decide(fitting, place, senders, named[:count])
                if len(fitting) == 1:
                    node = fitting[0]
                    self.sightings.mention(letter.id, mention, node, 3 if node in present else 2)
                elif sure:
                    self.sightings.mention(letter.id, mention, *sure)
                elif fitting:
                    self.sightings.mention(letter.id, mention, self._word(word), 0)
                elif place == SIGNED and self._signs(word, senders):
                    self.sightings.mention(letter.id, mention, min(senders), SIGNED)
                else:
                    waiting.append((letter, mention, word))
        called: dict[str, list[int]] = defaultdict(list)
        for group in sorted(everybody) if waiting else ():
            for word in self.people.words(group) or ():
                called[word].append(group)
        meant: dict[str, list[int]] = {}
        for letter, mention, word in waiting:
            if word not in meant:
                meant[word] = self._called(word, called.get(word, ()))
            fitting = meant[word]
            known = () if fitting else self._surnamed(word, letter)
            if len(fitting) == 1:
                self.sightings.mention(letter.id, mention, fitting[0], 4)
            elif known:
                self.sightings.mention(letter.id, mention, known[0], 8)
            elif not fitting and (usual := self._usual(word, letter, mention)) is not None:
                self.sightings.mention(letter.id, mention, usual, 9)
            else:
                self.sightings.mention(letter.id, mention, self._word(word), 0)

    def _senders(self, letter: Letter) -> set[int]:
        addresses = {address for role, _, address in letter.people if role == "from" and address}
        return {self.joins.group(self.boxes.form(address)) for address in addresses}

    def _signs(self, word: str, senders: set[int]) -> bool:
        form = self.joins.known(f"w:{word}")
        return any(
            word in initials(self.people.names(group))
            and (form is None or not self.joins.apart(form, group))
            for group in senders
        )

    def _surnamed(self, word: str, letter: Letter) -> list[int]:
        """The only one of the case with that surname, if a colleague wrote it."""
        if word in GIVEN_NAMES or word in _PLACES or self._strangers.known(word) is not None:
            return []
        groups = self.people.surnamed(word)
        home = {registered(address) for role, _, address in letter.people if role == "from"}
        if len(groups) != 1 or not all(
            self.people.weight(g) >= _WELL_KNOWN and home & self.people.homes(g) for g in groups
        ):
            return []
        return self._called(word, groups)

    def _usual(self, word: str, letter: Letter, mention: tables.Mention) -> int | None:
        """The one of that name with whom the sender writes often, and with others hardly.

        Not of one who is greeted: that is a recipient, though unknown by this name.
        """
        found: Counter[int] = Counter()
        if place_of(mention.around):
            return None
        for sender in self._senders(letter):
            known = self.people.letters(sender)
            for group in self._called(word, known):
                found[group] += known[group]
        ranked = found.most_common(2)
        if not ranked or ranked[0][1] < _USUAL * max(1, found.total() - ranked[0][1]):
            return None
        return ranked[0][0]

    def _taking_part(self, letter: Letter) -> set[int]:
        present = set()
        for role, text, address in letter.people:
            if address:
                node = self.joins.group(self.boxes.form(address))
            else:
                name = parse_name(text)
                if name is not None and name.surname:
                    groups = self.people.fit(name)
                    node = groups[0] if len(groups) == 1 else self.joins.number(f"n:{name.key}")
                    self._person(node, name)
                else:
                    node = self.joins.number(f"MAILBOX {' '.join(text.lower().split())}")
                self.sightings.form(node, text, 0, letter.id, "PERSON" if name else "MAILBOX")
            present.add(self.joins.group(node))
            self.sightings.see(node, letter.id, role)
        return present

    def _full(self, name: PersonName, present: set[int]) -> tuple[int | None, int]:
        """The form that a full name means, and the rule; None when it may be a part of a name."""
        form = self.joins.number(f"n:{name.key}")
        groups = self.people.fit(name)
        here = [g for g in groups if g in present and not self.joins.apart(form, g)]
        if len(here) == 1 and self.joins.group(form) != here[0]:
            return here[0], 1
        if groups or name.middle or self.joins.group(form) != form:
            return form, 0
        partial = f"{name.given} {name.surname}"
        return (None, 0) if self._called(partial, present) else (form, 0)

    def _person(self, node: int, name: PersonName) -> int:
        """The group of a person named in full, entered among those whom a word may mean."""
        group = self.joins.group(node)
        self.people.enter(group, name)
        return group

    def _called(self, word: str, pool: Iterable[int]) -> list[int]:
        form = self.joins.known(f"w:{word}")
        words = self.people.words
        found = [g for g in pool if word in (words(g) or ())]
        return found if form is None else [g for g in found if not self.joins.apart(form, g)]

    def _word(self, word: str) -> int:
        return self.joins.number(f"w:{word}" if " " not in word else f"n:{word}")

    def rows(self) -> Merged:
        """What came of it, once all threads have been read."""
        self._organisations.join_acronyms()
        self._organisations.join_short()
        del self.people, self._organisations  # what was asked for while reading takes memory
        return Merged(self.sightings, self.boxes)
