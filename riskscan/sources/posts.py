"""Chat files with the posts in one JSON list: each post is read by itself, in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from riskscan.sources.chat import words_of
from riskscan.sources.item import Event, SourceError
from riskscan.sources.jsoncut import POST_MAX, Cut, cut, parsed
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Hashing, Stream
from riskscan.sources.unreadable import Run, Unreadable

UNKNOWN_SHAPE = "no list of posts is in it as this format has them, but something is: not read"
_WORDS = frozenset({"text", "content", "body", "blocks", "attachments", "comment", "message"})


class Posts(Protocol):
    """The posts of one file; ``seen`` counts them."""

    seen: int

    def is_post(self, value: Mapping[str, object]) -> bool:
        """Whether a file that is one object, not a list, is itself a post."""

    def events(self, raw: Mapping[str, Any], one: Cut) -> Iterator[Event]:
        """What one element of the list is, an object."""

    def lost(self, run: Unreadable) -> Iterator[Event]:
        """The event for elements side by side that are none or cannot be read."""

    def without_words(self) -> Iterator[Event]:
        """One event for all posts in which nobody says anything."""


def read_posts(
    reading: Reading, blob: Blob, lists: frozenset[str], posts: Posts, empty: str
) -> Iterator[Event]:
    """Yield the posts of a file; ``lists`` as ``cut`` takes it, ``empty`` is said where none is."""
    hashing = Hashing(blob.stream)
    whole = Whole(hashing)
    broken = Run("posts")
    try:
        for one in cut(whole, lists):
            whole.forget()
            posts.seen += 1
            raw = _object(one)
            if isinstance(raw, str):
                broken.add(one.path, raw, one.size, one.sha256)
            if broken.full or (broken.count and not isinstance(raw, str)):
                yield from posts.lost(broken.take())
            if not isinstance(raw, str):
                yield from posts.events(raw, one)
        hashing.drain()
    except SourceError as error:
        if broken.count:
            yield from posts.lost(broken.take())
        yield from posts.without_words()
        yield from reading.stopped(
            blob.origin, error, size=hashing.size, sha256=hashing.sha256,
            before="not read to its end, the posts before it were: ",
        )  # fmt: skip
        return
    if broken.count:
        yield from posts.lost(broken.take())
    if not posts.seen:
        value = whole.value()
        if isinstance(value, dict) and posts.is_post(value):
            yield from posts.events(value, whole.as_cut())
        else:
            lost = not whole.kept or says_something(value, lists)
            yield from reading.not_read(
                blob.origin, UNKNOWN_SHAPE if lost else empty,
                size=hashing.size, sha256=hashing.sha256, lost=lost,
            )  # fmt: skip
    yield from posts.without_words()


def _object(one: Cut) -> dict[str, Any] | str:
    """The object that an element of a list is, or why it is none."""
    if one.size and not one.data:
        return f"a post of {one.size:,} bytes: too large"
    try:
        raw = parsed(one.data)
    except ValueError as error:
        return f"a post that cannot be read: {str(error)[:200]}"
    return raw if isinstance(raw, dict) else "not a post: no JSON object"


class Whole:
    """A stream that keeps what was read of it, as long as that may be one post."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._parts: list[bytes] = []
        self._size = 0
        self.kept = True

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; raises SourceError."""
        data = self._stream.read(size)
        self._size += len(data)
        if self._size > POST_MAX:
            self.forget()
        if self.kept:
            self._parts.append(data)
        return data

    def forget(self) -> None:
        """Keep nothing any more: the file is a list, or too large for a post."""
        self.kept = False
        self._parts.clear()

    def value(self) -> object:
        """The JSON value that the file is; None where it was not kept or is none."""
        try:
            return parsed(self._data()) if self.kept else None
        except ValueError:
            return None

    def as_cut(self) -> Cut:
        """The file as the first and only element."""
        data = self._data()
        return Cut("1", data, len(data), hashlib.sha256(data).hexdigest(), {})

    def _data(self) -> bytes:
        return b"".join(self._parts).removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n")


def says_something(value: object, lists: frozenset[str]) -> bool:
    """Whether JSON without an element in ``lists`` holds what may be somebody's words.

    Beside a list of posts that is there and empty, only what is named as words are counts: the
    rest tells of the room.
    """
    known, worded = False, False
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            known = known or not lists.isdisjoint(one)
            named = (lists | _WORDS).intersection(one)
            worded = worded or any(words_of(one[name]).strip() for name in named)
            waiting.extend(v for name, v in one.items() if name not in named)
    return worded if known else bool(words_of(value).strip())
