"""WhatsApp's text export of one chat: ``_chat.txt`` (iPhone) or ``WhatsApp Chat with Ana.txt``.

The export names no account, no address and no time zone: people are the names in the exporting
phone's address book, times are that phone's, taken as found. The order of day and month is told
from the whole file (whatsappline.day_first), so the file is held in memory; WhatsApp itself cuts
exports at some ten thousand posts. Media are files beside it (whatsappmedia.py).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

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
from riskscan.sources.compose import File
from riskscan.sources.google_chat import named_files
from riskscan.sources.item import Event, LimitError, NotRead, SourceError
from riskscan.sources.jsoncut import POST_MAX
from riskscan.sources.names import Origin, shown, stem, tree_names
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.sniff import sniff
from riskscan.sources.stream import Hashing, Stream, opened_file
from riskscan.sources.whatsappline import MARKS, Stamp, day_first, speaker, stamp
from riskscan.sources.whatsappmedia import (
    CANDIDATE,
    HEAD,
    MEDIA_MAX,
    Media,
    Opened,
    all_named,
    is_chat,
    named,
    named_surely,
)
from riskscan.sources.whatsappwords import edited_from, says_deleted

HOST = "whatsapp.invalid"
_PHONE = re.compile(r"\+?[\d\s\xa0()./-]{7,25}\Z")
_UNMARK = dict.fromkeys(map(ord, MARKS))
_MARKED = tuple(MARKS)
# That a post was edited, in any language: behind the mark that WhatsApp puts before its words.
_EDITED_MARKED = re.compile(r"(?<=\S)[^\S\n]{0,4}\u200e<[^<>:\n]{5,80}>\s*\Z")
_MEDIA = re.compile(
    r"<[^<>\n]{3,200}>|omitted|attached|weggelassen|angehängt|omis|omitid|ocultad|adjunto|anexado"
    r"|omess|allegat|weggelaten|bijgevoegd",
    re.I,
)
_UNSURE = "day and month may be the other way round: nothing in the chat tells"
_NO_DATE = "there is no such date in our calendar: the post has none"
_NAMELESS = "the line names nobody whose words these are"
_QUOTED = re.compile(
    '["\u201c\u201d\u201e\u00ab]([^"\u201c\u201d\u201e\u00ab\u00bb\n]{1,100})["\u201c\u201d\u00bb]'
)
_SYSTEM_MAX = 500
_LACKING = "it is not in the export"
_NOT_LOOKED_FOR = "not looked for: the chat's file has no name of WhatsApp's (docs/chat.md)"
# What a file is called that names no chat.
_NO_TITLES = frozenset({"whatsapp", "whatsappchat", "chatwhatsapp"})
_NOTICE = re.compile(
    "end-to-end|Ende-zu-Ende|bout en bout|extremo a extremo|ponta a ponta|uçtan uca|сквозн"
)


# What tells the files that the posts of a chat name, by the chat's kind.
_NAMED: dict[str, Callable[[Stream, int], Collection[str]]] = {
    "whatsapp": all_named,
    "google-chat": named_files,
}


def learn_media(reading: Reading, files: Mapping[Origin, Opened]) -> None:
    """Let it be known which files of an archive or folder belong to posts; raises LimitError.

    It must be known before any of them is read, since their names sort before or after the
    chat's.
    """
    folders: dict[str, dict[str, Opened]] = {}
    chats = [origin for origin in files if is_chat(origin.name)]
    if not chats:
        return
    for origin, opened in files.items():
        folders.setdefault(origin.folder_source, {})[origin.name] = opened
    for chat in sorted(chats, key=lambda o: o.source):
        beside = folders[chat.folder_source]
        try:
            with files[chat]() as stream:
                kind, whole = sniff(stream, chat)
                told = _NAMED.get(kind.kind)
                names = told(whole, reading.limits.message) if told else ()
        except (LimitError, OSError):
            raise
        except Exception:
            continue  # whatever it is, it is told when the chat's turn comes
        known = reading.media.setdefault(chat.folder_source, Media()).files
        known.update((n, beside[n]) for n in sorted(names) if n in beside and not is_chat(n))


def learn_folder(reading: Reading, path: Path, origin: Origin, names: Sequence[str]) -> None:
    """The same for the files of these names in a folder on disk; ``origin`` is that of any."""
    if len(names) <= MEDIA_MAX and any(is_chat(name) for name in names):
        files = {replace(origin, name=shown(n)): partial(opened_file, path / n) for n in names}
        learn_media(reading, files)


@dataclass(slots=True, frozen=True)
class _Lines:
    """One post: where its bytes begin and end, and its stamp."""

    start: int
    end: int
    stamp: Stamp


def read_chat(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the posts of one chat, in the order of the file."""
    hashing = Hashing(blob.stream)
    parts: list[bytes] = []
    try:
        while data := hashing.read(1 << 20):
            if hashing.size <= reading.limits.message:
                parts.append(data)
            else:
                parts.clear()
    except SourceError as error:
        yield from reading.stopped(
            blob.origin, error, size=hashing.size, sha256=hashing.sha256,
            before="the chat is not whole: ",
        )  # fmt: skip
        return
    if hashing.size > reading.limits.message:
        yield from reading.not_read(
            blob.origin, f"the chat is larger than {reading.limits.message:,} bytes",
            size=hashing.size, sha256=hashing.sha256,
        )  # fmt: skip
        return
    yield from _Chat(reading, blob.origin, b"".join(parts)).events()


