"""A Slack workspace as the lists of its export tell: people, channels, and where they are found.

users.json or org_users.json list the members; channels.json, groups.json (private ones), dms.json
and mpims.json the rooms. They lie above the channels' folders, and sort before or after them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from riskscan.sources.chat import (
    RECIPIENTS_MAX,
    Conversations,
    Person,
    Room,
    address,
    names,
    storable,
    words_of,
)
from riskscan.sources.item import LimitError
from riskscan.sources.jsoncut import cut, parsed
from riskscan.sources.names import Container, Origin
from riskscan.sources.reading import Reading
from riskscan.sources.slackuploads import Uploads, identity_of
from riskscan.sources.stream import Stream

HOST = "slack.invalid"
_PEOPLE = ("users.json", "org_users.json")
_ROOMS = ("channels.json", "groups.json", "dms.json", "mpims.json")
# What the lists beside the channels' folders are called, and what they list.
LISTS = {
    "users.json": "members", "org_users.json": "members", "channels.json": "channels",
    "groups.json": "private channels", "dms.json": "direct messages",
    "mpims.json": "group messages", "integration_logs.json": "apps", "canvases.json": "canvases",
    "content_flags.json": "flagged posts", "file_conversations.json": "files",
    "huddle_transcripts.json": "huddle transcripts", "lists.json": "lists",
}  # fmt: skip
_WORDED = frozenset({"text", "preview", "transcript", "comment", "content", "message"})
_ROOM_ID = re.compile(r"[CDG][A-Z0-9]{5,20}")
_PEOPLE_MAX = 500_000
_ROOMS_MAX = 200_000


@dataclass(slots=True)
class Workspace:
    """What the lists of an export say, for the posts: people and rooms by id and folder name.

    ``source`` is the folder that holds the lists.
    """

    source: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    conversations: Conversations = field(default_factory=Conversations)
    uploads: Uploads = field(default_factory=Uploads)
    worded: int = 0  # elements of other lists that hold somebody's words

    def learn(self, name: str, stream: Stream) -> None:
        """Take in one of the lists; raises SourceError where it is damaged."""
        for one in cut(stream, frozenset({""})):
            try:
                raw = parsed(one.data)
            except ValueError:
                continue
            if not isinstance(raw, dict):
                continue
            if name not in (*_PEOPLE, *_ROOMS, "integration_logs.json"):
                self.worded += _says_something(raw)
            if name in _PEOPLE and len(self.people) < _PEOPLE_MAX:
                self._person(raw)
            elif name in _ROOMS and len(self.rooms) < _ROOMS_MAX:
                self._room(name, raw)

    def _person(self, raw: Mapping[str, Any]) -> None:
        identity = text_of(raw.get("id"))[:100]
        profile = raw.get("profile")
        profile = profile if isinstance(profile, dict) else {}
        name = _name(profile, raw) or identity
        if identity:
            email = text_of(profile.get("email"))
            known = Person(name, email if "@" in email else address(identity, HOST))
            self.people[identity] = known
            self.names[identity] = name

    def _room(self, name: str, raw: Mapping[str, Any]) -> None:
        identity, called = text_of(raw.get("id"))[:100], text_of(raw.get("name"))[:300]
        members = raw.get("members")
        listed = [m for m in members if isinstance(m, str)] if isinstance(members, list) else []
        # Of a room with more members than a post names, none is named.
        listed = listed[: RECIPIENTS_MAX + 2]
        room = {"id": identity, "name": called, "members": listed, "kind": name}
        for key in (identity, unicodedata.normalize("NFC", called)):
            if key:
                self.rooms[key] = room
        if identity and called:
            self.names[identity] = called

    def knows(self, room: str) -> bool:
        """Whether the lists tell of a room of this name or id."""
        return unicodedata.normalize("NFC", room) in self.rooms

    def person(self, identity: str, raw: Mapping[str, Any]) -> Person:
        """Who posted: from the lists, else from what the post itself says."""
        if identity in self.people:
            return self.people[identity]
        name = ""
        for key in ("user_profile", "bot_profile"):
            if isinstance(profile := raw.get(key), dict):
                name = name or _name(profile, profile)
        name = name or text_of(raw.get("username")) or identity or "unknown"
        if not identity:
            return Person(name, address(name, HOST))
        return Person(name, address(identity, HOST))

    def room(self, folder: str) -> Room:
        """The room whose posts lie in a folder of this name (its name or its id)."""
        known = self.rooms.get(unicodedata.normalize("NFC", folder), {})
        identity = known.get("id") or folder
        members = tuple(self.person(m, {}) for m in known.get("members", ()))
        kind = known.get("kind", "")
        if kind == "dms.json" or (kind == "mpims.json" and members):
            label = "DM " + names(members) if members else f"DM {identity}"
        else:
            label = "#" + (known.get("name") or folder)
        box = Person(label, address(identity, HOST))
        # Every workspace has a #general.
        apart = "" if known.get("id") or _ROOM_ID.fullmatch(identity) else self.source
        return Room(f"slack:{identity}", label, box, members, apart)


def _name(profile: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    for place, key in (
        (profile, "real_name"), (raw, "real_name"), (profile, "display_name"), (raw, "name"),
    ):  # fmt: skip
        if found := storable(text_of(place.get(key))):
            return found
    return ""


def _says_something(raw: Mapping[str, Any]) -> bool:
    """Whether an element of a list holds what somebody wrote or said."""
    waiting: list[object] = [raw]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            if any(words_of(one[name]).strip() for name in _WORDED.intersection(one)):
                return True
            waiting.extend(one.values())
    return False


def text_of(value: object) -> str:
    """The value if it is text, else ""."""
    return value if isinstance(value, str) else ""


def learn_lists(
    reading: Reading, lists: Mapping[Origin, Callable[[], AbstractContextManager[Stream]]]
) -> None:
    """Take in the lists of an export before its posts are read; raises LimitError.

    A list that cannot be read is told when its turn comes among the files.
    """
    # Those of outer folders first, and always in one order.
    for origin in sorted(lists, key=lambda o: (len(o.folders), o.folders, o.name)):
        workspace = workspace_at(reading, origin)
        try:
            with lists[origin]() as stream:
                workspace.learn(origin.name.casefold(), stream)
        except (LimitError, OSError):
            raise
        except Exception:
            continue  # whatever it is, it is told when the list's turn comes


def learn_uploads(
    reading: Reading, files: Mapping[Origin, Callable[[], AbstractContextManager[Stream]]]
) -> None:
    """Let the files of an archive be known that lie in the folder for those of posts."""
    for origin, opened in files.items():
        if uploads := uploads_of(reading, origin):
            uploads.add(origin.folders[-1], origin.name, opened)


def uploads_of(reading: Reading, origin: Origin) -> Uploads | None:
    """The uploads that a file is one of by its place; None for any other file."""
    if not identity_of("/".join((*origin.folders, origin.name))):
        return None
    return workspace_at(reading, folder_origin(origin, origin.folders[:-2])).uploads


def is_list(name: str) -> bool:
    """Whether a file of this name may tell of members or channels."""
    return name.casefold() in (*_PEOPLE, *_ROOMS)


def workspace_at(reading: Reading, origin: Origin) -> Workspace:
    """The workspace of the folder that holds a list; it knows the people of those above."""
    source = origin.folder_source
    if not isinstance(found := reading.around.get(source), Workspace):
        found = Workspace(source)
        for above in _above(origin):
            if isinstance(outer := reading.around.get(above), Workspace):
                found.people.update(outer.people)
                found.names.update(outer.names)
                found.uploads = outer.uploads
                break
        reading.around[source] = found
    return found


def workspace_of(reading: Reading, origin: Origin) -> Workspace:
    """The workspace whose lists lie in the folder above a day file's, or in one above that."""
    for source in _above(origin):
        if isinstance(found := reading.around.get(source), Workspace):
            return found
    return workspace_at(reading, folder_origin(origin, origin.folders[:-1]))


def _above(origin: Origin) -> Iterator[str]:
    """The sources of the folders above the one that holds a file, nearest first."""
    for count in range(len(origin.folders) - 1, -1, -1):
        yield folder_origin(origin, origin.folders[:count]).folder_source


def folder_origin(origin: Origin, folders: tuple[str, ...]) -> Origin:
    """The same container, other folders."""
    inner = Container(origin.containers[-1].name, folders)
    return replace(origin, containers=(*origin.containers[:-1], inner))
