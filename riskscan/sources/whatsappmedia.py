"""The files beside a WhatsApp chat that its posts name: they are the posts' attachments.

iPhones write ``<attached: 00000014-PHOTO.jpg>``, behind an invisible mark or at the front of a
post's text, Androids ``IMG-20240213-WA0001.jpg (file attached)`` as its first line, in the phone's
language. The words are not looked at: what stands so and is the name of a file beside the chat is
that file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from riskscan.sources.compose import File
from riskscan.sources.item import LimitError, SourceError
from riskscan.sources.stream import CHUNK, Stream
from riskscan.sources.whatsappline import MARKS, sender, stamp
from riskscan.sources.whatsappwords import says_attached

Opened = Callable[[], AbstractContextManager[Stream]]
# The front of a line that may be a stamp: most lines of a hostile file are none.
CANDIDATE = re.compile(rb"^[\x80-\xff\[0-9][^\n]{12,200}", re.M)
MEDIA_MAX = 100_000  # files in one place: WhatsApp exports far fewer
HEAD = 800  # bytes of a post: enough for its stamp, its name and the first words
_CHAT = re.compile(r"_chat\.txt\Z|whatsapp.{0,200}\.txt\Z", re.I)
_UNMARK = dict.fromkeys(map(ord, MARKS))
_TAGGED = re.compile(
    rf"(?:\A[{MARKS}\s]{{0,8}}|[{MARKS}])<[^<>:：\n]{{1,40}}[:：]\s{{0,2}}([^<>/\\\n]{{1,250}})>"
)
_FOLLOWED = re.compile(
    rf"[{MARKS}\s]{{0,8}}([^<>:/\\\n]{{1,250}})[{MARKS}\s]{{1,4}}[(（<][^()（）<>\n]{{1,60}}[)）>]"
    rf"[{MARKS} \t\r\xa0]{{0,8}}(?:\n|\Z)"
)
_BRACKETS = re.compile(r"[(（<]([^()（）<>\n]{1,60})[)）>]")
_ENDING = re.compile(r"\.\w{2,5}\Z")
# IMG-20240213-WA0001.jpg on Android, 00000014-PHOTO-2024-02-13-09-00-00.jpg on the iPhone.
_OWN_NAME = re.compile(r"(?:[A-Z]{3}-\d{8}-WA\d{4,6}|\d{8}-[^\n]{1,200})\.\w{2,5}\Z")


@dataclass(slots=True)
class Media:
    """The files beside a chat, by name, that its posts name."""

    files: dict[str, Opened] = field(default_factory=dict)

    def attached(self, text: str, limit: int) -> tuple[tuple[File, ...], tuple[str, ...]]:
        """The file that a post's text names, as of ``file``; raises LimitError."""
        name = next((n for n in named(text) if n in self.files), None)
        return ((), ()) if name is None else self.file(name, limit)

    def file(self, name: str, limit: int) -> tuple[tuple[File, ...], tuple[str, ...]]:
        """The file of a name beside the chat, and why its bytes are lost; raises LimitError."""
        try:
            with self.files[name]() as stream:
                return (File(name, _whole(stream, limit)),), ()
        except LimitError:
            raise
        except SourceError as error:
            lost = f"the attached file {name!r} cannot be read: {error}"
            return (File(name, b"", unread=f"not read: {error}"),), (lost,)


def _whole(stream: Stream, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while data := stream.read(CHUNK):
        size += len(data)
        if size > limit:
            raise SourceError(f"it is larger than the {limit:,} bytes that are left to it")
        parts.append(data)
    return b"".join(parts)


def is_chat(name: str) -> bool:
    """Whether a file of this name may be a chat with files beside it: WhatsApp's, Google's."""
    return _CHAT.search(name) is not None or name.casefold() == "messages.json"


def named(text: str) -> list[str]:
    """What may be the name of a file that the text of a post says is attached."""
    found = [tag[1] for tag in _TAGGED.finditer(text)]
    if match := _FOLLOWED.match(text):
        found.append(match[1])
    return [name.translate(_UNMARK).strip() for name in found]


def named_surely(text: str) -> str:
    """The file that a post surely names, by WhatsApp's own words or name for it; "" for none."""
    for tag in _TAGGED.finditer(text):
        name = tag[1].translate(_UNMARK).strip()
        if _ENDING.search(name) and (tag[0][0] in MARKS or _OWN_NAME.match(name)):
            return name
    if match := _FOLLOWED.match(text):
        name = match[1].translate(_UNMARK).strip()
        if (own := _OWN_NAME.search(name)) and own.start():
            return ""  # somebody speaks of it
        words = _BRACKETS.search(match[0][match.end(1) - match.start() :])
        if _OWN_NAME.match(name) or (_ENDING.search(name) and words and says_attached(words[1])):
            return name
    return ""


def all_named(chat: Stream, limit: int) -> set[str]:
    """The names of all files that the posts of a chat name; raises SourceError."""
    return set(_names(_whole(chat, limit)))


def _names(data: bytes) -> Iterator[str]:
    for line in CANDIDATE.finditer(data):
        head = data[line.start() : line.start() + HEAD].decode("utf-8", "replace")
        if (found := stamp(head)) is not None:
            yield from named(sender(head[found.end :])[1])
