"""Google Chat in a Takeout: ``Google Chat/Groups/NAME/messages.json``, a folder a space or chat.

Beside it ``group_info.json`` names the members; inside an archive these are the recipients, in a
folder on disk, where each file is read alone, the room is. Files are named in a post and lie
beside it. A reply in a topic answers the topic's first post, and is in its conversation; posts of
a room are grouped by day and silence (see chat.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from riskscan.sources.chat import (
    Conversations,
    Person,
    Place,
    Post,
    Room,
    address,
    message_id,
    names,
    post_item,
    storable,
)
from riskscan.sources.compose import File
from riskscan.sources.googleclock import spoken_moment
from riskscan.sources.googlewords import files_of, post_words
from riskscan.sources.item import Event, SourceError
from riskscan.sources.jsoncut import Cut, cut, parsed
from riskscan.sources.names import Container, Origin, mbox_names
from riskscan.sources.posts import read_posts
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Hashing, Stream
from riskscan.sources.unreadable import Unreadable
from riskscan.sources.whatsappmedia import Media

HOST = "chat.google.invalid"
_TOPICS_MAX = 100_000
_MEMBERS_MAX = 10_000
_ID = re.compile(r"(?:DM|Space) [\w-]{4,100}")  # Google's name of a room's folder


def chat_moment(text: object) -> datetime | None:
    """The moment of ``Friday, March 17, 2023 at 9:00:00 AM UTC``; None for what is none."""
    return spoken_moment(text) if isinstance(text, str) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _person(raw: object) -> Person:
    told = raw if isinstance(raw, dict) else {}
    name, email = storable(_text(told.get("name"))), _text(told.get("email")).strip()
    if "@" in email:
        return Person(name, email)
    return Person(name or "unknown", address(name or "unknown", HOST))


def _room(origin: Origin, told: object) -> Room:
    """The room of a ``messages.json``, with what its ``group_info.json`` said, if it was read."""
    folder = origin.folders[-1] if origin.folders else origin.name
    info = told if isinstance(told, dict) else {}
    members = tuple(_person(m) for m in info.get("members", ()))
    label = storable(_text(info.get("name"))) or folder
    if folder.startswith("DM ") and members:
        label = "DM " + names(members)
    box = Person(label, address(folder, HOST))
    apart = "" if _ID.fullmatch(folder) else origin.source
    return Room(f"google-chat:{folder}", label, box, members, apart)


def _members_key(origin: Origin) -> str:
    return f"google-chat {origin.folder_source}"


def _custodian(origin: Origin) -> str:
    """Whose archive it is: a room is nobody's own."""
    inner = origin.containers[-1]
    folded = [f.casefold() for f in inner.folders]
    at = next((i for i, f in enumerate(folded) if f in ("takeout", "google chat")), len(folded))
    above = Container(inner.name, inner.folders[:at])
    return mbox_names(replace(origin, containers=(*origin.containers[:-1], above), name="mbox"))[0]


def read_group(reading: Reading, blob: Blob) -> Iterator[Event]:
    """The event that a list of a room's members was found."""
    hashing = Hashing(blob.stream)
    info: dict[str, Any] = {}
    try:
        for one in cut(hashing, frozenset({"members"})):
            info["name"] = one.around.get("name", "")
            members = info.setdefault("members", [])
            try:
                if len(members) < _MEMBERS_MAX:
                    members.append(parsed(one.data))
            except ValueError:
                continue
        hashing.drain()
    except SourceError as error:
        before = "Google Chat's list of members cannot be read to its end: "
        yield from reading.stopped(
            blob.origin, error, before=before, size=hashing.size, sha256=hashing.sha256
        )
        return
    reading.around[_members_key(blob.origin)] = info
    reason = "a companion file, no posts: Google Chat's list of members"
    yield from reading.not_read(
        blob.origin, reason, size=hashing.size, sha256=hashing.sha256, lost=False
    )


