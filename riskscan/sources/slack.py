"""Slack exports: a zip or folder with a folder a channel, in it a JSON file a day.

https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports lists the files; the posts
are those of https://docs.slack.dev/reference/events/message and its subtypes. Beside them lie lists
of members (users.json, org_users.json) and of channels (channels.json, groups.json for private
ones, dms.json, mpims.json), which give names and addresses, and others that hold no posts.

The content of files is not in an export: posts name them (slackdump saves it: slackuploads.py). A
post that was edited is the last version, unless the export keeps the others (subtype
message_changed); each is a message then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from riskscan.sources.chat import (
    Place,
    Post,
    Room,
    instant,
    message_id,
    post_item,
    storable,
    unknown_type,
    words_of,
)
from riskscan.sources.item import Event, SourceError
from riskscan.sources.jsoncut import Cut
from riskscan.sources.names import Container, Origin, mbox_names, stem
from riskscan.sources.posts import read_posts
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.slackspace import (
    HOST,
    LISTS,
    Workspace,
    folder_origin,
    text_of,
    workspace_at,
    workspace_of,
)
from riskscan.sources.slacktext import decoded, post_text
from riskscan.sources.stream import Hashing
from riskscan.sources.unreadable import Unreadable

_WHOLE = frozenset({"", "messages"})
# Posts that Slack writes itself: nobody says anything in them.
_SYSTEM = re.compile(
    r"(?:channel|group)_(?:join|leave|archive|unarchive|convert_to_(?:private|public)"
    r"|posting_permissions|canvas_updated)|(?:un)?pinned_item|bot_(?:add|remove|enable|disable)"
    r"|app_conversation_(?:join|leave)|sh_room_(?:created|shared)|huddle_thread"
    r"|joiner_notification\w*|bot_(?:dis|en)able|document_comment_root|message_replied"
    r"|ekm_access_denied"
)


def read_list(reading: Reading, blob: Blob) -> Iterator[Event]:
    """The event that a list was found: no post is in it, but names are, or words."""
    hashing = Hashing(blob.stream)
    what = LISTS.get(blob.origin.name.casefold(), "members")
    workspace = workspace_at(reading, blob.origin)
    before_it = workspace.worded
    try:
        workspace.learn(blob.origin.name.casefold(), hashing)
        hashing.drain()
    except SourceError as error:
        before = f"Slack's list of {what} cannot be read to its end: "
        yield from reading.stopped(
            blob.origin, error, before=before, size=hashing.size, sha256=hashing.sha256
        )
        return
    reason = f"a companion file, no posts: Slack's list of {what}"
    if worded := workspace.worded - before_it:
        reason = f"Slack's list of {what}: {worded:,} of its entries hold words, which are not read"
    yield from reading.not_read(
        blob.origin, reason, size=hashing.size, sha256=hashing.sha256, lost=worded > 0
    )


def read_day(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the posts of one day of one channel, in the order of the file."""
    day = _Day(reading, blob.origin, workspace_of(reading, blob.origin))
    yield from read_posts(reading, blob, _WHOLE, day, "a day without posts")


