"""One post of Microsoft Teams out of JSON: Graph's chatMessage, or the export of one's own data."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from riskscan.sources.chat import (
    Person,
    address,
    bounded,
    instant,
    iso_moment,
    names,
    storable,
    unknown_type,
    words_of,
)
from riskscan.sources.teamscards import card_text, is_card

HOST = "teams.invalid"
_FILES_MAX = 1_000
_NAMED_MAX = 6
_PAIR = re.compile(r"19:([0-9a-fA-F-]{36})_([0-9a-fA-F-]{36})@")
_QUOTE = re.compile(r"(</?)quote\b[^<>]{0,1000}>", re.I)
_LEGACY = re.compile(r"<legacyquote>[^<>]{0,1000}</legacyquote>", re.I)
_EMOJI = re.compile(r"<(?:emoji|img)\b([^<>]{0,2000})>", re.I)
_ALT = re.compile(r'\balt="([^"]{0,200})"', re.I)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_ID = re.compile(
    r"#?19[:_]\S{3,250}@(?:thread\.|unq\.gbl\.)\S{1,30}|(?:orgid:)?[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4}",
    re.I,
)
_SYSTEM = re.compile(r"(?:ThreadActivity|Event|Control|Notice)\b", re.I)
# Of Graph's chatMessageType, those of Teams itself (unknownFutureValue stands for events, too).
_SYSTEM_TYPE = re.compile(r"chatEvent|typing|systemEventMessage|ThreadActivity\b.*", re.I | re.S)


@dataclass(slots=True, frozen=True)
class Raw:
    """What a post says of itself. ``room`` is its chat's id, ``path`` its place in the element.

    ``named`` is a chat or channel (its id) and the name that an event gave it, ``defects`` what of
    the post is not read.
    """

    id: str
    room: str
    sender: Person | None
    moment: datetime | None
    text: str | None = None
    html: str | None = None
    subject: str = ""
    reply_to: str = ""
    title: str = ""
    edited: str = ""
    deleted: str = ""
    channel: bool = False
    system: bool = False
    peers: tuple[Person, ...] = ()
    path: str = ""
    named: tuple[str, str] = ("", "")
    defects: tuple[str, ...] = ()

    @property
    def has_words(self) -> bool:
        """Whether anything is to be read in it."""
        if self.text is not None:
            return bool(self.text.strip())
        return bool(html.unescape(_TAG.sub("", self.html or "")).strip())


def is_id(name: str) -> bool:
    """Whether a name is but the id of a chat, a channel or somebody."""
    return _ID.fullmatch(name) is not None


def unnamed(
    room: str, people: Iterable[Person], *, channel: bool = False, many: bool = False
) -> str:
    """What to call a chat or channel without a name: after those who posted in it.

    ``many``: there are more than ``people``.
    """
    named = [p for p in people if p.name and not is_id(p.name)]
    shown = names(named[:_NAMED_MAX] if many else named) + (" and others" if many else "")
    if channel:
        return f"Teams channel ({shown})" if named else f"Teams channel {room}".strip()
    return f"DM {shown}" if named else f"Teams chat {room}".strip()


def raw_posts(value: object, around: Mapping[str, str]) -> Iterator[Raw]:
    """The posts in an element of a list: a post and its replies, or all of a page or chat."""
    waiting: list[tuple[object, str]] = [(value, "")]
    while waiting:
        one, path = waiting.pop()
        if not isinstance(one, dict):
            continue
        inner: list[tuple[object, str]] = []
        for name in ("value", "messages", "MessageList", "replies"):
            nested = one.get(name)
            if isinstance(nested, list):
                inner += [(n, f"{path}/{name}/{i}") for i, n in enumerate(nested, 1)]
        waiting.extend(reversed(inner))
        if "messagetype" in one or "originalarrivaltime" in one:
            yield _own_data(one, around, path)
        elif one.get("body") is not None and not (set(one) & {"value", "messages"}):
            yield _graph(one, around, path)


def _graph(raw: Mapping[str, Any], around: Mapping[str, str], path: str) -> Raw:
    channel = raw.get("channelIdentity")
    channel = channel if isinstance(channel, dict) else {}
    room = _text(channel.get("channelId")) or _text(raw.get("chatId")) or _near(around, "id")
    body = raw.get("body")
    body = body if isinstance(body, dict) else {"content": body}
    content = words_of(body["content"] if "content" in body else _beside_type(body))
    is_html = _text(body.get("contentType")).lower() == "html"
    defects: list[str] = []
    extras = list(_attachments(raw.get("attachments"), defects))
    text = None if is_html else "\n".join([content, *(e.text for e in extras)]).strip()
    event = raw.get("eventDetail")
    kind = raw.get("messageType")
    system = _SYSTEM_TYPE.fullmatch(_text(kind)) is not None
    if not system and (unknown := unknown_type(kind)):
        system = isinstance(event, dict) and bool(event)
        defects += unknown
    sender = _sender(raw.get("from"))
    pair = _PAIR.match(room)
    return Raw(
        id=_text(raw.get("id")),
        room=storable(room),
        sender=sender,
        moment=iso_moment(raw.get("createdDateTime")),
        text=text,
        html=_readable(content) + "".join(e.html for e in extras) if is_html else None,
        subject=storable(_text(raw.get("subject")), 1000),
        reply_to=_text(raw.get("replyToId")),
        title=storable(_near(around, "topic", "channelName", "channelDisplayName", "displayName")),
        edited=_text(raw.get("lastEditedDateTime")),
        deleted=_text(raw.get("deletedDateTime")),
        channel=bool(channel),
        system=system,
        peers=tuple(Person("", address(p, HOST)) for p in pair.groups()) if pair else (),
        path=path,
        named=_naming(event, room),
        defects=tuple(defects),
    )


def _naming(event: object, room: str) -> tuple[str, str]:
    """Which chat or channel Graph's eventMessageDetail names, and how (both "": none)."""
    if not isinstance(event, dict):
        return "", ""
    if name := storable(_text(event.get("channelDisplayName"))):
        return storable(_text(event.get("channelId")) or room), name
    name = storable(_text(event.get("chatDisplayName")))
    return (storable(_text(event.get("chatId")) or room), name) if name else ("", "")


