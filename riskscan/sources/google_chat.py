"""Google Chat in a Takeout: ``Google Chat/Groups/NAME/messages.json``, a folder a space or chat.

Beside it ``group_info.json`` names the members; inside an archive these are the recipients, in a
folder on disk, where each file is read alone, the room is. Files are named in a post and lie
beside it. A reply in a topic answers the topic's first post; the other posts of a room are grouped
by day and silence (see chat.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
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
    words_of,
)
from riskscan.sources.item import Event, SourceError
from riskscan.sources.jsoncut import Cut, cut, parsed
from riskscan.sources.names import Container, Origin, mbox_names
from riskscan.sources.posts import read_posts
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Hashing

HOST = "chat.google.invalid"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DATE = re.compile(
    r"[A-Z][a-z]{2,12}, ([A-Z][a-z]{2,12}) (\d{1,2}), (\d{4}) "
    r"at (\d{1,2}):(\d\d):(\d\d)\s?([AP])M UTC"
)
_FILES_MAX = 100
_MEMBERS_MAX = 10_000


def chat_moment(text: object) -> datetime | None:
    """The moment of ``Friday, March 17, 2023 at 9:00:00 AM UTC``; None for what is none."""
    found = _DATE.fullmatch(text.strip()) if isinstance(text, str) and len(text) < 100 else None
    if found is None or found[1] not in _MONTHS:
        return None
    hour = int(found[4]) % 12 + (12 if found[7] == "P" else 0)
    try:
        return datetime(
            int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]), hour, int(found[5]),
            int(found[6]), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None


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
    return Room(f"google-chat:{folder}", label, Person(label, address(folder, HOST)), members)


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
        self._silent = 0
        self.seen = 0

    def is_post(self, value: Mapping[str, Any]) -> bool:
        """Whether a file that is one object is itself a post."""
        return "creator" in value and "text" in value

    def events(self, one: Cut) -> Iterator[Event]:
        """What one element of the file is."""
        self.seen += 1
        if one.size and not one.data:
            yield from self._lost(one, f"a post of {one.size:,} bytes: too large")
            return
        try:
            raw = parsed(one.data)
        except ValueError as error:
            yield from self._lost(one, f"a post that cannot be read: {str(error)[:200]}")
            return
        if not isinstance(raw, dict):
            yield from self._lost(one, "not a post: no JSON object")
            return
        yield from self._post(raw, one)

    def without_words(self) -> Iterator[Event]:
        """One event for all posts in which nobody says anything."""
        if self._silent:
            reason = f"{self._silent:,} posts without anybody's words (joins, deleted and the like)"
            yield from self._reading.not_read(
                self._origin, reason, place="posts without words", lost=False
            )

    def _lost(self, one: Cut, reason: str) -> Iterator[Event]:
        return self._reading.not_read(
            self._origin, reason, place=f"post {one.path}", size=one.size, sha256=one.sha256
        )

    def _post(self, raw: Mapping[str, Any], one: Cut) -> Iterator[Event]:
        moment = chat_moment(raw.get("created_date"))
        thread = self._conversations.key(self._room.key, moment)
        text = _words(raw)
        if not text:
            self._silent += 1
            return
        if self._reading.passes():
            return
        own, topic = _text(raw.get("message_id")), _text(raw.get("topic_id"))
        parts = own.split("/")
        reply = ""
        if len(parts) == 3 and topic and parts[2] != topic:
            reply = f"{parts[0]}/{topic}/{topic}"
        quoted = raw.get("quoted_message_metadata")
        if not reply and isinstance(quoted, dict):
            reply = _text(quoted.get("message_id"))
        sender = _person(raw.get("creator"))
        post = Post(
            id=message_id(own or one.sha256[:24], host=HOST),
            sender=sender,
            to=self._room.recipients(sender),
            moment=moment,
            text=text,
            reply_to=message_id(reply, host=HOST) if reply else "",
            comments=_comments(raw),
        )
        yield post_item(post, self._where, self._room, f"post {one.path}", thread, one.data)


def _words(raw: Mapping[str, Any]) -> str:
    """The text of a post, and the names of its files."""
    text = words_of(raw.get("text")).strip()
    files = raw.get("attached_files")
    for file in files[:_FILES_MAX] if isinstance(files, list) else ():
        if isinstance(file, dict) and (
            name := storable(_text(file.get("original_name")) or _text(file.get("export_name")))
        ):
            text = f"{text}\n[file: {name}]".lstrip()
    return text


def _comments(raw: Mapping[str, Any]) -> tuple[str, ...]:
    told = []
    if edited := chat_moment(raw.get("updated_date")):
        told.append(f"edited {edited:%Y-%m-%dT%H:%M:%SZ}")
    if _text(raw.get("message_state")) == "DELETED":
        told.append("deleted")
    return tuple(told)
