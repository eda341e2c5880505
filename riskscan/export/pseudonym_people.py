"""Who is in a case, and by which words a text may mean them: names, nicknames, user names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from sqlalchemy import Connection, select

from riskscan.case import schema
from riskscan.case.people import present
from riskscan.export.pseudonym_changes import Change
from riskscan.export.pseudonym_given import given_names, in_a_place
from riskscan.export.pseudonym_places import trimmed
from riskscan.export.pseudonym_words import NEVER, WORD, WORDS, Spelled, without_capitals
from riskscan.language.gazetteer import GIVEN_NAMES
from riskscan.language.people import (
    PersonName,
    fold,
    initial_and_surname,
    local_name,
    nicknames,
    parse_name,
)

UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Between the words of one name; a name may be wrapped inside a quotation.
_BETWEEN = re.compile(r"[\s.,'’_\-\"()>+/]{0,5}")
_WORD_BEFORE = re.compile(r"(?<![^\W_])([^\W\d_a-z][^\W\d_]{2,30})[ _](?:[^\W\d_]\. )?\Z")
_WORD_AFTER = re.compile(r"[ _](?:[^\W\d_]\. )?([^\W\d_a-z][^\W\d_]{2,30})(?![^\W_])")
_GIVEN = re.compile(
    r"(?<![^\W_])(?<![@./\\-])([^\W\d_a-z][^\W\d_]{2,21})"
    r"(?![^\W_]|[@/\\]|['’]t\b|\.(?:com|org|net|edu|gov|co)\b)"
    r"(?:[ _](?:[^\W\d_]\. )?([^\W\d_a-z][^\W\d_]{1,30})(?![^\W_]))?"
)
_SMALL = re.compile(r"(?<![\w@./\\-])[^\W\d_A-Z]{4,20}(?![\w@/\\]|\.\w)")
_OWNED = re.compile(r"['’][^\W\d_]\Z")
_NO_NAME = re.compile(r"['’]t\b")
_LAST_WORD = re.compile(r"([^\W\d_]{2,10})[.\s]{1,2}\Z")
_WORDS_TOLD = 3_000
_MOST_WORDS = 6
_OTHERS = ("ORG", "COURT", "REGULATOR", "LAW", "LOC")
_AGAIN = 3
# Letters that have no accent to take off, as addresses spell them.
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})
_CHATS = ("slack.invalid", "teams.invalid", "whatsapp.invalid", "chat.google.invalid")
_GREETINGS = ("", "hi", "hey", "hello", "dear", "thx", "thanks", "br", "rgds", "regards")
_TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "sir", "madam")
)


@dataclass(slots=True)
class Someone:
    """A person or mailbox of the case by its merged id; ``names`` are folded, ``mail`` counts
    the headers with the addresses."""

    id: int
    mailbox: bool
    addresses: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    parsed: set[PersonName] = field(default_factory=set)
    mail: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A run of a text that may mean one of ``who`` (merged ids)."""

    start: int
    end: int
    who: frozenset[int]
    form: str
    whole: bool