class _Chat:
    """A whole chat in memory, gone through twice: who and when, then the posts."""

    def __init__(self, reading: Reading, origin: Origin, data: bytes) -> None:
        self._reading = reading
        self._origin = origin
        self._data = data
        title = storable(_title(origin))
        source = origin.folder_source if origin.folder_source else origin.name
        self._where = Place(source, "whatsapp", _custodian(origin, title))
        self._prefix = f"{origin.name} " if origin.folder_source else ""
        self._media = reading.media.get(origin.folder_source) or Media()
        self._lacks = _LACKING if is_chat(origin.name) else _NOT_LOOKED_FOR
        self._speakers: dict[str, bool] = {}  # by name: did they ever write words of their own?
        dates: list[Stamp] = []
        group = False
        for post in self._posts():
            if not dates or _date(dates[-1]) != _date(post.stamp):
                dates.append(post.stamp)
            name, text = speaker(self._head(post), self._speakers)
            group = group or (name == "" and _names_group(text, title))
            if name:
                own = not text.startswith(_MARKED) or _MEDIA.search(text) is not None
                own = own or not self._media.files.keys().isdisjoint(named(text))
                own = own or says_deleted(text.translate(_UNMARK).strip())
                self._speakers[name] = self._speakers.get(name, False) or own
        self._day_first, self._sure = day_first(dates)
        people = tuple(_person(name) for name, own in self._speakers.items() if own)
        members = people if len(people) <= RECIPIENTS_MAX + 1 else ()
        # Two people may each have a chat with somebody called "Mum"; a group's is one for all.
        private = len(people) <= 2 and not group and not _is_group(title, people)
        folders = (f for c in origin.containers for f in c.folders if f and stem(f) != title)
        whose = next(folders, "")
        self._whose = f"{storable(whose)}/" if private and whose else ""
        box = Person(title, address(f"{self._whose}{title}", HOST))
        apart = "\n".join(sorted(p.name for p in people)) if private or title == "_chat" else ""
        self._room = Room(f"whatsapp:{self._whose}{title}", title, box, members, apart)

    def _posts(self) -> Iterator[_Lines]:
        """The extents of the posts: from one stamped line to the next."""
        start, found = 0, None
        for line in CANDIDATE.finditer(self._data):
            at = line.start()
            if (other := stamp(line[0].decode("utf-8", "replace"))) is not None:
                if found is not None:
                    yield _Lines(start, at, found)
                start, found = at, other
        if found is not None:
            yield _Lines(start, len(self._data), found)

    def _head(self, post: _Lines) -> str:
        piece = self._data[post.start : min(post.end, post.start + HEAD)]
        return piece.decode("utf-8", "replace")[post.stamp.end :]

    def events(self) -> Iterator[Event]:
        """One item a post; what WhatsApp itself says is counted."""
        conversations = Conversations()
        system = 0
        for post in self._posts():
            moment = post.stamp.moment(self._day_first)
            thread = conversations.key(self._room, moment)
            raw = self._data[post.start : post.end]
            place = f"{self._prefix}offset {post.start}+{len(raw)}"
            if len(raw) > POST_MAX:
                yield from self._told(place, f"a post of {len(raw):,} bytes: too large", raw, True)
                continue
            rest = raw.decode("utf-8", "replace")[post.stamp.end :]
            called, text = speaker(rest, self._speakers)
            name = "unknown" if called is None else called
            if not name or self._is_notice(called, text):
                system += 1
                continue
            shown = _EDITED_MARKED.sub("", text) if "\u200e<" in text[-100:] else text
            said = shown.translate(_UNMARK).replace("\r\n", "\n").strip()
            if says_deleted(said):
                reason = f"a deleted post of {storable(name)}: its text is not in the export"
                yield from self._told(place, reason, raw, False)
                continue
            if self._reading.passes():
                continue
            edited_at = edited_from(said)
            who = _person(name)
            files, lost = self._media.attached(text[:HEAD], self._reading.limits.message)
            if not files and (lacking := named_surely(text[:HEAD])):
                files = (File(lacking, b"", unread=self._lacks),)
            owned = f"{self._whose}{self._room.folder}"
            digest = hashlib.sha256(raw.strip() + owned.encode()).hexdigest()
            made = Post(
                id=message_id(digest[:32], host=HOST),
                sender=who,
                to=self._room.recipients(who),
                moment=moment,
                text=said if edited_at < 0 else said[:edited_at],
                comments=("edited",) if shown != text or edited_at >= 0 else (),
                files=files,
                lost=lost,
                defects=(*self._doubts(moment), *([_NAMELESS] if called is None else [])),
            )
            yield post_item(made, self._where, self._room, place, thread, raw)
        if system:
            words = "line" if system == 1 else "lines"
            reason = f"{system:,} {words} by WhatsApp itself (joins, calls, notices)"
            yield from self._reading.not_read(self._origin, reason, lost=False)

    def _doubts(self, moment: datetime | None) -> Iterator[str]:
        if moment is None:
            yield _NO_DATE
        elif not self._sure:
            yield _UNSURE

    def _is_notice(self, name: str | None, text: str) -> bool:
        """Whether WhatsApp speaks in somebody's (a group's) name."""
        if name is None or not text.startswith(_MARKED):
            return False
        return not self._speakers.get(name) or _NOTICE.search(text[:500]) is not None

    def _told(self, place: str, reason: str, raw: bytes, lost: bool) -> Iterator[Event]:
        if not self._reading.passes():
            digest = hashlib.sha256(raw).hexdigest()
            yield NotRead(self._where.source, place, reason, len(raw), digest, lost)


