"""Microsoft Teams chats as HTML: conversation transcripts, and pages that export scripts write.

Microsoft Purview writes the messages of a conversation into HTML transcripts, with times in UTC
(https://learn.microsoft.com/purview/edisc-review-set-teams-data), but documents no structure of
them; scripts that export chats by Graph each have a template of their own. So a page is taken for
a chat only when it is marked as one of Teams and holds posts that are alike (teamsblocks.py);
any other stays what it is: HTML, not read.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from riskscan.mail.charset import to_text
from riskscan.mail.html import without_pictures
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
from riskscan.sources.item import Event, NotRead, SourceError
from riskscan.sources.jsoncut import POST_MAX
from riskscan.sources.names import Origin, mbox_names, tree_names
from riskscan.sources.reading import Blob, Reading, reason_for
from riskscan.sources.sniff import Sniffed
from riskscan.sources.stream import CHUNK, Hashing
from riskscan.sources.teamsblocks import Block, Blocks, blocks_of
from riskscan.sources.teamsclock import day_first
from riskscan.sources.teamspost import HOST, is_id, unnamed
from riskscan.sources.webpage import Page, page_of

_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?([\w-]{1,40})", re.I)
_EXTENSION = re.compile(r"\.html?\Z", re.I)
_NAME = re.compile(r"teamsmessagesdata|(?:\b|_)(?:ms|microsoft)?[ _-]?teams(?:\b|_)", re.I)
_TITLE = re.compile(r"\bteams\b", re.I)
_PLATFORM = re.compile(
    r"microsoft[ -]teams|teams\.(?:microsoft|live)\.com|TeamsMessagesData|IPM\.SkypeTeams"
    r"|\bteams[ -](?:chat|conversation|message|export)",
    re.I,
)
_THREAD = re.compile(r"\b19:[\w.+/=-]{3,200}@(?:thread\.(?:v2|tacv2|skype)|unq\.gbl\.spaces)")
_BODY = re.compile(r"<body\b", re.I)
_HEAD_MAX = 64 * 1024  # characters
# Search engines and feeds are told of pages of the web, unsubscribing is for newsletters.
_SITE = re.compile(
    r"property\s?=\s?[\"']?og:|rel\s?=\s?[\"']?canonical|application/(?:rss|atom)\+xml", re.I
)
_LETTER = re.compile(r"\bunsubscribe\b", re.I)
_UTC = re.compile(r"\bUTC\b|Coordinated Universal Time")
_MAIL = re.compile(r"[^\s<>()\[\]@:;,]{1,200}@[^\s<>()\[\]@:;,]{1,200}\.[A-Za-z]{2,20}")
_GENERIC = re.compile(
    r"(?:html table|(?:microsoft )?teams|(?:(?:microsoft )?teams )?(?:chat|conversation|messages?)"
    r"(?: (?:export|history|transcript))?|index|export|messages)?\Z",
    re.I,
)
_DELETED = re.compile(
    r"\W{0,3}(?:this )?message (?:was |has been )?deleted(?: by [^\n]{1,100})?\W{0,3}\Z", re.I
)
_EVENT = re.compile(r"#microsoft\.graph\.\w{1,80}(?:EventMessageDetail)?\Z")
_ESCAPED = re.compile(r"<(?:p|div|br|span|at|attachment)\b", re.I)
_UNSURE = "day and month may be the other way round: nothing in the chat tells"


def is_marked(text: str, origin: Origin) -> bool:
    """Whether a page, or where it lies, names Teams at all: a cheap look before reading it."""
    around = "/".join((*origin.folders, origin.name))
    return "teams" in text.casefold() or _NAME.search(around) is not None or "19:" in text


def read_teams_html(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the posts of a page; a page that is no chat is one event, as any HTML."""
    yield from _read(reading, blob, known=False)


def read_conversation(reading: Reading, blob: Blob) -> Iterator[Event]:
    """The same of a page of which the export's load file says that it is a conversation."""
    yield from _read(reading, blob, known=True)


