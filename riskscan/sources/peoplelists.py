"""Lists of people as vendors write them: names and addresses in the columns of load files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from riskscan.sources.compose import mailbox

RECIPIENTS = ("to", "cc", "bcc")
"""The fields of recipients. Beside a column for each, vendors have one of all of them."""


def unpaired(addresses: str, names: str) -> str:
    """The names that ``with_names`` leaves out, since fewer are told than addresses; the first."""
    told, called = _listed(addresses), _listed(names)
    if len(called) >= len(told):
        return ""
    known = {_who(one)[0] for one in told}
    missing = (" ".join(one.split()) for one in called if _who(one)[0] not in known)
    return "; ".join(missing)[:_UNPAIRED_MAX]


def with_names(addresses: str, names: str) -> str:
    """A list of people out of a column of their addresses and one of their names.

    Outlook has two columns for each kind. Where one lists more people than the other, nobody knows
    whose name is whose: addresses stay as they are, behind them names that are more than these.
    """
    told, called = _listed(addresses), _listed(names)
    if len(told) == len(called):
        pairs = zip(told, called, strict=True)
        return "; ".join(_paired(address.strip(), name.strip()) for address, name in pairs)
    return "; ".join([*told, *called]) if len(called) > len(told) else addresses


def _paired(address: str, name: str) -> str:
    own, found = _named(address, "")
    return listed_person(own or name, found) if found else address


def told_again(found: Mapping[str, str], others: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The recipients of a row, by field: those ``found``, and whom ``others`` add to them.

    Both are fields and values; a field of ``others`` is among those found.
    """
    told = _Told((name, p) for name in RECIPIENTS for p in _several(found.get(name, "")))
    beyond = {name: [*_beyond(found[name])] for name in RECIPIENTS if name in found}
    for name, value in others:
        for one in _several(value):
            told.add(name, one)
        beyond[name] += _beyond(value)
    return {name: "; ".join([told.value(name), *more]) for name, more in beyond.items()}


class _Told:
    """Whom the columns of a row tell, each once where the columns beside them tell them again.

    Somebody is known by the whole address; who has none, by the whole name. What a second telling
    adds to an address or a name alone is taken in its place.
    """

    def __init__(self, own: Iterable[tuple[str, str]]) -> None:
        self._people: list[tuple[str, str]] = []  # field and person
        self._addresses: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._bare: dict[str, int] = {}  # addresses without a name, names without an address
        for name, person in own:
            self._append(name, person, *_who(person))

    def add(self, name: str, person: str) -> None:
        """Somebody whom another column tells."""
        called, address = _who(person)
        if not called and not address:
            return
        at = self._addresses.get(address) if address else self._names.get(called)
        if at is not None and not (address and called and address in self._bare):
            return
        at = self._bare.get(address or called, self._bare.get(called))
        if at is None or not (address and called):
            self._append(name, person, called, address)
            return
        self._people[at] = self._people[at][0], person
        self._bare.pop(address, None)
        self._bare.pop(called, None)
        self._addresses[address] = at
        self._names.setdefault(called, at)

    def value(self, name: str) -> str:
        """The people of a field."""
        return "; ".join(person for field, person in self._people if field == name)

    def _append(self, name: str, person: str, called: str, address: str) -> None:
        at = len(self._people)
        self._people.append((name, person))
        if address:
            self._addresses.setdefault(address, at)
        if called:
            self._names.setdefault(called, at)
        if not (address and called):
            self._bare.setdefault(address or called, at)


def _who(person: str) -> tuple[str, str]:
    """Name and address of a person for comparison; "Quill, Nora" is "Nora Quill"."""
    name, address = _named(person, "")
    words = [" ".join(part.split()) for part in name.replace('"', "").split(",")]
    return " ".join(reversed(words) if len(words) == 2 else words).casefold(), address.casefold()


_BETWEEN = re.compile(r"[ |,/&+]*")
# Nothing in angle brackets is given back: each character there is looked at once.
_ANGLE = re.compile(
    r"\s*+(|\S(?:.{0,498}?\S)?)\s*+"
    r"(?:[<\[(]\s*+(@?[^\s<>\[\]()@]{1,320}+@[^\s<>\[\]()]{1,255}+)\s*+[>\])]"
    r"|<\s*+(/[oO]=[^<>;]{1,500}+)>)"
)
_BARE = re.compile(
    r"\s*+<?\s*+([^\s<>@,]{1,320}+@[^\s<>@,;]{1,255}+|/[oO]=[^<>;]{1,500}+)\s*+>?\s*+\Z"
)
_KIND = re.compile(r"(?<![^\s<\[(])(?:SMTP|mailto|EX|NOTES)[:=]\s*", re.I)
# A name of Notes: "Ada Quay/HQ/Rivers@Rivers", "CN=Ada Quay/OU=HQ/O=Rivers@Rivers".
_NOTES = re.compile(
    r"\s*+(?:CN=)?([^/@<>;,\"]{1,100})(?:/[^/@<>;\"]{1,100}){1,8}@[^@.<>;,\"]{1,100}\Z"
)
_UNPAIRED_MAX = 1_000  # characters
PEOPLE_MAX = 10_000
"""People of a field that are read: as many as of a header of mail."""
_PERSON_MAX = 1_000  # characters that are searched for an address
# A name in quotes and an address behind it, of which nothing parts people (RFC 5322 section 3.4).
_QUOTED = re.compile(
    r"[ \t]*+\"((?:[^\"\\\r\n]|\\[^\r\n]){0,1000}+)\"[ \t]*+<([^<>\r\n]{0,600}+)>[ \t]*+"
)
_UNQUOTED = re.compile(r"\\(.)")
_PARTS = re.compile(r"[;\r\n]")