class _Day:
    """The posts of one file, one after the other."""

    def __init__(self, reading: Reading, origin: Origin, workspace: Workspace) -> None:
        self._reading = reading
        self._origin = origin
        self._workspace = workspace
        folder = origin.folders[-1] if origin.folders else stem(origin.name)
        self._folder = folder if origin.folders else ""
        self._room = workspace.room(folder) if folder else None
        self._where = Place(origin.folder_source or origin.name, "slack", _custodian(origin))
        self._system = 0
        self.seen = 0

    def is_post(self, value: Mapping[str, Any]) -> bool:
        """Whether a file that is one object is itself a post."""
        return value.get("type") == "message" or ("ts" in value and "text" in value)

    def events(self, raw: Mapping[str, Any], one: Cut) -> Iterator[Event]:
        """What one object of the file is: a post, versions of one, or none."""
        place = f"{self._origin.name}#{one.path}"
        room = self._room
        if channel := one.around.get("channel_id"):
            room = self._workspace.room(channel)
        own = text_of(raw.get("channel"))
        if room is None or (not self._workspace.knows(self._folder) and self._workspace.knows(own)):
            # The folder has a former name of the channel.
            room = self._workspace.room(text_of(raw.get("channel")) or stem(self._origin.name))
        yield from self._post(raw, room, one, place)

    def lost(self, run: Unreadable) -> Iterator[Event]:
        """The event for elements that are no posts."""
        place = f"{self._origin.name}#{run.named}"
        return self._told(run, place, run.reason, lost=True)

    def _told(
        self, one: Cut | Unreadable, place: str, reason: str, *, lost: bool
    ) -> Iterator[Event]:
        for told in self._reading.not_read(
            self._origin, reason, place=place, size=one.size, sha256=one.sha256, lost=lost
        ):
            yield replace(told, source=self._where.source)

    def without_words(self) -> Iterator[Event]:
        """One event for all posts that Slack wrote itself."""
        if self._system:
            words = "post" if self._system == 1 else "posts"
            reason = f"{self._system:,} {words} without anybody's words (joins, pins and the like)"
            for told in self._reading.not_read(
                self._origin, reason, place=self._origin.name, lost=False
            ):
                yield replace(told, source=self._where.source)

    def _post(self, raw: Mapping[str, Any], room: Room, one: Cut, place: str) -> Iterator[Event]:
        subtype = text_of(raw.get("subtype"))
        if _SYSTEM.fullmatch(subtype) or _SYSTEM.fullmatch(text_of(raw.get("type"))):
            self._system += 1
            return
        older = raw.get("original") or raw.get("previous_message")
        older = older if isinstance(older, dict) else None
        newer = raw.get("message")
        # A deleted post that has replies is changed into a tombstone.
        gone = isinstance(newer, dict) and newer.get("subtype") == "tombstone"
        if subtype in ("message_deleted", "tombstone") or gone:
            if older is None:
                yield from self._deleted(raw, one, place)
                return
            comment = f"deleted {_gone(raw, older)}".rstrip()
            last = newer if isinstance(newer, dict) else raw
            yield from self._item(
                older, room, one, place, version="deleted", comment=comment, last=last
            )
            return
        if isinstance(newer, dict):
            if older is not None:
                version = "before." + _ts(newer.get("edited"), raw.get("ts"))
                comment = f"an earlier version, edited {_when(raw.get('ts'))}".rstrip()
                yield from self._item(
                    older, room, one, f"{place}/{'original' if 'original' in raw else 'previous'}",
                    version=version, comment=comment, last=newer,
                )  # fmt: skip
            yield from self._item(newer, room, one, place)
            return
        yield from self._item(raw, room, one, place)

    def _deleted(self, raw: Mapping[str, Any], one: Cut, place: str) -> Iterator[Event]:
        who = self._workspace.person(text_of(raw.get("user")), raw).name
        of = f" of {who}" if raw.get("user") not in (None, "USLACKBOT") else ""
        posted = _when(raw.get("deleted_ts") or raw.get("ts"))
        gone = _gone(raw, {})
        when = f"{posted}, deleted {gone}" if gone else posted
        reason = storable(f"a deleted post{of}, {when}: its text is not in the export")
        yield from self._told(one, place, reason, lost=False)

    def _item(
        self,
        raw: Mapping[str, Any],
        room: Room,
        one: Cut,
        place: str,
        *,
        version: str = "",
        comment: str = "",
        last: Mapping[str, Any] | None = None,
    ) -> Iterator[Event]:
        """The message of a post, or of a version of it; ``last`` tells its thread, too."""
        last = raw if last is None else last
        ts = text_of(raw.get("ts"))
        thread = text_of(raw.get("thread_ts")) or text_of(last.get("thread_ts"))
        moment = instant(ts)
        key = self._workspace.conversations.key(room, moment)
        if thread or raw.get("replies") or last.get("replies"):
            key = f"{room.key}/{thread or ts}"
        defects: list[str] = []
        text = self._words(raw, defects)
        if not text:
            self._system += 1
            return
        defects += unknown_type(raw.get("type"))
        uploads = self._workspace.uploads
        ids, said = uploads.named(raw)
        if self._reading.passes():
            return
        files, lost = uploads.read(ids, self._reading.limits.message)
        defects += said
        comment_on_file = raw.get("comment")
        by = comment_on_file.get("user") if isinstance(comment_on_file, dict) else ""
        identity = text_of(raw.get("user")) or text_of(raw.get("bot_id")) or text_of(by)
        sender = self._workspace.person(identity, raw)
        channel = room.mailbox.address.rpartition("@")[0]
        # A post without a time has nothing else to be told by than its bytes.
        own = [ts or one.sha256[:24], *([version] if version else [])]
        comments = [comment] if comment else []
        if isinstance(edited := raw.get("edited"), dict):
            comments.append(f"edited {_when(edited.get('ts'))}".rstrip())
            # Another export may hold another version: no two of them are duplicates.
            own.append(f"edited.{text_of(edited.get('ts'))}")
        post = Post(
            id=message_id(channel, *own, host=HOST),
            sender=sender,
            to=room.recipients(sender),
            moment=moment,
            text=text,
            reply_to=message_id(channel, thread, host=HOST) if thread and thread != ts else "",
            comments=tuple(comments),
            defects=tuple(defects),
            lost=lost,
            files=files,
        )
        yield post_item(post, self._where, room, place, key, one.data)

    def _words(self, raw: Mapping[str, Any], defects: list[str]) -> str:
        """The text of a post; of a channel's new name, topic or purpose, what somebody wrote."""
        subtype = text_of(raw.get("subtype"))
        if subtype.endswith("_name"):
            return " → ".join(
                n for k in ("old_name", "name") if (n := words_of(raw.get(k)).strip())
            )
        if subtype == "assistant_app_thread":
            thread = raw.get(subtype)
            return words_of(thread.get("title")).strip() if isinstance(thread, dict) else ""
        if subtype.endswith(("_topic", "_purpose")):
            said = words_of(raw.get(subtype.rpartition("_")[2]))
            return decoded(said, self._workspace.names).strip()
        return post_text(raw, self._workspace.names, defects)


def _custodian(origin: Origin) -> str:
    """The export's name: a channel is nobody's own, but its export has one owner."""
    if len(origin.folders) > 1:
        return mbox_names(folder_origin(replace(origin, name=origin.folders[-2]), ()))[0]
    container = origin.containers[-1].name
    if len(origin.folders) == 1 and container:
        outer = origin.containers[:-1] or (Container(""),)
        return mbox_names(replace(origin, containers=outer, name=container))[0]
    return mbox_names(origin)[0]


def _gone(raw: Mapping[str, Any], older: Mapping[str, Any]) -> str:
    """When a post was deleted: the time of the event, where it is not that of the post itself."""
    posted = (raw.get("deleted_ts"), older.get("ts"))
    return "" if raw.get("ts") in posted or posted == (None, None) else _when(raw.get("ts"))


def _when(ts: object) -> str:
    moment: datetime | None = instant(ts)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _ts(edited: object, other: object) -> str:
    return text_of(edited.get("ts") if isinstance(edited, dict) else other)