def _read(reading: Reading, blob: Blob, *, known: bool) -> Iterator[Event]:
    hashing = Hashing(blob.stream)
    parts: list[bytes] = []
    try:
        while data := hashing.read(CHUNK):
            if hashing.size <= reading.limits.message:
                parts.append(data)
            else:
                parts.clear()
    except SourceError as error:
        yield from reading.stopped(
            blob.origin, error, size=hashing.size, sha256=hashing.sha256,
            before="the page is not whole: ",
        )  # fmt: skip
        return
    reason, lost = reason_for(Sniffed("", "HTML"))
    if hashing.size > reading.limits.message:
        reason += f", of more than {reading.limits.message:,} bytes"
    else:
        try:
            chat = _chat(reading, blob.origin, b"".join(parts), known)
        except SourceError as error:
            chat, reason = None, f"{reason}, {error}"
        if chat is not None:
            yield from chat.events()
            return
    yield from reading.not_read(
        blob.origin, reason, size=hashing.size, sha256=hashing.sha256, lost=lost
    )


def _chat(reading: Reading, origin: Origin, data: bytes, known: bool) -> _Chat | None:
    """The chat that a page is, or None; ``known``: it is one of Teams, marked or not."""
    charset = _CHARSET.search(data[:4096])
    text, _ = to_text(data, charset[1].decode() if charset else "utf-8")
    if not known and not is_marked(text, origin):
        return None
    text = without_pictures(text)
    page = page_of(text)
    found = blocks_of(page) if page is not None else Blocks()
    if page is None or not found.posts:
        return None
    if not known and not _of_teams(page, found, text, origin):
        return None
    return _Chat(reading, origin, page, found)


def _of_teams(page: Page, found: Blocks, text: str, origin: Origin) -> bool:
    """Whether a page is of Teams by what stands around its posts, and not of a site or newsletter.

    What posts say does not count: people write of Teams elsewhere too.
    """
    body = _BODY.search(text)
    head = text[: body.start()] if body else text[:_HEAD_MAX]
    start = page.starts[found.posts[0].nodes[0]]
    end = max(page.ends[n] for n in found.posts[-1].nodes)
    around = "\n".join(p for p in (*page.pieces[:start], *page.pieces[end:]) if isinstance(p, str))
    if _SITE.search(head) or _LETTER.search(around):
        return False
    place = "/".join((*origin.folders, origin.name))
    marks = (_PLATFORM, _THREAD)
    return bool(
        _NAME.search(place)
        or _TITLE.search(page.title)
        or any(mark.search(near) for mark in marks for near in (head, around))
    )


