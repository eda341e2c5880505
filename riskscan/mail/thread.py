"""Threads: which messages of a case belong to one conversation.

Jamie Zawinski's threading (https://www.jwz.org/doc/threading.html) as far as it says who belongs
together: a message joins all messages that its References and In-Reply-To name, also through ids
of messages that are not there, and all of the conversation that its export puts it in. What is kept
is the set, not the tree, so loops do no harm and nothing recurses.

Mail that names no other message (nearly all of Lotus Notes and Exchange exports) is joined by
subject, with more care than JWZ takes, who joins all equal subjects:

- the subject, without "Re:", "Fwd:", "[list]" and the like, is the same, has four letters or
  digits at least and is not one that people use for anything ("update", "meeting", "hello");
- the two messages follow one another by date among those of that subject, with no more than 60
  days between;
- they have a participant (sender or recipient) in common, two if the subject has fewer than
  eight letters;
- one of them at least is a reply or forward by its subject, or they have two participants in
  common and lie within an hour (one message sent again; a machine's hourly notices stay apart).

Chat posts that name their room (room.py) are joined by it instead: those of one room and UTC day
that follow one another by date without a silence of more than an hour, and those of a room that
have no date.

A message is compared with the last eight before it, so that two conversations of the same subject
in the same weeks stay two when nobody is in both. Messages without date are joined by their
references alone.

The id of a thread is a hash of its root: of the message id that is its oldest message's, or the
first in the order of text where no date is known. It does not depend on the order of input. A
message whose copies have other ids goes by all of them, and is named by the first in that order.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from array import array
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice

from riskscan.mail.room import room_of

__all__ = ["ThreadHeader", "Threads", "base_subject", "thread_ids"]

WINDOW = timedelta(days=60)
NEAR = timedelta(hours=1)
SILENCE = timedelta(hours=1)
NEIGHBOURS = 8
MAX_REFERENCES = 1000  # ids of one message that are followed
_LEAST_LETTERS = 4
_ENOUGH_LETTERS = 8
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WINDOW, _NEAR, _SILENCE, _DAY = (
    span // _MICROSECOND for span in (WINDOW, NEAR, SILENCE, timedelta(days=1))
)
_DIGEST = 16
_AT_ONCE = 2_000
# What is sorted: by the messages and conversations that are named, by room, by subject, by age.
_SCRATCH = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-16384",
    "CREATE TABLE names (name INTEGER, i INTEGER)",
    "CREATE TABLE rooms (room INTEGER, date INTEGER, i INTEGER)",
    "CREATE TABLE subjects (base INTEGER, date INTEGER, name BLOB, marked INTEGER, needed INTEGER,"
    " people BLOB, i INTEGER)",
    "CREATE TABLE heads (i INTEGER PRIMARY KEY, key INTEGER, date INTEGER, root BLOB)",
)


@dataclass(slots=True, frozen=True)
class ThreadHeader:
    """What threading needs of one message; ``key`` is the caller's, unique in a call.

    ``conversation``: that of ``sources.Item``. ``copies``: the Message-IDs of its copies, by which
    others may name it too.
    """

    key: int
    message_id: str
    references: Collection[str] = ()
    in_reply_to: Collection[str] = ()
    subject: str = ""
    date: datetime | None = None
    participants: Collection[str] = field(default_factory=frozenset)
    conversation: str = ""
    copies: Collection[str] = ()

    @property
    def names(self) -> list[str]:
        """All ids that it goes by, in an order that is not that of reading."""
        return sorted({self.message_id, *self.copies} - {""})


_PREFIX = re.compile(
    r"(?:re|r|aw|antw|antwort|sv|vs|ref|rif|res|odp|ynt|fwd?|wg|tr|vl|rv|enc|doorst|i)"
    r"\s{0,3}(?:[\[(]\d{1,3}[\])]|\^\d{1,3}|\*\d{1,3})?\s{0,3}[:\uff1a]\s{0,20}",
    re.I,
)
_LIST = re.compile(r"\[[^\[\]]{1,60}\]\s{0,20}")
_FORWARD_MARK = re.compile(r"\s{0,20}\(fwd?\)$", re.I)
_GENERIC = frozenset(
    """
    agreement announcement answer question questions attached attachment birthday call calls
    conference confidential confirmation contract daily dinner document documents draft email
    evening file files follow followup forward friday fun good happy hello help here hey
    important info information invitation invoice lunch mail meeting meetings message monday
    morning new news no none note notes of office out photos pictures please presentation private
    read reminder report reply request saturday schedule status stuff subject sunday test thank
    thanks the this thursday today tomorrow tonight tuesday untitled up update updates urgent
    vacation wednesday week weekend weekly work you your
    """.split()  # noqa: SIM905
)
_ALNUM = re.compile(r"[^\W_]+")


def base_subject(subject: str) -> tuple[str, bool]:
    """The subject without reply, forward and list marks, folded; and whether one was there."""
    text = " ".join(subject[:500].split())
    marked = False
    for _ in range(50):
        if match := _PREFIX.match(text):
            marked = True
        elif not (match := _LIST.match(text)) or match.end() == len(text):
            break
        text = text[match.end() :]
    if match := _FORWARD_MARK.search(text):
        text, marked = text[: match.start()], True
    return text.strip().casefold(), marked


@lru_cache(maxsize=10_000)
def _needed(base: str) -> int:
    """How many participants two messages of this subject must share; 0: it tells nothing."""
    words = _ALNUM.findall(base)
    letters = sum(map(len, words))
    if letters < _LEAST_LETTERS or all(w in _GENERIC or w.isdigit() for w in words):
        return 0
    return 1 if letters >= _ENOUGH_LETTERS else 2


class _Groups:
    """Union-find over the numbers from 0 on, without recursion; four bytes a number."""

    def __init__(self, number: int) -> None:
        self.parent = array("i", range(number))

    def find(self, i: int) -> int:
        parent = self.parent
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)


def thread_ids(headers: Iterable[ThreadHeader]) -> dict[int, str]:
    """The thread of each message, by key: 32 hex digits, the same for all of one thread.

    See the head of this file for the rule. Linear in messages and their references, but for
    sorting; the result does not depend on the order of ``headers``.
    """
    with Threads(headers) as threads:
        return dict(threads)


class Threads:
    """The (key, thread) of messages, in the order of ``headers``, as often as one goes through.

    ``headers`` are gone through once. In memory are 21 bytes a message; what must be sorted lies in
    a temporary database of SQLite, which has no name and ends with this object. Close it, or use
    ``with``.
    """

    def __init__(self, headers: Iterable[ThreadHeader]) -> None:
        self._scratch = sqlite3.connect("", isolation_level=None)
        for statement in _SCRATCH:
            self._scratch.execute(statement)
        number = self._read(headers)
        self._groups = _Groups(number)
        self._join_names()
        self._join_rooms()
        self._join_subjects()
        self._digests = bytearray(_DIGEST * number)
        self._name()

    def __enter__(self) -> Threads:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the temporary database."""
        self._scratch.close()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        find, digests = self._groups.find, self._digests
        for i, (key,) in enumerate(self._scratch.execute("SELECT key FROM heads ORDER BY i")):
            at = find(i) * _DIGEST
            yield key, digests[at : at + _DIGEST].hex()

    def _read(self, headers: Iterable[ThreadHeader]) -> int:
        """Put what is to be sorted in the temporary database; returns the number of messages."""
        following = iter(headers)
        number = 0
        self._scratch.execute("BEGIN")
        while some := list(islice(following, _AT_ONCE)):
            numbered = list(enumerate(some, number))
            self._scratch.executemany("INSERT INTO heads VALUES (?, ?, ?, ?)", map(_head, numbered))
            self._scratch.executemany(
                "INSERT INTO names VALUES (?, ?)",
                ((_number(name), i) for i, message in numbered for name in _names(message)),
            )
            self._scratch.executemany(
                "INSERT INTO rooms VALUES (?, ?, ?)",
                (row for i, message in numbered for row in _in_room(i, message)),
            )
            self._scratch.executemany(
                "INSERT INTO subjects VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row for i, message in numbered for row in _subject(i, message)),
            )
            number += len(some)
        self._scratch.execute("COMMIT")
        return number

    def _join_names(self) -> None:
        """Join messages that name the same message or conversation."""
        last, first = None, 0
        for name, i in self._scratch.execute("SELECT name, i FROM names ORDER BY name, i"):
            if name == last:
                self._groups.join(first, i)
            else:
                last, first = name, i

    def _join_rooms(self) -> None:
        """Join the posts of a room and day that no silence parts; those without date come first."""
        before: tuple[int, int | None, int] | None = None
        rows = self._scratch.execute("SELECT room, date, i FROM rooms ORDER BY room, date, i")
        for room, date, i in rows:
            if before is not None and before[0] == room and _goes_on(before[1], date):
                self._groups.join(before[2], i)
            before = room, date, i

    def _join_subjects(self) -> None:
        rows = self._scratch.execute(
            "SELECT base, date, marked, needed, people, i FROM subjects "
            "ORDER BY base, date, name, marked, people, i"
        )
        subject = None
        before: deque[tuple[int, bool, frozenset[bytes], int]] = deque(maxlen=NEIGHBOURS)
        for base, date, marked, needed, text, i in rows:
            if base != subject:
                subject = base
                before.clear()
            people = frozenset(text.split(b"\0")) if text else frozenset()
            for earlier, was_marked, were, j in before:
                gap = date - earlier
                if gap > _WINDOW:
                    break
                common = len(people & were)
                if common >= needed and (marked or was_marked or (common > 1 and gap < _NEAR)):
                    self._groups.join(i, j)
                    break
            before.appendleft((date, marked, people, i))

    def _name(self) -> None:
        """The id of each thread: what sorts first in it is its root."""
        named = bytearray(len(self._groups.parent))
        for i, root in self._scratch.execute("SELECT i, root FROM heads ORDER BY date, root"):
            group = self._groups.find(i)
            if not named[group]:
                named[group] = 1
                name = root.decode("utf-8", "surrogatepass").encode("utf-8", "replace")
                digest = hashlib.sha256(name).digest()[:_DIGEST]
                self._digests[group * _DIGEST : (group + 1) * _DIGEST] = digest