class People:
    """The people of a case, and a search for them in texts."""

    def __init__(self, connection: Connection) -> None:
        self.all: dict[int, Someone] = {}
        self.by_address: dict[str, int] = {}
        self.domains: set[str] = set()
        self._whole: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._single: dict[str, set[int]] = defaultdict(set)
        self._nearby: dict[str, set[int]] = defaultdict(set)
        self._longest: dict[str, int] = {}
        # Words that are organisations or places.
        self._elsewhere: set[str] = set()
        self._borne: Counter[str] = Counter()
        # Names of correspondents with a given name that is known for one.
        self._trusted: set[str] = set()
        self._unspaced: dict[str, set[int]] = defaultdict(set)
        if present(connection):
            self._read(connection)
        self._addresses(connection)
        for one in self.all.values():
            self._index(one)
        if present(connection):
            self._organisations(connection)
        joined = {words[0] for words in self._whole if len(words) == 1}
        names = self._single.keys() | self._nearby.keys() | joined
        spelled = Spelled(connection, names | given_names().keys())
        self._spelled = spelled
        self.words, self._vocabulary = spelled.also_words(names, self._trusted), set(spelled.low)
        self._common = set(self.words)
        self.words |= self._elsewhere & names
        self._capital = spelled.capital(names)
        for words in [one for one in self._whole if spelled.everyday(one)]:
            del self._whole[words]
        longest = sorted(self._unspaced, key=len, reverse=True)
        self._unspaced_at = re.compile("|".join(map(re.escape, longest))) if longest else None

    def _read(self, connection: Connection) -> None:
        table, forms = schema.merged, schema.merged_forms
        rows = connection.execute(
            select(table.c.id, table.c.label, table.c.name).where(
                table.c.label.in_(("PERSON", "MAILBOX"))
            )
        )
        for key, label, name in rows:
            self.all[key] = Someone(key, label == "MAILBOX")
            self._name(self.all[key], name)
        found = connection.execute(
            select(forms.c.merged_id, forms.c.kind, forms.c.form, forms.c.number).order_by(
                forms.c.id
            )
        )
        for key, kind, form, number in found:
            one = self.all.get(key)
            if one is not None and kind == "address":
                one.addresses.append(form)
                one.mail += number
                self.by_address[form] = key
            elif one is not None:
                self._name(one, form)

    def _organisations(self, connection: Connection) -> None:
        """What the model called an organisation, a place or a law again and again: it stays."""
        table, forms = schema.merged, schema.merged_forms
        rows = connection.execute(
            select(table.c.label, forms.c.form, forms.c.number)
            .join_from(forms, table, table.c.id == forms.c.merged_id)
            .where(table.c.label.in_((*_OTHERS, "PERSON")), forms.c.kind == "named")
        )
        counted: Counter[tuple[bool, tuple[str, ...]]] = Counter()
        for label, form, number in rows:
            counted[label == "PERSON", _words(fold(form))] += number
        for (person, words), number in counted.items():
            if person or number < max(_AGAIN, 2 * counted[True, words] + 1):
                continue
            if len(words) == 1:
                # The model takes a rare given name for a place again and again, too.
                if number > self._borne[words[0]]:
                    self._elsewhere.add(words[0])
            elif words and len(words) <= _MOST_WORDS and words not in self._whole:
                self._whole[words] = set()
                self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def _addresses(self, connection: Connection) -> None:
        mail, to = schema.messages, schema.recipients
        for column in (mail.c.sender_address, to.c.address):
            for (address,) in connection.execute(select(column).distinct()):
                domain = fold(address).rpartition("@")[2]
                if "." in domain:
                    self.domains.add(registered(domain))

    def _name(self, one: Someone, form: str) -> None:
        start, end = trimmed(form, 0, len(form))
        form = form[start:end]
        shown = fold(" ".join(form.split()))
        if shown and shown not in one.names:
            one.names.append(shown)
        name = parse_name(form)
        if name is not None:
            one.parsed.add(name)

    def _index(self, one: Someone) -> None:
        for shown in one.names:
            words = tuple(m[0] for m in WORD.finditer(shown))
            if UNSPACED.search(shown):
                for run in re.findall(r"\w{2,}", shown):
                    self._unspaced[run].add(one.id)
            elif 1 < len(words) <= _MOST_WORDS:
                self._put(words, one.id)
        if one.mailbox:
            return
        names = set(one.parsed)
        for address in one.addresses:
            told = local_name(address)
            local = tuple(m[0] for m in WORD.finditer(fold(address).rpartition("@")[0]))
            if told is not None and told.surname:
                names.add(told)
                self._put(local, one.id)
                self._put(("".join(local),), one.id)
            elif len(local) == 1 and len(local[0]) > 3 and told is not None:
                self._single[local[0]].add(one.id)
        for name in names:
            for words in _whole_forms(name):
                # "jroe" is the user name only of those who have an address; "janeroe" of all.
                joined = len(name.given) > 2 and words[0].startswith(name.given)
                if len(words) > 1 or one.addresses or (joined and len(words[0]) > 7):
                    self._put(words, one.id)
            self._singles(one, name)

    def _singles(self, one: Someone, name: PersonName) -> None:
        """The single words that may mean somebody: everywhere, or only where they take part."""
        every = _words(" ".join((name.given, name.middle, name.surname)))
        own = {w for w in (name.given, *name.surname.split()[-1:], name.alone) if len(w) > 1}
        sure = name.given in GIVEN_NAMES or any(_spells(a, own) for a in one.addresses)
        if one.addresses and sure:
            # "Tan Boon Kiat" may be called Boon Kiat: order and middle names differ.
            own |= {w for w in every if len(w) > 3}
            for pair in pairwise(every):
                if min(map(len, pair)) > 1:
                    self._put(pair, one.id)
        # Else it may be a newsletter, or what the model took for a person.
        table = self._single if sure else self._nearby
        if one.addresses and name.given in GIVEN_NAMES:
            self._trusted |= own
        for word in own:
            table[word].add(one.id)
            self._borne[word] += one.mail if sure else 0
        for word in _short_forms(name.given or name.alone):
            self._nearby[word].add(one.id)

    def _put(self, words: tuple[str, ...], key: int) -> None:
        if words and sum(map(len, words)) > 2:
            self._whole[words].add(key)
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def whole(self, text: str) -> frozenset[int]:
        """Who has exactly this name."""
        words = _words(fold(text))
        found = self._whole.get(words) or set()
        if not found and len(words) == 1:
            found = self._single.get(words[0], set())
        return frozenset(found or self._unspaced.get(text.strip(), set()))

    def meant(self, text: str, nearby: Collection[int]) -> tuple[frozenset[int], bool]:
        """Who may be meant by a name that stands for somebody, and whether it is a whole name."""
        words = _words(fold(text))
        if len(words) != 1 or words in self._whole:
            return self.whole(text), True
        own, short = self._single.get(words[0], set()), self._nearby.get(words[0], set())
        return frozenset(key for key in own | short if key in nearby) or frozenset(own), False

    def found(self, text: str, nearby: Collection[int]) -> Iterator[Found]:
        """The runs of ``text`` that mean somebody, in order; ``nearby`` take part in the mail.

        A word that is a name and a word is one of theirs, or none; so is a nickname.
        """
        words = [(m.start(), m.end(), fold(m[0])) for m in WORD.finditer(text)]
        small = without_capitals(text)
        at = 0
        while at < len(words):
            start, end, word = words[at]
            size = self._run(text, words, at)
            if size:
                last = words[at + size - 1][1]
                form = tuple(w for _, _, w in words[at : at + size])
                if self._whole[form]:
                    yield Found(start, last, frozenset(self._whole[form]), " ".join(form), True)
            else:
                size = 1
                titled = at > 0 and words[at - 1][2] in _TITLES and start - words[at - 1][1] <= 2
                own = self._single.get(word, set())
                who = own if titled else self._alone(text, start, end, word, nearby, small)
                longer = self._with_surname(text, words, at) if who else end
                if longer > end:
                    name, size = fold(text[start:longer]), 2
                    yield Found(start, longer, frozenset(), name, False)
                elif who:
                    yield Found(start, end, frozenset(who), word, False)
            at += size
        if self._unspaced_at is not None and UNSPACED.search(text):
            for match in self._unspaced_at.finditer(text):
                who = self._unspaced[match[0]]
                yield Found(match.start(), match.end(), frozenset(who), match[0], True)

    def everyday(self, word: str) -> bool:
        """Whether a folded word is no name where nothing but its place says so."""
        if word in WORDS or word in NEVER or word in self._common:
            return True
        told = self._spelled
        return told.low[word] > 1 and not told.rare(word) and word not in self._single

    def with_initials(self, letters: str, nearby: Collection[int]) -> int | None:
        """Who of ``nearby`` alone has these initials."""
        low = fold(letters)
        found = {
            key
            for key in nearby
            for name in self.all[key].parsed
            if low in (name.given[:1] + name.surname[:1],
                       "".join(w[:1] for w in (name.given, *name.middle.split(), name.surname)))
        }  # fmt: skip
        return next(iter(found)) if len(found) == 1 else None

    def neighbours(
        self, text: str, made: Sequence[Change], others: Sequence[tuple[int, int]]
    ) -> Iterator[Change]:
        """Unknown words with a capital beside a single name: the rest of a name ("LaShell Roe").

        ``others``: what is no person, as organisations. Needs a case that has told its words.
        """
        if len(self._vocabulary) < _WORDS_TOLD:
            return
        for one in made:
            if not WORD.fullmatch(text, one.start, one.end):
                continue
            before = _WORD_BEFORE.search(text, max(0, one.start - 40), one.start)
            after = _WORD_AFTER.match(text, one.end, min(len(text), one.end + 40))
            start, end = one.start, one.end
            if before is not None and self._unknown(before[1], before.start(1), others):
                start = before.start()
            if after is not None and self._unknown(after[1], after.start(1), others):
                end = after.end()
            if (start, end) != (one.start, one.end):
                yield Change(start, end, one.instead, one.rank)

    def given(self, text: str, others: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Given names that the case has as no word, with the surname after them.

        ``others``: what is no person. A case that has not told its words yet needs a name that is
        one in several languages.
        """
        least = 1 if len(self._vocabulary) >= _WORDS_TOLD else 2
        names = given_names()
        for match in _GIVEN.finditer(text):
            first, after = fold(match[1]), match[2] or ""
            languages = names.get(first, 0)
            if languages < least or self.everyday(first) or not self._spelled.rare(first):
                continue
            before = _LAST_WORD.search(text, max(0, match.start() - 12), match.start())
            if in_a_place(fold(before[1]) if before else "", fold(after)):
                continue
            capitals = match[1].isupper()
            surname = after and fold(after) not in NEVER and after.isupper() == capitals
            # A model takes a rare name for a firm now and then: "Silvio Anker" is none.
            firm = any(start <= match.start() < end for start, end in others)
            if first in self._elsewhere or (firm and (languages < 2 or not surname)):
                continue
            if surname or not capitals:
                yield match.start(), match.end() if surname else match.end(1)
        if without_capitals(text):
            for match in _SMALL.finditer(text):
                if names.get(match[0], 0) > 1 and self._no_word(match[0]):
                    yield match.span()

    def _no_word(self, word: str) -> bool:
        """Whether nobody who writes with capitals writes this word without one."""
        return word not in self._vocabulary and word not in WORDS and word not in NEVER

    def _unknown(self, word: str, at: int, others: Sequence[tuple[int, int]]) -> bool:
        low = fold(word)
        return not (
            low in self._vocabulary
            or low in self._elsewhere
            or self.everyday(low)
            or any(start <= at < end for start, end in others)
        )

    def _run(self, text: str, words: Sequence[tuple[int, int, str]], at: int) -> int:
        """How many words from ``at`` on are a whole name; 0: none."""
        most = min(self._longest.get(words[at][2], 0), len(words) - at)
        size = 1
        while size < most and _BETWEEN.fullmatch(
            text, words[at + size - 1][1], words[at + size][0]
        ):
            size += 1
        while size and (
            tuple(w for _, _, w in words[at : at + size]) not in self._whole
            or (size > 1 and _OWNED.search(text, words[at][0], words[at + size - 1][1]))
        ):
            size -= 1
        return size if most else 0

    def _with_surname(self, text: str, words: Sequence[tuple[int, int, str]], at: int) -> int:
        """Where a given name ends with the unknown surname after it; or without one."""
        _, end, word = words[at]
        if word not in GIVEN_NAMES or at + 1 == len(words):
            return end
        start, last, after = words[at + 1]
        unknown = after not in self._vocabulary and after not in self._elsewhere
        raised = text[start].isupper() and last - start > 2
        return last if raised and unknown and text[end:start] == " " else end

    def _alone(
        self, text: str, start: int, end: int, word: str, nearby: Collection[int], small: bool
    ) -> set[int]:
        if _NO_NAME.match(text, end) or (text[start - 1 : start] == "/" == text[end : end + 1]):
            return set()  # Don't; a unit of Notes
        own, short = self._single.get(word, set()), self._nearby.get(word, set())
        if not own and not short:
            return set()
        here = {key for key in own | short if key in nearby}
        raised = text[start].isupper() or not text[start].isascii()
        raised = raised or (small and len(word) > 3 and self._no_word(word))
        if not raised and self._spelled.usual(word) and not _fills_line(text, start, end):
            return set()
        if word in self.words or not own:
            # "Will you" is one of the correspondents or a verb; alone on its line it is a name.
            if not own and raised and len(word) > 3 and word not in self._vocabulary:
                # The surname of somebody named in full elsewhere, which is no word of the case.
                return here or (short if word not in self.words else set())
            return here if raised or _fills_line(text, start, end) else set()
        if raised or here or _fills_line(text, start, end):
            return here or own if raised or len(word) > 2 else set()
        given = word in GIVEN_NAMES and len(word) > 2
        usual = word in self._trusted or word in self._capital
        return own if given or (usual and len(word) > 3) else set()


def _spells(address: str, words: Set[str]) -> bool:
    """Whether the local part of an address has one of these words, or ends or begins with it.

    Who posts in a chat has the address of an account, which says nothing.
    """
    local, _, domain = fold(address).rpartition("@")
    parts = WORD.findall(local)
    whole = "".join(parts)
    words = {word.translate(_PLAIN) for word in words}
    return domain.endswith(_CHATS) or any(
        w in parts or (len(w) > 3 and (whole.startswith(w) or whole.endswith(w))) for w in words
    )


def registered(domain: str) -> str:
    """The part of a domain that one organisation registers: "quayside.co.uk" of all its hosts."""
    labels = domain.strip(".").split(".")
    second = ("co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go")
    long = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in second
    return ".".join(labels[-3 if long else -2 :])


@cache
def _short_forms(given: str) -> frozenset[str]:
    """Nicknames of a given name, and the given names that it is a nickname of."""
    if not given:
        return frozenset()
    return nicknames(given) | {n for n in GIVEN_NAMES if given in nicknames(n)}


def _whole_forms(name: PersonName) -> Iterator[tuple[str, ...]]:
    """The ways in which a full name is written, as tuples of words."""
    surname = _words(name.surname)
    if not surname:
        return
    middle = _words(name.middle)
    initials = tuple(w[:1] for w in middle)
    own = _words(name.given)
    for given in {own, *((short,) for short in _short_forms(name.given))}:
        for inner in {(), middle, initials}:
            for last in {surname, surname[-1:]}:
                yield (*given, *inner, *last)
                yield (*last, *given, *inner)
        yield (*given, surname[0][:1])
    first = (name.given[:1],)
    for inner in {(), initials}:
        yield (*first, *inner, *surname)
        yield (*surname, *first, *inner)
    joined = "".join(surname)
    yield ("".join(own) + joined,)
    yield (joined + "".join(own),)
    if len(joined) > 2:
        yield (initial_and_surname(name),)
        # Cut off, as old systems did it with user names.
        yield from ((initial_and_surname(name)[:size],) for size in (7, 8) if len(joined) > 6)
        yield (joined + name.given[:1],)


def _words(text: str) -> tuple[str, ...]:
    return tuple(m[0] for m in WORD.finditer(text))


def _fills_line(text: str, start: int, end: int) -> bool:
    """Whether a word is all of its line, but for a greeting or marks around it."""
    line = text.rfind("\n", max(0, start - 12), start) + 1 or (0 if start <= 12 else -1)
    if line < 0:
        return False
    before = text[line:start].strip(" \t>-–—~*").lower()
    stop = text.find("\n", end, end + 12)
    after = text[end : stop if stop >= 0 else end + 12].strip(" \t.,;:!-–—\r")
    return before in _GREETINGS and not after and (stop >= 0 or end + 12 >= len(text))
