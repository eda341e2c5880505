"""Microsoft Teams chats as JSON: Graph's chatMessage, and the export of one's own data.

Graph (https://learn.microsoft.com/graph/api/resources/chatmessage), as ``{"value": [...]}``, a bare
list, or under ``messages``, is what scripts and backup tools write; the export of one's own data
(Teams free and Skype, https://support.microsoft.com/skype) is a tar with messages.json:
``conversations`` with a ``MessageList`` each. Mail items of Teams in a PST, MSG or EML (class
IPM.SkypeTeams.Message) are read by those formats.

Neither lists a chat's members with its posts, so the file is gone through twice: those who
posted in a chat are its members.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO

from riskscan.sources.chat import (
    RECIPIENTS_MAX,
    Conversations,
    Person,
    Place,
    Post,
    Room,
    address,
    message_id,
    post_item,
    storable,
)
from riskscan.sources.item import MIB, Event, SourceError
from riskscan.sources.jsoncut import Cut, cut, parsed
from riskscan.sources.names import Origin, mbox_names, tree_names
from riskscan.sources.posts import UNKNOWN_SHAPE, Whole, says_something
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import CHUNK, FileStream, Hashing
from riskscan.sources.teamspost import HOST, Raw, is_id, raw_posts, unnamed
from riskscan.sources.unreadable import Run, Unreadable

LISTS = frozenset({"", "value", "messages", "MessageList"})
_ROOMS_MAX = 100_000
_PEOPLE_MAX = 300_000  # in all rooms together


def read_teams(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the posts of a JSON file, in its order; raises LimitError."""
    hashing = Hashing(blob.stream)
    with tempfile.SpooledTemporaryFile(max_size=16 * MIB) as spool:
        broken: SourceError | None = None
        try:
            while data := hashing.read(CHUNK):
                if hashing.size > reading.limits.spool:
                    raise SourceError(f"a file of more than {reading.limits.spool:,} bytes")
                spool.write(data)
        except SourceError as error:
            broken = error
        rooms = _Rooms()
        file = _File(reading, blob.origin, rooms)
        try:
            for one in _elements(spool):
                for raw in _posts(one):
                    rooms.see(raw)
        except SourceError as error:
            broken = broken or error
        seen = False
        try:
            for one in _elements(spool):
                seen = True
                yield from file.events(one)
        except SourceError as error:
            broken = broken or error
        yield from file.lost()
        if not seen and broken is None:
            lost = _says_something(spool)
            reason = UNKNOWN_SHAPE if lost else "a chat without posts"
            yield from reading.not_read(
                blob.origin, reason, size=hashing.size, sha256=hashing.sha256, lost=lost
            )
        yield from file.system_posts()
        if broken is not None:
            yield from reading.stopped(
                blob.origin, broken, size=hashing.size, sha256=hashing.sha256,
                before="not read to its end, the posts before it were: ",
            )  # fmt: skip


def _elements(spool: IO[bytes]) -> Iterator[Cut]:
    """The elements of the lists of posts; where none has any, the file if it is one object."""
    spool.seek(0)
    whole = Whole(FileStream(spool))
    for one in cut(whole, LISTS):
        whole.forget()
        yield one
    value = whole.value()
    if isinstance(value, dict) and any(True for _ in raw_posts(value, {})):
        yield whole.as_cut()


def _says_something(spool: IO[bytes]) -> bool:
    """Whether a file without an element that is a post holds what may be words."""
    spool.seek(0)
    whole = Whole(FileStream(spool))
    while whole.read(CHUNK) and whole.kept:
        pass
    return not whole.kept or says_something(whole.value(), LISTS)


def _posts(one: Cut) -> Iterator[Raw]:
    """The posts in an element: itself and its replies, or those of a page or chat."""
    if not one.data:
        return
    try:
        value = parsed(one.data)
    except ValueError:
        return
    yield from raw_posts(value, one.around)


@dataclass(slots=True)
class _Chat:
    people: dict[str, Person] = field(default_factory=dict)
    many: bool = False
    name: str = ""


class _Rooms:
    """The chats and channels of a file, and who posted in them."""

    def __init__(self) -> None:
        self._chats: dict[str, _Chat] = {}
        self._people = 0

    def see(self, raw: Raw) -> None:
        """Note who posted, and what an event calls a chat."""
        room, name = raw.named
        if name and (named := self._chat(room)):
            named.name = name
        chat = self._chat(raw.room)
        if chat is None:
            return
        for person in (*([raw.sender] if raw.sender else []), *raw.peers):
            known = chat.people.get(person.address)
            if known is None and (len(chat.people) > RECIPIENTS_MAX or self._people >= _PEOPLE_MAX):
                chat.many = True
            elif known is None or not known.name:
                self._people += known is None
                chat.people[person.address] = person

    def _chat(self, room: str) -> _Chat | None:
        if len(self._chats) >= _ROOMS_MAX and room not in self._chats:
            return None
        return self._chats.setdefault(room, _Chat())

    def room(self, raw: Raw) -> Room:
        """The room of a post."""
        chat = self._chats.get(raw.room) or _Chat()
        people = tuple(sorted(chat.people.values(), key=lambda p: (p.name, p.address)))
        title = next((t for t in (raw.title, chat.name) if t and not is_id(t)), "")
        if title:
            label = f"#{title}" if raw.channel else title
        else:
            label = unnamed(raw.room, people, channel=raw.channel, many=chat.many)
        box = Person(storable(label), address(raw.room or label, HOST))
        return Room(f"teams:{raw.room}", label, box, () if chat.many else people)