def _head(numbered: tuple[int, ThreadHeader]) -> tuple[int, int, int, bytes]:
    """The row of ``heads``: a message without id is named by its content."""
    i, message = numbered
    name = next(iter(message.names), "") or "\\0".join(
        (
            base_subject(message.subject)[0],
            str(message.date),
            *sorted(message.participants),
            *([message.conversation] if message.conversation else []),
        )
    )
    return i, message.key, _instant(message.date or _FAR_FUTURE), _bytes(name)


def _names(message: ThreadHeader) -> Iterator[str]:
    yield from message.names
    yield from list(message.references)[-MAX_REFERENCES:]
    yield from list(message.in_reply_to)[:MAX_REFERENCES]
    if message.conversation and not room_of(message.conversation)[0]:
        yield f"conversation {message.conversation}"  # no Message-ID looks like it


def _in_room(i: int, message: ThreadHeader) -> Iterator[tuple[int, int | None, int]]:
    """The row of ``rooms``, of a post that names its room."""
    room, near = room_of(message.conversation)
    if room:
        moment = near or message.date
        yield _number(room), None if moment is None else _instant(moment), i


def _goes_on(before: int | None, date: int | None) -> bool:
    """Whether a post belongs to the conversation of the one before it in its room."""
    if before is None or date is None:
        return before is date
    return date - before <= _SILENCE and date // _DAY == before // _DAY


def _subject(
    i: int, message: ThreadHeader
) -> Iterator[tuple[int, int, bytes, bool, int, bytes, int]]:
    """The row of ``subjects``, of a message that may be joined by its subject."""
    if message.date is None:
        return
    base, marked = base_subject(message.subject)
    needed = _needed(base)
    if needed:
        people = b"\0".join(_bytes(p) for p in sorted({p.casefold() for p in message.participants}))
        name = _bytes(next(iter(message.names), ""))
        yield _number(base), _instant(message.date), name, marked, needed, people, i


def _bytes(text: str) -> bytes:
    """UTF-8, which sorts as the text does, also with what is no Unicode."""
    return text.encode("utf-8", "surrogatepass")


def _number(text: str) -> int:
    """A number of 64 bits for a text; equal texts have equal ones."""
    digest = hashlib.blake2b(_bytes(text), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _instant(date: datetime) -> int:
    """Microseconds since 1970."""
    return (date - _EPOCH) // _MICROSECOND