class _Chat:
    """The posts of one page."""

    def __init__(self, reading: Reading, origin: Origin, page: Page, found: Blocks) -> None:
        self._reading = reading
        self._origin = origin
        self._page = page
        self._found = found
        own = replace(origin, name=_EXTENSION.sub("", origin.name))
        generic = _GENERIC.match(own.name.replace("_", " ").replace("-", " ")) is not None
        custodian = (tree_names if generic else mbox_names)(own)[0]
        self._where = Place(origin.folder_source or origin.name, "teams", custodian)
        self._prefix = origin.name if origin.folder_source else ""
        clocks = [page.clocks[b.time] for b in found.posts if b.time >= 0]
        self._day_first, sure = day_first(clocks)
        self._unsure = () if sure else (_UNSURE,)
        front = "".join(
            p for p in page.pieces[: page.starts[found.posts[0].nodes[0]]] if isinstance(p, str)
        )
        self._utc = _UTC.search(front) is not None
        threads = set(_THREAD.findall(front))
        self._thread = threads.pop() if len(threads) == 1 else ""
        label = storable(page.title if not _GENERIC.match(page.title) else own.name)
        people = {p.address: p for b in found.posts if b.name and (p := _person(b.name))}
        members = tuple(people.values()) if len(people) <= RECIPIENTS_MAX + 1 else ()
        room = self._thread or label
        if is_id(label):
            label = unnamed(room, people.values())
        box = Person(label, address(room, HOST))
        apart = "" if is_id(room) else self._where.source
        self._room = Room(f"teams:{room}", label or room, box, members, apart)

    def events(self) -> Iterator[Event]:
        """One event a post; what Teams and the page themselves say is counted."""
        conversations = Conversations()
        ids: dict[int, str] = {}
        system = self._found.system
        for number, block in enumerate(self._found.posts, 1):
            place, first = f"{self._prefix}#{number}", block.nodes[0]
            body, said = self._body(block), self._said(block)
            moment = self._moment(block)
            if not said or _EVENT.match(said):
                system += 1
                continue
            if not block.name or moment is None:
                missing = "author" if not block.name else "date and time"
                yield from self._told(place, f"a post whose {missing} cannot be read", said, True)
                continue
            if len(body) > POST_MAX:
                yield from self._told(place, f"a post of {len(body):,}: too large", said, True)
                continue
            if _DELETED.match(said):
                reason = f"a deleted post of {storable(block.name)}: its text is not in the export"
                yield from self._told(place, reason, said, False)
                continue
            # A reply is with the post that it names.
            thread = "" if block.outer in ids else conversations.key(self._room, moment)
            sender = _person(block.name)
            ids[first] = own = self._id(block, sender, moment, said)
            if self._reading.passes():
                continue
            numbers = self._page.clocks[block.time].numbers
            post = Post(
                id=own,
                sender=sender,
                to=self._room.recipients(sender),
                moment=moment,
                html=body,
                reply_to=ids.get(block.outer, ""),
                defects=self._unsure if numbers else (),
            )
            yield post_item(post, self._where, self._room, place, thread, b"")
        for text in self._found.between:
            reason = "text between posts that belongs to none of them"
            yield from self._told(self._prefix, reason, text.strip(), True)
        if system:
            words = "line" if system == 1 else "lines"
            reason = f"{system:,} {words} of the page that are no posts (joins, days, headings)"
            yield from self._reading.not_read(self._origin, reason, lost=False)

    def _moment(self, block: Block) -> datetime | None:
        if block.time < 0:
            return None
        moment = self._page.clocks[block.time].moment(self._day_first)
        if moment is not None and moment.tzinfo is None and self._utc:
            return moment.replace(tzinfo=UTC)
        return moment

    def _body(self, block: Block) -> str:
        made = "".join(self._page.html(n, block.apart) for n in block.nodes)
        if self._page.tags[block.nodes[0]] == "tr":
            # PowerShell's ConvertTo-Html shows the tags of a post as text.
            shown = html.unescape(made)
            if _ESCAPED.search(shown.replace("<tr>", "").replace("<td>", "")):
                return shown
        return made

    def _said(self, block: Block) -> str:
        text = " ".join(self._page.text(n, block.apart) for n in block.nodes)
        return " ".join(text.split())

    def _id(self, block: Block, sender: Person, moment: datetime, said: str) -> str:
        own = next(
            (
                self._page.ids[p]
                for p in self._page.inside(block.nodes[0], block.apart - {block.author, block.time})
                if isinstance(p, int) and p in self._page.ids
            ),
            "",
        )
        if own and self._thread:
            return message_id(self._thread, own, host=HOST)
        text = "\n".join((self._room.key, sender.address, moment.isoformat(), said))
        return message_id(
            hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32], host=HOST
        )

    def _told(self, place: str, reason: str, said: str, lost: bool) -> Iterator[Event]:
        if not self._reading.passes():
            raw = said.encode("utf-8", "replace")
            digest = hashlib.sha256(raw).hexdigest()
            yield NotRead(self._where.source, place, reason, len(raw), digest, lost)


def _person(name: str) -> Person:
    """Who is named, with the address where one stands beside the name."""
    if mail := _MAIL.search(name):
        bare = name.replace(mail[0], "").strip(" <>()[]")
        return Person(storable(bare or mail[0]), mail[0].lower())
    return Person(storable(name), address(name, HOST))
