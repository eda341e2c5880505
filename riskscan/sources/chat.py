"""Chat posts: what all chat exports have in common, and how a post becomes an item.

A post is scored and attributed by itself. For context, posts are grouped into conversations: a
thread where the platform has threads; else the posts of a channel in one UTC day without a
silence of more than an hour. A post of the second kind says its room: the case parts them
(mail/thread.py), for posts may come in any order, and from several exports.

Chats have ids, not addresses: where the export tells no e-mail address, people and channels get
one under ``.invalid`` (RFC 2606), which is nobody's and stays the same from export to export.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from riskscan.mail.room import in_room
from riskscan.sources.compose import File, compose, date_field, mailbox
from riskscan.sources.item import Item

RECIPIENTS_MAX = 50
_NAMES_MAX = 6
_ROOMS_MAX = 100_000
_ID_MAX = 200
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")


@dataclass(slots=True, frozen=True)
class Person:
    """Somebody, or a channel: the name to show and an address."""

    name: str
    address: str


@dataclass(slots=True, frozen=True)
class Room:
    """A channel, group or direct chat: who is in it and what it is called.

    ``key`` is the conversation keys' start, as ``slack:C012345``; ``mailbox`` stands for the room
    where its members are not known or too many. ``apart`` is what tells the room from others of
    its key, where that is a mere name: the file or folder that it lies in, or the people in it.
    """

    key: str
    folder: str
    mailbox: Person
    members: tuple[Person, ...] = ()
    apart: str = ""

    def recipients(self, sender: Person) -> tuple[Person, ...]:
        """Who a post of ``sender`` went to: the other members, or the room as a whole."""
        others = tuple(m for m in self.members if m.address != sender.address)
        return others if 0 < len(others) <= RECIPIENTS_MAX else (self.mailbox,)


@dataclass(slots=True, frozen=True)
class Post:
    """One post. ``id`` and ``reply_to`` are Message-IDs; ``comments`` what became of it, as
    ``Item.state``; ``defects`` what had to be guessed; ``lost`` which of ``files`` cannot be read.

    A ``moment`` without zone is what a clock in an unknown zone showed: it is written without
    one, so that the parser reads it as UTC and says so among the message's defects. ``date`` is
    the date as found where it could not be read.
    """

    id: str
    sender: Person
    to: tuple[Person, ...]
    moment: datetime | None
    text: str | None = None
    html: str | None = None
    subject: str = ""
    reply_to: str = ""
    comments: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    defects: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    date: str = ""


@dataclass(slots=True, frozen=True)
class Place:
    """Where posts lie: what of an item does not depend on the post."""

    source: str
    format: str
    custodian: str


def post_item(post: Post, where: Place, room: Room, place: str, thread: str, data: bytes) -> Item:
    """The item of a post; ``data`` are its bytes in the export, ``thread`` its conversation.

    A post that is not cut out of the export as it stands there has no ``data``.
    """
    headers = [("From", mailbox(post.sender.name, post.sender.address))]
    if to := [mailbox(p.name, p.address) for p in post.to[:RECIPIENTS_MAX]]:
        headers.append(("To", ", ".join(to)))
    if post.moment is not None:
        headers.append(("Date", _date(post.moment)))
    elif post.date:
        headers.append(("Date", post.date))
    headers.append(("Message-ID", post.id))
    if post.subject:
        headers.append(("Subject", post.subject[:1000]))
    if post.reply_to and post.reply_to != post.id:
        headers.append(("In-Reply-To", post.reply_to))
    headers += [("Comments", comment[:500]) for comment in post.comments]
    return Item(
        source=where.source,
        format=where.format,
        place=place,
        custodian=where.custodian,
        folder=storable(room.folder),
        data=compose(headers, text=post.text, html=post.html, files=post.files),
        medium="chat",
        conversation=storable(thread),
        native_sha256=hashlib.sha256(data).hexdigest() if data else "",
        native_size=len(data),
        defects=(*post.lost, *post.defects),
        lost=_lost(post.lost),
        state=storable("; ".join(post.comments)),
    )


def _lost(lost: tuple[str, ...]) -> str:
    """Which files of a post are lost, in a sentence."""
    more = f"; and {len(lost) - 1:,} more" if len(lost) > 1 else ""
    return storable(lost[0][:200]) + more if lost else ""


def _date(moment: datetime) -> str:
    if moment.tzinfo is not None:
        return date_field(moment.astimezone(UTC))
    return date_field(moment).rpartition(" ")[0]


def message_id(*parts: str, host: str) -> str:
    """A Message-ID made of ids; the same ids give the same one."""
    return f"<{address('.'.join(parts), host)}>"


def address(identity: str, host: str) -> str:
    """An address for an id or name: readable, and different for different ones."""
    if _SAFE.issuperset(identity) and 0 < len(identity) <= _ID_MAX and _dotted(identity):
        return f"{identity}@{host}"
    folded = unicodedata.normalize("NFKD", identity[: _ID_MAX * 4])
    bare = (c for c in folded if not unicodedata.combining(c))
    local = "".join(c if c in _SAFE else "." for c in bare)
    local = ".".join(p for p in local.split(".") if p)
    if len(local) > _ID_MAX or not local or any(c not in _SAFE and c != " " for c in identity):
        digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
        local = ".".join(p for p in (local[:_ID_MAX], digest[:12]) if p)
    return f"{local}@{host}"


def _dotted(local: str) -> bool:
    """Whether dots stand between other characters only (RFC 5322 section 3.2.3)."""
    return ".." not in local and local[0] != "." != local[-1]


def names(people: Sequence[Person]) -> str:
    """Names for a folder, not too many: ``Ana, Bo and 7 more``."""
    shown = ", ".join(p.name or p.address for p in people[:_NAMES_MAX])
    more = len(people) - _NAMES_MAX
    return f"{shown} and {more} more" if more > 0 else shown


def storable(text: str, most: int = 300) -> str:
    """Text of an export as a name: one line, no controls, no lone surrogates, not too long."""
    if len(text) <= most and text.isprintable() and "  " not in text:
        return text.strip()
    text = text[: most * 4].encode("utf-8", "replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def words_of(value: object) -> str:
    """Text as it is; of whatever else stands in its place all texts and numbers, a line each.

    Exports hold text there. What a program wrote instead may be somebody's words all the same.
    """
    if isinstance(value, str):
        return value
    found: list[str] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, (str, int, float)) and not isinstance(one, bool):
            found.append(str(one))
    return "\n".join(line for line in found if line.strip())


def unknown_type(kind: object) -> list[str]:
    """The defect of a post whose type is another than ``message``; none where it has no type.

    What somebody wrote is kept, whatever a program called it.
    """
    if kind in ("message", "", None):
        return []
    named = storable(str(kind), 100) if isinstance(kind, (str, int, float)) else "no text"
    return [f"the post's type is not known: {named}"]


def bounded(value: object, most: int, what: str, defects: list[str]) -> list[Any]:
    """The first ``most`` of a list in a post; that it has more of ``what`` goes to ``defects``."""
    several = value if isinstance(value, list) else []
    if len(several) > most:
        tell_beyond(most, what, defects)
    return several[:most]


def tell_beyond(most: int, what: str, defects: list[str]) -> None:
    """Say once that a post has more of something than is read."""
    told = f"more than {most:,} {what}: the rest of them is not read"
    if told not in defects:
        defects.append(told)


class Conversations:
    """The conversation keys of posts without a thread, given in the order of the export."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def key(self, room: Room, moment: datetime | None, near: datetime | None = None) -> str:
        """The key of a post of this room.

        It stands at the moment ``near`` where one is given, without any date beside the post before
        it.
        """
        name = room.key
        if room.apart:
            told = hashlib.sha256(room.apart.encode("utf-8", "replace")).hexdigest()
            name = f"{told[:16]}/{name}"
        if moment is None:
            return in_room(name, near or self._last.get(name))
        if len(self._last) >= _ROOMS_MAX and name not in self._last:
            del self._last[next(iter(self._last))]
        self._last[name] = moment
        return in_room(name, near)


def instant(seconds: object) -> datetime | None:
    """The moment of a Unix time given as a number or its text; None for what is none."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def iso_moment(value: object) -> datetime | None:
    """The moment of an ISO 8601 text, UTC if it names no zone; None for what is none."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