_GENERIC = frozenset({"messages", "chats", "chat", "conversations", "export", "replies"})


def _folded(name: str) -> str:
    return name.casefold().strip(" _-0123456789()")


def _raws(one: Cut) -> list[Raw] | str:
    """The posts in an element, or why there are none."""
    if one.size and not one.data:
        return f"a post of {one.size:,} bytes: too large"
    try:
        value = parsed(one.data)
    except ValueError as error:
        return f"a post that cannot be read: {str(error)[:200]}"
    return list(raw_posts(value, one.around)) or "not a post that is known"


class _File:
    """The posts of one file, one after the other."""

    def __init__(self, reading: Reading, origin: Origin, rooms: _Rooms) -> None:
        self._reading = reading
        self._origin = origin
        self._rooms = rooms
        own = replace(origin, name=origin.name.removesuffix(".json"))
        # "messages.json" is what programs call it, "Ana.json" is what a person did.
        custodian = (tree_names if _folded(own.name) in _GENERIC else mbox_names)(own)[0]
        source = origin.folder_source or origin.name
        self._where = Place(source, "teams", custodian)
        self._prefix = origin.name if origin.folder_source else ""
        self._conversations = Conversations()
        self._system = 0
        self._broken = Run("posts")

    def events(self, one: Cut) -> Iterator[Event]:
        """What one element of the file is; those that are no posts are told as one."""
        found = _raws(one)
        if isinstance(found, str):
            self._broken.add(one.path, found, one.size, one.sha256)
            if self._broken.full:
                yield from self.lost()
            return
        yield from self.lost()
        for raw in found:
            yield from self._post(raw, one, f"{self._prefix}#{one.path}{raw.path}")

    def lost(self) -> Iterator[Event]:
        """The event for elements side by side that are no posts, where there are some."""
        if self._broken.count:
            run = self._broken.take()
            yield from self._told(run, f"{self._prefix}#{run.named}", run.reason, lost=True)

    def system_posts(self) -> Iterator[Event]:
        """One event for all posts that Teams wrote itself."""
        if self._system:
            words = "post" if self._system == 1 else "posts"
            reason = f"{self._system:,} {words} without anybody's words (joins, calls and the like)"
            yield from self._reading.not_read(self._origin, reason, lost=False)

    def _post(self, raw: Raw, one: Cut, place: str) -> Iterator[Event]:
        room = self._rooms.room(raw)
        if not raw.room:
            room = replace(room, apart=f"{self._origin.source}\n{raw.title}")
        key = self._conversations.key(room, raw.moment)
        if raw.channel:
            key = f"{room.key}/{raw.reply_to or raw.id}"
        if raw.deleted and not raw.has_words and not raw.system:
            of = f" of {raw.sender.name}" if raw.sender else ""
            reason = storable(f"a deleted post{of}, {raw.deleted}: its text is not in the export")
            yield from self._told(one, place, reason, lost=False)
            return
        if raw.system or not raw.has_words:
            self._system += 1
            return
        if self._reading.passes():
            return
        sender = raw.sender or Person("unknown", address("unknown", HOST))
        comments = [f"deleted {raw.deleted}"] if raw.deleted else []
        version = [f"edited.{raw.edited}"] if raw.edited else []
        post = Post(
            id=message_id(raw.room, raw.id or one.sha256[:24], *version, host=HOST),
            sender=sender,
            to=room.recipients(sender),
            moment=raw.moment,
            text=raw.text,
            html=raw.html,
            subject=raw.subject,
            reply_to=message_id(raw.room, raw.reply_to, host=HOST) if raw.reply_to else "",
            comments=(*comments, *([f"edited {raw.edited}"] if raw.edited else [])),
            defects=raw.defects,
        )
        # The bytes of a post inside another are not cut out of the file.
        data = b"" if raw.path else one.data
        yield post_item(post, self._where, room, place, key, data)

    def _told(
        self, one: Cut | Unreadable, place: str, reason: str, *, lost: bool
    ) -> Iterator[Event]:
        for told in self._reading.not_read(
            self._origin, reason, place=place, size=one.size, sha256=one.sha256, lost=lost
        ):
            yield replace(told, source=self._where.source)
