"""Merging: the forms of each person, organisation and thing of a case made one, with the evidence.

All of it is made anew from the headers, the entities and the reviewer's corrections, so the result
depends on the case alone. One pass over the headers, one over the distinct texts, one over the
threads: memory grows with distinct names alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from riskscan.case import people as tables
from riskscan.case.people import ORGANISATIONS, Correction, Letter
from riskscan.case.store import Store
from riskscan.language.gazetteer import GIVEN_NAMES, PLACES
from riskscan.language.people import PersonName, compatible, parse_name
from riskscan.stages.alone import CUT_OFF, SIGNED, decide, initials, place_of
from riskscan.stages.corrections import bare
from riskscan.stages.joins import Joins
from riskscan.stages.mailboxes import CLOSE, Directory, read_mailboxes, registered, unambiguous
from riskscan.stages.organisations import Organisations, thing_key
from riskscan.stages.privilege import find_counsel
from riskscan.stages.progress import Progress
from riskscan.stages.sightings import Sightings

_PLACES = PLACES - GIVEN_NAMES
_USUAL = 10  # times as many messages as all others of a name: then the name alone means them
_MOST_FITTING = 50
_MOST_PAIRS = 1_000_000  # of people who write to each other; of a larger case, those met first
_WELL_KNOWN = 10  # messages of a person whom a surname alone may mean
_MOST_NAMESAKES = 1_000  # people of one surname with whom a name is compared but for equality


def merge(store: Store, progress: Progress) -> None:
    """Merge the entities and people of the case, mark counsel, and put the result in its tables.

    Does nothing where messages, entities and corrections are as they were the last time.
    """
    with store.engine.connect() as connection:
        mark = tables.fingerprint(connection)
        if tables.merged_last(connection) == mark:
            return
    progress.start("merging", 4, "steps")
    with store.engine.connect() as connection:
        work = Merging(tables.standing_corrections(connection), store.location.folder)
        work.read_headers(tables.header_pairs(connection), tables.correspondents(connection))
        progress.advance(1, 0)
        work.read_texts(tables.mention_texts(connection), tables.definitions(connection))
        progress.advance(1, 0)
        for thread in tables.threads(connection):
            work.read_thread(thread)
        progress.advance(1, 0)
        rows = work.rows()
        rows.update(find_counsel(connection, work.counsel_entries, rows))
        # Still open: some rows are read as they are written.
        tables.replace(store.engine, rows, mark)
    progress.advance(1, 0)
    progress.finish()


class Merging:
    """One run over a case; call the readers in the order in which they stand here.

    ``place``: a folder for temporary files, which have no name there.
    """

    def __init__(self, corrections: Iterable[Correction], place: Path | None = None) -> None:
        self.joins = Joins()
        self.counsel_entries: dict[str, bool] = {}
        self._corrections = list(corrections)
        self._names: dict[int, list[PersonName]] = defaultdict(list)
        self._words: dict[int, frozenset[str]] = {}
        self._by_surname: dict[str, list[tuple[PersonName, int]]] = defaultdict(list)
        self._weight: Counter[int] = Counter()
        self._homes: dict[int, set[str]] = defaultdict(set)
        self._strangers: set[str] = set()
        self._letters: dict[int, Counter[int]] = defaultdict(Counter)
        self._fitting: dict[PersonName, list[int]] = {}
        self._texts: dict[tuple[str, str], int] = {}
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
        self.directory = Directory(read_mailboxes(pairs), self.joins)
        self._correct()
        self.directory.join_domains()
        self.directory.join_spelled()
        pairs_met: Counter[tuple[int, int]] = Counter()
        counted = self._counted(messages, pairs_met)
        self.directory.join_strangers(counted)
        for _ in counted:
            pass  # what joining did not need
        for (one, other), number in pairs_met.items():
            self._letters[self.joins.group(one)][self.joins.group(other)] += number
        for address, form in self.directory.forms.items():
            box = self.directory.boxes[address]
            group = self.joins.group(form)
            self._weight[group] += sum(n for n, _ in box.names.values())
            self._homes[group].add(box.domain)
            for name in box.people:
                if name not in self._names[group]:
                    self._names[group].append(name)
        for group, names in self._names.items():
            self._words[group] = frozenset().union(*(name.words for name in names))
            for name in names:
                self._by_surname[name.surname].append((name, group))

    def _counted(
        self, messages: Iterable[tuple[int, list[str]]], met: Counter[tuple[int, int]]
    ) -> Iterator[tuple[int, list[str]]]:
        """Pass the messages on; count in ``met`` who writes to whom, both ways."""
        forms = self.directory.forms
        for message, addresses in messages:
            if len(addresses) <= CLOSE:
                for other in addresses[1:]:
                    pair = forms[addresses[0]], forms[other]
                    for one in (pair, pair[::-1]):
                        if one in met or len(met) < _MOST_PAIRS:
                            met[one] += 1
            yield message, addresses

    # distinct texts

    def read_texts(
        self,
        texts: Iterable[tuple[str, str, int, int]],
        definitions: Iterable[tuple[str, str, int]],
    ) -> None:
        """Join names that are one wherever they stand."""
        full: dict[str, dict[PersonName, int]] = defaultdict(dict)
        regulators = []
        for label, text, _, message in texts:
            if label == "PERSON":
                name = parse_name(bare(text))
                if name is not None and name.surname:
                    full[name.surname].setdefault(name, message)
            elif label in ORGANISATIONS:
                self._organisations.add(text, message)
                if label == "REGULATOR":
                    regulators.append(text)
            else:
                self.joins.number(thing_key(label, text))
        for surname in sorted(full):
            self._join_names(full[surname])
            known = {self.joins.group(group) for _, group in self._by_surname.get(surname, ())}
            if any(
                self.joins.group(self.joins.number(f"n:{n.key}")) not in known
                for n in full[surname]
            ):
                self._strangers.add(surname)
        self._organisations.join_forms()
        self._organisations.join_known(regulators)
        self._organisations.join_defined(definitions)

    def _join_names(self, names: dict[PersonName, int]) -> None:
        """Join full names of one surname to the people of the headers, or to each other."""
        left = []
        for name in sorted(names, key=lambda n: n.key):
            groups = self._fit(name)
            form = self.joins.number(f"n:{name.key}")
            if self.joins.group(form) != form:
                continue  # a reviewer has said who that is
            if not groups:
                left.append(name)
            elif len(groups) == 1:
                self.joins.join(groups[0], form, "the only one of that name", names[name])
            else:
                best = max(groups, key=lambda g: (self._weight[g], -g))
                rest = sum(self._weight[g] for g in groups) - self._weight[best]
                if self._weight[best] >= _USUAL * max(rest, 1):
                    self.joins.join(best, form, "by far the most frequent of that name")
        for one, other in unambiguous(left):
            self.joins.join(
                self.joins.number(f"n:{one.key}"),
                self.joins.number(f"n:{other.key}"),
                "same name",
                names[other],
            )

    def _fit(self, name: PersonName) -> list[int]:
        """The people of the headers whom a full name fits."""
        known = self._fitting.get(name)
        if known is None:
            some = self._by_surname.get(name.surname, ())
            exact = sorted({group for other, group in some if other == name})
            known = exact
            if len(some) <= _MOST_NAMESAKES:
                known = sorted({group for other, group in some if compatible(name, other)})
            known = self._fitting[name] = (exact if len(exact) == 1 else known)[:_MOST_FITTING]
        return known

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
            for word in self._words.get(group, ()):
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
        return {self.joins.group(self.directory.forms[address]) for address in addresses}

    def _signs(self, word: str, senders: set[int]) -> bool:
        form = self.joins.known(f"w:{word}")
        return any(
            word in initials(self._names.get(group, ()))
            and (form is None or not self.joins.apart(form, group))
            for group in senders
        )

    def _surnamed(self, word: str, letter: Letter) -> list[int]:
        """The only one of the case with that surname, if a colleague wrote it."""
        if word in GIVEN_NAMES or word in _PLACES or word in self._strangers:
            return []
        groups = {group for _, group in self._by_surname.get(word, ())}
        home = {registered(address) for role, _, address in letter.people if role == "from"}
        if len(groups) != 1 or not all(
            self._weight[g] >= _WELL_KNOWN and home & self._homes[g] for g in groups
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
            known = self._letters.get(sender, Counter())
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
                node = self.joins.group(self.directory.forms[address])
            else:
                name = parse_name(text)
                if name is not None and name.surname:
                    groups = self._fit(name)
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
        groups = self._fit(name)
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
        if group not in self._words:
            self._words[group] = name.words
        return group

    def _called(self, word: str, pool: Iterable[int]) -> list[int]:
        form = self.joins.known(f"w:{word}")
        words = self._words
        found = [g for g in pool if g in words and word in words[g]]
        return found if form is None else [g for g in found if not self.joins.apart(form, g)]

    def _word(self, word: str) -> int:
        return self.joins.number(f"w:{word}" if " " not in word else f"n:{word}")

    def rows(self) -> dict[str, Any]:
        """The rows of the tables, once all threads have been read."""
        self._organisations.join_acronyms()
        self._organisations.join_short()
        return self.sightings.rows(self.directory)