def read_google_chat(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the posts of one room, in the order of the file."""
    room = _Posts(reading, blob.origin)
    yield from read_posts(reading, blob, frozenset({"messages"}), room, "a chat without posts")


class _Posts:
    """The posts of one file, one after the other."""

    def __init__(self, reading: Reading, origin: Origin) -> None:
        self._reading = reading
        self._origin = origin
        self._room = _room(origin, reading.around.get(_members_key(origin)))
        self._where = Place(origin.source, "google-chat", _custodian(origin))
        self._conversations = Conversations()
        self._media = reading.media.get(origin.folder_source) or Media()
        self._topics: dict[str, datetime] = {}
        self._silent = 0
        self.seen = 0

    def is_post(self, value: Mapping[str, Any]) -> bool:
        """Whether a file that is one object is itself a post."""
        return "creator" in value and "text" in value

    def events(self, raw: Mapping[str, Any], one: Cut) -> Iterator[Event]:
        """What one object of the file is."""
        yield from self._post(raw, one)

    def without_words(self) -> Iterator[Event]:
        """One event for all posts in which nobody says anything."""
        if self._silent:
            reason = f"{self._silent:,} posts without anybody's words (joins and the like)"
            yield from self._reading.not_read(
                self._origin, reason, place="posts without words", lost=False
            )

    def lost(self, run: Unreadable) -> Iterator[Event]:
        """The event for elements that are no posts."""
        word = "post" if run.first == run.last else "posts"
        return self._reading.not_read(
            self._origin,
            run.reason,
            place=f"{word} {run.named}",
            size=run.size,
            sha256=run.sha256,
        )

    def _post(self, raw: Mapping[str, Any], one: Cut) -> Iterator[Event]:
        told = raw.get("created_date")
        moment = chat_moment(told)
        thread = self._thread(raw, moment)
        sender = _person(raw.get("creator"))
        wrong: list[str] = []
        files, there, lost = self._files(raw, wrong)
        text = post_words(raw, there, wrong)
        if not text and not files:
            if _is_deleted(raw):
                yield from self._deleted(raw, one, sender, moment)
            else:
                self._silent += 1
            return
        if self._reading.passes():
            return
        own = _text(raw.get("message_id"))
        reply = _answered(raw)
        post = Post(
            id=message_id(own or one.sha256[:24], host=HOST),
            sender=sender,
            to=self._room.recipients(sender),
            moment=moment,
            text=text,
            reply_to=message_id(reply, host=HOST) if reply else "",
            comments=_comments(raw),
            files=files,
            defects=tuple(wrong),
            lost=lost,
            date=storable(_text(told)) if moment is None else "",
        )
        yield post_item(post, self._where, self._room, f"post {one.path}", thread, one.data)

    def _thread(self, raw: Mapping[str, Any], moment: datetime | None) -> str:
        """The conversation: that of the topic's first post, wherever its day and hour ended."""
        key = self._conversations.key(self._room, moment)
        if not (topic := _text(raw.get("topic_id"))):
            return key
        if moment is not None and topic not in self._topics:
            if len(self._topics) >= _TOPICS_MAX:
                del self._topics[next(iter(self._topics))]
            self._topics[topic] = moment
            return key
        return self._conversations.key(self._room, moment, self._topics.get(topic))

    def _files(
        self, raw: Mapping[str, Any], wrong: list[str]
    ) -> tuple[tuple[File, ...], frozenset[str], tuple[str, ...]]:
        """The files of a post that lie beside it, their names there, and which are lost.

        ``wrong`` is told what is beyond the bounds.
        """
        found: list[File] = []
        there: set[str] = set()
        lost: list[str] = []
        left = self._reading.limits.message
        for name, export in files_of(raw, wrong):
            if export in self._media.files:
                files, why = self._media.file(export, left)
                left -= sum(len(file.data) for file in files)
                found += [replace(file, name=name) for file in files]
                lost += why
                there.add(export)
        return tuple(found), frozenset(there), tuple(lost)

    def _deleted(
        self, raw: Mapping[str, Any], one: Cut, sender: Person, moment: datetime | None
    ) -> Iterator[Event]:
        told = storable(_text(raw.get("created_date")))
        when = f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else told
        how = raw.get("deletion_metadata")
        by = storable(_text(how.get("deletion_type"))) if isinstance(how, dict) else ""
        by = f", deleted by: {by.lower()}" if by else ""
        reason = f"a deleted post of {sender.name}, {when}{by}: its text is not in the export"
        yield from self._reading.not_read(
            self._origin, storable(reason), place=f"post {one.path}",
            size=one.size, sha256=one.sha256, lost=False,
        )  # fmt: skip


def _is_deleted(raw: Mapping[str, Any]) -> bool:
    return _text(raw.get("message_state")) == "DELETED" or "deletion_metadata" in raw


def named_files(stream: Stream, limit: int) -> set[str]:
    """The names of the files beside a room's posts that these name; raises SourceError."""
    names: set[str] = set()
    for one in cut(stream, frozenset({"messages"})):
        try:
            raw = parsed(one.data) if one.data and one.size <= limit else None
        except ValueError:
            continue
        if isinstance(raw, dict):
            names.update(export for _, export in files_of(raw, []) if export)
    return names


def _answered(raw: Mapping[str, Any]) -> str:
    """The id of the post that began the topic in which this one answers."""
    parts, topic = _text(raw.get("message_id")).split("/"), _text(raw.get("topic_id"))
    return f"{parts[0]}/{topic}/{topic}" if len(parts) == 3 and topic not in ("", parts[2]) else ""


def _comments(raw: Mapping[str, Any]) -> tuple[str, ...]:
    told = []
    if edited := chat_moment(raw.get("updated_date")):
        told.append(f"edited {edited:%Y-%m-%dT%H:%M:%SZ}")
    if _is_deleted(raw):
        told.insert(0, "deleted")
    return tuple(told)