def listed_person(name: str, address: str) -> str:
    """A person as one of a list that ";" parts, so that ``people`` reads the same person there.

    ``Name <address>``; the name is in quotes where it would be read as something else.
    """
    name, address = (" ".join(part.split()) for part in (name, address))
    if name == address:
        name = ""
    shown = f"{name} <{address}>" if name and address else name or address
    if not shown:
        return ""
    if (
        ";" not in name
        and list(_several(shown)) == [shown]
        and (not name or _named(shown, "") == (name, address))
    ):
        return shown
    told = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{told}" <{address}>'


def sender(told: str, name: str) -> str:
    """Who sent it, as the value of an address field: of columns for the address and the name.

    One person where one address is told, whatever the name holds.
    """
    if len(told) <= _PERSON_MAX and told.count("@") == 1 and _ANGLE.fullmatch(told):
        return _person(told, name)
    return people(told, names=[name]) or people(name)


def people_listed(several: Sequence[str]) -> str:
    """As ``people``, of people whom the format itself keeps apart."""
    return ", ".join(shown for p in several[:PEOPLE_MAX] if (shown := _person(p, "")))


def left_out(value: str) -> int:
    """How many people of a list ``people`` leaves out."""
    return sum(1 for _ in _beyond(value))


def people(value: str, *, names: Iterable[str] = ()) -> str:
    """A list of people as the value of an address field (RFC 5322 section 3.4).

    ``;`` or a line end parts them, or a comma where each piece then holds an address; a name
    may be "Quill, Nora".
    """
    given = iter(names)
    return ", ".join(shown for p in _several(value) if (shown := _person(p, next(given, ""))))


def _parted(value: str) -> list[str]:
    """The pieces of a list of people between ";" and line ends, those in a quoted name left out."""
    if '"' not in value:
        return [p for p in re.split(r"[;\r\n]+", value) if p.strip()]
    pieces: list[str] = []
    at = 0
    while at < len(value):
        end = at
        # Commas part people, too.
        while quoted := _QUOTED.match(value, end):
            end = quoted.end()
            if value[end : end + 1] != ",":
                break
            end += 1
        parts = _PARTS.search(value, end)
        end = parts.start() if parts else len(value)
        pieces.append(value[at:end])
        at = end + 1
    return [p for p in pieces if p.strip()]


def _listed(value: str) -> list[str]:
    """The pieces of a list of people, each of one or few: between commas where no ";" is."""
    several = _parted(value)
    if len(several) == 1 and value.count("@") > 1 and not _QUOTED.fullmatch(several[0]):
        return _commas(value)
    return several


def _several(value: str) -> Iterator[str]:
    """The people of a list that are read, as they are written."""
    return islice(_everybody(value), PEOPLE_MAX)


def _beyond(value: str) -> Iterator[str]:
    """The people of a list behind those that are read."""
    # So short a list, or one so seldom parted, has no more; most are.
    if len(value) <= PEOPLE_MAX or sum(map(value.count, ";\r\n,@<")) < PEOPLE_MAX:
        return iter(())
    return islice(_everybody(value), PEOPLE_MAX, None)


def _everybody(value: str) -> Iterator[str]:
    for one in _listed(value):
        yield from _pieces(one.strip())


def _pieces(text: str) -> Iterator[str]:
    """Whom one piece of a list names: several where "|" or the like parts addresses."""
    if _QUOTED.fullmatch(text):
        yield text
        return
    at, last = 0, text.rfind("@")
    while (match := _ANGLE.match(text, at, at + _PERSON_MAX)) and last >= match.end():
        yield match[0]
        between = _BETWEEN.match(text, match.end())
        at = between.end() if between else match.end()
    yield text[at:]


def _commas(value: str) -> list[str]:
    """Pieces between commas; those without an address belong to the next ("Quill, Nora <n@x>")."""
    pieces: list[str] = []
    waiting: list[str] = []
    for piece in value.split(","):
        waiting.append(piece)
        if "@" in piece:
            pieces.append(",".join(waiting).strip())
            waiting = []
    rest = ",".join(waiting).strip()
    return [*pieces, rest] if rest else pieces


def _person(text: str, name: str) -> str:
    return mailbox(*_named(text, name))


def _named(text: str, name: str) -> tuple[str, str]:
    """Name and address of a person; ``name`` where the text has none."""
    if quoted := _QUOTED.fullmatch(text):
        return _UNQUOTED.sub(r"\1", quoted[1]).strip(), _KIND.sub("", quoted[2]).strip()
    text = _KIND.sub("", text[:_PERSON_MAX]) + text[_PERSON_MAX:]
    if match := _NOTES.match(text[:_PERSON_MAX]):
        return match[1].strip(), text.strip()
    if match := _BARE.match(text[:_PERSON_MAX]):
        return name, match[1]
    if match := _ANGLE.match(text[:_PERSON_MAX]):
        return match[1].strip("\"' ") or name, match[2] or match[3]
    return text.strip().strip("\"'"), ""