def _beside_type(body: Mapping[str, Any]) -> list[Any]:
    return [value for name, value in body.items() if name != "contentType"]


def _sender(value: object) -> Person | None:
    """Whoever a chatMessageFromIdentitySet names: a user, an app, a device."""
    if isinstance(value, str) and value:
        return Person(storable(value), address(value, HOST))
    for kind in ("user", "application", "device", "conversation"):
        who = value.get(kind) if isinstance(value, dict) else None
        if isinstance(who, str) and who:
            return Person(storable(who), address(who, HOST))
        if not isinstance(who, dict):
            continue
        name, identity = storable(_text(who.get("displayName"))), _text(who.get("id"))
        mail = _text(who.get("userPrincipalName")) or _text(who.get("email"))
        if name or identity or mail:
            where = mail if "@" in mail else address(identity or name, HOST)
            return Person(name or identity, where)
    return None


@dataclass(slots=True, frozen=True)
class _Extra:
    text: str
    html: str


def _attachments(value: object, defects: list[str]) -> Iterator[_Extra]:
    """Cards, files by name, and the posts that are quoted, of Graph's chatMessageAttachment."""
    for one in bounded(value, _FILES_MAX, "attachments", defects):
        if not isinstance(one, dict):
            continue
        kind = _text(one.get("contentType"))
        if is_card(kind):
            said = card_text(one.get("content"), kind, defects)
            said = said or f"[card: {storable(kind.rpartition('.')[2])}]"
            lines = html.escape(said).replace("\n", "<br>")
            yield _Extra(said, f"<p>{lines}</p>")
        elif kind in ("messageReference", "forwardedMessageReference"):
            said = _quoted(one.get("content"))
            if said:
                lines = "\n".join("> " + line for line in said.splitlines())
                quoted = html.escape(said).replace("\n", "<br>")
                yield _Extra(lines, f"<blockquote>{quoted}</blockquote>")
        elif name := storable(_text(one.get("name"))):
            yield _Extra(f"[file: {name}]", f"<p>[file: {html.escape(name)}]</p>")


def _quoted(content: object) -> str:
    try:
        told = json.loads(_text(content))
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    who = _sender(told.get("messageSender") or told.get("originalMessageSender"))
    said = _text(told.get("messagePreview")) or _text(told.get("originalMessageContent"))
    said = html.unescape(_TAG.sub("", said)).strip()
    return f"{who.name}: {said}" if who and said else said


def _own_data(raw: Mapping[str, Any], around: Mapping[str, str], path: str) -> Raw:
    kind = _text(raw.get("messagetype"))
    content = words_of(raw.get("content"))
    properties = raw.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    identity = _text(raw.get("from")).rpartition("/")[2]
    name = storable(_text(raw.get("displayName")) or _text(raw.get("imdisplayname")))
    bare = identity.partition(":")[2] if identity[:2].rstrip(":").isdigit() else identity
    sender = Person(name or bare, address(bare.removeprefix("orgid:"), HOST)) if bare else None
    room = _text(raw.get("conversationid")) or _near(around, "id")
    plain = kind.lower() == "text" or not kind
    moment = iso_moment(raw.get("originalarrivaltime"))
    defects: list[str] = []
    cards = list(_attachments(_listed(properties.get("cards")), defects))
    readable = _readable(_with_quotes(content)).replace("\n", "<br>") + "".join(
        c.html for c in cards
    )
    return Raw(
        id=_text(raw.get("id")),
        room=storable(room.rpartition("/")[2]),
        sender=sender,
        moment=moment,
        text="\n".join([content, *(c.text for c in cards)]).strip("\n") if plain else None,
        html=None if plain else readable,
        title=storable(_near(around, "topic", "displayName")),
        edited=_clock(properties.get("edittime")),
        deleted=_clock(properties.get("deletetime")),
        system=_SYSTEM.match(kind) is not None,
        path=path,
        defects=tuple(defects),
    )


def _listed(value: object) -> object:
    """A list of the own data's properties: JSON, or the text of it."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None


def _clock(value: object) -> str:
    """A Unix time in milliseconds as ISO 8601; "" for none."""
    try:
        moment = instant(float(value) / 1000)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _with_quotes(content: str) -> str:
    """The HTML of Skype's own data with its quotes as HTML has them, without their plain copies."""
    if "<quote" not in content:
        return content
    return _QUOTE.sub(r"\1blockquote>", _LEGACY.sub("", content))


def _readable(content: str) -> str:
    """HTML with emoji as characters: they are elements whose alternative text is the character."""
    if "<emoji" not in content and "<img" not in content:
        return content

    def shown(tag: re.Match[str]) -> str:
        found = _ALT.search(tag[1])
        return found[1] if found and not found[1].isascii() else tag[0]

    return _EMOJI.sub(shown, content)


def _near(around: Mapping[str, str], *wanted: str) -> str:
    """The value of the nearest object around that has one of these names."""
    for name in wanted:
        for key in reversed(list(around)):
            if key == name or key.endswith("." + name):
                return around[key]
    return ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value) if type(value) is int else ""
