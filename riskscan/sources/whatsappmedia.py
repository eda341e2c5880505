"""The files beside a WhatsApp chat that its posts name: they are the posts' attachments.

iPhones write ``<attached: 00000014-PHOTO.jpg>``, Androids ``IMG-20240213-WA0001.jpg (file
attached)``, at the front of a post's text, in the phone's language.
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

Opened = Callable[[], AbstractContextManager[Stream]]
# The front of a line that may be a stamp: most lines of a hostile file are none.
CANDIDATE = re.compile(rb"^[\x80-\xff\[0-9][^\n]{12,200}", re.M)
MEDIA_MAX = 100_000  # files in one place: WhatsApp exports far fewer
HEAD = 800  # bytes of a post: enough for its stamp, its name and the first words
_CHAT = re.compile(r"_chat\.txt\Z|whatsapp.{0,200}\.txt\Z", re.I)
_NAMED = re.compile(
    rf"[{MARKS}\s]{{0,8}}(?:<[^<>:\n]{{3,30}}: ([^<>/\\\n]{{1,250}})>"
    r"|([^<>:/\\\n]{1,250}) \((?:file attached|Datei angehängt|fichier joint|archivo adjunto"
    r"|arquivo anexado|file allegato|bestand bijgevoegd)\))"
)


@dataclass(slots=True)
class Media:
    """The files beside a chat, by name, that its posts name."""

    files: dict[str, Opened] = field(default_factory=dict)

    def attached(self, text: str, limit: int) -> tuple[tuple[File, ...], tuple[str, ...]]:
        """The file that a post's text names, and what is wrong with it; raises LimitError."""
        opened = self.files.get(named(text))
        if opened is None:
            return (), ()
        try:
            with opened() as stream:
                return (File(named(text), _whole(stream, limit)),), ()
        except LimitError:
            raise
        except SourceError as error:
            return (), (f"the attached file cannot be read: {error}",)


def _whole(stream: Stream, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while data := stream.read(CHUNK):
        size += len(data)
        if size > limit:
            raise SourceError(f"it is larger than {limit:,} bytes")
        parts.append(data)
    return b"".join(parts)


def is_chat(name: str) -> bool:
    """Whether a file of this name may be a chat with files beside it."""
    return _CHAT.search(name) is not None


def named(text: str) -> str:
    """The name of the file that the text of a post says is attached, or ""."""
    match = _NAMED.match(text)
    return (match[1] or match[2]).strip() if match else ""


def all_named(chat: Stream, limit: int) -> set[str]:
    """The names of all files that the posts of a chat name; raises SourceError."""
    return set(_names(_whole(chat, limit)))


def _names(data: bytes) -> Iterator[str]:
    for line in CANDIDATE.finditer(data):
        head = data[line.start() : line.start() + HEAD].decode("utf-8", "replace")
        if (found := stamp(head)) is not None and (name := named(sender(head[found.end :])[1])):
            yield name
