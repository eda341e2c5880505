"""Messages with pseudonyms for people, addresses, phones and accounts, in headers and in texts.

What is replaced: whom the case knows (case/merged.py) in every form that their names, nicknames and
addresses take, whom the entity pipeline finds besides, and what its rules know for certain. Texts
of any length are read once; every pattern is bounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from riskscan.case import schema
from riskscan.case.read import Record
from riskscan.export.pseudonym_changes import Change, Changed, changed
from riskscan.export.pseudonym_contacts import contacts, shown
from riskscan.export.pseudonym_people import Found, People, registered
from riskscan.export.pseudonym_places import places, trimmed
from riskscan.export.pseudonym_words import WORD
from riskscan.export.pseudonyms import read_key, write_key
from riskscan.language.people import fold, local_name, parse_name

if TYPE_CHECKING:
    from riskscan.case.read import Case

PROMISES = "PSEUDONYMS.txt"
Named = tuple[int, int, str, int | None]
"""What was found in a text: start, end, label, and the id that it was merged under."""


class Pseudonymiser:
    """Replaces people, addresses, phones and accounts in the messages of a case.

    ``key`` is made or extended by ``save``; ``export`` is what will be written, in which the key
    must not lie (ProductionError).
    """

    def __init__(self, case: Case, key: Path, export: Path) -> None:
        self._file = key
        self._key = read_key(key, export)
        self._case = case
        with case.connect() as connection:
            self._people = People(connection)
        self._thread = lru_cache(maxsize=2_000)(self._in_thread)
        self._nlp: Any = None
        self._used: dict[str, set[str]] = {}
        self.replaced = 0

    def save(self) -> None:
        """Write the key with what it has come to know."""
        write_key(self._key, self._file)

    # messages

    def record(self, record: Record) -> Record:
        """The record of a message with pseudonyms; offsets fit its new texts, hashes are gone."""
        nearby = self._nearby(record)
        files = record["attachments"]
        texts = [record["body"], record["subject"], *(a["text"] for a in files)]
        named = self._named(texts)
        for spans, segment in zip(named, ("authored", "subject"), strict=False):
            spans += self._mentions(record, segment)
        full = self._full_names(texts, named, nearby)
        body, subject, *rest = (
            self._change(text, nearby, spans, full)
            for text, spans in zip(texts, named, strict=True)
        )
        told = deepcopy(record)
        self._headers(told)
        told |= {
            "message_id": self.message_id(record["message_id"]),
            "mih": "", "content_hash": "", "place": "", "control_number": "",
            "source": self._use("source", record["source"]),
            "thread_id": record["thread_id"] and self._key.digest(record["thread_id"]),
            "custodians": [self.custodian(one) for one in record["custodians"]],
            "folder": self.plain(record["folder"], nearby),
            "state": self.plain(record["state"], nearby),
            "body": body.text, "subject": subject.text,
            "defects": [self.plain(one, nearby) for one in record["defects"]],
        }  # fmt: skip
        for file, text in zip(told["attachments"], rest, strict=True):
            file |= {
                "name": self.plain(file["name"], nearby), "text": text.text, "sha256": "",
                "unread": self.plain(file["unread"], nearby),
            }  # fmt: skip
        self._move(told, body, subject, rest)
        for copy in told["duplicates"]:
            copy |= {
                "message_id": self.message_id(copy["message_id"]), "place": "",
                "custodian": self.custodian(copy["custodian"]),
                "source": self._use("source", copy["source"]),
                "state": self.plain(copy["state"], nearby),
            }  # fmt: skip
        for hint in told["privilege_hints"]:
            hint["reason"] = self.plain(hint["reason"], nearby)
            if hint["merged_name"]:
                hint["merged_name"] = self._person(hint["merged_id"], hint["merged_name"])
        return told

    def message_ids(self, ids: Sequence[str]) -> list[str]:
        """Message-IDs, each as the same keyed hash wherever it stands."""
        return [self.message_id(one) for one in ids]

    def message_id(self, text: str) -> str:
        """A Message-ID as a keyed hash."""
        bare = text.strip().strip("<>")
        return f"<{self._key.digest(bare)}@pseudonym.invalid>" if bare else ""

    def custodian(self, name: str) -> str:
        """Whose mailbox it is: a person of the case where the name tells one."""
        who = self._people.whole(name)
        if len(who) == 1:
            return self._pseudonym(next(iter(who)))
        return self._use("custodian", name)

    def plain(self, text: str, nearby: Collection[int] = ()) -> str:
        """A name of a file or folder, or a short remark, with pseudonyms."""
        return self._change(text, nearby, []).text if text else text

    def _headers(self, told: Record) -> None:
        name, address = told["sender_name"], told["sender"]
        told["sender_name"] = self._display(told["sender_merged_id"], name, address)
        told["sender"] = self.address(address) if address else ""
        if told["sender_merged_name"]:
            told["sender_merged_name"] = self._person(
                told["sender_merged_id"], told["sender_merged_name"]
            )
        for one in told["recipients"]:
            one["name"] = self._display(one["merged_id"], one["name"], one["address"])
            one["address"] = self.address(one["address"]) if one["address"] else ""
            if one["merged_name"]:
                one["merged_name"] = self._person(one["merged_id"], one["merged_name"])

    def _display(self, merged: int | None, name: str, address: str) -> str:
        if not name:
            return ""
        if merged is not None and merged in self._people.all:
            return self._pseudonym(merged)
        who = self._people.whole(name)
        if len(who) == 1 and not address:
            return self._pseudonym(next(iter(who)))
        own = [_lower(address)] if address else []
        return self._count("person", self._key.person(own, [fold(" ".join(name.split()))]))

    def address(self, address: str) -> str:
        """An address: the person's pseudonym at the pseudonym of the organisation's domain."""
        real = _lower(address.strip())
        local, at, domain = real.rpartition("@")
        someone = self._people.by_address.get(real)
        if someone is not None:
            owner = self._pseudonym(someone)
        else:
            name = local_name(real)
            who = self._people.whole(local) if name is not None and name.surname else frozenset()
            owner = (
                self._pseudonym(next(iter(who))) if len(who) == 1 else self._key.person([real], [])
            )
        shown = self._key.address(
            real, owner.lower().replace(" ", ""), self._host(domain if at else "x500")
        )
        return self._count("address", shown)

    def _host(self, host: str) -> str:
        """A host's pseudonym: of one organisation all are below one domain."""
        own = registered(fold(host))
        domain = self._key.of("domain", own)
        below = fold(host).removesuffix(own).strip(".")
        return f"{self._key.of('host', below)}.{domain}" if below and below != "www" else domain

    # people

    def _nearby(self, record: Record) -> set[int]:
        own = {record["sender_merged_id"], *(p["merged_id"] for p in record["recipients"])}
        found = {key for key in own if key is not None}
        return found | (self._thread(record["thread_id"]) if record["thread_id"] else set())

    def _in_thread(self, thread: str) -> frozenset[int]:
        mail, seen = schema.messages, schema.appearances
        with self._case.connect() as connection:
            rows = connection.execute(
                select(seen.c.merged_id)
                .join_from(seen, mail, mail.c.id == seen.c.message_id)
                .where(mail.c.thread_id == thread, seen.c.role != "named")
                .distinct()
            )
            return frozenset(rows.scalars())

    def _person(self, merged: int | None, name: str) -> str:
        """The pseudonym of a merged one, or what its name becomes when it is no person."""
        if merged is not None and merged in self._people.all:
            return self._pseudonym(merged)
        return self.plain(name)

    def _pseudonym(self, merged: int) -> str:
        one = self._people.all[merged]
        if one.mailbox:
            real = (sorted(one.addresses) or one.names or [str(merged)])[0]
            return self._use("mailbox", real)
        full = [n for n in one.names if len(n.split()) > 1] or one.names
        if not one.addresses and full == one.names and all(len(n.split()) == 1 for n in full):
            return self._use("name", full[0] if full else str(merged))
        return self._count("person", self._key.person(sorted(one.addresses), full))

    def _of(self, found: Found, nearby: Collection[int]) -> str:
        """Whom a name means: who takes part, else who alone has the whole name, else nobody.

        Of several, those who have an address of theirs come before those named in texts.
        """
        here = {key for key in found.who if key in nearby} or (found.who if found.whole else set())
        known = {key for key in here if self._people.all[key].addresses} or here
        if len(known) == 1:
            return self._pseudonym(next(iter(known)))
        return self._use("name", found.form)

    # texts

    def _named(self, texts: Sequence[str]) -> list[list[Named]]:
        """What the entity pipeline finds in texts: start, end, label, nobody's id."""
        from riskscan.language.pipeline import entities, load

        if self._nlp is None:
            self._nlp = load()
        found = entities(self._nlp, texts)
        return [[(one.start, one.end, one.label, None) for one in several] for several in found]

    def _mentions(self, record: Record, segment: str) -> list[Named]:
        """What the case holds of a text: the same, with the ids of what was merged."""
        return [
            (one["start"], one["end"], one["label"], one["merged_id"])
            for one in record["entities"]
            if one["segment"] == segment
        ]

    def _change(
        self,
        text: str,
        nearby: Collection[int],
        spans: Sequence[Named],
        full: Mapping[str, str] = MappingProxyType({}),
    ) -> Changed:
        """``full``: single words that stand for somebody whom the message names in full."""
        people = [
            *self._entities(text, nearby, spans),
            *self._names(text, nearby),
            *self._places(text, nearby),
            *self._short(text, full),
        ]
        others = [(start, end) for start, end, label, _ in spans if label != "PERSON"]
        for start, end in self._people.given(text, others):
            people.append(Change(start, end, self._named_as(text[start:end], nearby), 8))
        made = [*self._contacts(text), *people]
        made += self._people.neighbours(text, people, others)
        self.replaced += len(made)
        return changed(text, made)

    def _full_names(
        self, texts: Sequence[str], named: Sequence[Sequence[Named]], nearby: Collection[int]
    ) -> dict[str, str]:
        """Given names and surnames of those whom the texts name in full, with their pseudonyms."""
        full: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for text, spans in zip(texts, named, strict=True):
            for one in self._entities(text, nearby, spans):
                name = parse_name(text[one.start : one.end])
                if name is not None and name.surname:
                    for word in (name.given, name.surname.split()[-1]):
                        full[word].add((one.instead, word))
        return {
            word: next(iter(some))[0] if len(some) == 1 else self._use("name", word)
            for word, some in full.items()
            if len(word) > 2 and not self._people.everyday(word)
        }

    def _short(self, text: str, full: Mapping[str, str]) -> Iterator[Change]:
        if full:
            for match in WORD.finditer(text):
                instead = full.get(fold(match[0])) if match[0][0].isupper() else None
                if instead is not None:
                    yield Change(match.start(), match.end(), instead, 7)

    def _places(self, text: str, nearby: Collection[int]) -> Iterator[Change]:
        for place in places(text):
            named = text[place.start : place.end]
            if place.initials:
                who = self._people.with_initials(named, nearby)
                if who is not None:
                    yield Change(place.start, place.end, self._pseudonym(who), 7)
                continue
            if place.sure or not self._people.everyday(fold(named).partition(" ")[0]):
                yield Change(place.start, place.end, self._named_as(named, nearby), 7)

    def _contacts(self, text: str) -> Iterator[Change]:
        for start, end, kind in contacts(text):
            run = text[start:end]
            if kind == "address":
                yield Change(start, end, self.address(run), 0)
                name = shown(text, start)
                if name is not None:
                    owner = self._people.by_address.get(_lower(run))
                    yield Change(*name, self._display(owner, text[slice(*name)], run), 3)
            elif kind == "trace":
                yield Change(start, end, "[transport]", -1)
            elif kind == "host":
                if registered(fold(run)) in self._people.domains:
                    yield Change(start, end, self._host(run), 2)
            else:
                digits = "".join(c for c in run.casefold() if c.isalnum())
                yield Change(start, end, self._use(kind, digits), 1)

    def _entities(
        self, text: str, nearby: Collection[int], spans: Sequence[Named]
    ) -> Iterator[Change]:
        for start, end, label, merged in spans:
            if label != "PERSON":
                continue
            whole = start
            start, end = trimmed(text, start, end)
            if start > whole:
                merged = None  # of "Dear Ben"
            if merged is not None and merged in self._people.all:
                yield Change(start, end, self._pseudonym(merged), 4)
                continue
            yield Change(start, end, self._named_as(text[start:end], nearby), 5)

    def _named_as(self, named: str, nearby: Collection[int]) -> str:
        """The pseudonym of a name that stands for somebody."""
        (who, whole), name = self._people.meant(named, nearby), parse_name(named)
        form = fold(" ".join(named.split()))
        if who:
            return self._of(Found(0, len(named), who, form, whole), nearby)
        if name is not None and name.surname:
            return self._count("person", self._key.person([], [form]))
        return self._use("name", form)

    def _names(self, text: str, nearby: Collection[int]) -> Iterator[Change]:
        for one in self._people.found(text, nearby):
            yield Change(one.start, one.end, self._of(one, nearby), 3 if one.whole else 6)

    def _move(
        self, told: Record, body: Changed, subject: Changed, files: Sequence[Changed]
    ) -> None:
        """Offsets as they are after the changes, and the texts that they stand for."""
        whole = {"authored": body, "subject": subject}
        for one in (*told["findings"], *told["entities"]):
            at = one.get("attachment")
            text = files[at] if at is not None and at < len(files) else whole[one["segment"]]
            one["start"], one["end"] = text.span(one["start"], one["end"])
            one["text"] = text.text[one["start"] : one["end"]]
        for one in told["entities"]:
            if one["merged_name"]:
                one["merged_name"] = self._merged_name(one)
        for one in (*told["segments"], *(told["added"] or ())):
            one["start"], one["end"] = body.place(one["start"]), body.place(one["end"])
        told["authored"] = "\n".join(
            body.text[s["start"] : s["end"]].strip("\n")
            for s in told["segments"]
            if s["role"] == "authored"
        )

    def _merged_name(self, entity: dict[str, Any]) -> str:
        if entity["label"] in ("EMAIL", "PHONE", "ACCOUNT"):
            return str(entity["text"])
        return self._person(entity["merged_id"], entity["merged_name"])

    # what is told of it

    def _use(self, kind: str, real: str) -> str:
        return self._count(kind, self._key.of(kind, real))

    def _count(self, kind: str, pseudonym: str) -> str:
        self._used.setdefault(kind, set()).add(pseudonym)
        return pseudonym

    def notes(self) -> list[str]:
        """What a person should know, in sentences."""
        number = {kind: len(some) for kind, some in self._used.items()}
        counted = ", ".join(
            f"{number.get(kind, 0):,} {what}"
            for kind, what in (
                ("person", "people"), ("mailbox", "shared mailboxes"), ("address", "addresses"),
                ("phone", "phones"), ("account", "accounts"),
                ("name", "single names that fit several people or nobody"),
            )
        )  # fmt: skip
        return [
            f"Pseudonyms: {counted}. Messages were rebuilt as text, attachments are text only.",
            "Not promised: a name that neither the case nor the model knows stays, as may one that "
            "is an everyday word too. Organisations, places, dates and what people tell of "
            "themselves stay. Have somebody read what you hand on.",
            f"The key: {self._file}. Who has it can undo everything.",
        ]

    def promises(self) -> str:
        """The file that goes with an export."""
        return _PROMISES


def _lower(address: str) -> str:
    """As the case does it: letters of ASCII only."""
    return "".join(c.lower() if c.isascii() else c for c in address)


_PROMISES = """Pseudonyms
==========

In these files people, shared mailboxes, e-mail addresses, telephone and account numbers were
replaced. One person has one pseudonym ("Person 0012") wherever he or she is meant: in headers,
subjects, texts, file names, chat posts, by full name, first name, nickname, user name or address.
"Name 0003" is a single name that fits several people or nobody known. Addresses keep who is of one
organisation: all of org0001.example belong together. Message-IDs and threads are keyed hashes, so
that replies can still be followed.

Natives were not produced: each message is its text in a new .eml; of
attachments there is text only.
Hashes of the original messages and files were left out.

What this cannot promise:

- A name that neither the headers nor the model of names knew stays where it is; so may a misspelt
  one, initials, and a first name or surname that is an everyday word too ("Will", "Price").
- A word that was taken for a name may have been replaced.
- Names of organisations, products, ships and places stay, and so do dates, sums and whatever a
  person tells of himself or herself. Who knows the matter may know the people.
- Attachments that could not be read as text, pictures among them, are not here; their names are,
  with pseudonyms.

Whoever holds the key can undo all of this. It is not part of these files.
"""