def _date(found: Stamp) -> tuple[int, int, int]:
    return found.first, found.second, found.third


def _is_group(title: str, people: Sequence[Person]) -> bool:
    """Whether the title names a group: of two who wrote in a private chat, it names one."""
    called = _letters(title)
    named = "whatsapp" in called and called not in _NO_TITLES  # else somebody renamed the file
    return named and len(people) == 2 and not any(_letters(p.name) in called for p in people)


def _names_group(text: str, title: str) -> bool:
    """Whether WhatsApp itself writes the chat's name in quotation marks, as it does a group's."""
    called = _letters(title)
    return any(
        (name := _letters(match[1])) and called.endswith(name)
        for match in _QUOTED.finditer(text[:_SYSTEM_MAX])
    )


def _letters(name: str) -> str:
    """A name as it compares with that of a file, which has no marks and another case."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))


def _person(name: str) -> Person:
    if _PHONE.match(name):
        digits = "".join(c for c in name if c.isdigit())
        return Person(storable(name), address("+" + digits, HOST))
    return Person(storable(name), address(name, HOST))


def _title(origin: Origin) -> str:
    """What the chat is called: the file's name, for ``_chat.txt`` that of what it lies in."""
    own = origin.name.removesuffix(".txt").removesuffix(".TXT")
    if own.casefold() != "_chat":
        return own
    around = origin.folders[-1] if origin.folders else origin.containers[-1].name
    return stem(around) or own


def _custodian(origin: Origin, title: str) -> str:
    if title == "_chat" or any(c.name for c in origin.containers):
        return tree_names(origin)[0]
    return title
